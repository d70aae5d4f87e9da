"""The household register: who lives where, with which identity, and what happens to them.

`register` writes households and people, `numbers` knows the kinds of identity documents,
`identities` the words for identities; `events` writes the dated and undoable rows,
`lifecycle` and `households` are the services, `ethnicities` the names of GB/T 3304.
"""

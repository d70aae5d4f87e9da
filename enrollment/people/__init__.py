"""What happens to people and households: birth, death, marriage, moving, splitting, merging.

`numbers` knows the kinds of identity documents, `events` writes the dated and undoable rows,
`lifecycle` and `households` are the services, `ethnicities` the names of GB/T 3304.
"""

"""Aid and status lists (名单): a department's monthly spreadsheet, compared before it is applied.

`columns` and `people.identities` understand the file, `comparing` finds what would change,
`services` are what officers do, `applying` writes.
"""

"""Rosters (名册): a township's spreadsheet of households, checked row by row, then confirmed.

Step one: `sheet` reads the file in a child process, `cells` and `households` understand it,
`numbers` says who the rows are, `verdicts` and `dues` judge them by the rules of the window
with the `facts` of the portal, `staging` keeps the result. Step two: `confirming` goes batch by
batch, `rechecks` sees under lock what has changed since, `writing` writes.
"""

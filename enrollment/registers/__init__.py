"""Registers (名册): a township's spreadsheet of households, checked row by row, then confirmed.

`sheet` reads the file in a child process, `cells` and `households` understand it, `verdicts`
judges it by the rules of the window, `staging` keeps the result, `confirming` writes it.
"""

"""Statements that the law and the trade ask for, computed at any time: rows as data, figures that
lead to what they were summed from, on the page, on A4 and as a workbook."""

"""Spreadsheets: `reading` is the one guarded reader, `writing` the one writer of workbooks."""

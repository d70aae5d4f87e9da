"""Spreadsheets: `writing` is the one writer of workbooks."""

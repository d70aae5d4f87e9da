"""Filings (备案): what was approved before or beside a visit, and found at its entry."""

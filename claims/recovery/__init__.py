"""Money that was paid and was not due comes back (追回)."""

"""结账清单: what stands open before a month or a year of a book is closed."""

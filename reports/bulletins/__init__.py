"""简报: one page on a month or quarter for the county government and the townships."""

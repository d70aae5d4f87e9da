"""结算清单: what a hospital says of a settled stay, for who groups and prices it."""

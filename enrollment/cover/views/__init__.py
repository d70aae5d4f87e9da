"""Pages of cover, by what they are about."""

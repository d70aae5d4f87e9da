"""Pages of progress, by what they show."""

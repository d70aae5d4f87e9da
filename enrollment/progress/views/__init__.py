"""Pages of watching the campaign, by what they show."""

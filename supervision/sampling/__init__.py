"""Samples (抽查): a month's settlements drawn from a seed that was fixed before they were known."""

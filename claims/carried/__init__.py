"""What a county brings along that moves in during a year: what people have used, what the old
system settled, and whether our measures would have settled the same."""

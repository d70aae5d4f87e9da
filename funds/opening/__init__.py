"""期初余额: with what a book that moves in begins, written by one and agreed to by another."""

"""预算: what a year is to bring in and to spend, adopted by another, and what came of it."""

"""宣传计划: what is told to whom by when in a year, and what was done of it, village by village."""

"""The page of the insured (医保e站): who is at the door, and what is theirs to see. No tables."""

"""Cases (稽核案件): from a clue to recovery, fine and measures, and the clocks meanwhile."""

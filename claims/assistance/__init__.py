"""Medical assistance (医疗救助) that is applied for, and those who should have had it."""

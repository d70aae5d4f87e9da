"""What the rules of supervision said of a bill before the money moved (明细审核)."""

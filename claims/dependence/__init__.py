"""What stands on a settlement is found when it falls (连带重算)."""

"""Vouchers made by hand: one person makes one, another reviews it, a third enters it."""

"""The way of money out of the fund: orders, batches, what the bank was told and what came back."""

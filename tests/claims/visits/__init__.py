"""Visits that are registered first and settled later."""

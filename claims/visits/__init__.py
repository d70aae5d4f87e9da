"""Visits from their registration on: bills in batches, discharge, settlement whole or in parts."""

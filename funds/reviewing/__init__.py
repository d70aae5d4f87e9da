"""复核 of the vouchers that business made: by another than their maker, many at once."""

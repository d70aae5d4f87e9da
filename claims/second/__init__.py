"""The year-end second compensation (年终二次补偿): tried, decided by two, paid by orders."""

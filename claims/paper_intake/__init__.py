"""Papers of a claim from elsewhere: which were handed in, their scans, and whether in time."""

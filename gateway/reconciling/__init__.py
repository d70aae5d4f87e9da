"""What a hospital counted of some days beside what the portal did (对账)."""

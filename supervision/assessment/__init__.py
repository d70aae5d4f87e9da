"""The yearly assessment of institutions (考核): scored, reviewed, published, appealed, final."""

"""What is put up in public (公示): notices of county, township and village, and where to object."""

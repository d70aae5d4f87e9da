"""What the old system had been handed and not paid when the county moved in."""

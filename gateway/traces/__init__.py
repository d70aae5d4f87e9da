"""Sales of medicines with their trace codes (药品追溯码): each code is sold once."""

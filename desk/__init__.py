"""What every page and job of a room is made of; knows no claim and no household."""

"""Where a practitioner may work besides the institution of his registration (多点执业)."""

"""What a party without a login handed in on paper, entered on its behalf (代录)."""

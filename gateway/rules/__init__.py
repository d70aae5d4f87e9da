"""What a county asks of those who speak the interface, and from which day on."""

"""Pages of the room: entering claims, reading them, and moving them along."""

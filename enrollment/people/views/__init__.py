"""Pages of the register: corrections and dated changes."""

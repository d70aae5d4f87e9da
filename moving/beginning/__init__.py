"""启用清单: the steps by which a county moves in, how far each is, and that all is done."""

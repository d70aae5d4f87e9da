"""How a county moves in, is kept, and can leave: above every room that holds its facts."""

"""The rules over a whole month at once, and how each rule has done."""

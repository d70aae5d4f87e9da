"""What a county screens by (规则版本): thresholds, rules that are off and the days of a review, as
dated data that are tried out before two people release them."""

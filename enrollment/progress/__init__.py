"""Progress of the campaign: targets, boards, who is missing, checks in the village.

`figures` gives the numbers that the board, the twice-weekly sheet and the reward report share.
"""

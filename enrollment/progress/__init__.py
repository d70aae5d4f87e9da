"""Watching the campaign: targets, progress, who is missing, certificates, checks in the village.

`figures` gives the numbers that the board, the twice-weekly sheet and the reward report share.
"""

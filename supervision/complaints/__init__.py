"""Complaints and tip-offs (投诉举报): taken in, accepted or not, answered; what they lead to."""

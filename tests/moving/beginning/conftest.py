"""Stories of moving in play in the county of all the others, not in a deployment of their own."""

from tests.conftest import county

__all__ = ["county"]

"""The autumn of 2025 in two townships: three households of 桥亭村, one of 石庙村."""

import pytest


@pytest.fixture(autouse=True)
def _today(in_october: None) -> None:
    """Every day of these stories is a day of the campaign."""

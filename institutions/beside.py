"""What the rooms above show on an institution's page (settings.ROOMS_BESIDE_INSTITUTIONS)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beside:
    """A line of the page: what it is, what is known in words, and the page that tells more (""
    where there is none, or it is closed to who looks)."""

    title: str
    told: str
    address: str = ""

"""Every room of the house, as import-linter knows them: a test that looks into the source of all of
them looks into a new one as well."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SAID = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS: tuple[str, ...] = tuple(_SAID["tool"]["importlinter"]["root_packages"])


def rooms_but(*left_out: str) -> tuple[str, ...]:
    """All others. Those left out are there: a name that no room has is no exception."""
    assert {*left_out} <= {*ROOMS}, left_out
    return tuple(room for room in ROOMS if room not in left_out)

"""Sealed values: keys rotate, damage shows, a value cannot be moved to another column."""

import base64

import pytest

from lib.sealing import Sealer, SealError

ONE, TWO, INDEX = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))


def test_what_is_sealed_opens_again_and_never_looks_the_same() -> None:
    sealer = Sealer(f"1:{ONE}", INDEX)
    first, second = (sealer.seal("11010519491231002X", "person.resident_id") for _ in range(2))
    assert first != second
    assert "4912" not in first
    assert sealer.open(first, "person.resident_id") == "11010519491231002X"


def test_keys_rotate() -> None:
    old = Sealer(f"1:{ONE}", INDEX).seal("13800000000", "household.phone")
    both = Sealer(f"1:{ONE},2:{TWO}", INDEX)
    assert both.open(old, "household.phone") == "13800000000"
    assert not both.is_current(old)
    assert both.is_current(both.seal("1", "household.phone"))
    with pytest.raises(SealError, match="not among"):
        Sealer(f"2:{TWO}", INDEX).open(old, "household.phone")


def test_damage_and_moves_are_noticed() -> None:
    sealer = Sealer(f"1:{ONE}", INDEX)
    sealed = sealer.seal("6222000000000000", "household.bank_account")
    with pytest.raises(SealError, match="damaged or moved"):
        sealer.open(sealed, "household.phone")
    with pytest.raises(SealError, match="damaged or moved"):
        sealer.open(sealed[:-4] + "AAA=", "household.bank_account")


def test_the_index_is_keyed_and_kind_bound() -> None:
    sealer = Sealer(f"1:{ONE}", INDEX)
    assert sealer.index("X", "a") == Sealer(f"2:{TWO}", INDEX).index("X", "a")
    assert sealer.index("X", "a") != sealer.index("X", "b")
    assert sealer.index("X", "a") != Sealer(f"1:{ONE}", TWO).index("X", "a")
    assert len(sealer.index("X", "a")) == 32


@pytest.mark.parametrize("keys", ["", "1:short", "1:" + base64.b64encode(b"x").decode()])
def test_wrong_keys_fail_loudly(keys: str) -> None:
    with pytest.raises(SealError):
        Sealer(keys, INDEX)

"""A county whose measures do not hold the first institution: 王建国 changes it when he likes."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from accounts.models import Division
from claims.filings.models import Filing
from claims.filings.services import ask_end, decide_filing
from institutions.models import Institution
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import TODAY
from tests.claims.filings.test_filings import file
from tests.conftest import PACKS

__all__ = ["file"]
pytestmark = pytest.mark.django_db
HELD = "    held_months: 12\n"


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    """The Dazu measures without the line."""
    source = (PACKS / "dazu.yaml").read_text(encoding="utf-8")
    assert HELD in source
    proposed = propose_pack(actor=cast.supervisor, area=county, source=source.replace(HELD, ""))
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


def test_it_is_changed_at_will(
    file: Callable[..., Filing],
    cast: SimpleNamespace,
    pack: Pack,
    township_hospital: Institution,
) -> None:
    chosen = file("first", about="首诊", place="龙水镇卫生院")
    row = ask_end(actor=cast.clerk_a, filing=chosen, first_day=TODAY, reason="想换一家", on=TODAY)
    decide_filing(actor=cast.approver, filing=row, event="end_filing", on=TODAY)
    other = file("first", about="首诊", place="大足县人民医院", starts=TODAY)
    assert (other.status, other.code) == ("approved", "H50022500001")

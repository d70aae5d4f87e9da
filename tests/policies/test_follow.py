"""New measures follow the old ones: the old end the day before, and never grow again."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from policies.models import Pack
from policies.services import adopt_pack, pack_in_force, propose_pack
from tests.conftest import PACKS

pytestmark = pytest.mark.django_db
SOURCE = (PACKS / "dazu.yaml").read_text(encoding="utf-8")


def proposed(cast: SimpleNamespace, county: Division, first: str, last: str) -> Pack:
    lines = [
        f"  from: {first}"
        if line.startswith("  from: 2")
        else f"  to: {last}"
        if line.startswith("  to: 2")
        else line
        for line in SOURCE.splitlines()
    ]
    return propose_pack(actor=cast.supervisor, area=county, source="\n".join(lines))


def test_a_new_year_ends_the_measures_before_it(
    pack: Pack, cast: SimpleNamespace, county: Division
) -> None:
    last = pack.last_day
    new = proposed(cast, county, "2027-01-01", str(last))
    adopt_pack(actor=cast.approver, pack=new, approval="府发〔2026〕1号")
    pack.refresh_from_db()
    assert (pack.status, pack.last_day) == (Pack.Status.ADOPTED, date(2026, 12, 31))
    assert pack_in_force(area_code="500225", day=date(2026, 12, 31)) == pack
    assert pack_in_force(area_code="500225", day=date(2027, 1, 1)) == new
    line = AuditLine.objects.get(action="policies.end")
    assert (line.before["last_day"], line.after["last_day"]) == (str(last), "2026-12-31")


def test_a_correction_replaces_the_version_before(
    pack: Pack, cast: SimpleNamespace, county: Division
) -> None:
    second = propose_pack(actor=cast.supervisor, area=county, source=SOURCE)
    assert second.version == 2
    adopt_pack(actor=cast.approver, pack=second, approval="府发〔2026〕1号")
    pack.refresh_from_db()
    assert pack.status == Pack.Status.REPLACED
    assert pack_in_force(area_code="500225", day=date(2026, 3, 1)) == second


def test_a_hole_in_the_middle_is_refused(
    pack: Pack, cast: SimpleNamespace, county: Division
) -> None:
    middle = proposed(cast, county, "2026-03-01", "2026-06-30")
    with pytest.raises(Refusal, match="日期重叠"):
        adopt_pack(actor=cast.approver, pack=middle, approval="府发〔2026〕1号")
    pack.refresh_from_db()
    assert pack.status == Pack.Status.ADOPTED
    assert Pack.objects.adopted().count() == 1


@pytest.mark.parametrize("column", ["last_day", "first_day", "source"])
def test_postgresql_lets_nobody_stretch_or_rewrite_measures(pack: Pack, column: str) -> None:
    value = {"last_day": date(2099, 1, 1), "first_day": date(2000, 1, 1), "source": "x"}[column]
    with pytest.raises(IntegrityError), transaction.atomic():
        Pack.objects.filter(pk=pack.pk).update(**{column: value})

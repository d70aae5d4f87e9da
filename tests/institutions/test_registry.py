"""What is registered of an institution becomes another thing from a day on, by two people; a visit
is judged by the level of its first day.

大足办法 第二十三条 by hand, 1200 yuan in scope, second tier: at a county hospital
(1200 - 200) × 50 % = 500.00, at a central one (1200 - 100) × 65 % = 715.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims.entries import Hospital
from claims.models import Settlement
from enrollment.models import Person
from institutions.models import Institution
from institutions.registry.columns import value_of
from institutions.registry.models import RegistryChange
from institutions.registry.services import apply_due, decide_change, propose_change
from tests.claims.conftest import (
    book,
    catalogue,
    counter,
    invoice,
    line,
    paper,
    register,
    stay,
    wang,
)

__all__ = ["book", "catalogue", "counter", "paper", "register", "wang"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
Enter = Callable[..., Settlement]
MARCH, APRIL, LATER = date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 20)


def asked(cast: SimpleNamespace, hospital: Institution, **given: Any) -> RegistryChange:
    facts: dict[str, Any] = {
        "column": "level", "becomes": "中心卫生院", "first_day": APRIL,
        "evidence": "卫医准〔2026〕7号", "reason": "级别核定变更", "on": MARCH,
    }  # fmt: skip
    return propose_change(actor=cast.supervisor, institution=hospital, **facts | given)


def agreed(cast: SimpleNamespace, hospital: Institution, **given: Any) -> RegistryChange:
    row = asked(cast, hospital, **given)
    on = given.get("on", MARCH)
    return decide_change(actor=cast.approver, row=row, event="approve_registry_change", on=on)


def level_on(hospital: Institution, day: date) -> str:
    return Institution.objects.as_of(day).get(pk=hospital.pk).level_then


@pytest.mark.parametrize(
    ("first", "last", "level", "fund"),
    [
        (date(2026, 3, 31), date(2026, 4, 9), "county", "500.00"),  # admitted before: as it was
        (date(2026, 4, 1), date(2026, 4, 9), "central", "715.00"),
    ],
)
def test_a_visit_is_judged_by_the_level_of_its_first_day(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution,
    first: date, last: date, level: str, fund: str,
) -> None:  # fmt: skip
    """Also when nobody told the column: the portal stood still on the day."""
    agreed(cast, hospital)
    settlement = counter(wang, line("S03", "1", "1200"), visit=stay(first, last), on=LATER)
    assert settlement.visit.level == level
    assert settlement.fund_amount == Decimal(fund)


def test_on_paper_the_level_of_the_first_day_is_asked(
    paper: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    agreed(cast, hospital)
    bill = {"invoices": [invoice("NO1", "1200.00")], "on": LATER}
    here = Hospital(name="大足县人民医院", level="county", place="local")
    with pytest.raises(Refusal, match="2026-04-01 登记的级别是中心卫生院"):
        paper(wang, "1200.00", hospital=here, visit=stay(APRIL, APRIL), **bill)
    before = stay(date(2026, 3, 31), date(2026, 4, 9))
    settlement = paper(wang, "1200.00", hospital=here, visit=before, **bill)
    assert settlement.fund_amount == Decimal("500.00")


def test_the_column_follows_on_its_day_and_once(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    agreed(cast, hospital)
    agreed(cast, hospital, becomes="乡镇(社区)卫生院", first_day=date(2026, 7, 1))
    assert apply_due(date(2026, 3, 31)) == 0
    assert level_on(hospital, date(2026, 3, 31)) == "county"
    assert apply_due(date(2026, 7, 2)) == 2  # days were missed: both, in their order
    assert apply_due(date(2026, 7, 2)) == 0
    hospital.refresh_from_db()
    assert hospital.level == "township"
    assert [level_on(hospital, day) for day in (
        date(2026, 3, 31), APRIL, date(2026, 6, 30), date(2026, 7, 1)
    )] == ["county", "central", "central", "township"]  # fmt: skip
    assert AuditLine.objects.filter(action="institutions.apply_registry_change").count() == 2


def test_one_that_goes_wrong_holds_no_other_up(
    cast: SimpleNamespace, hospital: Institution, township_hospital: Institution, caplog: Any
) -> None:
    broken = agreed(cast, hospital)
    agreed(cast, township_hospital, column="beds", becomes="80")
    with patch("institutions.registry.services.value_of", side_effect=_not_of(broken.becomes)):
        assert apply_due(APRIL) == 1
    assert f"registry change {broken.pk} went wrong" in caplog.text
    township_hospital.refresh_from_db()
    assert township_hospital.beds == 80
    assert apply_due(date(2026, 4, 2)) == 1  # due again the next day
    hospital.refresh_from_db()
    assert hospital.level == "central"


def _not_of(text: str) -> Callable[[str, str], Any]:
    def of(column: str, becomes: str) -> Any:
        if becomes == text:
            raise ValueError(text)
        return value_of(column, becomes)

    return of


@pytest.mark.parametrize(
    ("first", "fund", "refusal"),
    [
        (date(2026, 3, 31), "500.00", ""),  # admitted before the closing: to the discharge
        (date(2026, 4, 1), "0.00", "non_contracted"),
    ],
)
def test_on_paper_a_closed_one_is_no_designated_hospital(
    paper: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution,
    first: date, fund: str, refusal: str,
) -> None:  # fmt: skip
    agreed(cast, hospital, column="is_active", becomes="停业")
    here = Hospital(name="大足县人民医院", level="county", place="local")
    settlement = paper(
        wang, "1200.00", hospital=here, visit=stay(first, date(2026, 4, 9)), on=LATER,
        invoices=[invoice("NO1", "1200.00")],
    )  # fmt: skip
    assert (settlement.fund_amount, settlement.refusal_code or "") == (Decimal(fund), refusal)


def test_closed_from_its_day(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    agreed(cast, hospital, column="is_active", becomes="停业")
    bill = line("S03", "1", "1200")
    assert counter(wang, bill, visit=stay(date(2026, 3, 31), APRIL), on=LATER)
    with pytest.raises(Refusal, match="没有有效的定点协议"):
        counter(wang, bill, visit=stay(date(2026, 4, 2), date(2026, 4, 3)), on=LATER)


def test_a_licence_is_told_at_once(cast: SimpleNamespace, hospital: Institution) -> None:
    row = asked(cast, hospital, column="licence_until", becomes="2031年3月1日", first_day=MARCH)
    hospital.refresh_from_db()
    assert hospital.licence_until is None
    decide_change(actor=cast.approver, row=row, event="approve_registry_change", on=MARCH)
    hospital.refresh_from_db()
    assert hospital.licence_until == date(2031, 3, 1)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"first_day": date(2026, 3, 1)}, "first_day", "不能早于今天（2026-03-02）"),
        ({"becomes": "三甲"}, "becomes", "级别应为：村卫生室、"),
        ({"becomes": "县级医院"}, "becomes", "已是“县级医院”"),
        ({"column": "beds", "becomes": "十"}, "becomes", "床位应为"),
        ({"column": "verified_until", "becomes": "明年"}, "becomes", "日期应为"),
        ({"evidence": ""}, "evidence", "证明材料"),
    ],
)
def test_what_is_refused_at_its_input(
    cast: SimpleNamespace, hospital: Institution, given: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asked(cast, hospital, **given)
    assert words in refused.value.message and refused.value.at == (field,)


def test_changes_only_follow_each_other(cast: SimpleNamespace, hospital: Institution) -> None:
    agreed(cast, hospital)
    with pytest.raises(Refusal, match="已有自 2026-04-01 起的变更"):
        asked(cast, hospital, becomes="市级医院", first_day=date(2026, 3, 20))
    row = asked(cast, hospital, becomes="市级医院", first_day=date(2026, 4, 20))
    assert row.was == "central"
    with pytest.raises(Refusal, match="2026-04-20 已过"):
        decide_change(
            actor=cast.approver, row=row, event="approve_registry_change", on=date(2026, 4, 21)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        RegistryChange.objects.filter(pk=row.pk).update(becomes="province")


def test_changed_on_the_pages(
    cast: SimpleNamespace, hospital: Institution, as_user: Any, settings: Any
) -> None:
    settings.TODAY = MARCH
    supervisor, approver = as_user(cast.supervisor), as_user(cast.approver)
    given = {"column": "ownership", "becomes": "公办", "first_day": "2026-03-02",
             "evidence": "卫医准〔2026〕7号", "reason": "补登记"}  # fmt: skip
    new = reverse("institutions:change_new", args=[hospital.pk])
    assert "所有制应为：公立、集体、民营" in supervisor.post(new, given).content.decode()
    supervisor.post(new, given | {"becomes": "公立"})
    row = RegistryChange.objects.get()
    one = reverse("institutions:change", args=[row.pk])
    assert "所有制变更为公立" in approver.get(one).content.decode()
    act = reverse("institutions:change_act", args=[row.pk, "approve_registry_change"])
    assert supervisor.post(act).status_code == 403
    assert "已办理“同意”" in approver.post(act, follow=True).content.decode()
    page = reverse("institutions:institution", args=[hospital.pk])
    assert "公立" in as_user(cast.hospital_clerk).get(page).content.decode()
    assert as_user(cast.other_officer).get(one).status_code == 404

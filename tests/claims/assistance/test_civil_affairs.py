"""宋佳 of the county's bureau of civil affairs (民政局): who is poor, and applications."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from accounts.roles import Role, excludes
from claims.assistance.cases import answer, find_cases, hand_down
from claims.assistance.models import AidApplication, AidCase
from claims.assistance.services import approve_aid, publish_aid
from claims.assistance.work import to_check
from claims.models import Settlement
from enrollment.models import Person
from tests.at_once import at_once
from tests.claims.assistance.conftest import APPLIED, lists
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
Stay = Callable[..., Settlement]


@pytest.fixture
def case(cast: SimpleNamespace, county: Division, wang: Person, stay_of: Stay) -> AidCase:
    """6,000.00 of own pay, on no list."""
    stay_of(wang, "11800.00")
    find_cases(actor=cast.reviewer, area=county, year=2026, on=APPLIED)
    return AidCase.objects.get()


def checked(cast: SimpleNamespace, case: AidCase, event: str, reason: str) -> AidCase:
    return answer(actor=cast.civil_affairs, case=case, event=event, reason=reason)


def test_who_is_pointed_out_is_looked_into(cast: SimpleNamespace, case: AidCase) -> None:
    """Not poor, then poor after all: what was said last stands, and the case waits as before."""
    assert list(to_check(cast.civil_affairs)) == [case]
    with pytest.raises(Refusal, match="核查情况"):
        checked(cast, case, "case_is_poor", "")
    row = checked(cast, case, "case_is_not_poor", "收入超过低保边缘标准")
    assert (row.status, row.is_poor, row.checked_told) == ("found", False, "不符合")
    hand_down(actor=cast.reviewer, cases=[case], on=APPLIED)
    answer(actor=cast.clerk_a, case=case, event="notify_case", reason="")
    row = checked(cast, case, "case_is_poor", "低保边缘，大民发〔2026〕12号")
    assert (row.status, row.is_poor, row.finding) == (
        "notified", True, "低保边缘，大民发〔2026〕12号",
    )  # fmt: skip
    assert not to_check(cast.civil_affairs)
    row = answer(actor=cast.clerk_a, case=case, event="answer_case", reason="本人书面放弃")
    assert (row.answer, row.finding) == ("本人书面放弃", "低保边缘，大民发〔2026〕12号")
    with pytest.raises(Refusal):
        checked(cast, case, "case_is_poor", "办结以后")


def test_others_do_not_say_who_is_poor(cast: SimpleNamespace, case: AidCase) -> None:
    for actor in (cast.reviewer, cast.clerk_a, cast.approver):
        with pytest.raises(Refusal):
            answer(actor=actor, case=case, event="case_is_poor", reason="看着像")


def test_an_application_is_reviewed_there_and_approved_by_the_insurance(
    cast: SimpleNamespace, wang: Person, stay_of: Stay, apply: Callable[..., AidApplication]
) -> None:
    lists(wang)
    stay_of(wang, "11800.00")
    row = publish_aid(actor=cast.civil_affairs, application=apply(wang), on=APPLIED)
    assert (row.status, row.reviewed_by) == ("published", cast.civil_affairs)
    with pytest.raises(Refusal):
        approve_aid(actor=cast.civil_affairs, application=row, on=APPLIED)
    assert excludes(Role.CIVIL_AFFAIRS, Role.APPROVER)
    assert excludes(Role.CIVIL_AFFAIRS, Role.INSTITUTION_CLERK)


def test_what_it_sees_and_what_not(
    cast: SimpleNamespace, wang: Person, stay_of: Stay, apply: Callable[..., AidApplication],
    case: AidCase, as_user: Any, other_county: Division,
) -> None:  # fmt: skip
    """Lists, cases and applications of its county with amounts; no hospital, claim, household or
    account."""
    lists(wang)
    row = apply(wang)
    page = as_user(cast.civil_affairs)
    assert "救助待审核" in page.get("/").content.decode()
    assert f"/claims/aid/cases/{case.pk}" in page.get("/claims/aid/cases").content.decode()
    one = page.get(f"/claims/aid/cases/{case.pk}").content.decode()
    assert wang.resident_id not in one
    shown = page.get(f"/claims/aid/{row.pk}").content.decode()
    assert "审核同意，公示" in shown and "审批同意" not in shown
    assert "大足县人民医院" not in shown and "县级" in shown
    assert row.account not in shown and row.account[-4:] not in shown
    assert row.account[-4:] in as_user(cast.reviewer).get(f"/claims/aid/{row.pk}").content.decode()
    assert "大足县人民医院" in as_user(cast.reviewer).get(f"/claims/aid/{row.pk}").content.decode()
    claim = row.claims.get().settlement_id
    for path in (
        f"/claims/aid/{row.pk}/form", f"/claims/{claim}", "/claims/", "/claims/aid/new",
        "/reports/",
    ):  # fmt: skip
        assert page.get(path).status_code == 403, path
    other = as_user(make_user("mz2", "田芳", Role.CIVIL_AFFAIRS, other_county))
    assert other.get(f"/claims/aid/{row.pk}").status_code == 404
    assert other.get(f"/claims/aid/cases/{case.pk}").status_code == 404
    assert f"/claims/aid/cases/{case.pk}" not in other.get("/claims/aid/cases").content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_looked_into_while_it_is_handed_down(
    cast: SimpleNamespace, case: AidCase, _round: int
) -> None:
    """Both stand, whoever comes first."""
    outcomes = at_once(
        [
            lambda: checked(cast, case, "case_is_poor", "低保边缘"),
            lambda: hand_down(actor=cast.reviewer, cases=[case], on=APPLIED),
        ]
    )
    assert not [one for one in outcomes if isinstance(one, Refusal)]
    case.refresh_from_db()
    assert (case.status, case.is_poor, case.finding) == ("handed", True, "低保边缘")

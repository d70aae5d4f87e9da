"""移交核对: what came in beside the old system's totals, by village, signed by two."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from desk.worklist import counts
from enrollment.models import Household
from institutions.models import Institution
from moving.totals.kinds import BY_KEY, KINDS
from moving.totals.models import Comparison, ComparisonLine
from moving.totals.papers import COMPARISON
from moving.totals.resources import TotalsResource
from moving.totals.services import compare, decide_comparison
from tests.conftest import make_division, make_user, table_in
from tests.masterdata import confirm, faults, send
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.usefixtures("as_application")
SignIn = Callable[[User], Client]
WHY: dict[str, Any] = {"evidence": "原系统 6 月合计表", "reason": "启用移交核对"}


@pytest.fixture
def homes(village_a: Division, village_b: Division) -> None:
    """Three households in 保竹村, one of them in a group; one in the other village."""
    group = make_division(f"{village_a.code}01", "一组", village_a)
    for at, place in enumerate((village_a, village_a, group, village_b)):
        Household.objects.create(number=f"{place.code[:12]}{at:04d}", division=place)


def lines(*rows: tuple[Division, int, str]) -> list[ComparisonLine]:
    return [ComparisonLine(place=place, theirs=count, note=note) for place, count, note in rows]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.message


def test_every_kind_counts_an_empty_county(county: Division) -> None:
    for kind in KINDS:
        assert dict(kind.ours(county, date(2026, 7, 1))) == {}, kind.key


@pytest.fixture
def made(
    homes: None, cast: SimpleNamespace, county: Division, village_a: Division, village_b: Division
) -> Comparison:
    """The old system has 4 households in 保竹村, of which one moved away, and 1 in the other."""
    return compare(
        actor=cast.reviewer, area=county, kind="households", on=today(),
        lines=lines((village_a, 4, "一户已迁出"), (village_b, 1, "")), **WHY,
    )  # fmt: skip


def test_ours_is_counted_by_village_and_differences_are_named(
    homes: None, cast: SimpleNamespace, county: Division, village_a: Division, village_b: Division
) -> None:
    assert BY_KEY["households"].ours(county, today()) == {
        village_a.code: (3, Decimal("0.00")), village_b.code: (1, Decimal("0.00")),
    }  # fmt: skip
    ask: dict[str, Any] = {
        "actor": cast.reviewer, "area": county, "kind": "households", "on": today(), **WHY,
    }  # fmt: skip
    said = refused(lambda: compare(lines=lines((village_a, 4, ""), (village_b, 1, "")), **ask))
    assert said.endswith("原系统 4 户，本系统 3 户，差 1 户；请写明差异的原因")
    assert village_a.name in said
    said = refused(lambda: compare(lines=lines((village_a, 3, "")), **ask))
    assert "缺少本系统有数的地方" in said and f"{village_b.name} 1 户" in said
    twice = lines((village_a, 3, ""), (village_a, 3, ""), (village_b, 1, ""))
    assert "写了两行" in refused(lambda: compare(lines=twice, **ask))
    assert "没有金额" in refused(lambda: compare(
        lines=[ComparisonLine(place=village_a, theirs=3, their_amount=Decimal(5))], **ask
    ))  # fmt: skip
    assert refused(lambda: compare(lines=[], **ask | {"actor": cast.cashier})) == (
        "移交核对由初审或会计编制"
    )


def test_it_is_signed_by_another_and_as_it_is_counted_then(
    made: Comparison, cast: SimpleNamespace, county: Division, village_b: Division
) -> None:
    assert (made.theirs, made.ours, made.differing) == (5, 4, 1)
    cast.reviewer.role = Role.APPROVER
    said = refused(lambda: decide_comparison(
        actor=cast.reviewer, row=made, event="approve_comparison", on=today()
    ))  # fmt: skip
    assert "必须由不同的人办理" in said
    Household.objects.create(number=f"{village_b.code}9999", division=village_b)
    said = refused(lambda: decide_comparison(
        actor=cast.approver, row=made, event="approve_comparison", on=today()
    ))  # fmt: skip
    assert "的数字在编制以后变了（现为 2 户），请撤回后重新核对" in said
    Household.objects.filter(number=f"{village_b.code}9999").update(closed_on=today())
    done = decide_comparison(actor=cast.approver, row=made, event="approve_comparison", on=today())
    assert done.status == "approved" and done.decided_by == cast.approver


def test_the_county_hospital_lies_in_no_township(
    cast: SimpleNamespace, county: Division, town_a: Division, as_user: SignIn
) -> None:
    for at, place in enumerate((county, town_a), start=1):
        Institution.objects.create(
            code=f"H{county.code}0009{at}", name=f"第{at}医院", level="county", division=place
        )
    ask: dict[str, Any] = {
        "actor": cast.reviewer, "area": county, "kind": "institutions", "on": today(), **WHY,
    }  # fmt: skip
    said = refused(lambda: compare(lines=lines((town_a, 1, "")), **ask))
    assert said.startswith(f"缺少本系统有数的地方：{county.name} 2 家")
    row = compare(lines=lines((county, 2, ""), (town_a, 1, "")), **ask)
    assert (row.theirs, row.ours, row.differing) == (3, 3, 0)
    places = table_in(
        b"".join(as_user(cast.reviewer).get(f"{reverse('moving:load_totals')}/template"))
    )  # type: ignore[arg-type]
    assert county.code in [line[0] for line in places]


def test_the_approver_finds_it_on_the_first_page(made: Comparison, cast: SimpleNamespace) -> None:
    assert counts(cast.approver, today())["moving:totals"].number == 1
    assert "moving:totals" not in counts(cast.accountant, today())


def test_money_is_compared_to_the_fen(
    cast: SimpleNamespace, county: Division, village_a: Division, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Account balances of 保竹村: 2 households with 35.10 together; the old system says 35.00."""
    kind = BY_KEY["accounts"]
    monkeypatch.setattr(
        type(kind), "ours", lambda self, area, on: {village_a.code: (2, Decimal("35.10"))}
    )
    row = ComparisonLine(place=village_a, theirs=2, their_amount=Decimal("35.00"))
    ask: dict[str, Any] = {
        "actor": cast.accountant, "area": county, "kind": "accounts", "on": today(), **WHY,
    }  # fmt: skip
    said = refused(lambda: compare(lines=[row], **ask))
    assert "账户余额原系统 35.00 元，本系统 35.10 元，差 0.10 元；请写明差异的原因" in said
    row.note = "旧系统把角舍去了"
    made = compare(lines=[row], **ask)
    assert (str(made.their_amount), str(made.our_amount)) == ("35.00", "35.10")


def test_it_is_typed_at_the_page(
    homes: None, cast: SimpleNamespace, village_a: Division, village_b: Division, as_user: SignIn
) -> None:
    hand, url = as_user(cast.reviewer), f"{reverse('moving:totals_new')}?kind=households"
    assert "3 户" in hand.get(url).content.decode()
    sent = {f"theirs-{village_a.code}": "４", f"theirs-{village_b.code}": "1", **WHY}
    page = hand.post(url, sent).content.decode()
    assert "差 1 户；请写明差异的原因" in page and not Comparison.objects.exists()
    hand.post(url, sent | {f"note-{village_a.code}": "一户已迁出"})
    row = Comparison.objects.get()
    assert [(one.theirs, one.ours, one.note) for one in row.lines.all()] == [
        (4, 3, "一户已迁出"), (1, 1, ""),
    ]  # fmt: skip
    page = as_user(cast.approver).get(reverse("moving:totals")).content.decode()
    assert "1 处" in page and "同意" in page
    as_user(cast.approver).post(reverse("moving:totals_act", args=[row.pk, "approve_comparison"]))
    row.refresh_from_db()
    assert row.status == "approved"


HEAD = ["区划代码", "名称", "数量", "金额", "差异说明"]
OPTIONS = {"kind": "households", **WHY}


def test_it_is_read_from_a_table(
    homes: None, cast: SimpleNamespace, village_a: Division, village_b: Division, as_user: SignIn
) -> None:
    hand, url = as_user(cast.accountant), reverse("moving:load_totals")
    header, *places = table_in(b"".join(hand.get(f"{url}/template")))  # type: ignore[arg-type]
    assert header == HEAD and village_a.code in [row[0] for row in places]
    resource = TotalsResource(cast.accountant, today(), OPTIONS)
    assert faults(resource, [
        HEAD,
        [village_a.code, "", "4", "", ""],
        ["500225999999", "", "4", "", ""],
        [village_b.code, "", "1", "5", ""],
    ]) == [
        "第 2 行：差异说明：原系统 4 户，本系统 3 户，差 1 户；请写明差异的原因",
        "第 3 行：区划代码：本辖区没有“500225999999”这个村、乡镇，请核对",
        "第 4 行：金额：“在册户数”没有金额，请留空",
    ]  # fmt: skip
    rows = [HEAD, [village_a.code, "", "4", "", "一户已迁出"], [village_b.code, "", "1", "", ""]]
    assert "新增 2" in send(hand, url, rows, **OPTIONS)
    confirm(hand, url)
    assert Comparison.objects.get().differing == 1
    assert "缺少本系统有数的地方" in send(hand, url, rows[:2], **OPTIONS)


def test_the_paper_names_both_and_is_kept(
    made: Comparison, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    decide_comparison(actor=cast.approver, row=made, event="approve_comparison", on=today())
    stranger = make_user("far", "秦外", Role.ACCOUNTANT, other_county)
    page = keeps_what_it_said(
        COMPARISON,
        reverse("moving:comparison", args=[made.pk]),
        hand=as_user(cast.accountant),
        change=lambda: User.objects.filter(pk=cast.approver.pk).update(name="改名") and None,
        elsewhere=as_user(stranger),
        stranger=as_user(cast.clerk_a),
    )
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "编制：周文静" in text and "签认：吴国栋" in text
    assert "差 1 户：一户已迁出" in text and "有差异的 1 处" in text

"""The first page of every role, the counts of its menu, and the one search box."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.clock import today
from accounts.models import User
from accounts.roles import Role
from accounts.sessions import BY_ITSELF
from claims.services.drawn import recount
from desk.navigation import (
    LOOKED_UP,
    MAX_SHOWN,
    MENU,
    QUICK,
    menu_of,
    pages_named,
    quick_ways,
    shown_to,
)
from desk.worklist import (
    MAX_COUNTED,
    Asking,
    counts,
    declared,
    find,
    question,
    tile,
    tiles,
    work_of,
)
from enrollment.models import Campaign, Enrollment, ReceiptBook
from lib.spelling import spell
from supervision.models import Alert
from tests.conftest import past_the_guards
from tests.desk.conftest import APRIL, County
from tests.desk.test_listings import ROWS

AsUser = Callable[[User], Client]
HOME = "accounts:home"
# What needs a division of its own or a worker, and waits for nobody.
ONCE = {
    "supervision:notices",
    "supervision:public",
    "supervision:contacts",
    "accounts:divisions",
    "accounts:calendar",
    "enrollment:sheets",
}


def of_role(county: County, role: Role) -> User:
    return next(
        one for one in vars(county.cast).values() if isinstance(one, User) and one.role == role
    )


def fill(county: County, start: int, stop: int, *without: str) -> None:
    """Rows of every kind that a list shows."""
    for name, make in ROWS.items():
        if name not in {*ONCE, *without}:
            for at in range(start, stop):
                make(county, at)
            recount(county.area.code)  # the guards compare covers with claims in between


def shown(client: Client) -> dict[str, Any]:
    page = client.get(reverse(HOME))
    assert page.status_code == 200
    return {one.work.title: one for one in page.context["tiles"]}


def test_every_role_has_quick_ways_that_it_may_go(db: None, dazu: County) -> None:
    assert set(QUICK) == set(Role)
    for role in Role:
        user = of_role(dazu, role)
        assert len(quick_ways(user)) == len(QUICK[role]), role
        menu = {entry.url_name for _, entries in shown_to(user) for entry in entries}
        assert set(LOOKED_UP.get(role, ())) <= menu, role


def test_every_work_leads_to_a_page_of_the_menu_that_its_role_may_open() -> None:
    entries = {entry.url_name: entry.permission for _, group in MENU for entry in group}
    for work in declared("WORK"):
        assert work.route in entries, work.title


def cost(client: Client) -> int:
    """In statements, as a page that asks by itself: nobody's work, for whose sake the session is
    written once a minute (accounts/sessions.py), at whichever page a slow machine is by then."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(HOME), headers={BY_ITSELF: "1"}).status_code == 200
    return len(asked)


def test_a_first_page_costs_the_same_for_many_rows(dazu: County, as_user: AsUser) -> None:
    clients = {role: as_user(of_role(dazu, role)) for role in Role}
    fill(dazu, 1, 2)
    for client in clients.values():
        client.get(reverse(HOME))  # what is read once and kept
    few = {role: cost(client) for role, client in clients.items()}
    fill(dazu, 2, 6)
    assert {role: cost(client) for role, client in clients.items()} == few
    for role in Role:
        user = of_role(dazu, role)
        for one in work_of(user):
            assert tile(one, user, today()).number == one.rows(user).count(), one.title
    # Three of the approver's are of a county that moves in, two of doctors who are not paid for and
    # of the interface's rules: small tables, empty at other times.
    assert max(few.values()) <= 41, few


def test_accountant_and_cashier_see_pieces_money_and_days(dazu: County, as_user: AsUser) -> None:
    """Asked for on 20 March, today is 2 April: 13 days, later than a week."""
    for at in (1, 2):
        dazu.order(at)
    dazu.claim(3)  # not reviewed yet: nothing is asked for
    dazu.refund(1)  # asked for: not his yet
    fund = Decimal("30.00")
    tile = shown(as_user(dazu.cast.accountant))["待支付"]
    assert (tile.number, tile.amount, tile.days, tile.late, tile.tone) == (2, fund, 13, 2, "due")
    html = as_user(dazu.cast.accountant).get(reverse(HOME)).content.decode()
    assert f"{fund:,.2f} 元" in html and "2 笔已等得太久" in html
    dazu.batch(3)
    tile = shown(as_user(dazu.cast.cashier))["待发出的支付批次"]
    assert (tile.number, tile.amount, tile.days) == (1, Decimal("15.00"), 0)
    html = as_user(dazu.cast.cashier).get(reverse(HOME)).content.decode()
    assert "没有等办的：退费待支付" in html


def test_an_accountant_sees_what_the_bank_is_to_confirm(dazu: County, as_user: AsUser) -> None:
    for at in (1, 2, 3):
        dazu.remittance(at)
    page = as_user(dazu.cast.accountant).get(reverse(HOME))
    found = {one.work.title: one for one in page.context["tiles"]}
    assert (found["缴存待确认"].number, found["缴存待确认"].amount) == (3, Decimal("360.00"))
    assert "J0001" in page.content.decode()


def test_a_certain_violation_is_red_a_suspicion_is_not(dazu: County, as_user: AsUser) -> None:
    dazu.alert(1)
    Alert.objects.create(
        rule="A01", certainty="certain", settlement=dazu.claim(2), division=dazu.village,
        finding="死亡后就诊",
    )  # fmt: skip
    found = shown(as_user(dazu.cast.supervisor))
    assert found["明确违规待核查"].tone == "bad"
    assert found["可疑待核查"].number == 1 and found["可疑待核查"].tone != "bad"


def test_a_clerk_without_a_receipt_book_is_told(dazu: County, as_user: AsUser) -> None:
    html = as_user(dazu.cast.clerk_b).get(reverse(HOME)).content.decode()
    assert "没有可用的收据号，不能收费" in html
    ReceiptBook.objects.create(
        code="W0001", township=dazu.cast.clerk_b.division, clerk=dazu.cast.clerk_b, year=2026,
        first_number=1, last_number=50, next_number=1,
    )  # fmt: skip
    html = as_user(dazu.cast.clerk_b).get(reverse(HOME)).content.decode()
    assert "没有可用的收据号" not in html
    Campaign.objects.create(
        area=dazu.area, year=2027, first_day=APRIL, last_day=APRIL, remit_by=APRIL
    )
    html = as_user(dazu.cast.clerk_b).get(reverse(HOME)).content.decode()
    assert "没有可用的 2027 年度收据号，不能收费：请向会计领用 2027 年度票据本" in html


def test_a_village_cadre_sees_who_is_missing_in_the_own_village_only(
    dazu: County, as_user: AsUser
) -> None:
    paid = dazu.cover(1)
    missing = dazu.register.person("李明", dazu.register.household(dazu.village), covered=False)
    assert shown(as_user(dazu.cast.cadre_a))["本村还没有参保的人"].number == 1
    assert paid.person_id != missing.pk
    assert "本村还没有参保的人" not in {one.title for one in work_of(dazu.cast.reviewer)}


def test_who_is_out_of_scope_sees_none_of_it(dazu: County) -> None:
    fill(dazu, 1, 3)
    assert tiles(dazu.cast.reviewer)[0].number > 0
    assert {one.number for one in tiles(dazu.cast.other_officer)} == {0}
    assert counts(dazu.cast.other_officer, APRIL) == {}


def test_the_menu_counts_in_one_statement_and_stops_at_99(dazu: County, as_user: AsUser) -> None:
    dazu.claim(1)
    assert said(dazu.cast.reviewer) == {"claims:review_queue": "1"}
    for at in range(2, MAX_COUNTED + 3):
        dazu.claim(at)
    with CaptureQueriesContext(connection) as asked:
        assert said(dazu.cast.reviewer) == {"claims:review_queue": "99+"}
    assert len(asked) == 1
    html = as_user(dazu.cast.reviewer).get(reverse("claims:list")).content.decode()
    assert re.search(r'class="hz-count hz-due">\s*99\+', html)


def test_the_text_that_is_kept_depends_on_nobody_and_no_day_but_those_it_is_kept_for(
    dazu: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every role: put together twice, an hour apart, with rows that came between, it is the same
    word for word, and the database was not asked for it."""

    def texts() -> dict[Role, Any]:
        found = {}
        for role in Role:
            user = of_role(dazu, role)
            work = tuple(one for one in work_of(user) if not one.is_momentary)
            scope = (user.role, user.division_code, user.institution_code)
            with CaptureQueriesContext(connection) as asked:
                found[role] = question(Asking(user.pk, scope, (APRIL, APRIL), work, user))
            assert not len(asked), role
        return found

    first, now = texts(), timezone.now()
    assert sum("SELECT COUNT" in text for text, _ in first.values()) > 8
    fill(dazu, 1, 2)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=1))
    assert texts() == first


def test_who_moves_to_another_place_counts_what_waits_there(dazu: County) -> None:
    dazu.claim(1)
    reviewer = dazu.cast.reviewer
    assert said(reviewer) == {"claims:review_queue": "1"}
    reviewer.division = dazu.cast.other_officer.division
    assert said(reviewer) == {}
    dazu.claim(2)
    reviewer.division = dazu.area
    assert said(reviewer) == {"claims:review_queue": "2"}


def said(user: User) -> dict[str, str]:
    return {route: str(waiting) for route, waiting in counts(user, APRIL).items()}


def test_the_menu_tells_what_is_late_and_what_may_not_pass(dazu: County) -> None:
    """Handed in on 20 March: on the 21st it waits, on 2 April it is late; a certain violation is
    red from the first day, also beside suspicions under the same entry."""
    dazu.claim(1)
    tones = [
        counts(dazu.cast.reviewer, day)["claims:review_queue"].tone
        for day in (date(2026, 3, 21), APRIL)
    ]
    assert tones == ["", "due"]
    dazu.alert(1)
    alerts = "supervision:alerts"
    assert counts(dazu.cast.supervisor, APRIL)[alerts].tone == ""
    Alert.objects.create(
        rule="A01", certainty="certain", settlement=dazu.claim(2), division=dazu.village,
        finding="死亡后就诊",
    )  # fmt: skip
    found = counts(dazu.cast.supervisor, APRIL)[alerts]
    assert (found.number, found.tone) == (2, "bad")


def test_one_box_finds_every_number(dazu: County) -> None:
    claim, cover = dazu.claim(1, "paid"), dazu.cover(2)
    dazu.voucher(1)
    auditor = dazu.cast.auditor

    def found(text: str, user: User = auditor) -> list[tuple[str, str]]:
        return [(one.what, one.address) for one in find(user, text, 10)]

    home = reverse("enrollment:household_detail", args=[cover.household_id])
    assert found(cover.person.resident_id) == [("参保人", home)]
    assert ("参保人", home) in found(cover.household.number)
    assert found(claim.number) == [("结算单", reverse("claims:claim", args=[claim.pk]))]
    receipt = cover.receipt
    assert receipt is not None
    paper = ("收据", reverse("enrollment:receipt", args=[receipt.pk]))
    assert paper in found(receipt.full_number)
    batch = dazu.batch(3)
    assert found("2026-03-0001")[0][0] == "凭证"  # and none of the year's batches before it
    assert found(f"{batch.number}-0001")[0][0] == found(batch.number)[0][0] == "支付批次"
    for text in (claim.number, cover.person.resident_id, receipt.full_number):
        assert found(text, dazu.cast.other_officer) == []
        assert found(text, dazu.cast.sysadmin) == []


def test_the_box_finds_pages_institutions_and_what_supervision_numbers(
    dazu: County, as_user: AsUser
) -> None:
    """By a part of the name or of the number, or by the initials; a party's name is masked."""
    case, debt, order = dazu.case(1), dazu.recovery(2), dazu.inspected.order(3)
    hospital = order.institution
    boss = dazu.cast.supervisor
    client = as_user(boss)

    def found(text: str, user: User = boss) -> set[tuple[str, str]]:
        return {(one.what, one.address) for one in find(user, text, 10)}

    assert ("稽核案件", reverse("supervision:case", args=[case.pk])) in found(case.number)
    assert ("追回单", reverse("claims:recovery", args=[debt.pk])) in found(debt.number)
    assert ("整改通知书", reverse("supervision:order", args=[order.pk])) in found(order.number)
    home = ("定点机构", reverse("institutions:institution", args=[hospital.pk]))
    for text in (hospital.code, hospital.name, spell(hospital.name).initials):
        assert home in found(text), text
    visit = reverse("supervision:inspection", args=[order.inspection_id])
    assert ("检查", visit) in found(hospital.name)
    for text in (case.number, debt.number, order.number):
        assert not found(text, dazu.cast.sysadmin) and not found(text, dazu.cast.other_officer)
    page = client.post(reverse("accounts:find"), {"text": "每月抽查"})
    assert page["Location"] == reverse("supervision:samples")
    assert [one.title for one in pages_named(boss, "mycc", 10)] == ["每月抽查"]
    with CaptureQueriesContext(connection) as few:
        found("2026")
    for at in range(4, 9):
        dazu.case(at)
    with CaptureQueriesContext(connection) as many:
        found("2026")
    assert len(few) == len(many)


def test_a_role_sees_at_first_what_it_does_daily(dazu: County, rf: RequestFactory) -> None:
    """The rest of a group is folded; nothing of the menu is lost, and the page one is on shows."""
    for role in Role:
        user = of_role(dazu, role)
        request = rf.get(reverse(HOME))
        menu = menu_of(request, user)
        shown = [entry for group in menu if group["is_open"] for entry in group["entries"]]
        every = [entry for group in menu for entry in (*group["entries"], *group["rest"])]
        assert len(shown) <= MAX_SHOWN, role
        assert len(every) == sum(len(entries) for _, entries in shown_to(user))
    boss = dazu.cast.supervisor
    folded = next(
        one for group in menu_of(rf.get("/"), boss) if group["rest"] for one in group["rest"]
    )
    here = [
        one
        for group in menu_of(rf.get(folded["url"]), boss)
        if group["is_open"]
        for one in group["entries"]
    ]
    assert folded["title"] in [one["title"] for one in here if one["current"]]


def test_what_was_searched_never_stands_in_an_address(dazu: County, as_user: AsUser) -> None:
    one, other = dazu.cover(1), dazu.cover(2)
    client = as_user(dazu.cast.clerk_a)
    page = client.post(reverse("accounts:find"), {"text": one.person.resident_id})
    assert page["Location"] == reverse("enrollment:household_detail", args=[one.household_id])
    page = client.post(reverse("accounts:find"), {"text": "王建国"}, follow=True)
    (address, _), *_ = page.redirect_chain
    assert "found=" in address and "王" not in address and "%" not in address
    html = page.content.decode()
    assert one.household.number in html and other.household.number in html


def test_money_that_nobody_may_take_any_more_is_not_waited_for(dazu: County) -> None:
    """The campaign of 2026 was over on 30 November 2025; today is in April."""
    row = dazu.waiting(1)
    clerk = dazu.cast.clerk_a
    found = {one.work.title: one.number for one in tiles(clerk)}
    assert found["已登记待缴费"] == 0
    past_the_guards(
        type(row.campaign).objects.filter(pk=row.campaign_id), last_day=date(2026, 4, 5)
    )
    (one,) = (one for one in tiles(clerk) if one.work.title == "已登记待缴费")
    assert (one.number, one.amount, one.due_on, one.tone) == (
        1, Enrollment.objects.get(pk=row.pk).personal_amount, date(2026, 4, 5), "due",
    )  # fmt: skip

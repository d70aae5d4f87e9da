"""Vouchers made by hand: 郑淑芬 makes them, 蒋正平 reviews, 唐玉梅 enters; 冯小兰, cashier, none.

Amounts of trials that went through: 999,999,999.00 posted by one person alone; the same slip
booked twice.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.roles import Role
from funds.drafts.services import (
    decide_limits,
    enter_draft,
    make_draft,
    make_reversal,
    propose_limits,
    take_step,
)
from funds.models import Book, BookLimit, LimitProposal, Voucher, VoucherDraft
from funds.papers import voucher_facts
from funds.services import EventLine, post_event, reverse_voucher
from tests.conftest import in_duty
from tests.funds.conftest import check_now, through_all_hands

MARCH = date(2026, 3, 9)
TODAY = date(2026, 3, 20)
Make = Callable[..., VoucherDraft]


def limits_by_two(cast: SimpleNamespace, book: Book, **limits: Any) -> BookLimit:
    row = propose_limits(actor=cast.supervisor, book=book, on=MARCH, reason="年度核定", **limits)
    done = decide_limits(actor=cast.approver, row=row, event="approve_limits", on=MARCH)
    assert done.limit is not None
    return done.limit


@pytest.fixture
def make(book: Book, cast: SimpleNamespace) -> Make:
    count = 0

    def make_one(event: str, amount: str, document: str = "", **options: Any) -> VoucherDraft:
        nonlocal count
        count += 1
        facts = {name: options.pop(name) for name in ("actor", "same_document") if name in options}
        return make_draft(
            actor=facts.get("actor", cast.accountant),
            book=book,
            event=event,
            on=MARCH,
            today=TODAY,
            document=document or f"回单 {count}",
            key=f"draft:{count}",
            lines=[EventLine(Decimal(amount), **options)],
            same_document=facts.get("same_document", ""),
        )

    return make_one


def subsidise(make: Make, cast: SimpleNamespace, amount: str, document: str = "") -> Voucher:
    draft = make("subsidy_received", amount, document, funding_level="county", policy_year=2026)
    return through_all_hands(draft, cast)


def test_three_people_and_the_paper_names_them(make: Make, cast: SimpleNamespace) -> None:
    draft = make("subsidy_received", "230000", funding_level="central", policy_year=2026)
    assert not Voucher.objects.exists(), "nothing is in the books before a third has entered it"
    for who, event in ((cast.accountant, "review_voucher"), (cast.cashier, "review_voucher")):
        with pytest.raises(Refusal):
            take_step(actor=who, draft=draft, event=event)
    with pytest.raises(Refusal, match="现为“待复核”，不能办理“记账”"):
        enter_draft(actor=cast.accountant2, draft=draft, today=TODAY)
    take_step(actor=cast.supervisor, draft=draft, event="review_voucher")
    with pytest.raises(Refusal, match="制单、复核、审批、记账必须由不同的人办理"):
        enter_draft(actor=cast.accountant, draft=draft, today=TODAY)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        enter_draft(actor=in_duty(cast.supervisor, Role.ACCOUNTANT), draft=draft, today=TODAY)

    done = enter_draft(actor=cast.accountant2, draft=draft, today=TODAY)

    assert done.voucher is not None
    facts = voucher_facts(done.voucher)
    assert [facts[who] for who in ("preparer", "reviewer", "poster")] == [
        "郑淑芬", "蒋正平", "唐玉梅",
    ]  # fmt: skip
    actions = ["funds.make_voucher", "funds.review_voucher", "funds.enter_voucher"]
    assert AuditLine.objects.filter(action__in=actions).count() == 3


def test_the_trail_names_who_acted_and_the_voucher_who_made_it(
    make: Make, cast: SimpleNamespace
) -> None:
    """郑淑芬 has left when 唐玉梅 enters what she made; so with the red letter."""
    draft = make("interest_received", "10", purpose="fiscal")
    voucher = through_all_hands(draft, cast)
    red = make_reversal(
        actor=cast.accountant, voucher=voucher, on=MARCH, today=TODAY, reason="金额录错"
    )
    take_step(actor=cast.supervisor, draft=red, event="review_voucher")
    User.objects.filter(pk=cast.accountant.pk).update(is_active=False)
    done = enter_draft(actor=cast.accountant2, draft=red, today=TODAY)
    for made, action in ((voucher, "funds.post"), (done.voucher, "funds.reverse")):
        assert made is not None and made.preparer == "郑淑芬"
        line = AuditLine.objects.get(action=action, subject_id=str(made.pk))
        assert line.user_name == "唐玉梅"
    check_now()


def test_no_voucher_by_hand_without_its_draft(
    make: Make, book: Book, cast: SimpleNamespace
) -> None:
    def by_hand(key: str) -> None:
        with transaction.atomic():
            post_event(
                event="interest_received", area=book.area, on=MARCH, key=key, source="回单",
                actor=cast.accountant, lines=[EventLine(Decimal("10"), purpose="fiscal")],
            )  # fmt: skip
            check_now()

    voucher = through_all_hands(make("interest_received", "10", purpose="fiscal"), cast)
    check_now()
    by_hand("interest:1")
    with pytest.raises(IntegrityError, match="no draft brought it"):
        by_hand("manual:1")
    with pytest.raises(IntegrityError, match="no draft brought it"), transaction.atomic():
        reverse_voucher(actor=cast.accountant, voucher=voucher, on=MARCH, reason="一人红冲")
        check_now()


def test_a_page_sent_again_after_it_was_returned_makes_another(
    make: Make, book: Book, cast: SimpleNamespace
) -> None:
    def send() -> VoucherDraft:
        return make_draft(
            actor=cast.accountant, book=book, event="interest_received", on=MARCH, today=TODAY,
            document="利息单", key="page", lines=[EventLine(Decimal("10"), purpose="fiscal")],
        )  # fmt: skip

    returned = send()
    assert send() == returned
    take_step(actor=cast.supervisor, draft=returned, event="refuse_voucher", reason="回单不清")
    withdrawn = send()
    assert (withdrawn.status, VoucherDraft.objects.count()) == ("made", 2)
    take_step(actor=cast.accountant, draft=withdrawn, event="withdraw_voucher", reason="看错了")
    entered = send()
    voucher = through_all_hands(entered, cast)
    again = send()
    assert (again, again.voucher) == (entered, voucher)
    check_now()


def test_what_waits_for_an_approval_does_not_wait_for_the_entry(
    make: Make, book: Book, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """100,000.00 needs none, 100,000.01 does; without a limit nothing does."""
    drafts = [
        make("subsidy_received", amount, funding_level="city", policy_year=2026)
        for amount in ("100000.00", "100000.01")
    ]
    for one in drafts:
        take_step(actor=cast.supervisor, draft=one, event="review_voucher")
    small, huge = drafts
    rows = VoucherDraft.objects.order_by("pk")

    def waiting() -> tuple[list[VoucherDraft], list[VoucherDraft]]:
        return list(rows.awaiting_approval()), list(rows.awaiting_entry())

    assert waiting() == ([], drafts)
    limits_by_two(cast, book, second_approval=Decimal("100000"),
                  turnover_cash=None, basis="府办〔2026〕7号")  # fmt: skip
    assert waiting() == ([huge], [small])
    place = reverse("funds:drafts")
    shown = as_user(cast.approver).get(f"{place}?status=huge").content.decode()
    assert "100,000.01" in shown and "100,000.00" not in shown
    shown = as_user(cast.accountant2).get(f"{place}?status=ready").content.decode()
    assert "100,000.00" in shown and "100,000.01" not in shown
    take_step(actor=cast.approver, draft=huge, event="approve_voucher")
    assert waiting() == ([], drafts)


def test_the_database_keeps_the_hands_apart(make: Make, cast: SimpleNamespace) -> None:
    draft = make("interest_received", "10", purpose="fiscal")
    for column in ("reviewed_by", "posted_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            VoucherDraft.objects.filter(pk=draft.pk).update(**{column: cast.accountant})
    with pytest.raises(IntegrityError), transaction.atomic():
        VoucherDraft.objects.filter(pk=draft.pk).update(status="posted")
    with pytest.raises(IntegrityError), transaction.atomic():
        VoucherDraft.objects.filter(pk=draft.pk).update(amount=Decimal("11"))


def test_the_cashier_makes_none_and_hears_the_law(make: Make, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="《会计法》规定出纳人员不得兼任收入、支出、费用"):
        make("interest_received", "10", purpose="fiscal", actor=cast.cashier)


def test_a_huge_transfer_waits_for_a_second_approval(
    make: Make, book: Book, cast: SimpleNamespace
) -> None:
    """The county allows 100,000.00 without: 100,000.00 goes on, 100,000.01 waits for 吴国栋."""
    limits_by_two(cast, book, second_approval=Decimal("100000"),
                  turnover_cash=None, basis="府办〔2026〕7号")  # fmt: skip
    subsidise(make, cast, "100000.00")
    huge = make("subsidy_received", "100000.01", funding_level="city", policy_year=2026)
    take_step(actor=cast.supervisor, draft=huge, event="review_voucher")

    with pytest.raises(Refusal) as said:
        enter_draft(actor=cast.accountant2, draft=huge, today=TODAY)

    assert said.value.message == (
        "100,000.01 元超过本县大额审批限额 100,000.00 元，须先经审批才能记账"
    )
    with pytest.raises(Refusal, match="您的角色不能办理"):
        take_step(actor=cast.accountant2, draft=huge, event="approve_voucher")
    take_step(actor=cast.approver, draft=huge, event="approve_voucher")
    done = enter_draft(actor=cast.accountant2, draft=huge, today=TODAY)
    assert done.voucher is not None
    assert voucher_facts(done.voucher)["approver"] == "吴国栋"


def test_limits_are_put_forward_by_one_and_agreed_to_by_another(
    book: Book, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """蒋正平 proposes, 吴国栋 agrees; until then those before hold, and they stay on record."""
    old = limits_by_two(
        cast, book, second_approval=Decimal(1), turnover_cash=None, basis="府办〔2025〕1号"
    )
    with pytest.raises(Refusal, match="您的角色不能提出记账限额"):
        propose_limits(actor=cast.accountant, book=book, on=MARCH, second_approval=Decimal(1),
                       turnover_cash=None, basis="无文", reason="试试")  # fmt: skip
    place = f"?book={book.pk}"
    supervisor, approver = as_user(cast.supervisor), as_user(cast.approver)
    data = {"second_approval": "100000", "basis": "府办〔2026〕7号", "reason": "业务量增加"}
    supervisor.post(reverse("funds:propose_limits") + place, data)
    row = LimitProposal.objects.get(status="proposed")
    assert BookLimit.objects.of_book(book) == old
    again = supervisor.post(reverse("funds:propose_limits") + place, data).content.decode()
    assert "已有一份记账限额待审批，请先办结或撤回" in again
    act = reverse("funds:limit_act", args=[row.pk, "approve_limits"])
    assert supervisor.post(act).status_code == 403
    assert "记账限额待审批" in approver.get(reverse("accounts:home")).content.decode()
    assert "待审批的限额" in approver.get(reverse("funds:limits") + place).content.decode()
    approver.post(act)
    limit = BookLimit.objects.of_book(book)
    assert limit is not None and limit != old
    assert (limit.second_approval, limit.set_by, limit.agreed_by) == (
        Decimal("100000.00"), cast.supervisor, cast.approver,
    )  # fmt: skip
    assert "府办〔2025〕1号" in supervisor.get(reverse("funds:limits") + place).content.decode()
    with pytest.raises(IntegrityError, match="limits_are_agreed_to"), transaction.atomic():
        BookLimit.objects.create(book=book, basis="一人设定", set_by=cast.supervisor)


def test_refused_limits_change_nothing(book: Book, cast: SimpleNamespace) -> None:
    row = propose_limits(actor=cast.supervisor, book=book, on=MARCH, second_approval=Decimal(1),
                         turnover_cash=None, basis="府办〔2026〕7号", reason="收紧")  # fmt: skip
    with pytest.raises(Refusal, match="请写明不同意的原因"):
        decide_limits(actor=cast.approver, row=row, event="refuse_limits", on=MARCH)
    decide_limits(actor=cast.approver, row=row, event="refuse_limits", on=MARCH, reason="过低")
    assert BookLimit.objects.of_book(book) is None


def test_999_999_999_is_refused_while_it_is_made(make: Make, cast: SimpleNamespace) -> None:
    subsidise(make, cast, "230000")
    with pytest.raises(Refusal, match=r"财政专户存款到 2026-03-09 只有 230,000\.00 元"):
        make("expenditure_funded", "999999999.00")
    assert VoucherDraft.objects.count() == Voucher.objects.count() == 1


def test_the_expenditure_account_holds_no_more_than_its_turnover_cash(
    make: Make, book: Book, cast: SimpleNamespace
) -> None:
    limits_by_two(cast, book, second_approval=None,
               turnover_cash=Decimal("50000"), basis="府办〔2026〕7号")  # fmt: skip
    subsidise(make, cast, "230000")
    through_all_hands(make("expenditure_funded", "50000"), cast)
    with pytest.raises(Refusal, match=r"支出户余额为 50,000\.01 元，超过核定周转金 50,000\.00 元"):
        make("expenditure_funded", "0.01")


def test_the_same_document_is_asked_about(
    make: Make, book: Book, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    voucher = subsidise(make, cast, "400.00", "渝财社〔2026〕18号")
    with pytest.raises(Refusal) as said:
        subsidise(make, cast, "400.00", "渝财社〔2026〕18号")
    assert said.value.message == (
        f"单据号“渝财社〔2026〕18号”已用于凭证 {voucher.label}（2026-03-09，400.00 元）；"
        "同一张单据不能记两次，确是另一笔的，请勾选并写明原因"
    )
    client, url = as_user(cast.accountant), reverse("funds:post") + "?event=subsidy_received"
    data = {
        "on": "2026-03-09", "document": "渝财社〔2026〕18号", "amount_county": "400",
        "policy_year": "2026", "key": "7b7a3c1e-6a0e-4a44-9a66-0f4f0c9f7a05",
    }  # fmt: skip
    asked = client.post(url, data).content.decode()
    assert "已用于凭证" in asked
    assert "单据号相同，确是另一笔" in asked
    assert "请写明为什么单据号相同" in client.post(url, data | {"again": "on"}).content.decode()
    assert VoucherDraft.objects.count() == 1

    client.post(url, data | {"again": "on", "same_document": "同文分两次到账"})

    second = VoucherDraft.objects.get(status="made")
    assert second.same_document == "同文分两次到账"
    line = AuditLine.objects.get(action="funds.make_voucher", subject_id=str(second.pk))
    assert line.after["same_document"] == "同文分两次到账"


def test_a_document_is_free_again_once_it_was_taken_back(make: Make, cast: SimpleNamespace) -> None:
    wrong = subsidise(make, cast, "400.00", "渝财社〔2026〕18号")
    red = make_reversal(
        actor=cast.accountant, voucher=wrong, on=MARCH, today=TODAY, reason="金额录错"
    )
    through_all_hands(red, cast)
    withdrawn = make("interest_received", "5", "利息单 1", purpose="fiscal")
    take_step(actor=cast.accountant, draft=withdrawn, event="withdraw_voucher", reason="看错了")

    subsidise(make, cast, "4000.00", "渝财社〔2026〕18号")
    make("interest_received", "50", "利息单 1", purpose="fiscal")


def test_the_pages_lead_from_hand_to_hand(
    make: Make, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    draft = make("interest_received", "12.34", purpose="fiscal")
    place = reverse("funds:draft", args=[draft.pk])

    def buttons(user: User) -> list[str]:
        text = as_user(user).get(place).content.decode()
        return [name for name in ("review", "enter", "refuse", "withdraw", "approve")
                if reverse(f"funds:{name}_draft", args=[draft.pk]) in text]  # fmt: skip

    assert buttons(cast.accountant) == ["refuse", "withdraw"]
    assert buttons(cast.supervisor) == ["review", "refuse"]
    assert buttons(cast.cashier) == buttons(cast.approver) == []
    as_user(cast.supervisor).post(reverse("funds:review_draft", args=[draft.pk]))
    assert buttons(cast.accountant2) == ["enter", "refuse"]
    said = as_user(cast.accountant2).post(
        reverse("funds:enter_draft", args=[draft.pk]), follow=True
    )
    assert "已记入凭证 2026-03-0001" in said.content.decode()
    assert as_user(cast.other_officer).get(place).status_code == 403

"""复核 of the business's vouchers: by another than the maker, ticked or all that a page showed;
what is doubted stays; paper, checklist and guards know it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from desk.worklist import counts
from funds.closing.checklist import checklist
from funds.models import Book, Period, Voucher, VoucherDoubt, VoucherReview
from funds.papers import VOUCHER, voucher_facts
from funds.reviewing.checking import book_problems
from funds.reviewing.services import lot_of, raise_doubt, review_vouchers, settle_doubt
from tests.conftest import make_user
from tests.papers import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside")]
SignIn = Callable[[User], Client]
Post = Callable[..., Voucher]
DAY, NEXT, LATER = date(2025, 10, 20), date(2025, 10, 21), date(2025, 11, 5)


@pytest.fixture
def month(book: Book, post: Post, by_hand: Post) -> list[Voucher]:
    """Made by the accountant's work: 1 200.00 and 300.00 of premiums, 50.00 paid for a claim on the
    next day; beside them interest by hand, which has its review already."""
    found = [
        post("premium_collected", "1200.00", DAY),
        post("premium_collected", "300.00", DAY),
        post("claim_paid", "50.00", NEXT, purpose="inpatient"),
    ]
    by_hand("interest_received", "5.00", DAY, purpose="fiscal")
    return found


def listed(client: Client, book: Book, **query: str) -> dict[str, object]:
    page = client.get(reverse("funds:reviews"), {"book": book.pk, **query})
    assert page.status_code == 200
    found: dict[str, object] = page.context
    return found


def test_the_list_sums_by_event_and_takes_what_was_ticked(
    book: Book, month: list[Voucher], cast: SimpleNamespace, as_user: SignIn
) -> None:
    client = as_user(cast.accountant2)
    page = listed(client, book)
    groups = {one["event"]: one for one in page["groups"]}  # type: ignore[attr-defined]
    assert {name: (one["number"], one["amount"]) for name, one in groups.items()} == {
        "premium_collected": (2, Decimal("1500.00")),
        "claim_paid": (1, Decimal("50.00")),
    }

    sent = {"vouchers": [month[0].pk, month[2].pk]}
    answer = client.post(reverse("funds:review_ticked") + f"?book={book.pk}", sent, follow=True)
    assert "已复核 2 张凭证，合计 1,250.00 元" in answer.content.decode()
    rows = VoucherReview.objects.order_by("voucher")
    assert list(rows.values_list("voucher", "reviewed_by")) == [
        (month[0].pk, cast.accountant2.pk), (month[2].pk, cast.accountant2.pk)
    ]  # fmt: skip
    line = AuditLine.objects.get(action="funds.review_vouchers")
    assert (line.after["vouchers"], line.after["amount"]) == (2, "1250.00")
    assert [row.pk for row in listed(client, book)["list"].page] == [month[1].pk]  # type: ignore[attr-defined]
    client.post(reverse("funds:review_ticked"), sent)
    assert VoucherReview.objects.count() == 2, "a second time it is refused whole"


def test_a_whole_day_or_event_at_once_is_what_the_page_showed(
    book: Book, month: list[Voucher], post: Post, cast: SimpleNamespace, as_user: SignIn
) -> None:
    """Of 20 October 1 500.00 in two; a third that came meanwhile makes the page say so."""
    client, where = as_user(cast.supervisor), {"on": str(DAY), "event": "premium_collected"}
    lot = listed(client, book, **where)["lot"]
    assert (lot.number, lot.amount) == (2, Decimal("1500.00"))  # type: ignore[attr-defined]
    url = reverse("funds:review_all") + f"?book={book.pk}&on={DAY}&event=premium_collected"
    assert client.post(url).status_code == 302
    late = post("premium_collected", "7.00", DAY)
    stale = client.post(url, {"seen": lot.seen}, follow=True)  # type: ignore[attr-defined]
    assert "待复核的凭证有变化，现为 3 张" in stale.content.decode()
    assert not VoucherReview.objects.exists()

    now = listed(client, book, **where)["lot"]
    client.post(url, {"seen": now.seen})  # type: ignore[attr-defined]
    done = set(VoucherReview.objects.values_list("voucher", flat=True))
    assert done == {month[0].pk, month[1].pk, late.pk}


def test_neither_the_maker_nor_a_cashier_reviews(
    book: Book, month: list[Voucher], cast: SimpleNamespace, as_user: SignIn
) -> None:
    """The maker's page shows the rows as theirs, and the database refuses as well."""
    own = as_user(cast.accountant)
    page = listed(own, book)
    assert (page["own"], page["lot"].number) == (3, 0)  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match=f"凭证 {month[0].label} 由您制单"):
        review_vouchers(actor=cast.accountant, vouchers=[month[1].pk, month[0].pk])
    with pytest.raises(Refusal, match="由您制单"):
        raise_doubt(actor=cast.accountant, vouchers=[month[0].pk], reason="金额不符")
    with pytest.raises(Refusal, match="您的角色不能复核凭证"):
        review_vouchers(actor=cast.cashier, vouchers=[month[0].pk])
    with pytest.raises(IntegrityError, match="is not to be reviewed"), transaction.atomic():
        VoucherReview.objects.create(voucher=month[0], reviewed_by=cast.accountant)
    by_hand = Voucher.objects.exclude(draft=None).get()
    with pytest.raises(Refusal, match="是手工凭证"):
        review_vouchers(actor=cast.supervisor,
                        vouchers=[by_hand.pk])  # fmt: skip
    assert as_user(cast.supervisor).get(reverse("funds:review", args=[by_hand.pk])).url == reverse(
        "funds:draft", args=[by_hand.draft.pk]
    )  # type: ignore[attr-defined]
    assert list(book_problems(book.area)) == []


def test_what_is_doubted_stays_until_it_is_settled(
    book: Book, month: list[Voucher], cast: SimpleNamespace, as_user: SignIn
) -> None:
    client, one = as_user(cast.supervisor), month[2]
    sent = {"vouchers": [one.pk], "reason": "缺发票"}
    url = reverse("funds:doubt_ticked") + f"?book={book.pk}"
    asked = client.post(url, {"vouchers": [one.pk]}).content.decode()
    assert "1 张凭证标为有疑问" in asked and one.label in asked and "合计 50.00 元" in asked
    short = client.post(url, sent | {"reason": "缺"}).content.decode()
    assert 'value="缺"' in short, "what was typed stays"
    assert not VoucherDoubt.objects.exists() and not VoucherReview.objects.exists()
    assert "请先勾选凭证" in client.post(url, follow=True).content.decode()
    assert client.post(url, sent).status_code == 302
    doubt = VoucherDoubt.objects.get()
    assert (doubt.voucher, doubt.reason, doubt.status) == (one, "缺发票", "open")
    with pytest.raises(Refusal, match=r"有疑问（缺发票），澄清后才能复核"):
        review_vouchers(actor=cast.accountant2, vouchers=[row.pk for row in month])
    with pytest.raises(Refusal, match="已有疑问"):
        raise_doubt(actor=cast.accountant2, vouchers=[one.pk], reason="也缺发票")
    assert lot_of(Voucher.objects.filter(book=book), cast.accountant2).number == 2
    with pytest.raises(IntegrityError, match="is not to be reviewed"), transaction.atomic():
        VoucherReview.objects.create(voucher=one, reviewed_by=cast.accountant2)
    assert "缺发票" in client.get(reverse("funds:review", args=[one.pk])).content.decode()

    with pytest.raises(Refusal, match="由您制单"):
        settle_doubt(actor=cast.accountant, doubt=doubt, answer="发票已补")
    act = "funds:review_act"
    client.post(reverse(act, args=[one.pk, "settle_doubt"]), {"reason": "发票已补，核对无误"})
    client.post(reverse(act, args=[one.pk, "review_voucher"]))
    doubt.refresh_from_db()
    assert (doubt.status, doubt.answer) == ("settled", "发票已补，核对无误")
    assert VoucherReview.objects.get().voucher == one
    raise_doubt(actor=cast.accountant2, vouchers=[one.pk], reason="后来发现重复")
    for stands, rows in (("doubted", [one.pk]), ("reviewed", [])):
        assert [row.pk for row in listed(client, book, standing=stands)["list"].page] == rows  # type: ignore[attr-defined]
    assert [each["event"] for each in listed(client, book)["groups"]] == ["premium_collected"]  # type: ignore[attr-defined]


def test_the_checklist_tells_how_many_and_stops_nothing(
    book: Book, month: list[Voucher], cast: SimpleNamespace
) -> None:
    raise_doubt(actor=cast.supervisor, vouchers=[month[0].pk], reason="缺缴款单")
    review_vouchers(actor=cast.supervisor, vouchers=[month[2].pk])

    found = {one.what: one for one in checklist(Period.objects.get(book=book, month=10), LATER)}
    left, doubted = found["业务凭证已复核"], found["业务凭证疑问已澄清"]
    assert (left.verdict, left.count, left.amount) == ("told", 1, Decimal("300.00"))
    assert left.words == "2025年10月有 1 张业务凭证没有复核，合计 300.00 元"
    assert (doubted.verdict, doubted.count, doubted.amount) == ("told", 1, Decimal("1200.00"))
    assert counts(cast.accountant2, LATER)["funds:reviews"].number == 2  # one waits, one doubted
    assert counts(cast.accountant, LATER)["funds:reviews"].number == 1  # of their own, none waits


def test_the_printed_voucher_names_who_reviewed_it(
    month: list[Voucher], cast: SimpleNamespace, as_user: SignIn
) -> None:
    """Printed before, it is issued anew with the review and is no copy without."""
    one, url = month[0], reverse("funds:voucher", args=[month[0].pk])
    client = as_user(cast.accountant)
    assert "复核：</span>" in text_of(client, url, prints=True)
    review_vouchers(actor=cast.supervisor, vouchers=[one.pk])
    page = text_of(client, url, prints=True)
    assert f"复核：{cast.supervisor.name}" in page and f"制单：{cast.accountant.name}" in page
    assert "副本" not in page
    row = Voucher.objects.select_related("review__reviewed_by").get(pk=one.pk)
    assert VOUCHER.edition(row) == "reviewed"
    assert voucher_facts(row)["reviewer"] == cast.supervisor.name


def test_another_county_is_not_there(
    month: list[Voucher], cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    foreign = as_user(make_user("accountant_9", "贺外", Role.ACCOUNTANT, other_county))
    sent = {"vouchers": [month[0].pk], "reason": "缺发票"}
    for name in ("funds:review_ticked", "funds:doubt_ticked"):
        assert foreign.post(reverse(name), sent).status_code == 404
    assert foreign.post(reverse("funds:review_all"), {"seen": "x"}).status_code == 302
    assert not VoucherReview.objects.exists() and not VoucherDoubt.objects.exists()
    act = reverse("funds:review_act", args=[month[0].pk, "review_voucher"])
    assert as_user(cast.cashier).post(act).status_code == 403
    assert as_user(cast.auditor).get(reverse("funds:reviews")).status_code == 200

"""A voucher printed again is a copy; that it was reversed since stands on it."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Division, User
from accounts.roles import Role
from desk.models import Paper
from funds.drafts.services import make_reversal
from funds.models import Book, Voucher
from funds.papers import VOUCHER
from funds.services import EventLine, post_event
from funds.services.sealing import seal_vouchers
from tests.conftest import make_user
from tests.funds.conftest import through_all_hands
from tests.papers import keeps_what_it_said, stamps, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside")]
MARCH = date(2026, 3, 9)
SignIn = Callable[[User], Client]


def test_a_voucher(
    as_user: SignIn,
    cast: SimpleNamespace,
    by_hand: Callable[..., Voucher],
    book: Book,
    other_county: Division,
) -> None:
    foreign = make_user("accountant_2", "贺外", Role.ACCOUNTANT, other_county)
    voucher = by_hand("expenditure_funded", "500.00", MARCH)

    def renamed() -> None:
        type(book.area).objects.filter(pk=book.area_id).update(name="大足区")

    page = keeps_what_it_said(
        VOUCHER,
        f"/funds/vouchers/{voucher.pk}",
        hand=as_user(cast.accountant),
        change=renamed,
        elsewhere=as_user(foreign),
        stranger=as_user(cast.sysadmin),
    )
    assert "伍佰元整" in page


def test_a_copy_says_that_the_voucher_was_reversed_since(
    as_user: SignIn, cast: SimpleNamespace, by_hand: Callable[..., Voucher]
) -> None:
    voucher = by_hand("expenditure_funded", "500.00", MARCH)
    url, accountant = f"/funds/vouchers/{voucher.pk}", as_user(cast.accountant)
    assert "红冲" not in stamps(text_of(accountant, url, prints=True))
    draft = make_reversal(
        actor=cast.accountant, voucher=voucher, on=MARCH, today=MARCH, reason="重复登记"
    )
    red = through_all_hands(draft, cast)
    assert f"本凭证已由 {red.label} 红冲" in stamps(text_of(accountant, url, prints=True))


def test_a_voucher_printed_before_its_seal_is_issued_anew_with_it(
    as_user: SignIn, cast: SimpleNamespace, by_hand: Callable[..., Voucher], book: Book
) -> None:
    voucher = by_hand("expenditure_funded", "500.00", MARCH)
    url, accountant = f"/funds/vouchers/{voucher.pk}", as_user(cast.accountant)
    assert "尚待封存" in text_of(accountant, url, prints=True)
    seal_vouchers(book=book)
    sealed = text_of(accountant, url, prints=True)
    assert "封存链第 1 环" in sealed and "副本" not in stamps(sealed)
    assert "副本" in stamps(text_of(accountant, url, prints=True))


def test_verify_books_names_a_paper_that_was_altered(
    as_user: SignIn, cast: SimpleNamespace, by_hand: Callable[..., Voucher]
) -> None:
    """Whoever owns the tables and the keys can write other facts; not their fingerprint."""
    for _ in range(2):
        voucher = by_hand("expenditure_funded", "500.00", MARCH)
        text_of(as_user(cast.accountant), f"/funds/vouchers/{voucher.pk}", prints=True)
    paper = Paper.objects.order_by("id")[0]
    Paper.objects.filter(pk=paper.pk).update(facts=paper.facts.replace("500.00", "900.00"))
    output = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_books", stdout=output)
    assert f"单据 {paper.pk}" in output.getvalue()
    assert output.getvalue().count("票面内容与指纹不符") == 1


def test_a_long_voucher_goes_on_on_further_half_sheets(
    as_user: SignIn, cast: SimpleNamespace, book: Book
) -> None:
    """Four townships of 100.00 to 400.00: eight lines, seven of them on the first half sheet.

    The last one, a credit of 400.00, stands alone on the second: 1,000.00 and 600.00 go over.
    """
    lines = [
        EventLine(amount=Decimal(100 * at), purpose="inpatient", policy_year=2020 + at)
        for at in (1, 2, 3, 4)
    ]
    voucher = post_event(
        event="claim_paid", area=book.area, on=MARCH, key="long:1", source="测试",
        actor=cast.accountant, lines=lines,
    )  # fmt: skip
    sides = [[str(one.debit), str(one.credit)] for one in voucher.postings.order_by("line")]
    page = text_of(as_user(cast.accountant), f"/funds/vouchers/{voucher.pk}", prints=True)
    first, second = page.split('<section class="hz-leaf">')[1:]
    for leaf, number in ((first, 1), (second, 2)):
        assert "<h1>记账凭证</h1>" in leaf and f"第 {number} 页，共 2 页" in leaf
        assert f"制单：{cast.accountant.name}" in leaf
    debit, credit = (f"{sum(Decimal(one[side]) for one in sides[:7]):,.2f}" for side in (0, 1))
    assert (debit, credit) == ("1,000.00", "600.00")
    over = [f'<td class="num">{amount}</td>' for amount in (debit, credit)]
    for leaf, words in ((first, "过次页"), (second, "承前页")):
        row = "".join(leaf.split(words)[1].split("</tr>")[0].split())
        assert "".join(over).replace(" ", "") in row, (row, over)
    assert "承前页" not in first and "过次页" not in second
    assert "壹仟元整" in second and "合计" not in first

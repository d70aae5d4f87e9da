"""What the old system had been handed and not paid: owed as it decided, or entered here anew."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.carried.models import CarriedFile
from claims.models import Settlement, UsageEntry
from claims.unpaid.carried import LAYOUT, OLD_CLAIMS
from claims.unpaid.models import OldClaim, OldClaimFile, OldClaimLine
from claims.unpaid.services import withdraw_old_claim
from enrollment.models import Person
from funds.models import Book, Voucher
from funds.named import unpaid_before
from funds.opening.models import OpeningLine
from funds.opening.services import decide_opening, propose_opening
from funds.payments.models import PaymentOrder
from funds.payments.owing import owed
from funds.payments.services import make_batch, release_batch
from funds.services import open_book
from lib.periods import Month
from tests.claims.carried.conftest import COUNTED_TO, MOVED, used_row
from tests.claims.conftest import invoice
from tests.conftest import file_of
from tests.funds.conftest import check_now, legs

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("catalogue", "pack", "hospital", "as_application"),
]
PAID = "年累计报销额"
Files = Callable[..., CarriedFile]
CARD = "6217003800000012345"


def decided(person: Person, number: str = "BX17", **cells: str) -> dict[str, str]:
    """8 200.00 at a hospital of the city, of which the old system gave 4 000.00 on 20 June."""
    return {
        "原单号": number, "状态": "已审未付", "姓名": person.name, "证件号码": person.resident_id,
        "就诊机构": "重庆市第三人民医院", "就医类别": "住院", "入院日期": "2026-05-11",
        "出院日期": "2026-05-19", "发票号": "08812345、08812346", "总费用": "8200",
        "审定金额": "4000", "审定日期": "2026-06-20", "收款人": person.name, "收款账号": CARD,
        "开户行": "农商行桥亭支行",
    } | cells  # fmt: skip


def waiting(person: Person, number: str = "BX18", **cells: str) -> dict[str, str]:
    """1 000.00 that nobody has looked at yet."""
    blank = dict.fromkeys(("审定金额", "审定日期", "收款人", "收款账号", "开户行"), "")
    own = {"状态": "待审", "发票号": "08819999", "总费用": "1000", "入院日期": "2026-06-01",
           "出院日期": "2026-06-05"}  # fmt: skip
    return decided(person, number) | blank | own | cells


def judged(cast: SimpleNamespace, *rows: dict[str, str]) -> OldClaimFile:
    titles = [one.title for one in LAYOUT.columns]
    content = file_of([titles, *([row.get(title, "") for title in titles] for row in rows)])
    upload, _ = OLD_CLAIMS.upload(
        actor=cast.reviewer, file_name="未付单.xlsx", content=content, on=MOVED, kind="claims",
        as_of=COUNTED_TO,
    )  # fmt: skip
    upload.refresh_from_db()
    return upload


@pytest.fixture
def carry(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[..., OldClaimFile]:
    """周文静 sends, 吴国栋 confirms, the worker writes."""

    def both(*rows: dict[str, str], confirm: bool = True) -> OldClaimFile:
        with django_capture_on_commit_callbacks(execute=True):
            upload = judged(cast, *rows)
        upload.refresh_from_db()
        if confirm:
            with django_capture_on_commit_callbacks(execute=True):
                OLD_CLAIMS.confirm(
                    actor=cast.approver, upload=upload, sha256=upload.sha256, on=MOVED
                )
            upload.refresh_from_db()
            assert upload.status == "done", upload.failure
        return upload

    return both


@pytest.fixture
def book(cast: SimpleNamespace, county: Division) -> Book:
    """By hand: 300 000.00 at the left; 6 000.00 owed and 294 000.00 of the pool at the right."""
    book = open_book(actor=cast.accountant, area=county, first_month=Month(2026, 7))
    balances(cast, book, "6000")
    return book


def balances(cast: SimpleNamespace, book: Book, unpaid: str, *, corrects: bool = False) -> None:
    rows = [
        OpeningLine(account="1004", debit=Decimal(300_000), credit=Decimal(0)),
        OpeningLine(account="2001-unpaid", debit=Decimal(0), credit=Decimal(unpaid)),
        OpeningLine(account="3001", debit=Decimal(0), credit=300_000 - Decimal(unpaid)),
    ]
    asked = propose_opening(
        actor=cast.accountant, book=book, lines=rows, evidence="2026 年 6 月余额表",
        reason="启用", on=MOVED, corrects=corrects,
    )  # fmt: skip
    decide_opening(actor=cast.approver, opening=asked, event="approve_opening", on=MOVED)
    check_now()


@pytest.fixture
def counted(wang: Person, sent: Files, agreed: Files) -> Person:
    """王建国, whose 4 000.00 of June the old system counts as used."""
    agreed(sent(used_row(wang, PAID, "4000.00")))
    return wang


def problems(upload: OldClaimFile) -> dict[int, str]:
    rows = OldClaimLine.objects.filter(upload=upload).exclude(verdict="r")
    return dict(rows.order_by("line").values_list("line", "problem"))


def paid_out(cast: SimpleNamespace, county: Division) -> Voucher:
    orders = list(PaymentOrder.objects.waiting())
    batch = make_batch(actor=cast.accountant, orders=orders, on=MOVED)
    release_batch(
        actor=cast.cashier, batch=batch, seen=(batch.number_of, batch.total), on=MOVED,
        today=MOVED,
    )  # fmt: skip
    check_now()
    return Voucher.objects.get(event="old_benefit_paid")


def test_what_was_decided_is_owed_paid_once_and_never_computed(
    cast: SimpleNamespace, county: Division, book: Book, counted: Person,
    carry: Callable[..., OldClaimFile],
) -> None:  # fmt: skip
    """By hand: 6 000.00 owed in the opening balances − 4 000.00 paid = 2 000.00; the expenditure
    account 300 000.00 − 4 000.00. No expense of this year."""
    before = UsageEntry.objects.count()
    upload = carry(decided(counted))
    assert (upload.written_count, str(upload.amount)) == (1, "4000.00")
    claim = OldClaim.objects.get()
    assert (claim.status, str(claim.approved_amount), claim.invoices) == (
        "owed", "4000.00", ["08812345", "08812346"],
    )  # fmt: skip
    order = PaymentOrder.objects.get()
    assert (order.payee, order.masked_account, str(order.amount)) == (
        "王建国", "尾号 2345", "4000.00",
    )  # fmt: skip
    assert [(one.number, str(one.amount)) for one in owed(cast.accountant)] == [(1, "4000.00")]
    voucher = paid_out(cast, county)
    assert legs(voucher) == [("2001-unpaid", "4000.00", "0.00"), ("1004", "0.00", "4000.00")]
    claim.refresh_from_db()
    assert (claim.status, claim.paid_on, claim.voucher_number) == ("paid", MOVED, voucher.label)
    assert str(unpaid_before(county)) == "2000.00"
    assert UsageEntry.objects.count() == before and not Settlement.objects.exists()


def test_its_paper_and_its_days_are_taken(
    cast: SimpleNamespace, book: Book, counted: Person, carry: Callable[..., OldClaimFile],
    paper: Callable[..., Settlement],
) -> None:  # fmt: skip
    carry(decided(counted))
    with pytest.raises(Refusal, match="08812346 已在原系统审定（原单号 BX17），按原审定金额支付"):
        paper(counted, "1000", invoices=[invoice("08812346", "1000")])


def test_the_account_has_to_have_so_much(
    cast: SimpleNamespace, county: Division, book: Book, counted: Person,
    carry: Callable[..., OldClaimFile],
) -> None:  # fmt: skip
    """6 000.00 are owed there: 4 000.00 and 2 500.00 are 500.00 too much."""
    carry(decided(counted))
    more = decided(counted, "BX19", 审定金额="2500", 发票号="077", 入院日期="2026-06-08",
                   出院日期="2026-06-12")  # fmt: skip
    with pytest.raises(Refusal) as caught:
        carry(more)
    assert caught.value.message.startswith(
        "期初余额中的原系统应付待遇还有 6,000.00 元，已转入待支付 4,000.00 元，"
        "这份文件 2,500.00 元，还差 500.00 元；"
    )
    balances(cast, book, "6500", corrects=True)
    OLD_CLAIMS.confirm(
        actor=cast.approver, upload=OldClaimFile.objects.latest("pk"), on=MOVED,
        sha256=OldClaimFile.objects.latest("pk").sha256,
    )  # fmt: skip


def test_balances_are_not_corrected_below_what_was_paid(
    cast: SimpleNamespace, county: Division, book: Book, counted: Person,
    carry: Callable[..., OldClaimFile],
) -> None:  # fmt: skip
    carry(decided(counted))
    paid_out(cast, county)
    with pytest.raises(Refusal, match="已付出的比更正以后的余额多"):
        balances(cast, book, "3500", corrects=True)


def test_it_must_have_been_counted(
    wang: Person, book: Book, carry: Callable[..., OldClaimFile]
) -> None:
    upload = carry(decided(wang), confirm=False)
    assert problems(upload)[2].startswith("2026-06-20 审定的这张单还没有计入此人的已用情况")


def test_rows_that_are_wrong_say_so(
    counted: Person, book: Book, carry: Callable[..., OldClaimFile]
) -> None:
    upload = carry(
        decided(counted, "A1", 审定金额="9000"),
        decided(counted, "A2", 收款账号=""),
        decided(counted, "A3", 状态="已支付"),
        waiting(counted, "A4", 审定金额="10"),
        decided(counted, "A5", 就医类别="体检"),
        decided(counted, "A6", 出院日期="2026-07-02"),
        decided(counted, "A7"),
        decided(counted, "A7"),
        confirm=False,
    )
    told = problems(upload)
    assert "审定金额 9,000.00 元大于总费用 8,200.00 元" in told[2]
    assert told[3] == "没有填写收款账号"
    assert told[4].startswith("状态“已支付”应为已审未付或待审")
    assert told[5].startswith("待审的单不填审定金额")
    assert told[6].startswith("就医类别没有“体检”，可填：")
    assert told[7].startswith("出院日期晚于数据截止日 2026-06-30")
    assert told[9].startswith("与第 8 行说的是同一件事")


def test_taken_back_its_order_is_called_off_and_it_may_come_again(
    cast: SimpleNamespace, book: Book, counted: Person, carry: Callable[..., OldClaimFile]
) -> None:
    carry(decided(counted))
    claim = OldClaim.objects.get()
    with pytest.raises(Refusal):
        withdraw_old_claim(actor=cast.reviewer, claim=claim, reason="金额有误")
    withdraw_old_claim(actor=cast.approver, claim=claim, reason="金额有误")
    assert PaymentOrder.objects.get().status == "cancelled"
    carry(decided(counted, 审定金额="3900"))
    again = OldClaim.objects.get(status="owed")
    assert (again.number, str(again.approved_amount)) == ("BX17", "3900.00")
    assert carry(decided(counted, 审定金额="3900", 开户行="工行"), confirm=False).idle_count == 1


def test_what_was_not_decided_is_entered_anew(
    cast: SimpleNamespace, book: Book, counted: Person, carry: Callable[..., OldClaimFile],
    paper: Callable[..., Settlement], as_user: Callable[[User], Client],
) -> None:  # fmt: skip
    carry(waiting(counted))
    claim = OldClaim.objects.get()
    assert (claim.status, claim.approved_amount) == ("open", None)
    assert not PaymentOrder.objects.exists()
    page = as_user(cast.clerk_a).get(f"/claims/enter/paper?old={claim.pk}").content.decode()
    assert "重庆市第三人民医院" in page and "08819999" in page and "2026-06-01" in page
    paper(counted, "1000", invoices=[invoice("08819999", "1000")])
    assert not OldClaim.objects.to_enter().exists()
    shown = as_user(cast.clerk_a).get(f"/claims/unpaid/{claim.pk}").content.decode()
    assert "已录入" in shown
    with pytest.raises(Refusal, match="已在本系统录入"):
        withdraw_old_claim(actor=cast.approver, claim=claim, reason="重复")

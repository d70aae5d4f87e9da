"""The tax bureau's file: who paid is receipted by household; who does not fit is named."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.reconciling import channel_rows
from enrollment.collection.tax import match_tax_file
from enrollment.cover.enrolling import save_entry
from enrollment.models import Enrollment, Person, Receipt, ReceiptBook, TaxFile, TaxRow
from funds.models import Posting
from tests.enrollment.collection.conftest import NAMES, ledger, person_id, workbook
from tests.enrollment.collection.taxes import import_tax_file
from tests.enrollment.conftest import OCTOBER, resident_id, the_chens

pytestmark = pytest.mark.django_db
HEAD = ["证件号码", "缴费人姓名", "实缴金额（元）", "入库日期", "电子税票号码"]
CHENS = [  # the_chens, whose statuses are listed only once there is a county
    (resident_id("19780512"), "陈国强"),
    (resident_id("19800103", male=False), "李桂芳"),
    (resident_id("20120901"), "陈小明"),
    (resident_id("19500220", male=False), "张素珍"),
]


@pytest.fixture
def bring(cast, campaign):
    """bring(row, …): the accountant imports these payments."""

    def load(*rows, on=date(2025, 10, 20), head=HEAD):
        return import_tax_file(
            actor=cast.accountant,
            campaign=campaign,
            file_name="shuiwu.xlsx",
            content=workbook([["城乡居民医疗保险缴费明细"], head, *rows]),
            on=on,
        )

    return load


def row(sequence, amount=120, serial=None, day="2025-10-18", name=None):
    return [
        person_id(sequence),
        name or NAMES[sequence % len(NAMES)],
        amount,
        day,
        serial or f"3500{sequence}",
    ]


@pytest.fixture
def chens(cast, books, entry_of):
    return save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER).household


def test_a_family_paid_online_gets_one_receipt(cast, campaign, chens, bring):
    """Father on 低保 110, mother and son 120, grandmother on 五保 100: 450 together."""
    owed = dict(Enrollment.objects.values_list("person__name", "personal_amount"))
    done = bring(
        *[
            [number, name, owed[name], "2025-10-18 09:21:07", f"T{i}"]
            for i, (number, name) in enumerate(CHENS)
        ]
    )
    assert (done.matched, done.open, done.file.amount) == (4, 0, 450)
    receipt = Receipt.objects.get()
    assert (receipt.full_number, receipt.channel) == ("SW2026-500225101-00000001", "tax")
    assert (receipt.amount, receipt.payer_name) == (450, "陈国强")
    assert receipt.enrollments.active().count() == 4
    assert (ledger("1005"), ledger("4001-personal")) == (450, -450)
    posting = Posting.objects.get(account__code="4001-personal")
    assert (posting.township.name, posting.tier, posting.policy_year) == ("龙水镇", "tier2", 2026)
    assert not Receipt.objects.unremitted().exists()
    with pytest.raises(Refusal, match="按退费办理"):
        void_receipt(actor=cast.accountant, receipt=receipt, reason="写错", on=OCTOBER)


def test_the_rest_of_the_family_pays_at_the_window(cast, campaign, chens, bring):
    bring([*CHENS[1], 120, "2025-10-18", "T1"])
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=chens, received=Decimal(330), on=OCTOBER
    )
    assert (receipt.amount, receipt.enrollments.count()) == (330, 3)
    assert Receipt.objects.get(channel="tax").enrollments.get().person.name == "李桂芳"


def test_what_does_not_fit_is_named_and_left_open(cast, campaign, books, single, paid, bring):
    for sequence in (1, 2, 3, 4):
        single(cast.clerk_a, sequence)
    paid(cast.clerk_a, 5)
    done = bring(
        row(1),
        row(2, amount=100),
        row(3, day="2025-09-30"),
        row(4, name="李四"),
        row(5),
        row(6),
        ["500225198001030028", "某人", 120, "2025-10-18", "T9"],
        row(1, serial="T10"),
        ["", "合计", 960, "", ""],
    )
    assert (done.matched, done.open) == (1, 7)
    problems = dict(TaxRow.objects.open().values_list("serial", "problem"))
    assert problems["35002"] == "应缴 120.00 元，少缴 20.00 元"
    assert "不在缴费期 2025-10-01" in problems["35003"]
    assert "姓名不符" in problems["35004"]
    assert "已缴费（收据 LS01-00000001），属重复缴费" in problems["35005"]
    assert "没有登记此人" in problems["35006"]
    assert "没有登记此人" in problems["T9"]
    assert "重复缴费" in problems["T10"]
    # 2: 100, 3: 120, 4: 120, 5: 120, 6: 120, T9: 120, T10: 120 = 820 wait as 待查款.
    assert (ledger("1005"), ledger("2001-unidentified")) == (940, -820)
    assert ledger("4001-personal") == -120


def test_open_rows_fit_once_the_people_are_entered(cast, campaign, books, single, bring):
    done = bring(row(1), row(2))
    assert (done.matched, done.open) == (0, 2)
    assert (ledger("1005"), ledger("2001-unidentified"), ledger("4001-personal")) == (240, -240, 0)
    single(cast.clerk_a, 1)
    on = date(2025, 10, 21)
    assert match_tax_file(actor=cast.accountant, file=done.file, on=on) == 1
    assert match_tax_file(actor=cast.accountant, file=done.file, on=on) == 0
    assert Enrollment.objects.active().count() == 1
    assert (ledger("2001-unidentified"), ledger("4001-personal")) == (-120, -120)
    taxed, waiting = channel_rows(campaign)[2:4]
    assert (taxed.receipts, taxed.due, taxed.booked, taxed.agrees) == (1, 120, 120, True)
    assert (waiting.due, waiting.bank, waiting.booked, waiting.agrees) == (120, 120, 120, True)
    single(cast.clerk_a, 2)
    assert match_tax_file(actor=cast.accountant, file=done.file, on=on) == 1
    assert (ledger("1005"), ledger("2001-unidentified"), ledger("4001-personal")) == (240, 0, -240)
    assert [row.agrees for row in channel_rows(campaign)] == [True] * 5
    posting = Posting.objects.get(account__code="2001-unidentified", debit=120, voucher__number=3)
    assert (posting.voucher.event, posting.township.name) == ("suspense_cleared", "龙水镇")
    assert list(Receipt.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert ReceiptBook.objects.get(code__startswith="SW").next_number == 3


def test_the_same_file_and_the_same_payment_add_nothing(cast, campaign, books, single, bring):
    single(cast.clerk_a, 1)
    content = workbook([HEAD, row(1)])
    facts = {"actor": cast.accountant, "campaign": campaign, "content": content}
    first = import_tax_file(file_name="a.xlsx", on=date(2025, 10, 20), **facts)
    again = import_tax_file(file_name="copy.xlsx", on=date(2025, 10, 21), **facts)
    assert (again.again, again.file, again.matched) == (True, first.file, 1)
    longer = bring(row(1), row(2))
    assert (longer.file.known_count, longer.open) == (1, 1)
    assert TaxRow.objects.count() == 2
    assert (ledger("1005"), ledger("2001-unidentified")) == (240, -120)
    assert first.matched == 1
    with pytest.raises(
        Refusal, match=r"第 3 行的税票流水号此前已导入，当时为 2025-10-18 缴 120\.00 元"
    ):
        bring(row(1, amount=130))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(1, amount="一百二")], "第 3 行缴费金额不对"),
        ([row(1, amount=0)], "第 3 行缴费金额不对"),
        ([row(1, amount="1e2")], "第 3 行缴费金额“1e2”是科学记数法，请写成 100，"),
        ([row(1, amount="١٢٠")], "第 3 行“缴费金额”第 1 个字（U\\+0661）不是通用的数字"),
        ([row(1, name="陈\ue000")], "第 3 行“姓名”第 2 个字（U\\+E000）是自造字"),
        ([row(1, serial="T\ue0011")], "第 3 行“.+”第 2 个字（U\\+E001）是自造字"),
        ([row(1, day="去年")], "第 3 行缴费日期不对"),
        ([row(1, day="2025-10-21")], "第 3 行缴费日期不对"),
        ([row(1), row(2, serial="35001")], "第 4 行的税票流水号与第 3 行相同"),
        ([row(1, serial=3.5e17)], "末几位已丢失"),
        ([], "没有数据"),
    ],
)
def test_a_bad_file_is_refused_whole(cast, campaign, bring, rows, words):
    with pytest.raises(Refusal, match=words):
        bring(*rows)
    assert not TaxRow.objects.exists()
    assert set(TaxFile.objects.values_list("status", "content")) == {("failed", "")}


def test_a_sheet_of_monstrous_extent_ends_in_a_refusal(cast, campaign):
    """One cell at XFD1048576: whichever limit speaks first, the portal answers."""
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active["XFD1048576"] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(Refusal, match="太大"):
        import_tax_file(
            actor=cast.accountant,
            campaign=campaign,
            file_name="x.xlsx",
            content=buffer.getvalue(),
            on=OCTOBER,
        )


def test_numbers_written_as_people_write_them(cast, campaign, books, single, bring):
    single(cast.clerk_a, 1)
    full_width = person_id(1).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    done = bring([f"'{full_width}", NAMES[1], "￥120.00", "20251018", "t1"])
    assert (done.matched, done.open) == (1, 0)


def test_cells_that_look_right_are_read_as_they_look(cast, campaign, books, single, bring):
    """A register of before with another dot, marks of a chat program."""
    person = single(cast.clerk_a, 1).members.get()
    Person.objects.filter(pk=person.pk).update(name="买合木提•艾合买提")
    number = f"\u202d{person_id(1)}\u202c"
    done = bring([number, "买合木提.艾合\u200b买提", "\ufeff120.00", "2025年10月18日", "t1"])
    assert (done.matched, done.open) == (1, 0)


def test_a_file_that_was_read_never_changes(cast, campaign, books, single, bring):
    single(cast.clerk_a, 1)
    file = bring(row(1)).file
    assert (file.status, file.content, file.forgotten) == ("done", "", True)
    for act in (
        lambda rows: rows.update(row_count=2),
        lambda rows: rows.update(status="waiting"),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act(TaxFile.objects.filter(pk=file.pk))

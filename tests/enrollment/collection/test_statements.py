"""A week of the collection account: every yuan from the receipt to the voucher, or named."""

from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection import statements
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.reconciling import channel_rows, sponsor_totals, town_rows
from enrollment.collection.remittances import return_remittance
from enrollment.collection.sponsors import (
    book_sponsor_uses,
    open_sponsor_fund,
    receive_sponsor_money,
)
from enrollment.collection.statements import link_line, outcome, reconcile
from enrollment.models import BankLine, BankStatement, Receipt, Remittance
from funds.banking.statements import book_line, offset_lines
from funds.models import Voucher
from tests.enrollment.collection.conftest import (
    NAMES,
    confirm,
    day,
    hand_in,
    ledger,
    person_id,
    statement,
    workbook,
)
from tests.enrollment.collection.statements import import_statement
from tests.enrollment.collection.taxes import import_tax_file
from tests.enrollment.conftest import OCTOBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(cast, county):
    """bank((serial, day, amount, summary), …): the accountant imports a statement."""

    def load(*lines):
        return import_statement(
            actor=cast.accountant,
            area=county,
            file_name="duizhang.xlsx",
            content=statement(*lines),
            on=day(31),
        )

    return load


@pytest.fixture
def week(cast, campaign, books, paid, village_b):
    """Four deposits of three clerks: 240 and 120 of 陈秀英, 120 of 谭明芳, 360 of 罗志强."""
    for sequence in (1, 2):
        paid(cast.clerk_a, sequence)
    hand_in(cast.clerk_a, campaign, "JK-0001", 240)
    paid(cast.clerk_a2, 3)
    hand_in(cast.clerk_a2, campaign, "JK-0002", 120)
    paid(cast.clerk_a, 4, on=day(16))
    hand_in(cast.clerk_a, campaign, "JK-0003", 120, day(16))
    for sequence in (5, 6, 7):
        paid(cast.clerk_b, sequence, division=village_b, on=day(16))
    hand_in(cast.clerk_b, campaign, "JK-0004", 360, day(17))


CLEAN = (
    ("8801", day(15), 240, "现金存入 JK-0001"),
    ("8802", day(15), 120, "现金存入 JK-0002"),
    ("8803", day(16), 120, "陈秀英 JK-0003"),
    ("8804", day(17), 360, "罗志强缴医保款"),  # no slip number: amount and day
)


def go(cast, county):
    return reconcile(actor=cast.accountant, area=county, on=day(31))


def differences(county):
    return sorted((one.kind, one.amount) for one in outcome(county, day(31)).differences)


def test_a_clean_week_agrees_to_the_fen(cast, county, campaign, week, bank):
    assert bank(*CLEAN).added == 4
    assert go(cast, county).settled == 4
    cash = channel_rows(campaign)[0]
    assert (cash.receipts, cash.due, cash.handed, cash.bank, cash.booked) == (7, 840, 840, 840, 840)
    assert cash.agrees and cash.open == 0
    assert ledger("1002") == 840
    assert ledger("4001-personal") == -840
    assert differences(county) == []
    assert set(Remittance.objects.values_list("status", flat=True)) == {"confirmed"}
    assert Voucher.objects.count() == 4
    lines = dict(BankLine.objects.values_list("serial", "voucher_number"))
    for line in BankLine.objects.all():
        remittance = Remittance.objects.get(pk=line.settles.removeprefix("remittance:"))
        assert lines[line.serial] == remittance.voucher_number
    rows = [(r.name, r.receipts, r.cash, r.in_hand, r.confirmed) for r in town_rows(campaign)]
    assert rows == [("龙水镇", 4, 480, 0, 480), ("万古镇", 3, 360, 0, 360)]
    # Pressing again changes nothing.
    assert go(cast, county).settled == 0
    assert Voucher.objects.count() == 4


def test_every_planted_difference_is_found_and_named(cast, county, campaign, week, paid, bank):
    paid(cast.clerk_a2, 8, on=day(17))  # deposited, but the slip was lost on the way
    bank(
        ("8801", day(15), 230, "现金存入 JK-0001"),  # 10 short
        ("8802", day(15), 120, "现金存入 JK-0002"),
        ("8803", day(16), 120, "陈秀英 JK-0003"),
        ("8813", day(17), 120, "陈秀英 JK-0003"),  # deposited twice
        ("8805", day(18), 120, "现金存款"),  # the lost slip
        ("8806", day(20), 55, "往来款"),  # nobody knows
        # and JK-0004 over 360 never arrived
    )
    assert go(cast, county).settled == 2
    found = {one.kind: one for one in outcome(county, day(31)).differences}
    assert {kind: one.amount for kind, one in found.items()} == {
        "wrong_amount": -1000,
        "double": 12000,
        "lost_slip": 12000,
        "no_remittance": 5500,
        "no_deposit": 36000,
    }
    assert "JK-0001（2025-10-15，240.00 元），银行到账 230.00 元，少存 10.00 元" in (
        found["wrong_amount"].message
    )
    assert "流水 8813" in found["double"].message and "JK-0003" in found["double"].message
    assert "龙水镇谭明芳自 2025-10-17 至 2025-10-17 未缴存的 1 张" in found["lost_slip"].message
    assert "流水 8806" in found["no_remittance"].message
    assert "罗志强缴款单 JK-0004" in found["no_deposit"].message
    assert "已 14 天" in found["no_deposit"].message
    cash = channel_rows(campaign)[0]
    assert (cash.due, cash.handed, cash.bank, cash.booked, cash.open) == (960, 840, 240, 240, 720)
    assert not cash.agrees


def test_each_difference_is_cleared_by_what_really_happened(
    cast, county, campaign, week, paid, bank
):
    test_every_planted_difference_is_found_and_named(cast, county, campaign, week, paid, bank)
    hand_in(cast.clerk_a2, campaign, "JK-0005", 120, day(17))  # the slip is written again
    bank(
        ("8807", day(21), 10, "补存 JK-0001"),
        ("8808", day(22), -120, "退回重复存款"),
        ("8809", day(21), 360, "JK-0004 补记"),
        ("8810", day(24), -55, "退回往来款"),
    )
    assert go(cast, county).settled == 3
    lines = {line.serial: line for line in BankLine.objects.all()}
    with pytest.raises(Refusal, match=r"相加应为零，现为 65\.00 元"):
        offset_lines(actor=cast.accountant, line=lines["8813"], other=lines["8810"], on=day(31))
    for one, other in (("8813", "8808"), ("8806", "8810")):
        offset_lines(actor=cast.accountant, line=lines[one], other=lines[other], on=day(31))
    assert differences(county) == []
    cash = channel_rows(campaign)[0]
    assert (cash.due, cash.handed, cash.bank, cash.booked) == (960, 960, 960, 960)
    assert ledger("1002") == 960 == sum(line.amount for line in lines.values())


def test_a_second_deposit_of_a_settled_slip_comes_with_the_next_statement(cast, county, week, bank):
    bank(*CLEAN)
    go(cast, county)
    bank(("8820", day(18), 240, "JK-0001"))
    assert differences(county) == [("double", 24000)]


def test_a_confirmation_without_money_is_found(cast, county, week, bank):
    """Somebody confirmed JK-0002 by hand; the bank never saw it."""
    confirm(cast.accountant, Remittance.objects.get(slip_number="JK-0002"))
    bank(CLEAN[0], CLEAN[2], CLEAN[3])
    assert go(cast, county).settled == 3
    assert differences(county) == [("no_deposit", 12000)]
    bank(CLEAN[1])
    assert go(cast, county).settled == 1  # ticked, not booked a second time
    assert ledger("1002") == 840


def test_the_same_statement_and_the_same_lines_add_nothing(cast, county, week, bank):
    first = bank(*CLEAN)
    again = bank(*CLEAN)
    assert (again.again, again.statement, again.added) == (True, first.statement, 0)
    longer = bank(*CLEAN, ("8805", day(20), 55, "往来款"))
    assert (longer.again, longer.added, longer.statement.known_count) == (False, 1, 4)
    assert BankLine.objects.count() == 5
    with pytest.raises(Refusal, match=r"流水 8801 此前已导入，当时为 2025-10-15 240\.00 元"):
        bank(("8801", day(15), 241, ""))
    assert BankStatement.objects.exclude(status="failed").count() == 2  # the refused one is kept


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([("9001", day(15), Decimal("0.001"), "")], "第 3 行金额不对"),
        ([("9001", day(15), 5, ""), ("9001", day(15), 5, "")], "第 4 行的流水号与第 3 行相同"),
        ([("9001", OCTOBER.replace(year=2026), 5, "")], "第 3 行日期不对"),
        ([], "没有数据"),
    ],
)
def test_a_bad_statement_is_refused_whole(cast, county, campaign, bank, lines, words):
    with pytest.raises(Refusal, match=words) as refused:
        bank(*lines)
    assert refused.value.field == "file"
    assert not BankLine.objects.exists()
    assert set(BankStatement.objects.values_list("status", "content")) == {("failed", "")}


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"PK\x03\x04 nonsense", b"a,b\n1,2\n"])
def test_what_is_no_statement_is_refused(cast, county, content):
    with pytest.raises(Refusal) as refused:
        import_statement(
            actor=cast.accountant, area=county, file_name="x", content=content, on=OCTOBER
        )
    assert refused.value.field == "file"


def test_the_accountant_links_by_hand_what_the_bank_left_open(
    cast, county, campaign, books, paid, bank
):
    for clerk, sequence in ((cast.clerk_a, 1), (cast.clerk_a2, 2)):
        paid(clerk, sequence)
        hand_in(clerk, campaign, f"JK-000{sequence}", 120)
    bank(("8801", day(15), 120, "现金"), ("8802", day(15), 120, "现金"), ("8803", day(16), 60, ""))
    assert go(cast, county).settled == 0
    assert [kind for kind, _ in differences(county)].count("ambiguous") == 2
    lines = {line.serial: line for line in BankLine.objects.all()}
    one, other = Remittance.objects.order_by("slip_number")
    with pytest.raises(Refusal, match=r"相差 60\.00 元"):
        link_line(actor=cast.accountant, line=lines["8803"], remittance=one, on=day(31))
    link_line(actor=cast.accountant, line=lines["8801"], remittance=one, on=day(31))
    with pytest.raises(Refusal, match="已有对应"):
        link_line(actor=cast.accountant, line=lines["8802"], remittance=one, on=day(31))
    with pytest.raises(Refusal, match="不能再改"):
        link_line(actor=cast.accountant, line=lines["8801"], remittance=other, on=day(31))
    assert go(cast, county).settled == 1  # only one of that amount is left
    assert ledger("1002") == 240


def test_two_windows_find_one_slips_money_on_two_lines(
    cast, county, campaign, books, paid, bank, monkeypatch
):
    """Who comes second has looked before the first was done: asked again under the lock."""
    paid(cast.clerk_a, 1)
    hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    bank(("8801", day(15), 120, "现金存入 JK-0001"), ("8802", day(16), 120, "利息"))
    seen = outcome(county, day(31))
    lines = {line.serial: line for line in BankLine.objects.all()}
    other = lines["8802" if seen.matches[0].lines[0].serial == "8801" else "8801"]
    link_line(actor=cast.accountant, line=other, remittance=Remittance.objects.get(), on=day(31))
    monkeypatch.setattr(statements, "outcome", lambda area, on: seen)
    done = go(cast, county)
    assert (done.settled, len(done.refused)) == (0, 1)
    assert "已有对应的银行流水" in done.refused[0]
    assert BankLine.objects.open().count() == 1


def test_interest_and_the_transfer_out_empty_the_account(cast, county, week, bank):
    bank(
        *CLEAN,
        ("8830", day(21), Decimal("1.25"), "结息"),
        ("8831", day(31), Decimal("-841.25"), "划转财政专户"),
    )
    go(cast, county)
    assert differences(county) == [("no_remittance", 125), ("outgoing", -84125)]
    interest, out = BankLine.objects.open().order_by("serial")
    with pytest.raises(Refusal, match="应是支出"):
        book_line(actor=cast.accountant, line=interest, kind="transfer", year=2026, on=day(31))
    book_line(actor=cast.accountant, line=interest, kind="interest", year=2026, on=day(31))
    book_line(actor=cast.accountant, line=out, kind="transfer", year=2026, on=day(31))
    assert (ledger("1002"), ledger("1003")) == (0, Decimal("841.25"))
    assert ledger("4201") == Decimal("-1.25")
    assert differences(county) == []


def test_a_transfer_is_receipted_with_its_serial_and_booked_from_the_statement(
    cast, county, campaign, books, single, bank
):
    household = single(cast.clerk_a, 1)
    facts = {"actor": cast.clerk_a, "household": household, "on": OCTOBER, "channel": "bank"}
    with pytest.raises(Refusal, match="流水号"):
        take_payment(received=Decimal(120), **facts)
    with pytest.raises(Refusal, match=r"转账金额应为 120\.00 元"):
        take_payment(received=Decimal(130), reference="ZZ-7001", **facts)
    receipt, change = take_payment(received=Decimal(120), reference="ZZ-7001", **facts)
    assert (receipt.channel, receipt.amount, change) == ("bank", 120, 0)
    assert not Receipt.objects.unremitted().exists()
    second = single(cast.clerk_a, 2)
    with pytest.raises(Refusal, match="这笔转账已开过收据"):
        take_payment(received=Decimal(120), reference="ZZ-7001", **facts | {"household": second})
    assert differences(county) == [("no_deposit", 12000)]
    bank(("ZZ-7001", day(16), 120, "医保"))
    assert go(cast, county).settled == 1
    assert ledger("1002") == 120
    assert channel_rows(campaign)[1].agrees
    with pytest.raises(Refusal, match="已入账"):
        void_receipt(actor=cast.clerk_a, receipt=receipt, reason="写错", on=day(16))


def test_a_returned_remittance_does_not_take_the_banks_money(cast, county, campaign, week, bank):
    row = Remittance.objects.get(slip_number="JK-0003")
    return_remittance(actor=cast.accountant, remittance=row, reason="单号写错")
    bank(*CLEAN)
    assert go(cast, county).settled == 3
    ((kind, amount),) = differences(county)
    assert (kind, amount) == ("lost_slip", 12000)
    hand_in(cast.clerk_a, campaign, "JK-0003", 120, day(16))
    assert go(cast, county).settled == 1
    assert channel_rows(campaign)[0].agrees


def test_a_whole_campaign_by_every_channel_agrees(
    cast, county, campaign, week, single, bank, village_a
):
    """Cash 840, transfer 120, tax bureau 240, sponsor 600 of whom two take 240."""
    transfer = single(cast.clerk_a, 8)
    take_payment(
        actor=cast.clerk_a,
        household=transfer,
        received=Decimal(120),
        on=day(16),
        channel="bank",
        reference="ZZ-7001",
    )
    fund = open_sponsor_fund(
        actor=cast.accountant,
        campaign=campaign,
        name="桥亭村集体",
        kind="collective",
        division=village_a,
        purpose="资助本村村民参保",
    )
    receive_sponsor_money(
        actor=cast.accountant,
        fund=fund,
        amount=Decimal(600),
        received_on=day(16),
        reference="JZ-9001",
        on=day(16),
    )
    for sequence in (9, 10):
        household = single(cast.clerk_a, sequence)
        take_payment(
            actor=cast.clerk_a,
            household=household,
            received=Decimal(0),
            on=day(16),
            sponsor=fund,
        )
    book_sponsor_uses(actor=cast.accountant, fund=fund, on=day(17))
    for sequence in (11, 12):
        single(cast.clerk_a, sequence)
    tax = workbook(
        [["身份证号", "姓名", "缴费金额", "缴费日期", "税票流水号"]]
        + [[person_id(n), NAMES[n % 12], 120, "2025-10-18", f"T{n}"] for n in (11, 12)]
    )
    import_tax_file(
        actor=cast.accountant, campaign=campaign, file_name="t.xlsx", content=tax, on=day(20)
    )
    bank(*CLEAN, ("ZZ-7001", day(17), 120, ""), ("JZ-9001", day(16), 600, "捐款"))
    assert go(cast, county).settled == 6

    rows = channel_rows(campaign)
    assert [(row.due, row.handed, row.bank, row.booked) for row in rows] == [
        (840, 840, 840, 840),
        (120, 120, 120, 120),
        (240, 240, 240, 240),
        (0, 0, 0, 0),
        (240, 240, 240, 240),
    ]
    assert all(row.agrees for row in rows)
    totals = sponsor_totals(campaign)
    assert (totals.received, totals.bank, totals.booked, totals.left) == (600, 600, 600, 360)
    assert ledger("1002") == 1560 == sum(line.amount for line in BankLine.objects.all())
    assert (ledger("1005"), ledger("2001-sponsor")) == (240, -360)
    assert (ledger("4001-personal"), ledger("4001-aid")) == (-1200, -240)
    assert differences(county) == []

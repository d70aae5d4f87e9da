"""The pure matching: every planted difference gets its name and its amount. Amounts in fen."""

from datetime import date

import pytest

from funds.banking.matching import Deposit, Line, Takings, match

DAY = date(2025, 10, 15)
LATER = date(2025, 10, 20)


def deposit(key, slip, amount, day=DAY, who="陈秀英", **facts):
    facts = {"paper": "缴款单", "by_amount": True} | facts
    return Deposit(key=f"remittance:{key}", slip=slip, day=day, amount=amount, who=who, **facts)


def line(key, amount, summary="", day=DAY, serial=None):
    return Line(key, serial or f"S{key:04}", day, amount, summary)


def run(deposits, lines, takings=()):
    found = match(deposits, lines, takings, on=LATER, expected="缴存、转账收据或资助款")
    # Nothing falls under the table: every line and every open deposit is in exactly one place.
    seen = [one.key for m in found.matches for one in m.lines]
    seen += [one.key for d in found.differences for one in d.lines]
    assert sorted(seen) == sorted(one.key for one in lines)
    placed = [m.deposit.key for m in found.matches]
    placed += [d.deposit.key for d in found.differences if d.deposit]
    assert sorted(placed) == sorted(one.key for one in deposits if not one.settled)
    return found


def kinds(found):
    return [(one.kind, one.amount) for one in found.differences]


def test_by_slip_number_wherever_the_bank_puts_it():
    found = run(
        [deposit(1, "JK-0001", 47000), deposit(2, "JK-0002", 12000)],
        [line(1, 47000, "现存 jk-0001"), line(2, 12000, serial="JK-0002")],
    )
    assert [(m.deposit.key, m.how) for m in found.matches] == [
        ("remittance:1", "单号、金额相符"),
        ("remittance:2", "单号、金额相符"),
    ]
    assert found.differences == ()


def test_a_number_inside_another_number_is_not_it():
    found = run([deposit(1, "JK-000", 47000)], [line(1, 100, "JK-0001")])
    assert kinds(found) == [("no_remittance", 100), ("no_deposit", 47000)]


def test_two_parts_of_one_slip():
    found = run(
        [deposit(1, "JK-0001", 47000)], [line(1, 40000, "JK-0001"), line(2, 7000, "JK-0001")]
    )
    assert [one.key for one in found.matches[0].lines] == [1, 2]


@pytest.mark.parametrize(
    ("paid_in", "gap", "word"), [(46000, -1000, "少存 10.00"), (47001, 1, "多存 0.01")]
)
def test_a_wrong_amount(paid_in, gap, word):
    found = run([deposit(1, "JK-0001", 47000)], [line(1, paid_in, "JK-0001")])
    assert kinds(found) == [("wrong_amount", gap)]
    assert word in found.differences[0].message
    assert "JK-0001" in found.differences[0].message


def test_a_wrong_amount_without_number_is_known_by_the_depositor():
    found = run([deposit(1, "JK-0001", 47000)], [line(1, 46000, "陈秀英 现金存入")])
    assert kinds(found) == [("wrong_amount", -1000)]


@pytest.mark.parametrize("settled", [False, True])
def test_a_double_deposit(settled):
    lines = [line(1, 47000, "JK-0001"), line(2, 47000, "JK-0001")]
    found = run([deposit(1, "JK-0001", 47000, settled=settled)], lines[settled:])
    assert kinds(found) == [("double", 47000)]
    assert "多存 470.00 元" in found.differences[0].message
    assert len(found.matches) == (0 if settled else 1)


def test_a_double_deposit_without_number_is_known_by_depositor_and_sum():
    found = run([deposit(1, "JK-0001", 47000, settled=True)], [line(2, 47000, "陈秀英 现存")])
    assert kinds(found) == [("double", 47000)]


def test_a_lost_slip_is_recognised_by_what_the_clerk_still_holds():
    holds = Takings("龙水镇陈秀英", ((DAY, 45000, 1), (date(2025, 10, 16), 2000, 1)))
    found = run([], [line(1, 47000, day=date(2025, 10, 17))], [holds])
    assert kinds(found) == [("lost_slip", 47000)]
    assert (
        "龙水镇陈秀英自 2025-10-15 至 2025-10-16 未缴存的 2 张收据" in found.differences[0].message
    )
    early = run([], [line(1, 47000, day=DAY)], [holds])  # before the second day's cash was taken
    assert kinds(early) == [("no_remittance", 47000)]


def test_by_amount_and_day_when_there_is_only_one():
    found = run([deposit(1, "JK-0001", 47000)], [line(1, 47000, "现金存款", date(2025, 10, 17))])
    assert found.matches[0].how == "金额、日期相符"
    late = run([deposit(1, "JK-0001", 47000)], [line(1, 47000, "现金存款", date(2025, 10, 19))])
    assert kinds(late) == [("no_remittance", 47000), ("no_deposit", 47000)]


def test_the_same_sum_from_two_clerks_is_left_to_the_accountant():
    found = run(
        [deposit(1, "JK-0001", 12000), deposit(2, "JK-0002", 12000, who="罗志强")],
        [line(1, 12000), line(2, 12000)],
    )
    assert [one.kind for one in found.differences] == ["ambiguous"] * 2 + ["no_deposit"] * 2
    assert "JK-0001" in found.differences[0].message and "JK-0002" in found.differences[0].message


def test_handed_in_but_not_at_the_bank():
    found = run([deposit(1, "JK-0001", 47000)], [])
    assert kinds(found) == [("no_deposit", 47000)]
    assert "已 5 天" in found.differences[0].message


def test_transfers_and_sponsors_are_found_by_their_serial_only():
    found = run(
        [
            deposit(1, "ZZ-77", 12000, paper="转账收据", by_amount=False),
            deposit(2, "JZ-88", 50000, paper="资助款", by_amount=False),
        ],
        [line(1, 12000, serial="ZZ-77"), line(2, 50000), line(3, -50000, "划转")],
    )
    assert [m.deposit.key for m in found.matches] == ["remittance:1"]
    assert kinds(found) == [("no_remittance", 50000), ("outgoing", -50000), ("no_deposit", 50000)]

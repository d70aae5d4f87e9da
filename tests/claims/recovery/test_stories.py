"""Money that comes back, by hand to the fen.

王建国's stay in the county hospital: 1 000.00 of class A, deductible 200.00 … (1 000 − 200) × 50 %
= 400.00. Special outpatient 1 380.00: 590.00 with the deductible of 200.00, 690.00 without.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement
from claims.recovery.instalments import in_order, of_receipts, portion
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.papers import receipt_facts
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide, owed_by, propose
from claims.shares import Share, as_fen, plus, total
from enrollment.models import Enrollment, Person
from funds.models import Book, Posting, Voucher
from funds.services import open_book
from insured.shown import shown_to
from lib.periods import Month
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import TODAY, Register, line, stay
from tests.claims.dependence.test_stories import special, standing, used
from tests.claims.test_layers import SIX

Enter = Callable[..., Settlement]
Ask = Callable[..., Recovery]
Take = Callable[..., RecoveryReceipt]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]


def legs(voucher: Voucher) -> list[tuple[str, Decimal, Decimal]]:
    rows = Posting.objects.filter(voucher=voucher).order_by("line")
    return [(row.account.code, row.debit, row.credit) for row in rows]


def test_a_false_claim_comes_back_whole_and_counts_for_nothing(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    claim = paid(special(counter, wang, 3))
    debt = ask(claim)
    assert (debt.amount, debt.is_whole, debt.due_on) == (Decimal("590.00"), True, date(2026, 4, 19))
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    receipt = take(debt, "590.00")
    debt.refresh_from_db()
    assert (debt.status, debt.rest_amount) == ("received", 0)
    voucher = Voucher.objects.get(key=f"recovery:{debt.pk}:0")
    assert voucher.label == receipt.voucher_number
    assert voucher.event == "claim_recovered"
    assert legs(voucher) == [("1004", Decimal(590), 0), ("5001-outpatient", 0, Decimal(590))]
    assert used(wang) == {}
    cover = Enrollment.objects.get(person=wang)
    assert (cover.drawn_claims, cover.drawn_amount, cover.drawn_first) == (0, 0, "")
    assert special(counter, wang, 5).fund_amount == Decimal("590.00")


def test_the_insured_is_told_once_it_is_decided_and_how_much_is_back(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person, cast: SimpleNamespace
) -> None:
    claim = paid(special(counter, wang, 3))

    def told() -> list[tuple[Decimal, Decimal]]:
        (shown,) = shown_to(wang, TODAY).settlements
        return [(debt.amount, debt.back) for debt in shown.taken_back]  # type: ignore[attr-defined]

    facts = Proposal(reason="invoice", facts="发票为假", debtor="household")
    asked = propose(actor=cast.supervisor, settlement=claim, proposal=facts)
    assert told() == []
    decide(actor=cast.approver, recovery=asked, event="refuse_recovery", on=TODAY, reason="查实")
    debt = ask(claim)
    assert told() == [(Decimal("590.00"), 0)]
    take(debt, "90.00")
    assert told() == [(Decimal("590.00"), Decimal("90.00"))]


def test_what_was_computed_after_it_is_computed_anew(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    """The first comes back: the paid second owes the deductible, 100.00; the third stays."""
    first, second, third = (special(counter, wang, day) for day in (3, 4, 5))
    first, second = paid(first), paid(second)
    take(ask(first), "590.00")
    debt = Recovery.objects.get(settlement=second)
    assert (debt.amount, debt.reason, debt.source) == (Decimal("100.00"), "recomputed", "portal")
    third.refresh_from_db()
    assert third.status == "submitted"
    assert used(wang) == {"annual_paid": 128_000, "special_deductible": 20_000}


def test_instalments_give_back_what_they_stand_for(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    """590.00 in three: 100.00, 200.01, 289.99. Of the cap 100 / 590 × 590 = 100.00 go back with the
    first, of the deductible 20 000 × 100 / 590 = 3 389.83 → 33.90; in the end all of it."""
    claim = paid(special(counter, wang, 3))
    debt = ask(claim)
    take(debt, "100.00")
    assert used(wang) == {"annual_paid": 49_000, "special_deductible": 16_610}
    take(debt, "200.01")
    with pytest.raises(Refusal, match=r"不超过尚未收回的 289\.99 元"):
        take(debt, "290.00")
    last = take(debt, "289.99")
    assert last.number.endswith("S000003")
    assert used(wang) == {}
    assert Voucher.objects.filter(event="claim_recovered").count() == 3


def test_a_part_leaves_the_visit_and_its_deductible(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    """118.00 of 590.00 are one fifth: 118.00 of the cap go back, the deductible was borne."""
    claim = paid(special(counter, wang, 3))
    debt = ask(claim, amounts={"basic": Decimal("118.00")}, reason="beyond")
    assert (debt.amount, debt.is_whole) == (Decimal("118.00"), False)
    take(debt, "118.00")
    assert used(wang) == {"annual_paid": 47_200, "special_deductible": 20_000}
    rest = ask(claim)
    assert (rest.amount, rest.is_whole) == (Decimal("472.00"), True)
    take(rest, "472.00")
    assert used(wang) == {}


def test_usage_may_be_kept_by_decision(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    claim = paid(special(counter, wang, 3))
    take(ask(claim, usage="kept"), "590.00")
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}


def test_money_of_an_earlier_year_is_other_income(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    claim = paid(special(counter, wang, 3))
    january = date(2027, 1, 8)
    debt = ask(claim, on=january)
    take(debt, "500.00", on=january)
    voucher = Voucher.objects.get(key=f"recovery:{debt.pk}:0")
    assert voucher.event == "prior_recovery"
    assert legs(voucher) == [("1003", Decimal(500), 0), ("4501-recovery", 0, Decimal(500))]
    take(debt, "90.00", on=january, way="set_off", reference="付款 12")
    kept = Voucher.objects.get(key=f"recovery:{debt.pk}:50000")
    assert legs(kept) == [("1004", Decimal(90), 0), ("4501-recovery", 0, Decimal(90))]


def test_each_book_that_paid_gets_its_own_back(
    counter: Enter,
    paid: Enter,
    ask: Ask,
    take: Take,
    register: Register,
    village_a: Division,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    """960.00, 104.00 and 272.97 of the residents' book, 117.00 of assistance: 1,453.97. Of 100.01
    they are 66.03|27, 7.15|35, 18.77|60 and 8.04|77: the two fen that are left go to the last two.
    Together each book has its own back to the fen."""
    whole = SIX.replace("from: 2025-01-01, to: 2026", "from: 2012-01-01, to: 2027")
    six = propose_pack(actor=cast.supervisor, area=book.area, source=whole)
    adopt_pack(actor=cast.approver, pack=six, approval="府发〔2026〕1号")
    open_book(
        actor=cast.accountant, area=book.area, first_month=Month(2026, 1), fund_type="assistance"
    )
    person = register.person("何一", register.household(village_a))
    visit = stay(date(2026, 3, 2), date(2026, 3, 2), care="day_surgery")
    claim = paid(counter(person, line("X01", "1", "2000"), visit=visit))
    debt = ask(claim)
    first = take(debt, "100.01")
    assert first.shares == {"pool": 6603, "neighbours": 715, "lantern": 805, "harvest": 1878}
    booked = Voucher.objects.filter(event="claim_recovered").order_by("book__fund_type")
    assert [one.amount for one in booked] == [Decimal("8.05"), Decimal("91.96")]
    told = [amount for _, amount in receipt_facts(first)["parts"]]
    assert told == ["66.03", "7.15", "8.05", "18.78"]
    take(debt, str(debt.amount - Decimal("100.01")))
    for each in Book.objects.all():
        out = Voucher.objects.filter(book=each, event="claim_paid").get()
        back = Voucher.objects.filter(book=each, event="claim_recovered")
        assert sum(one.amount for one in back) == out.amount
        sums: dict[str, Decimal] = {}
        moved = Posting.objects.filter(voucher__book=each)
        for row in moved.exclude(voucher__event="expenditure_funded"):
            code = row.account.code
            sums[code] = sums.get(code, Decimal(0)) + row.debit - row.credit
        assert set(sums.values()) == {Decimal(0)}
    assert used(person) == {}


def test_what_came_before_it_was_written_down_is_of_the_layers_in_their_order(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    """590.00 of one layer as ever; of three of 5.00, 3.00 and 2.00 an old 6.00 is 5.00 and 1.00."""
    debt = ask(paid(special(counter, wang, 3)))
    take(debt, "90.00")
    assert [shares["basic"].fen for _, shares in of_receipts(debt)] == [9000]
    old = {layer: Share("resident", "inpatient", fen) for layer, fen in
           (("a", 500), ("b", 300), ("c", 200))}  # fmt: skip
    assert as_fen(in_order(old, 0, 600)) == {"a": 500, "b": 100}
    assert as_fen(in_order(old, 600, 1000)) == {"b": 200, "c": 200}


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=6), st.data())
def test_instalments_never_bring_a_layer_more_than_it_is_owed(
    amounts: list[int], data: st.DataObject
) -> None:
    """Whatever comes at a time: each instalment sums to its fen, and together they are the debt."""
    left = {str(at): Share("resident", "inpatient", fen) for at, fen in enumerate(amounts)}
    while total(left):
        fen = data.draw(st.integers(max(1, total(left) // 4), total(left)))
        one = portion(left, fen)
        assert total(one) == fen
        assert all(0 < share.fen <= left[layer].fen for layer, share in one.items())
        left = plus(left, one, -1)


def test_four_hands(
    counter: Enter, paid: Enter, wang: Person, cast: SimpleNamespace, reviewer2: User
) -> None:
    claim = paid(special(counter, wang, 3))
    what = Proposal(reason="death", facts="死亡证明 2026-02-01", debtor="household")
    with pytest.raises(Refusal, match="您的角色不能办理“提出追回”"):
        propose(actor=cast.cashier, settlement=claim, proposal=what)
    debt = propose(actor=cast.reviewer, settlement=claim, proposal=what)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=TODAY)
    with pytest.raises(Refusal, match="现为“待初审”，不能办理“登记收款”"):
        receive(
            actor=cast.cashier, recovery=debt, amount=Decimal(1), on=TODAY, today=TODAY,
            reference="B1",
        )  # fmt: skip
    decide(actor=reviewer2, recovery=debt, event="review_recovery", on=TODAY)
    decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=TODAY)
    with pytest.raises(Refusal, match="您的角色不能办理"):
        receive(
            actor=cast.accountant, recovery=debt, amount=Decimal(1), on=TODAY, today=TODAY,
            reference="B1",
        )  # fmt: skip


def test_what_is_not_paid_is_not_recovered(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    claim = special(counter, wang, 3)
    what = Proposal(reason="death", facts="死亡证明 2026-02-01", debtor="household")
    with pytest.raises(Refusal, match="还没有支付：请撤回、退回或停止支付"):
        propose(actor=cast.supervisor, settlement=claim, proposal=what)


def test_no_more_than_was_paid_and_only_once(
    counter: Enter, paid: Enter, ask: Ask, wang: Person, cast: SimpleNamespace
) -> None:
    claim = paid(special(counter, wang, 3))
    with pytest.raises(Refusal, match=r"追回金额应在 0 至 590\.00 元之间"):
        ask(claim, amounts={"basic": Decimal("590.01")})
    with pytest.raises(Refusal, match=r"追回金额应在 0 至 0\.00 元之间"):
        ask(claim, amounts={"assistance": Decimal("1.00")})
    with pytest.raises(Refusal, match="各层次的追回金额都是 0"):
        ask(claim, amounts={"basic": Decimal(0)})
    ask(claim)
    with pytest.raises(Refusal, match="已没有可追回的金额"):
        ask(claim)


def test_a_debt_is_given_up_by_two(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person, cast: SimpleNamespace
) -> None:
    """100.00 came back, 490.00 are given up: what was drawn stays used."""
    debt = ask(paid(special(counter, wang, 3)))
    take(debt, "100.00")
    decide(
        actor=cast.accountant,
        recovery=debt,
        event="ask_waiver",
        reason="当事人死亡无遗产",
        on=TODAY,
    )
    with pytest.raises(Refusal, match="现为“待批准核销”"):
        take(debt, "1.00")
    decide(
        actor=cast.approver, recovery=debt, event="waive_recovery", reason="府发〔2026〕9号",
        on=TODAY,
    )  # fmt: skip
    debt.refresh_from_db()
    assert (debt.status, debt.rest_amount) == ("waived", Decimal("490.00"))
    assert used(wang) == {"annual_paid": 49_000, "special_deductible": 16_610}


def test_what_a_payee_owes_is_found_the_oldest_first(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person, cast: SimpleNamespace
) -> None:
    first, second = paid(special(counter, wang, 3)), paid(special(counter, wang, 4))
    debts = [ask(one, debtor="institution") for one in (first, second)]
    take(debts[0], "90.00")
    institution = first.visit.institution
    owed = owed_by(institution=institution)
    assert [(one.pk, one.rest) for one in owed] == [
        (debts[0].pk, Decimal("500.00")),
        (debts[1].pk, Decimal("690.00")),
    ]
    assert not owed_by(household=wang.household)


def test_a_visit_that_was_taken_back_no_longer_fills_the_bed(
    counter: Enter, paid: Enter, ask: Ask, take: Take, wang: Person
) -> None:
    claim = paid(counter(wang, line("X01", "100", "10")))
    assert standing(wang) == [(Decimal("400.00"), "paid")]
    with pytest.raises(Refusal, match="日期重叠"):
        counter(wang, line("X01", "100", "10"))
    take(ask(claim, reason="invented", debtor="institution"), "400.00")
    assert counter(wang, line("X01", "100", "10")).fund_amount == Decimal("400.00")

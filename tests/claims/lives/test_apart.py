"""What is special in a life, to the fen: no id number, a balance, a term, a referral, a price."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.models import Division
from claims.filings.models import VisitFiling
from claims.filings.services import decide_filing, propose_filing
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import decide
from claims.services import Cut, cut_and_review, find_patients
from enrollment.models import Person
from funds.models import Book
from tests.claims.conftest import TODAY, Register, line, stay
from tests.claims.dependence.test_credit import onward
from tests.claims.dependence.test_stories import used
from tests.claims.lives.table import INPATIENT, OUTPATIENT, WARD, source_of
from tests.claims.lives.test_lives import spent, whole
from tests.claims.visits.conftest import Ward, charged, in_bed
from tests.claims.visits.test_found import newborn

Enter = Callable[..., Settlement]
Ask = Callable[..., Recovery]
Take = Callable[..., RecoveryReceipt]
pytestmark = pytest.mark.django_db


@pytest.fixture
def measures() -> str:
    return source_of("dazu")


@pytest.fixture
def ward(cast: SimpleNamespace, hospital: object, catalogue: object) -> Ward:
    return Ward(cast.hospital_clerk, hospital)  # type: ignore[arg-type]


def test_a_newborn_without_an_id_number(
    ward: Ward, register: Register, village_a: Division, cast: SimpleNamespace, paid: Enter,
    ask: Ask, take: Take, book: Book,
) -> None:  # fmt: skip
    """第二十三条(二)2, a child: (1 000 − 200) × 55 % = 440.00, (700.01 − 200) × 55 % = 275.0055.
    Found by the birth certificate; the first stay was another child's and comes back."""
    (there,) = find_patients(actor=cast.hospital_clerk, text=newborn(register, village_a))
    child = there.person
    assert child.number_kind == "birth_certificate"
    claims = []
    for day, last, yuan in ((1, 5, "1000"), (6, 9, "700.01")):
        visit = ward.admit(child, in_bed(date(2026, 3, day)))
        ward.bill(visit, charged("X01", "1", yuan, day))
        ward.leave(visit, last)
        claims.append(paid(ward.settle(visit)))
    assert [one.fund_amount for one in claims] == [Decimal("440.00"), Decimal("275.01")]
    assert spent() == {INPATIENT: Decimal("715.01")}
    take(ask(claims[0], reason="invented", debtor="institution"), "440.00")
    assert spent() == {INPATIENT: Decimal("275.01")}
    assert used(child) == {"annual_paid": 27_501, "inpatient_visits": 1}
    whole()


def test_a_balance_of_special_aid_goes_back_to_who_had_it(
    counter: Enter, paid: Enter, ask: Ask, take: Take, register: Register, village_a: Division,
    book: Book,
) -> None:  # fmt: skip
    """第十四条(四)1, 第二十三条(一), first tier, 50.00 on account: (1 000 − 200) × 40 % = 320 and
    50.00 of the own 680.00; the second 320.00. 370.00 come back: the second is owed 50.00."""
    someone = register.person(
        "许秀珍", register.household(village_a), tier="tier1", residence="urban",
        statuses=["dibao"], credit=50,
    )  # fmt: skip

    def stayed(number: int) -> Settlement:
        days = (*WARD, (date(2026, 3, 2), date(2026, 3, 5)))[number]
        return paid(counter(someone, line("X01", "100", "10"), visit=stay(*days)))

    first, second = stayed(0), stayed(1)
    assert [one.payable_amount for one in (first, second)] == [Decimal(370), Decimal(320)]
    assert spent() == {INPATIENT: Decimal(640), "5001-other": Decimal(50)}
    withdrawn = ask(first)
    take(withdrawn, "370.00")
    assert spent() == {INPATIENT: Decimal(320)}
    # What the second is owed more: the balance that the first gives back.
    assert second.supplements.get().amount == Decimal("50.00")
    assert used(someone)["annual_paid"] == 32_000
    whole()


def test_a_chronic_disease_is_paid_while_the_expert_says_so(
    counter: Enter, paid: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """第二十三条(四)1: 300 × 50 % within the term. After it the visit says that no approval was
    found; renewed, 2 000 × 50 %, of which 500.00 are left of 700.00."""

    def approved(starts: date, ends: date) -> str:
        filing = propose_filing(
            actor=cast.clerk_a, person=wang, kind="chronic", about="糖尿病", starts=starts,
            ends=ends, evidence="县医院确诊证明", expert="张医师", on=starts,
        )  # fmt: skip
        decide_filing(actor=cast.reviewer, filing=filing, event="approve_filing", on=starts)
        return f"慢特病认定 {filing.number}"

    def drugs(day: date, yuan: str) -> tuple[Decimal, str]:
        visit = stay(day, day, care="chronic", diseases={"diabetes"}, facts={"chronic_certified"})
        claim = paid(counter(wang, line("X01", "1", yuan), visit=visit))
        return claim.fund_amount, str(VisitFiling.objects.get(visit=claim.visit))

    first = approved(date(2026, 1, 1), date(2026, 1, 31))
    assert drugs(date(2026, 1, 31), "300") == (Decimal(150), first)
    assert drugs(date(2026, 2, 1), "100") == (Decimal(50), "未见慢特病认定")
    renewed = approved(date(2026, 2, 2), date(2026, 12, 31))
    assert drugs(date(2026, 2, 2), "2000") == (Decimal(500), renewed)
    assert spent() == {OUTPATIENT: Decimal(700)}
    whole()


REFERRAL = (
    source_of("dazu")
    .replace(
        "deductible: {amounts: *deductibles}",
        "deductible: {amounts: *deductibles, credit_prior: {when: {referral: referred}}}",
    )
    .replace('med_type: "21"}', 'med_type: "21", asks: [referred_from]}')
)


@pytest.mark.parametrize("measures", [REFERRAL], ids=["credited"])
def test_the_deductible_of_the_stay_before_is_owed_when_that_stay_comes_back(
    counter: Enter, paper: Enter, paid: Enter, ask: Ask, take: Take, wang: Person,
    cast: SimpleNamespace, book: Book,
) -> None:  # fmt: skip
    """Referred to the city with 200.00 borne: (6 000 − 800) × 35 % = 1 820.00. The first stay was
    invented and comes back: (6 000 − 1 000) × 35 % = 1 750.00, 70.00 too much."""
    visit = stay(date(2026, 3, 1), date(2026, 3, 5))
    first = paid(counter(wang, line("X01", "100", "10"), visit=visit))
    second = paid(paper(wang, "6000.00", visit=onward(first, 5, 9)))
    assert (first.fund_amount, second.fund_amount) == (Decimal("400.00"), Decimal("1820.00"))
    take(ask(first, reason="invented", debtor="institution"), "400.00")
    debt = Recovery.objects.get(settlement=second)
    assert (debt.amount, debt.debtor) == (Decimal("70.00"), "household")
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=TODAY)
    take(decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=TODAY), "70.00")
    assert spent() == {INPATIENT: Decimal("1750.00")}
    whole()


@pytest.mark.parametrize("measures", [source_of("nanjing")], ids=["package"])
@pytest.mark.parametrize(
    ("allowed", "bearer", "wanted"),
    [
        ("4500.00", "institution", ["3000.00", "1200.00", "1000.00"]),
        ("4500.00", "patient", ["3000.00", "500.00", "1700.00"]),
        ("3000.00", "institution", ["2250.00", "2200.00", "750.00"]),
        ("3000.00", "patient", ["2250.00", "0.00", "2950.00"]),
    ],
)
def test_above_the_price_of_a_disease_the_hospital_pays(
    counter: Enter, cast: SimpleNamespace, wang: Person, book: Book, allowed: str, bearer: str,
    wanted: list[str],
) -> None:  # fmt: skip
    """南京 二(一)7: of 5 200 a price of 4 000, 75 % of it 3 000, the patient 1 000, the hospital
    1 200. Of 4 500 allowed the price still counts: 500 above it are the hospital's, the 700 whose
    they were cut from. Of 3 000 allowed 75 % and 25 %, the 2 200 likewise."""

    def borne(claim: Settlement) -> list[str]:
        amounts = (claim.fund_amount, claim.hospital_amount, claim.personal_amount)
        return [f"{one:.2f}" for one in amounts]

    visit = stay(*WARD[1], procedures={"appendectomy"}, diagnosis="阑尾炎")
    claim = counter(wang, line("S03", "1", "5200"), visit=visit)
    assert borne(claim) == ["3000.00", "1200.00", "1000.00"]
    cuts = {1: Cut(Decimal(allowed), "核对清单", f"{bearer}_other")}
    cut = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
    assert borne(cut) == wanted
    whole()

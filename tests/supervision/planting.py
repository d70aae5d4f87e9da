"""Wrongs of every kind planted among honest settlements, and the truth about them.

Kept apart from the code of the rules: what is wrong is written here as it happens, by the codes of
the house's list alone. `bench/planted.py` plants many, `test_planted.py` a few. Every wrong has its
own people, so that none is found for another's sake; beside it stand near misses, which must not
be found.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import AuditLine, Division, User
from claims.filings.models import Filing
from claims.models import BillLine, Invoice, Settlement, SettlementFund, Visit
from enrollment.models import Enrollment, Person
from institutions.models import Agreement, Institution
from supervision.models import VisitDenial

CERTAIN = frozenset({"A01", "A02", "A03", "A14", "A15", "A24"})
FIRST = date(2026, 1, 1)
LEVELS = {"hospital": "county", "other": "county", "clinic": "village", "shop": "village",
          "shop2": "village", "few": "township", "honest": "county",
          "quiet": "village"}  # fmt: skip
HOSPITALS = frozenset({"hospital", "other", "clinic"})
MAX_HOSPITALS = 100


def day(of_year: int) -> date:
    return FIRST + timedelta(days=of_year)


@dataclass
class Planter:
    """Writes claims as an import would leave them. `truth`: code → settlements that are so."""

    area: Division
    by: User
    decider: User
    truth: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    made: set[int] = field(default_factory=set)
    serial: int = 0
    turn: int = 0

    def __post_init__(self) -> None:
        self.at: dict[str, Institution] = {}
        self.villages = self._villages()

    def place(self, name: str) -> Institution:
        """Hospitals are others in each turn, so that two plantings of a village do not meet."""
        known = f"{name}{self.turn % MAX_HOSPITALS if name in HOSPITALS else 0}"
        if known not in self.at:
            n = len(self.at)
            one = Institution.objects.create(
                code=f"H9902250{n:04d}",
                name=f"试验机构{known}",
                level=LEVELS[name],
                division=self.area,
                beds=2 if name == "few" else None,
            )
            Agreement.objects.create(
                institution=one,
                number=f"SY-{n}",
                first_day=date(2025, 1, 1),
                last_day=date(2027, 12, 31),
            )
            self.at[known] = one
        return self.at[known]

    def _villages(self) -> list[list[Enrollment]]:
        """Covers of the whole year of the living without a claim, one of a household, village by
        village."""
        rows = Enrollment.objects.active().filter(
            year=FIRST.year, cover_first_day__lte=FIRST, person__death_date=None,
            person__visits=None, premium_status="", division__code__startswith=self.area.code,
            person__statuses=None,
        )  # fmt: skip
        found: dict[str, list[Enrollment]] = defaultdict(list)
        rows = rows.select_related("person", "division").order_by("household_id", "pk")
        for one in rows.distinct("household_id"):
            found[one.division.code[:12]].append(one)
        return list(found.values())

    def people(self, number: int) -> list[Enrollment]:
        """So many of one village who have nothing yet."""
        for village in sorted(self.villages, key=len, reverse=True):
            if len(village) >= number:
                return [village.pop() for _ in range(number)]
        raise ValueError("not enough people for so many wrongs")

    def claim(
        self,
        cover: Enrollment,
        starts: int,
        days: int = 0,
        *,
        at: str = "clinic",
        wrong: str = "",
        lines: Iterator[dict[str, Any]] | list[dict[str, Any]] = (),  # type: ignore[assignment]
        **given: Any,
    ) -> Settlement:
        """Of `days` in bed, none for outpatients, from that day of the year."""
        self.serial += 1
        bed = days > 0
        total = Decimal(given.pop("total", f"{5 + self.serial % 900 / 100:.2f}"))
        fund = Decimal(given.pop("fund", total / 2)).quantize(Decimal("0.01"))
        off, account = Decimal(given.pop("off", 0)), Decimal(given.pop("account", 0))
        far = given.pop("far", "")
        place = None if far else self.place(at)
        status = given.pop("status", Settlement.Status.SUBMITTED)
        visit = Visit.objects.create(
            person=cover.person, household=given.pop("household", cover.household),
            enrollment=cover, division=cover.division, institution=place,
            institution_name=far or place.name,  # type: ignore[union-attr]
            level="city" if place is None else place.level, place="outside" if far else "local",
            source="paper" if far else given.pop("source", "counter"),
            care="inpatient" if bed else "outpatient", bed=bed, counts_as_stay=bed,
            starts=day(starts), ends=day(starts + days),
            diagnosis_code=given.pop("code", "J06.9"), diagnosis="诊断", entered_by=self.by,
            price_level=given.pop("price_level", ""),
        )  # fmt: skip
        one = Settlement.objects.create(
            visit=visit, number=f"P{self.serial:09d}", division=cover.division,
            policy_year=FIRST.year, pack_id=cover.pack_id, tier=cover.tier, status=status,
            pay_to="institution", total_amount=total, full_self_pay_amount=off,
            over_limit_amount=0, first_self_pay_amount=0, in_scope_amount=total - off,
            deductible_amount=0, fund_amount=fund, personal_amount=total - fund,
            account_amount=account, cash_amount=total - fund - account, entered_by=self.by,
            settled_on=day(starts + days),
        )  # fmt: skip
        SettlementFund.objects.create(
            settlement=one, layer="basic", fund_pay_type="390100", book="resident", amount=fund
        )
        rows = list(lines) or [{"amount": total}]
        for n, row in enumerate(rows, 1):
            self.line(visit, n, **row)
        self.made.add(one.pk)
        if wrong:
            self.truth[wrong].add(one.pk)
        return one

    def line(self, visit: Visit, number: int, **facts: Any) -> None:
        amount = Decimal(facts.pop("amount", "2.00"))
        BillLine.objects.create(
            visit=visit, line_number=number, item_name=facts.pop("name", "普通药品"),
            category=facts.pop("category", "western_drug"), bill_class="A",
            quantity=facts.pop("quantity", 1), unit_price=amount, amount=amount,
            approved_amount=amount, **facts,
        )  # fmt: skip

    def invoice(self, claim: Settlement, number: str, issuer: str, on: int) -> None:
        Invoice.objects.create(
            visit=claim.visit, issuer=issuer, number=number, issued_on=day(on),
            amount=claim.total_amount,
        )  # fmt: skip


Plant = Callable[[Planter, int], None]


def beds(*days: int, **facts: Any) -> list[dict[str, Any]]:
    rows = [{"name": "床位", "category": "bed", "charged_on": day(one)} for one in days]
    return [row | facts for row in rows]


def dead(p: Planter, n: int) -> None:
    (one, other) = p.people(2)
    p.claim(one, 100 + n % 50, wrong="A01")
    p.claim(other, 99)  # on the day itself
    Person.objects.filter(pk__in=(one.person_id, other.person_id)).update(death_date=day(99))


def twice_invoiced(p: Planter, n: int) -> None:
    one, other, third = p.people(3)
    first = p.claim(one, 10, 3, far=f"外市医院{n}甲", total="2100.00")
    again = p.claim(other, 90, 3, far=f"外市医院{n}乙", total="2100.00", wrong="A02")
    near = p.claim(third, 200, 3, far=f"外市医院{n}丙", total="2100.01")
    for claim, issuer in ((first, "甲"), (again, "乙"), (near, "丙")):
        p.invoice(claim, f"77{n:06d}", f"外市医院{n}{issuer}", 13)


def twice_settled(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, sums in ((one, ("9.10", "9.10")), (other, ("9.10", "9.20"))):
        p.claim(cover, 40, total=sums[0])
        p.claim(cover, 40, total=sums[1], source="paper", wrong="A02" if sums[0] == sums[1] else "")


def two_beds(p: Planter, n: int) -> None:
    one, other = p.people(2)
    p.claim(one, 10 + n % 300, 8, at="hospital", total="900.00", code="K29")
    p.claim(one, 15 + n % 300, 8, at="other", total="900.00", code="I10", wrong="A03")
    p.claim(other, 12, 8, at="hospital", total="900.00", code="K29")
    p.claim(other, 20, 8, at="other", total="900.00", code="I10")  # transferred


def uncovered(p: Planter, n: int) -> None:
    one, other = p.people(2)
    p.claim(one, -1 - n % 200, wrong="A14")
    p.claim(other, 0)


def injured(p: Planter, n: int) -> None:
    one, other = p.people(2)
    p.claim(one, 20 + n % 300, 2, at="hospital", code="S72.0", total="800.00", wrong="A15")
    p.claim(other, 20 + n % 300, 2, at="other", code="S72.0", total="800.00")
    Filing.objects.create(
        number=f"BA{p.serial:08d}", person=other.person, division=other.division, kind="accident",
        about="摔伤", starts=day(0), ends=day(360), liable="nobody", proof="police",
        status="approved", evidence="证明", reason="摔伤", proposed_by=p.by, proposed_on=day(0),
        decided_by=p.decider, decided_on=day(1),
    )  # fmt: skip


def denied(p: Planter, n: int) -> None:
    for cover, status, wrong in zip(
        p.people(2), ("confirmed", "dismissed"), ("A24", ""), strict=True
    ):
        claim = p.claim(cover, 60 + n % 200, 4, at="hospital", total="700.00", wrong=wrong)
        void = Visit.objects.get(pk=claim.visit_id)
        void.pk, void.status = None, Visit.Status.VOID
        void.save(force_insert=True)
        VisitDenial.objects.create(
            visit=void, division=cover.division, told="本人到窗口", evidence="笔录", told_by=p.by,
            status=status, handled_by=p.decider, conclusion="查过",
        )  # fmt: skip


def in_and_out(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, at, wrong in ((one, 33, "A04"), (other, 38, "")):
        p.claim(cover, 30, 8, at="hospital", total="900.00")
        p.claim(cover, at, wrong=wrong)


def split(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, at, wrong in ((one, 15, "A05"), (other, 16, "")):
        p.claim(cover, 1, 4, at="hospital", total="900.00", code="K80.2")
        p.claim(cover, at, 4, at="hospital", total="900.00", code="K80.2", wrong=wrong)


def empty_bed(p: Planter, n: int) -> None:
    one, other = p.people(2)
    drugs = [{"charged_on": day(50), "amount": "600.00"}, {"charged_on": day(51)}]
    p.claim(one, 50, 4, at="hospital", total="608.00", wrong="A06",
            lines=[*beds(50, 51, 52, 53), *drugs])  # fmt: skip
    p.claim(other, 50, 3, at="other", total="608.00", lines=[*beds(50, 51, 52), *drugs])


def check_up(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, at, share, wrong in ((one, "hospital", 80, "A07"), (other, "other", 79, "")):
        tests = {"name": "CT", "category": "special_examination", "amount": f"{share * 10}.00"}
        drugs = {"amount": f"{1000 - share * 10}.00"}
        p.claim(cover, 70, 3, at=at, total="1000.00", lines=[tests, drugs], wrong=wrong)


def too_dear(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, limit, wrong in ((one, "11.99", "A08"), (other, "12.00", "")):
        p.claim(cover, 80, total="12.00", wrong=wrong,
                lines=[{"amount": "12.00", "limit_amount": Decimal(limit)}])  # fmt: skip


def prescribed(p: Planter, n: int) -> None:
    one, other = p.people(2)
    p.claim(one, 82, total=f"15.{1 + n % 90:02d}", wrong="A10")
    p.claim(other, 82, total="15.00")


def outside(p: Planter, n: int) -> None:
    one, other = p.people(2)
    p.claim(one, 84, 3, at="hospital", total="1000.00", off="50.01", wrong="A11")
    p.claim(other, 84, 3, at="other", total="1000.00", off="50.00")


def together(p: Planter, n: int) -> None:
    for cover in p.people(3):
        p.claim(cover, 100 + n % 250, 3, at="hospital", total="900.00", wrong="A12")
    for cover in p.people(2):
        p.claim(cover, 100 + n % 250, 3, at="other", total="900.00")


def large(p: Planter, n: int) -> None:
    one, other = p.people(2)
    p.claim(one, 110, 9, at="hospital", total="50000.00", wrong="A13")
    p.claim(other, 110, 9, at="other", total="49999.99")


def mother(p: Planter, n: int) -> None:
    one, other = p.people(2)
    Person.objects.filter(pk=one.person_id).update(sex="1")
    Person.objects.filter(pk=other.person_id).update(sex="2", birth_date=date(1996, 5, 1))
    p.claim(one, 120, 3, at="hospital", total="900.00", code="O80.0", wrong="A17")
    p.claim(other, 120, 3, at="other", total="900.00", code="O80.0")


def aided(p: Planter, n: int) -> None:
    (one,) = p.people(1)
    Enrollment.objects.filter(pk=one.pk).update(premium_status="dibao")
    p.claim(one, 130, wrong="A18")


def far_village(p: Planter, n: int) -> None:
    *three, other = p.people(4)
    for at, cover in enumerate(three):
        p.claim(cover, 10 + at, 3, far=f"远方医院{n}", total=f"{2000 + at}.00",
                wrong="A19" if at == 2 else "")  # fmt: skip
    p.claim(other, 10, 3, far=f"另一远方医院{n}", total="2000.00")


def like_bills(p: Planter, n: int) -> None:
    rows = [{"name": f"药{at}", "amount": f"{100 + at}.00"} for at in range(5)]
    for others, wrong in ((rows[:4], "A20"), (rows[:2], "")):
        covers = p.people(2)
        name = f"同单医院{n}{wrong}"
        p.claim(covers[0], 20, 3, far=name, total="510.00", lines=rows)
        p.claim(covers[1], 60, 3, far=name, total="900.00", wrong=wrong,
                lines=[*others, {"name": "床位", "category": "bed"}])  # fmt: skip


def invoices(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, second, wrong in ((one, 100, "A21"), (other, 900, "")):
        for at, (number, on) in enumerate(((500, 20), (second, 60))):
            claim = p.claim(cover, on - 3, 3, far=f"连号医院{n}{wrong}", total=f"{700 + at}.00",
                            wrong=wrong if at else "", code=f"K{at}1")  # fmt: skip
            p.invoice(
                claim, f"{n % 90 + 10:02d}{wrong[1:] or 99}{number:06d}", f"连号医院{n}{wrong}", on
            )


def crowded(p: Planter, n: int) -> None:
    """Two beds: one night three; of the next week two, which is in order."""
    if n > 12:
        return
    covers = [p.people(1)[0] for _ in range(5)]
    for at, cover in enumerate(covers):
        start = 20 + n * 14 + (at if at < 3 else 8)
        p.claim(cover, start, 3, at="few", total=f"{500 + at}.00", code=f"K{at}2",
                wrong="A22" if at < 3 else "")  # fmt: skip


def same_hands(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, who in ((one, p.by), (other, p.decider)):
        AuditLine.objects.create(
            user=who, user_name="试验", action="enrollment.change_household",
            subject_type="enrollment.household", subject_id=str(cover.household_id),
        )  # fmt: skip
    p.claim(one, 140, 3, far=f"某市医院{n}", total="1500.00", wrong="A26")
    p.claim(other, 140, 3, far=f"某市医院{n}乙", total="1500.00")


def many_shops(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, shops in ((one, ("clinic", "shop", "shop2")), (other, ("clinic", "shop", "shop"))):
        for at, shop in enumerate(shops):
            p.claim(cover, 152 + 3 * at, at=shop, wrong="A27" if (at, shop) == (2, "shop2") else "")


def same_bill(p: Planter, n: int) -> None:
    one, other = p.people(2)
    for cover, second, wrong in ((one, "8.80", "A28"), (other, "8.90", "")):
        p.claim(cover, 190, total="8.80")
        p.claim(cover, 190, total=second, wrong=wrong)


def cards(p: Planter, n: int) -> None:
    covers = p.people(5)
    for cover in covers:
        p.claim(cover, 201 + n % 100, at="shop", total="11.10", wrong="A29")
    for cover in p.people(4):
        p.claim(cover, 201 + n % 100, at="shop2", total="11.10")


# Kind → how many settlements are wrong of one planting.
KINDS: dict[Plant, int] = {
    dead: 1, twice_invoiced: 1, twice_settled: 1, two_beds: 1, uncovered: 1, injured: 1, denied: 1,
    in_and_out: 1, split: 1, empty_bed: 1, check_up: 1, too_dear: 1, prescribed: 1, outside: 1,
    together: 3, large: 1, mother: 1, aided: 1, far_village: 1, like_bills: 1, invoices: 1,
    crowded: 3, same_hands: 1, many_shops: 1, same_bill: 1, cards: 5,
}  # fmt: skip


def plant(planter: Planter, each: int) -> None:
    """So many settlements of each kind, at least one planting."""
    with connection.cursor() as cursor:
        _guards(cursor, "DISABLE")
        for kind, settlements in KINDS.items():
            for n in range(max(1, each // settlements)):
                planter.turn = n
                kind(planter, n)
        _guards(cursor, "ENABLE")


WRITTEN = (AuditLine, Filing, BillLine, Invoice, Settlement, SettlementFund, Visit, Enrollment,
           Person, Agreement, Institution, VisitDenial)  # fmt: skip


def _guards(cursor: Any, what: str) -> None:
    """What the tables refuse, the owner may switch off, and nobody else."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table changes with checks pending
    for model in WRITTEN:
        cursor.execute(f"ALTER TABLE {model._meta.db_table} {what} TRIGGER USER")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@dataclass(frozen=True)
class Score:
    """Of one rule: wrongs that were planted, of these found, and found beside them."""

    rule: str
    planted: int
    found: int
    beside: int

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        hits = self.found + self.beside
        return self.found / hits if hits else 1.0


def scores(truth: dict[str, set[int]], told: dict[str, set[int]]) -> list[Score]:
    return [
        Score(rule, len(truth[rule]), len(truth[rule] & told[rule]), len(told[rule] - truth[rule]))
        for rule in sorted(truth.keys() | told.keys())
    ]

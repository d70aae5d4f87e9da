"""From rows of the old system to cases of the engine, and from what differs to rows (重算核对)."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from claims.adjudication import Bill, Case, CaseError, Cases, adjudicate, check_case
from claims.adjudication import Visit as EngineVisit
from claims.carried.comparing import CAUSES, PLENTY, Difference, Old, Told, Used, compare
from claims.carried.models import OldSettlement, Recount, RecountDifference
from claims.carried.old_services import covers_of
from claims.computation import member_with
from desk.changes import all_or_nothing
from desk.jobs import Tell
from enrollment.cover.covering import cover_histories
from enrollment.models import AccountOpening, Enrollment, Household, IdentityStatus
from institutions.models import levels_then
from institutions.registry.columns import Levels
from lib.money import to_fen, to_yuan, told
from policies.models import Pack
from policies.services import Measures
from policies.terms import Terms

UNCOMPUTED = "uncomputed"
ACCOUNT = "household_account"  # claims/computation.py
NAMES: Mapping[str, str] = {**CAUSES, UNCOMPUTED: "不能重算"}


def recount(job: Recount, tell: Tell) -> Mapping[str, Any]:
    """The columns of the finished job; what differs is written here. Reads, and settles nothing."""
    began = time.perf_counter()
    tell(5, "读取原系统结算")
    rows = OldSettlement.objects.live().filter(area=job.area, policy_year=job.policy_year)
    if job.day is not None:
        rows = rows.filter(settled_on__lte=job.day)
    known = _Known.of(rows, job.policy_year)
    placed = rows.select_related("institution").annotate(**levels_then("institution", "starts"))
    olds, aside = known.cases(placed.order_by("settled_on", "number"))
    known.begin_accounts(olds, dict(rows.values_list("pk", "settled_on")))
    found = list(compare(olds, known.terms, known.start, lambda percent: tell(percent, "重算比较")))
    of_day = rows if job.day is None else rows.filter(settled_on=job.day)
    shown = set(of_day.values_list("pk", flat=True))
    found = [one for one in found if one.key in shown]
    aside = {key: why for key, why in aside.items() if key in shown}
    with all_or_nothing():
        RecountDifference.objects.filter(recount=job).delete()  # of a worker that died
        RecountDifference.objects.bulk_create(_written(job, found, aside), batch_size=2000)
    theirs = of_day.aggregate(total=Sum("fund_amount", default=Decimal(0)))["total"]
    return {
        "claims": len(shown),
        "differing": len(found),
        "uncomputed": len(aside),
        "theirs_amount": theirs,
        "ours_amount": theirs + to_yuan(sum(one.fund for one in found)),
        "seconds": Decimal(f"{time.perf_counter() - began:.1f}"),
    }


class _Known:
    """What the register and the measures know of the people in the rows."""

    def __init__(self, pack: Pack, covers: Mapping[int, Enrollment], year: int) -> None:
        self.pack, self.terms = pack, Measures.of(pack).terms
        self.covers = covers
        people = {cover.person_id for cover in covers.values()}
        self.free = {pk: one.claim_free for pk, one in cover_histories(people, year).items()}
        self.statuses: dict[int, list[IdentityStatus]] = defaultdict(list)
        for status in IdentityStatus.objects.filter(person__in=people):
            self.statuses[status.person_id].append(status)
        self.start = _start(covers.values(), self.terms, year)

    @classmethod
    def of(cls, rows: Any, year: int) -> "_Known":
        covers = {cover.pk: cover for cover in covers_of(rows)}
        last = rows.select_related("area").order_by("-settled_on", "-starts").first()
        pack = Measures.on(area_code=last.area.code, day=last.starts).pack
        return cls(pack, covers, year)

    def begin_accounts(self, olds: Sequence[Old], days: Mapping[int, date]) -> None:
        """Of households whose balance came along: what it was before the first of these claims is
        what was left and what they drew up to the day on which it stood."""
        homes = {f"h{cover.household.account_root}" for cover in self.covers.values()}
        opened: dict[str, tuple[int, date]] = {}  # corrections add up
        for row in AccountOpening.objects.select_related("household").filter(
            division__code__startswith=self.pack.area.code
        ):
            home = f"h{row.household.account_root}"
            if home in homes:
                before = opened.get(home, (0, row.opened_on))[0]
                opened[home] = (before + to_fen(row.amount), row.opened_on)
        for home, (left, _) in opened.items():
            self.start[home][ACCOUNT] = left
        if opened and olds:
            for old, drawn in zip(olds, _drawn(olds, self.terms), strict=True):
                home = old.case.member.household
                if home in opened and days[old.key] <= opened[home][1]:
                    self.start[home][ACCOUNT] += drawn

    def cases(self, rows: Iterable[OldSettlement]) -> tuple[list[Old], dict[int, str]]:
        """What can be computed, in order; the others with why they cannot."""
        olds, aside = [], {}
        for row in rows:
            try:
                case = self.case(row)
                check_case(case, self.terms)
            except (CaseError, ValueError) as error:
                aside[row.pk] = str(error)
                continue
            olds.append(Old(row.pk, case, _told(row)))
        return olds, aside

    def case(self, row: OldSettlement) -> Case:
        """`row` is read with the levels of its institution on its first day."""
        facts, cover = row.facts, self.covers[row.cover_id]
        if not facts["bill"]:
            raise ValueError("文件没有各类费用，不能重算")
        if not self.pack.first_day <= row.starts <= self.pack.last_day:
            raise ValueError(f"适用另一版办法（就诊 {row.starts}），不在本次重算之内")
        held = frozenset(
            one.code
            for one in self.statuses[cover.person_id]
            if one.first_day <= row.starts <= (one.last_day or date.max)
        )
        member = member_with(cover, held, self.free.get(cover.person_id, 0))
        home = cover.household.account_root
        member = replace(member, person=f"p{cover.person_id}", household=f"h{home}")
        own = row.institution
        levels = Levels(facts["level"]) if own is None else Levels.of(row)
        visit = EngineVisit(
            key=str(row.pk),
            care=row.care,
            level=levels.own,
            deductible_level=levels.deductible,
            place=facts["place"] or ("local" if own is not None else "outside"),
            referral=facts["referral"] or "none",
            starts=row.starts,
            ends=row.ends,
            diseases=frozenset(facts["diseases"]),
            facts=frozenset(facts["facts"]),
            hospital=own.code if own is not None else "",
            answerable=own is not None,
        )
        return Case(
            member=member, visit=visit, bill=Bill(amounts=facts["bill"], cut_patient=facts["cut"])
        )


def _start(covers: Iterable[Enrollment], terms: Terms, year: int) -> Used:
    """What balances hold before the first claim: what was granted to the accounts, and credited."""
    start: Used = defaultdict(dict)
    roots = {cover.household.account_root for cover in covers}
    if ACCOUNT in terms.counters:
        homes = Household.objects.filter(pk__in=roots) | Household.objects.filter(
            account_into__in=roots
        )
        root_of = {pk: into or pk for pk, into in homes.values_list("pk", "account_into")}
        granted = Enrollment.objects.active().filter(household__in=root_of, year__lte=year)
        for home, amount in granted.values_list("household", "account_amount"):
            mine = start[f"h{root_of[home]}"]
            mine[ACCOUNT] = mine.get(ACCOUNT, 0) + to_fen(amount)
    if "credit" in terms.counters:
        for cover in covers:
            start[f"p{cover.person_id}"]["credit"] = to_fen(cover.credit_amount)
    return start


def _drawn(olds: Sequence[Old], terms: Terms) -> list[int]:
    """What the old system took out of the household's account for each: what it says of it, and
    the whole payment where the measures pay such a visit out of the account."""
    cases = Cases.from_cases([old.case for old in olds], terms)
    owners = {old.case.member.household for old in olds}
    plenty = {home: {ACCOUNT: PLENTY} for home in owners}
    number = adjudicate(cases, terms, plenty).benefit
    from_account = [benefit.wallet == ACCOUNT for benefit in terms.benefits]
    return [
        (old.told.account or 0) + (old.told.fund if at >= 0 and from_account[at] else 0)
        for old, at in zip(olds, number.tolist(), strict=True)
    ]


def _told(row: OldSettlement) -> Told:
    facts = row.facts
    figures = facts["figures"]
    return Told(
        fund=to_fen(row.fund_amount),
        layers=facts["layers"],
        level=facts["level"],
        tier=facts["tier"],
        statuses=None if facts["statuses"] is None else frozenset(facts["statuses"]),
        stay=facts["stay"],
        **figures,
    )


def _written(
    job: Recount, found: Iterable[Difference], aside: Mapping[int, str]
) -> Iterable[RecountDifference]:
    for one in found:
        yield RecountDifference(
            recount=job, old_id=one.key, cause=one.cause, cause_name=NAMES[one.cause],
            what=one.what, article=one.article[:200], theirs=_shown(one.what, one.theirs),
            ours=_shown(one.what, one.ours), fund_amount=to_yuan(one.fund), sentence=one.sentence,
        )  # fmt: skip
    for key, why in aside.items():
        yield RecountDifference(
            recount=job, old_id=key, cause=UNCOMPUTED, cause_name=NAMES[UNCOMPUTED],
            what="", theirs="", ours="", fund_amount=0, sentence=why,
        )  # fmt: skip


def _shown(what: str, amount: int) -> str:
    if what == "报销比例":
        return f"{amount / 100:g}%"
    return told(to_yuan(amount))

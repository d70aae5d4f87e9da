"""An old system's year, made up: claims settled by measures much like ours, and a few that it
settled otherwise, each for a cause that is known.  For trying out whether all of them are found."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from claims.adjudication import Bill, Case, Cases, Decision, Member, Visit, adjudicate, settle
from claims.carried.comparing import Old, Told, Used
from policies.terms import Terms

YEAR = 2026
# What a township's, a county's and a city's stay, and a visit, cost at most (yuan).
COSTS = {"township": 6_000, "county": 40_000, "city": 120_000}
CAUSES = (
    *("level", "status", "order", "class", "deductible"),
    *("ratio", "cap", "missing", "rounding", "account"),
)
ACCOUNT = 8_000  # fen that each household's account was granted


@dataclass(frozen=True)
class OldCounty:
    """Its settlements in their order, what had been used before them, and key → planted cause."""

    olds: list[Old]
    start: Used
    planted: Mapping[int, str]


def with_more_rules(source: str) -> str:
    """The Dazu measures with what else county measures have: half the deductible from the second
    stay on, more for 低保, a layer for serious illness."""
    source = source.replace(
        "    deductible: {amounts: *deductibles}\n",
        "    deductible:\n      amounts: *deductibles\n      changes:\n"
        "        - {name: 第二次住院起减半, when: {visit: {from: 2}}, factor: 50%,"
        " article: 补充规定}\n",
    )
    source = source.replace(
        "    caps: &tier2_caps\n",
        "      - {code: poor, name: 低保对象, when: {status: dibao}, points: 5%,"
        " article: 补充规定}\n"
        "    caps: &tier2_caps\n",
    )
    source = source.replace(
        "counters:\n", "counters:\n  serious_base: {title: 大病累计自付, owner: person}\n", 1
    )
    return source.replace(
        "\nwallets:\n",
        "\nlayers:\n  - code: serious\n    name: 大病补充\n    book: resident\n"
        '    fund_pay_type: "390200"\n    booked_as: serious\n    article: 补充规定\n'
        "    when: {care: inpatient}\n    base: compliant_rest\n    accumulates: serious_base\n"
        "    deductible: {amounts: 15000}\n    band: marginal\n    thresholds: net\n"
        "    segments: [{ratio: 60%}]\n\nwallets:\n",
    )


def old_county(terms: Terms, claims: int, *, each: int = 5, seed: int = 7) -> OldCounty:
    """About so many claims; of each cause as many are planted as ``each`` says."""
    lot = random.Random(seed)
    cases = _cases(claims, lot)
    start: Used = defaultdict(dict)
    for case in cases:
        start[case.member.household]["household_account"] = ACCOUNT
    batch = adjudicate(Cases.from_cases(cases, terms), terms, start)
    last = {case.member.household: at for at, case in enumerate(cases)}
    told = [_told(batch.one(at), case) for at, case in enumerate(cases)]
    planted = _plant(cases, told, terms, (start, last), each)
    olds = [Old(at, case, told[at]) for at, case in enumerate(cases)]
    return OldCounty(olds, start, planted)


def _cases(claims: int, lot: random.Random) -> list[Case]:
    cases = []
    for home in range(claims // 4):
        members = [_member(home, seat, lot) for seat in range(lot.randint(1, 3))]
        for _ in range(4):
            cases.append(_case(lot.choice(members), len(cases), lot))
    cases.sort(key=lambda case: (case.visit.starts, case.visit.key))
    return cases


def _member(home: int, seat: int, lot: random.Random) -> Member:
    return Member(
        person=f"p{home}.{seat}",
        household=f"h{home}",
        birth_date=date(lot.randint(1940, 2005), 5, 1),
        sex="male",
        tier="tier2",
        residence="rural",
        statuses=frozenset({"dibao"} if lot.random() < 0.1 else ()),
        consecutive_years=lot.randint(1, 9),
    )


def _case(member: Member, number: int, lot: random.Random) -> Case:
    day = date(YEAR, 1, 1) + timedelta(days=lot.randint(0, 170))
    if lot.random() < 0.35:
        visit = Visit(key=str(number), care="outpatient", level="township", starts=day, ends=day)
        return Case(
            member=member, visit=visit, bill=Bill(amounts={"in_scope": lot.randint(500, 6_000)})
        )
    level = lot.choice(["township", "township", "county", "county", "city"])
    whole = lot.randint(50_000, COSTS[level] * 100)
    visit = Visit(
        key=str(number), care="inpatient", level=level, starts=day, ends=day + timedelta(days=5),
        facts=frozenset({"special_approved"}),
    )  # fmt: skip
    exam = whole // lot.randint(8, 20)
    bill = Bill(amounts={"in_scope": whole - exam, "special_exam": exam})
    return Case(member=member, visit=visit, bill=bill)


def _told(decision: Decision, case: Case) -> Told:
    return Told(
        fund=decision.fund_pay,
        layers=dict(decision.layers),
        in_scope=decision.in_scope,
        deductible=decision.deductible,
        account=decision.account,
        credit=decision.credit,
        cash=decision.cash,
        level=case.visit.level,
        statuses=case.member.statuses,
    )


def _plant(
    cases: list[Case],
    told: list[Told],
    terms: Terms,
    known: tuple[Used, Mapping[str, int]],
    each: int,
) -> dict[int, str]:
    """Settle the last claim of a household as the old system did that went wrong."""
    start, last = known
    families: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        families[case.member.household].append(case)
    planted: dict[int, str] = {}
    wanted = dict.fromkeys(WRONG, each)  # the rare ones first
    for home, at in last.items():
        used = _before(families[home], terms, start)
        right = settle(cases[at], terms, used)
        for cause, left in wanted.items():
            wrong = WRONG[cause](cases[at], right, terms, used) if left else None
            if wrong is not None and replace(wrong, level="", statuses=None) != replace(
                told[at], level="", statuses=None
            ):
                told[at], planted[at] = wrong, cause
                wanted[cause] -= 1
                break
        if not any(wanted.values()):
            break
    return planted


def _before(family: list[Case], terms: Terms, start: Used) -> dict[str, int]:
    """What the last one of them found used."""
    by_owner: Used = {key: dict(counters) for key, counters in start.items()}
    for case in family[:-1]:
        used = _mine(by_owner, case)
        for change in settle(case, terms, used).changes:
            owner = getattr(case.member, change.owner)
            by_owner.setdefault(owner, {})[change.counter] = change.after
    return _mine(by_owner, family[-1])


def _mine(by_owner: Used, case: Case) -> dict[str, int]:
    return by_owner.get(case.member.person, {}) | by_owner.get(case.member.household, {})


def _again(case: Case, terms: Terms, used: Mapping[str, int], **changed: object) -> Told:
    """The same settled with other facts, which is what the old system then says of itself."""
    visit = {k: v for k, v in changed.items() if k == "level"}
    member = {k: v for k, v in changed.items() if k == "statuses"}
    other = replace(
        case,
        visit=replace(case.visit, **visit),  # type: ignore[arg-type]
        member=replace(case.member, **member),  # type: ignore[arg-type]
        bill=changed.get("bill", case.bill),  # type: ignore[arg-type]
    )
    return _told(settle(other, terms, used), other)


def _paid(told: Told, right: Decision, base: int) -> Told:
    """The base layer paid so much, all else as it was."""
    more = base - right.layers["basic"]
    cash = None if told.cash is None else told.cash - more
    return replace(told, fund=told.fund + more, layers={**told.layers, "basic": base}, cash=cash)


def _level(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if case.visit.level != "county":
        return None
    return _again(case, terms, used, level="township")


def _status(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if case.visit.care != "inpatient" or not case.member.statuses:
        return None
    return _again(case, terms, used, statuses=frozenset())


def _order(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if case.visit.care != "inpatient" or used.get("inpatient_visits", 0) != 1:
        return None
    return _again(case, terms, {**used, "inpatient_visits": 0})


def _class(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if case.visit.care != "inpatient":
        return None
    bill = replace(case.bill, amounts={"in_scope": case.bill.total})
    return _again(case, terms, used, bill=bill)


def _is_plain(case: Case, right: Decision) -> bool:
    """A stay paid by one layer and no cap."""
    capped = any(step.code == "cap" for step in right.steps)
    return case.visit.care == "inpatient" and not capped and not right.layers["serious"]


def _deductible(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if not _is_plain(case, right) or not right.deductible:
        return None
    told = replace(_told(right, case), deductible=0)
    return _paid(told, right, _share(right.in_scope, right.ratio))


def _ratio(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if not _is_plain(case, right):
        return None
    counted = right.in_scope - right.deductible
    return _paid(_told(right, case), right, _share(counted, right.ratio - 500))


def _cap(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if case.visit.care != "inpatient" or not any(step.code == "cap" for step in right.steps):
        return None
    return _again(case, terms, {**used, "annual_paid": 0})


def _missing(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    serious = right.layers["serious"]
    if not serious:
        return None
    told = _told(right, case)
    layers = {**told.layers, "serious": 0}
    return replace(told, fund=told.fund - serious, layers=layers, cash=right.cash + serious)


def _rounding(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    base = right.layers["basic"]
    if not _is_plain(case, right) or not base % 100:
        return None
    return _paid(_told(right, case), right, base // 100 * 100)


def _account(case: Case, right: Decision, terms: Terms, used: Mapping[str, int]) -> Told | None:
    if case.visit.care != "outpatient" or right.fund_pay < 2_000:
        return None
    return _paid(_told(right, case), right, right.fund_pay - 1_000)


def _share(fen: int, ratio: int) -> int:
    return (2 * fen * ratio + 10_000) // 20_000


Wrong = Callable[[Case, Decision, Terms, Mapping[str, int]], Told | None]
WRONG: Mapping[str, Wrong] = {
    "cap": _cap, "missing": _missing, "order": _order, "status": _status, "level": _level,
    "class": _class, "deductible": _deductible, "ratio": _ratio, "rounding": _rounding,
    "account": _account,
}  # fmt: skip

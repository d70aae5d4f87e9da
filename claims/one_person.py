"""What claims know of people and households, asked from below (enrollment/people/rooms.py).

When two records of one person become one, their visits and usage count together: visits point at
the kept record and at the cover that stays; usage rows, which are only ever added, are written over
by opposite rows. Settlements say what they said; what was paid beyond the measures of one person is
told, to be looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from itertools import accumulate, combinations
from typing import Any

from django.db.models import Max, Sum

from accounts.errors import Refusal
from accounts.models import User
from claims.computation import account_years, compute, usage_to_date
from claims.models import Settlement, UsageEntry, Visit
from claims.services.drawn import count_anew
from claims.stays import overlap
from enrollment.collection.one_person import ENDED
from enrollment.models import Enrollment, Household, Person
from enrollment.people.rooms import MOVES, OWN
from enrollment.people.same_models import SamePerson
from lib.money import to_fen, to_yuan, told
from policies.services import Measures

FOLLOWS = {"claims.Visit.person": MOVES, "claims.UsageEntry.person": OWN}
# What SamePerson.moved keeps: (ended cover, staying cover, visits), the last settlement there was.
VISITS, LAST_CLAIM = "visits", "last_claim"


def account_left(households: Collection[int]) -> int:
    """Fen: the least that the common account of the households holds at the end of any year;
    below 0 when more was used than it was granted."""
    uses = (
        UsageEntry.objects.filter(household__in=households, counter="household_account")
        .values_list("policy_year")
        .annotate(total=Sum("amount"))
    )
    years = account_years(households, dict(uses))
    return min(accumulate(years[year] for year in sorted(years)), default=0)


def parting_problem(first: Collection[int], second: Collection[int]) -> str:
    """Why the account of two groups of households cannot be parted again; "" when it can."""
    for part in (first, second):
        over = -account_left(part)
        if over > 0:
            return (
                f"并户以后家庭账户是合用的，分开后其中一户要多用 {told(to_yuan(over))} 元，"
                "请先撤回用了账户的结算单再撤销"
            )
    return ""


def joined(same: SamePerson, actor: User, on: date) -> list[str]:
    """Visits of a cover that ended stand on the one that stays; usage counts together."""
    same.moved[VISITS] = []
    for ended, stays in same.moved[ENDED]:
        visits = list(Visit.objects.filter(enrollment=ended).values_list("pk", flat=True))
        Visit.objects.filter(pk__in=visits).update(enrollment=stays)
        same.moved[VISITS].append([ended, stays, visits])
        count_anew(stays)
    _write_over(same.moved["claims.Visit.person"], same.given_up, same.kept)
    same.moved[LAST_CLAIM] = Settlement.objects.aggregate(last=Max("pk"))["last"]
    return [*_beyond(same), *_two_beds(same.kept), *_overdrawn(same)]


def parted(undoing: SamePerson, undone: SamePerson, actor: User, on: date) -> None:
    """Every visit on its cover and every use with its record, as before."""
    _write_over(undone.moved["claims.Visit.person"], undone.kept, undone.given_up)
    for ended, stays, visits in undone.moved[VISITS]:
        Visit.objects.filter(pk__in=visits).update(enrollment=ended)
        count_anew(ended)
        count_anew(stays)


def undoing_problem(same: SamePerson) -> str:
    """Claims that were settled since count as one person's."""
    since = Settlement.objects.filter(
        visit__person=same.kept_id, pk__gt=same.moved[LAST_CLAIM] or 0
    ).exclude(status=Settlement.Status.WITHDRAWN)
    row = since.order_by("pk").first()
    return f"合并以后又有结算单 {row.number}，请先撤回" if row else ""


def _write_over(visits: Collection[int], source: Person, target: Person) -> None:
    """What the settlements of these visits used, from one person to the other."""
    sums = (
        UsageEntry.objects.filter(settlement__visit__in=visits, person=source)
        .values_list("settlement", "policy_year", "counter")
        .annotate(total=Sum("amount"))
        .order_by("settlement", "counter", "policy_year")
    )
    UsageEntry.objects.bulk_create(
        UsageEntry(
            settlement_id=settlement, person=person, policy_year=year, counter=counter, amount=sign
        )
        for settlement, year, counter, total in sums
        if total
        for person, sign in ((source, -total), (target, total))
    )


def _beyond(same: SamePerson) -> list[str]:
    """What both covers of a year paid beyond what the measures give one person."""
    found = []
    for _, stays in same.moved[ENDED]:
        cover = Enrollment.objects.select_related("person", "household", "pack", "division").get(
            pk=stays
        )
        try:
            paid, due = as_one(cover)
        except Refusal as refusal:
            found.append(f"{cover.year} 年度的报销不能按一人试算（{refusal.message}），请人工核查")
            continue
        if paid > due:
            found.append(
                f"{cover.year} 年度两条登记共报销 {told(to_yuan(paid))} 元，按一人计算应为 "
                f"{told(to_yuan(due))} 元，多支付 {told(to_yuan(paid - due))} 元，请核查处理"
            )
    return found


def as_one(cover: Enrollment) -> tuple[int, int]:
    """Fen that the fund paid on the cover, and what it would have paid had all its claims been
    settled one after the other, in the order in which they were. Raises Refusal."""
    rows = Settlement.objects.effective().filter(visit__enrollment=cover).order_by("pk")
    claims = list(rows.select_related("visit").prefetch_related("visit__lines"))
    if not claims:
        return 0, 0
    measures = Measures.on(area_code=cover.division.county_code, day=claims[0].visit.starts)
    used: dict[str, int] = defaultdict(int, usage_to_date(cover, measures.terms))
    shared = Household.objects.sharing_account_with(cover.household)
    own = UsageEntry.objects.filter(settlement__in=claims)
    for part in (own.filter(person=cover.person_id), own.filter(household__in=shared)):
        for counter, amount in part.totals().items():
            used[counter] -= amount
    due = 0
    for claim in claims:
        measures = Measures.on(area_code=cover.division.county_code, day=claim.visit.starts)
        decision = compute(
            enrollment=cover,
            visit=claim.visit,
            lines=list(claim.visit.lines.all()),
            measures=measures,
            used=dict(used),
        )
        for change in decision.changes:
            used[change.counter] += change.delta
        due += decision.fund_pay
    return sum(to_fen(claim.fund_amount) for claim in claims), due


def _two_beds(kept: Person) -> Iterable[str]:
    stays = Visit.objects.filter(
        person=kept, bed=True, settlements__in=Settlement.objects.effective()
    ).order_by("starts", "pk")
    for one, other in combinations(stays, 2):
        if overlap(one, other):
            yield (
                f"住院日期重叠：{one.institution_name} {one.starts} 至 {one.ends}，"
                f"{other.institution_name} {other.starts} 至 {other.ends}，请核查"
            )


def _overdrawn(same: SamePerson) -> Iterable[str]:
    """A cover that ended grants nothing more to its household's account."""
    for ended, _ in same.moved[ENDED]:
        home = Enrollment.objects.select_related("household").get(pk=ended).household
        shared = Household.objects.sharing_account_with(home).values_list("pk", flat=True)
        over = -account_left(list(shared))
        if over > 0:
            yield f"户编号 {home.number} 的家庭账户已多用 {told(to_yuan(over))} 元，请核查处理"


def shown(person: Person, user: User) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Claims, usage to date and the household's account, for the page with two records."""
    if not user.may("claims.view"):
        return []
    claims = Settlement.objects.filter(visit__person=person).exclude(status=Settlement.Status.DRAFT)
    listed = [
        (
            row.number,
            f"{row.visit.starts} {row.visit.institution_name}，"
            f"基金支付 {told(row.fund_amount)} 元，{row.get_status_display()}",
        )
        for row in claims.select_related("visit").order_by("-visit__starts", "-pk")
    ]
    counted = []
    for cover in Enrollment.objects.active().filter(person=person).select_related(
        "household", "pack", "division"
    ):  # fmt: skip
        terms = Measures.on(area_code=cover.division.county_code, day=cover.cover_first_day).terms
        for key, amount in sorted(usage_to_date(cover, terms).items()):
            counter = terms.counters[key.partition("@")[0]]
            said = f"{told(to_yuan(amount))} 元" if counter.unit == "fen" else str(amount)
            counted.append((f"{cover.year} 年度 {counter.title}", said))
    return [("报销", listed), ("待遇累计和账户", counted)]

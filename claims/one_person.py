"""What claims know of people and households, asked from below (enrollment/people/rooms.py).

When two records of one person become one, their visits and usage count together: visits point at
the kept record and at the cover that stays; usage rows, which are only ever added, are written over
by opposite rows. Settlements say what they said; what was paid beyond the measures of one person is
told, to be looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date
from itertools import accumulate, combinations
from typing import Any

from django.db.models import Max, Sum

from accounts.errors import Refusal
from accounts.models import User
from claims.assistance.falling import ask_back_aid
from claims.assistance.figures import figures, net_of
from claims.assistance.models import KEY as AID_KEY
from claims.assistance.models import AidApplication
from claims.computation import account_years, carried, usage_to_date
from claims.models import Settlement, SettlementQuerySet, UsageEntry, Visit
from claims.paying.seen import digest_of
from claims.recovery.models import Recovery
from claims.second import one_person as second
from claims.second.models import KEY as SECOND_KEY
from claims.second.models import SecondPayment
from claims.services.drawn import count_anew
from claims.stays import overlap
from claims.unpaid.models import OldClaim
from claims.visits.parts import Earlier, compute_part
from enrollment.collection.one_person import ENDED
from enrollment.models import Enrollment, Household, Person
from enrollment.people.rooms import MOVES, OWN, Unless
from enrollment.people.same_models import SamePerson
from lib.money import to_fen, to_yuan, told
from policies.services import Measures

FOLLOWS = {
    "claims.Visit.person": MOVES,
    "claims.Filing.person": MOVES,
    "claims.UsageEntry.person": OWN,
    "claims.CarriedUsage.person": MOVES,
    "claims.CarriedAmount.person": MOVES,
    "claims.CarriedRow.person": MOVES,
    "claims.OldSettlement.person": MOVES,
    "claims.OldClaim.person": MOVES,
    "claims.BedRow.person": MOVES,
    "claims.AidApplication.person": MOVES,
    "claims.SecondPayment.person": MOVES,
    "claims.AidCase.person": Unless(("policy_year",)),
    "claims.Settlement.payee_person": OWN,
    "claims.Supplement.payee_person": MOVES,
}
# What SamePerson.moved keeps: (ended cover, staying cover, visits), the last settlement and debt
# that there were, the settlements that named the record as payee.
VISITS, LAST_CLAIM, LAST_DEBT, PAYEES = "visits", "last_claim", "last_debt", "payees"
# As `FOLLOWS` has moved it.
SECONDS = "claims.SecondPayment.person"
# Why something is asked back, after 结算单 and its number.
JOINED, PARTED = "的参保人由两条登记合并", "的参保人合并已撤销"


def drawn_before(cover: Enrollment) -> str:
    """What was used on the cover's year in the old system stands against giving its premium back;
    "" when nothing was."""
    rows = carried().filter(person=cover.person_id, policy_year=cover.year, amount__gt=0)
    used = rows.select_related("usage__file").defer("usage__file__content").first()
    if used is None:
        return ""
    return (
        f"此人本年度在原系统已享受待遇（{used.title} {used.shown}，"
        f"{used.usage.file.system}截至 {used.usage.counted_to}），不能退费"
    )


def cover_used(cover: Enrollment) -> str:
    """What stands against taking a carried cover back; "" when nothing does."""
    if drawn_before(cover):
        return f"此人 {cover.year} 年度已转入已用情况，请先用更正文件把已用更正为 0"
    visit = Visit.objects.filter(enrollment=cover).exclude(status=Visit.Status.VOID).first()
    if visit is not None:
        return f"此人 {cover.year} 年度已有就诊（{_told(visit)}），请先撤销"
    claims = OldClaim.objects.filter(cover=cover).exclude(status=OldClaim.Status.WITHDRAWN)
    if (claim := claims.first()) is not None:
        return f"还有{claim}，请先撤回"
    return ""


def account_overdrawn(households: Collection[int]) -> str:
    """Whether more was used of their common account than it holds, in words."""
    over = -account_left(households)
    return f"更正后这一户的账户比已用的少 {told(to_yuan(over))} 元，请核对" if over > 0 else ""


def account_left(households: Collection[int]) -> int:
    """Fen: the least that the common account of the households holds at the end of any year;
    below 0 when more was used than it was granted."""
    uses: dict[int, int] = defaultdict(int)
    for rows in (UsageEntry.objects.all(), carried()):
        own = rows.filter(household__in=households, counter="household_account").order_by()
        for year, total in own.values_list("policy_year").annotate(total=Sum("amount")):
            uses[year] += total
    years = account_years(households, uses)
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


def joining_problem(kept: Person, given_up: Person) -> str:
    """Two applications for assistance that nobody has decided would be two of one person."""
    open_ones = AidApplication.objects.filter(
        person__in=(kept, given_up), status__in=AidApplication.OPEN
    )
    rows = open_ones.order_by("pk").values_list("policy_year", "kind", "number")
    found: dict[tuple[int, str], str] = {}
    for year, kind, number in rows:
        if (other := found.setdefault((year, kind), number)) != number:
            return f"两条登记各有一份同类救助申请没有办结（{other}、{number}），请先办结一份再合并"
    return ""


def foretold(kept: Person, given_up: Person) -> list[str]:
    """What whoever asks for the merger, and whoever decides it, is to know before."""
    return list(second.foretold(kept, given_up))


def lock_above(ids: Sequence[int]) -> None:
    """The claims that name one of them as payee: `joined` writes them, and every other hand on a
    claim holds it before the cover."""
    named = Settlement.objects.select_for_update(no_key=True).filter(payee_person__in=ids)
    list(named.order_by("pk").values_list("pk"))


def joined(same: SamePerson, actor: User, on: date) -> list[str]:
    """Visits of a cover that ended stand on the one that stays; usage counts together."""
    same.moved[VISITS] = []
    for ended, stays in same.moved[ENDED]:
        visits = list(Visit.objects.filter(enrollment=ended).values_list("pk", flat=True))
        Visit.objects.filter(pk__in=visits).update(enrollment=stays)
        same.moved[VISITS].append([ended, stays, visits])
        count_anew(stays)
    _write_over(same.moved["claims.Visit.person"], same.given_up, same.kept)
    named = Settlement.objects.filter(payee_person=same.given_up)
    same.moved[PAYEES] = _name_payee(named, same.kept)
    same.moved[LAST_CLAIM] = Settlement.objects.aggregate(last=Max("pk"))["last"]
    same.moved[LAST_DEBT] = Recovery.objects.aggregate(last=Max("pk"))["last"]
    return [
        *_beyond(same),
        *_two_beds(same.kept),
        *_overdrawn(same),
        *_aid_beyond(same.kept, actor),
        *_second_beyond(same, actor),
    ]


def parted(undoing: SamePerson, undone: SamePerson, actor: User, on: date) -> None:
    """Every visit on its cover and every use with its record, as before."""
    _write_over(undone.moved["claims.Visit.person"], undone.kept, undone.given_up)
    for ended, stays, visits in undone.moved[VISITS]:
        Visit.objects.filter(pk__in=visits).update(enrollment=ended)
        count_anew(ended)
        count_anew(stays)
    named = Settlement.objects.filter(pk__in=undone.moved.get(PAYEES, []), payee_person=undone.kept)
    _name_payee(named, undone.given_up)
    for person in (undone.kept, undone.given_up):
        _ask_back_aid(person, what=PARTED, actor=actor)
        second.as_one(person, what=PARTED, actor=actor)


def _name_payee(named: SettlementQuerySet, person: Person) -> list[int]:
    """The payee is the same person under another record: whether he lives is read there from now
    on. What two people agreed to still holds if it held, for name and account are theirs."""
    rows = named.select_for_update(no_key=True, of=("self",)).order_by("pk")
    rows = rows.select_related("visit").prefetch_related("funds", "visit__lines")
    for row in rows:
        holds = row.digest and row.digest == digest_of(row)
        row.payee_person = person
        row.digest = digest_of(row) if holds else row.digest
        row.save(update_fields=["payee_person", "digest"])
    return [row.pk for row in rows]


def undoing_problem(same: SamePerson) -> str:
    """Claims that were settled since count as one person's, and so do debts of either record's
    payments that were found since."""
    since = Settlement.objects.filter(
        visit__person=same.kept_id, pk__gt=same.moved[LAST_CLAIM] or 0
    ).exclude(status=Settlement.Status.WITHDRAWN)
    row = since.order_by("pk").first()
    if row is not None:
        return f"合并以后又有结算单 {row.number}，请先撤回"
    keys = [
        f"{key}{pk}"
        for key, paid in ((AID_KEY, AidApplication.objects), (SECOND_KEY, SecondPayment.objects))
        for pk in paid.filter(person=same.kept_id).values_list("pk", flat=True)
    ]
    debts = Recovery.objects.filter(
        payment_key__in=keys, status__in=Recovery.UNSETTLED, pk__gt=same.moved.get(LAST_DEBT) or 0
    )
    debt = debts.exclude(status=Recovery.Status.PROPOSED).order_by("pk").first()
    return f"合并时提出的追回单 {debt} 已在办理，请先办结或不予追回" if debt else ""


def _write_over(visits: Collection[int], source: Person, target: Person) -> None:
    """What the settlements of these visits used, from one person to the other; what went back with
    money that came back stays apart, by its receipt."""
    sums = (
        UsageEntry.objects.filter(settlement__visit__in=visits, person=source)
        .values_list("settlement", "receipt", "policy_year", "counter")
        .annotate(total=Sum("amount"))
        .order_by("settlement", "receipt", "counter", "policy_year")
    )
    UsageEntry.objects.bulk_create(
        UsageEntry(
            settlement_id=settlement,
            receipt_id=receipt,
            person=person,
            policy_year=year,
            counter=counter,
            amount=sign,
        )
        for settlement, receipt, year, counter, total in sums
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
    rows = Settlement.objects.counted().filter(visit__enrollment=cover)
    rows = rows.order_by("submitted_at", "visit")
    claims = list(rows.select_related("visit").prefetch_related("visit__lines"))
    parts: dict[int, Earlier] = {}
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
        visit, before = claim.visit, parts.get(claim.visit_id)
        visit.ends = claim.charged_to or visit.ends
        lines = [line for line in visit.lines.all() if line.part == claim.part]
        decision = compute_part(
            enrollment=cover,
            visit=visit,
            lines=lines,
            measures=measures,
            used=dict(used),
            earlier=before,
        )
        parts[claim.visit_id] = Earlier.after(before, claim, lines, decision)
        for change in decision.changes:
            used[change.counter] += change.delta
        due += decision.fund_pay
    return sum(to_fen(claim.fund_amount) for claim in claims), due


def _two_beds(kept: Person) -> Iterable[str]:
    stays = (
        Visit.objects.filter(person=kept, bed=True)
        .exclude(status=Visit.Status.VOID)
        .order_by("starts", "pk")
    )
    for one, other in combinations(stays, 2):
        if overlap(one.days, other.days):
            yield f"住院日期重叠：{_told(one)}，{_told(other)}，请核查"


def _told(stay: Visit) -> str:
    return f"{stay.institution_name} {stay.starts} 至 {stay.days.ends or '今'}"


def _overdrawn(same: SamePerson) -> Iterable[str]:
    """A cover that ended grants nothing more to its household's account."""
    for ended, _ in same.moved[ENDED]:
        home = Enrollment.objects.select_related("household").get(pk=ended).household
        shared = Household.objects.sharing_account_with(home).values_list("pk", flat=True)
        over = -account_left(list(shared))
        if over > 0:
            yield f"户编号 {home.number} 的家庭账户已多用 {told(to_yuan(over))} 元，请核查处理"


def _ask_back_aid(person: Person, *, what: str, actor: User) -> list[Recovery]:
    """What the person was paid as assistance beyond one person's due of each year is asked back."""
    paid = AidApplication.objects.filter(person=person, status=AidApplication.Status.PAID)
    found = []
    for year in sorted(set(paid.values_list("policy_year", flat=True))):
        covers = Enrollment.objects.active().filter(person=person, year=year)
        held = list(covers.select_related("person", "household", "pack", "division"))
        claims = Settlement.objects.filter(visit__person=person, policy_year=year)
        last = claims.exclude(status=Settlement.Status.DRAFT).order_by("-pk").first()
        if last is not None:
            found += ask_back_aid(held, fall=last, what=what, actor=actor)
    return found


def _aid_beyond(kept: Person, actor: User) -> Iterable[str]:
    """Assistance of both records that one person's cap, or one person's own pay, does not allow:
    as if all of it were applied for as one. It is asked back."""
    for debt in _ask_back_aid(kept, what=JOINED, actor=actor):
        yield (
            f"两条登记合计超过一人应得的救助 {told(debt.amount)} 元，"
            f"已提出追回（追回单 {debt.number}），请初审"
        )
    yield from _aid_told(kept)


def _aid_told(kept: Person) -> Iterable[str]:
    """Of what could not be asked back, since it rests on no claim (help with the premium)."""
    rows = AidApplication.objects.filter(person=kept, status=AidApplication.Status.PAID)
    for row in rows.select_related("cover__pack").order_by("pk"):
        if row.pk != rows.filter(policy_year=row.policy_year, kind=row.kind).latest("pk").pk:
            continue
        cover = Enrollment.objects.active().filter(person=kept, year=row.policy_year)
        standing = cover.select_related("person", "household", "pack", "division").first()
        if standing is None:
            continue
        with suppress(Refusal):
            given = net_of(row)
            over = given - figures(standing, row.kind, row.applied_on, row).aid.fen
            if over > 0:
                yield (
                    f"{row.policy_year} 年度{row.kind_name}两条登记合计超过一人应得 "
                    f"{told(to_yuan(over))} 元（救助单 {row.number}），请核查处理"
                )


def _second_beyond(same: SamePerson, actor: User) -> Iterable[str]:
    """Second compensations of a year beyond one person's due: asked back."""
    if SECONDS not in same.moved:
        return
    for debt in second.as_one(same.kept, what=JOINED, actor=actor):
        yield (
            f"两条登记的二次补偿超过一人应得，已提出追回 {told(debt.amount)} 元"
            f"（追回单 {debt.number}），请初审"
        )


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
    covers = Enrollment.objects.active().filter(person=person).order_by("-year")
    for cover in covers.select_related("household", "pack", "division"):
        terms = Measures.on(area_code=cover.division.county_code, day=cover.cover_first_day).terms
        for key, amount in sorted(usage_to_date(cover, terms).items()):
            counter = terms.counters[key.partition("@")[0]]
            said = f"{told(to_yuan(amount))} 元" if counter.unit == "fen" else str(amount)
            counted.append((f"{cover.year} 年度 {counter.title}", said))
    return [("报销", listed), ("待遇累计和账户", counted)]

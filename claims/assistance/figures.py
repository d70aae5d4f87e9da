"""What a person's year comes to for a kind of assistance, read from claims and applications."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from accounts.errors import Refusal
from claims.assistance.models import KEY, AidApplication
from claims.assistance.rules import Aid, Bill, Standing, compute
from claims.computation import usage_to_date
from claims.dependence.models import SupplementPart
from claims.models import Settlement, SettlementQuerySet, UsageEntry
from claims.recovery.models import Recovery, left_of
from claims.second.models import KEY as SECOND_KEY
from claims.second.models import SecondPayment
from claims.shares import is_wholly_back
from enrollment.models import Enrollment
from enrollment.people.listed import held_on
from lib.money import to_fen
from policies.services import terms_of
from policies.terms import AidKind, AidRate, AidRules, Terms

# A claim counts once it is decided: what a review may still cut is nobody's own pay yet.
UNDECIDED = (Settlement.Status.SUBMITTED, Settlement.Status.REVIEWED)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The claims that were counted with their own pay (fen), and what comes out."""

    kind: AidKind
    rate: AidRate
    held: str
    held_source: str
    care: list[str]
    claims: list[tuple[Settlement, int]]
    own: int
    aid: Aid


def rules_of(terms: Terms) -> AidRules:
    """Raises Refusal when the county's measures know no applications."""
    if terms.assistance is None:
        raise Refusal(f"{terms.title}没有写医疗救助的申请办法，请由政策管理岗在办法中补上")
    return terms.assistance


def decided(rows: SettlementQuerySet) -> SettlementQuerySet:
    """Claims whose own pay counts."""
    return rows.counted().exclude(status__in=UNDECIDED)


def own_pay(settlements: Iterable[Settlement]) -> list[tuple[Settlement, int]]:
    """Fen that the person bore of each within the scope of insurance. Three statements, and
    a few for each claim of which something came back with the year's usage kept.

    Whose money is all back has borne nothing as an insured person, also where the year's usage was
    kept.
    """
    rows = list(settlements)
    kept = Recovery.objects.filter(
        settlement__in=rows, usage=Recovery.Usage.KEPT, status=Recovery.Status.RECEIVED
    ).select_related("settlement__visit", "settlement__pack")
    back = {one.settlement_id for one in kept if is_wholly_back(one.settlement)}
    rows = [row for row in rows if row.pk not in back]
    parts = SupplementPart.objects.filter(supplement__settlement__in=rows)
    parts = parts.exclude(supplement__status="replaced")
    sums = parts.order_by().values_list("supplement__settlement").annotate(total=Sum("amount"))
    more = dict(sums)
    return [(row, _bill(row, more.get(row.pk, Decimal(0))).own) for row in rows]


def _bill(row: Settlement, more: Decimal) -> Bill:
    return Bill(
        in_scope=to_fen(row.in_scope_amount),
        fund=to_fen(row.fund_amount),
        beyond=to_fen(row.beyond_amount),
        hospital=to_fen(row.hospital_amount),
        borne=to_fen(row.borne_amount),
        cash=to_fen(row.cash_amount),
        more=to_fen(more),
    )


def figures(
    cover: Enrollment, code: str, day: date, besides: AidApplication | None = None
) -> Figures:
    """By the measures of the cover, for a status that holds on the day. Read it under lock_cover.

    `besides`: the application itself, which does not count against itself. Raises Refusal.
    """
    terms = terms_of(cover.pack)
    kind = rules_of(terms).kind(code)
    if kind is None:
        raise Refusal("请选择救助种类", "kind")
    held, source, rate = _as_given(kind, besides) or _held(cover, kind, day)
    care = [] if kind.base == "premium" else list(kind.care or terms.cares)
    claims: list[tuple[Settlement, int]] = []
    if kind.base == "premium":
        own = to_fen(min(cover.personal_amount, cover.premium_amount))
    else:
        rows = decided(Settlement.objects.all()).filter(
            visit__person=cover.person_id, policy_year=cover.year, visit__care__in=care
        )
        if kind.counter:  # that aid was given at the counter already (一站式), by a layer
            here = UsageEntry.objects.filter(counter=kind.counter, amount__gt=0)
            rows = rows.exclude(pk__in=here.filter(person=cover.person_id).values("settlement"))
        claims = [pair for pair in own_pay(rows.order_by("pk")) if pair[1]]
        own = sum(fen for _, fen in claims)
    given = AidApplication.objects.standing().filter(person=cover.person_id, policy_year=cover.year)
    if besides is not None:
        given = given.exclude(pk=besides.pk)
    granted = _sum(given.filter(kind=code))
    standing = Standing(
        own=own,
        others=_others(given.exclude(kind=code), cover, care, besides) if care else 0,
        granted=granted,
        used=_used(cover, terms, kind, besides) if kind.counter else granted,
    )
    return Figures(
        kind=kind,
        rate=rate,
        held=held,
        held_source=source,
        care=care,
        claims=claims,
        own=own,
        aid=compute(kind, rate, standing),
    )


def _as_given(kind: AidKind, given: AidApplication | None) -> tuple[str, str, AidRate] | None:
    """What was paid was paid for the status that was held then, whatever lists say today."""
    if given is None or given.status != AidApplication.Status.PAID:
        return None
    found = kind.rate_of([given.held])
    return (given.held, given.held_source, found[1]) if found else None


def _held(cover: Enrollment, kind: AidKind, day: date) -> tuple[str, str, AidRate]:
    rows = {row.code: row for row in held_on([cover.person_id], day)[cover.person_id]}
    found = kind.rate_of(rows)
    if found is None:
        raise Refusal(
            f"{day} 的部门名单中，{cover.person.name}没有可申请{kind.name}的身份；"
            "请先由民政等部门认定并导入名单",
            "kind",
        )
    status, rate = found
    return status, rows[status].source, rate


def _sum(rows: QuerySet[AidApplication]) -> int:
    """Less what is asked back of those that were paid."""
    left = rows.annotate(left=left_of(KEY)).aggregate(total=Sum("left", default=Decimal(0)))
    return to_fen(left["total"])


def _others(
    given: QuerySet[AidApplication],
    cover: Enrollment,
    care: list[str],
    besides: AidApplication | None,
) -> int:
    """What else was given for the same care: other kinds, and a second compensation, unless the
    aid was reviewed before that was agreed to (claims/second/computing.py)."""
    found = _sum(given.filter(care__overlap=care))
    rule = terms_of(cover.pack).second
    if rule is None or not set(rule.care) & set(care):
        return found
    rows = SecondPayment.objects.given().filter(person=cover.person_id, run__year=cover.year)
    if besides is not None and besides.reviewed_at is not None:
        rows = rows.filter(run__grant__orders__requested_at__lt=besides.reviewed_at)
    left = rows.annotate(left=left_of(SECOND_KEY)).aggregate(total=Sum("left", default=Decimal(0)))
    return found + to_fen(left["total"])


def net_of(application: AidApplication) -> int:
    """Fen of an application less what is asked back of it."""
    return _sum(AidApplication.objects.filter(pk=application.pk))


def _used(cover: Enrollment, terms: Terms, kind: AidKind, besides: AidApplication | None) -> int:
    used = usage_to_date(cover, terms).get(kind.counter, 0)
    if besides is not None and besides.status in AidApplication.STANDING:
        used -= net_of(besides)
    return used

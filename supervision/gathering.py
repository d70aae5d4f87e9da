"""What the screening rules look at, read from the rooms below: a constant number of statements."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Substr, TruncMonth

from accounts.models import Division
from claims.filings.models import Filing
from claims.models import BillLine, Invoice, Settlement, SettlementQuerySet, Visit
from desk.kept import Kept, among, given
from enrollment.models import Person
from institutions.mapping import codes_meant_by
from lib.money import to_fen
from lib.periods import Month
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Terms
from policies.terms.bill import ConsentLimit
from supervision.claim_rows import (
    VILLAGE_DIGITS,
    columns_of,
    counted_claims,
    facts_of,
    standing_of,
    with_standing,
)
from supervision.library.reading import library_of
from supervision.models import Alert, Screening, VisitDenial
from supervision.rules import SCREENS, ClaimFacts, Known, Need
from supervision.rules.bounds import Bounds
from supervision.rules.denied import RULE as DENIED
from supervision.rules.facts import (
    Charge,
    Denied,
    Injury,
    InvoiceFacts,
    MonthOf,
    Standing,
    Supply,
    Ward,
)
from supervision.rules.points import Library


@dataclass(frozen=True)
class Batch:
    """New claims of an area that the rules are asked of, and settlement → pack that judged it."""

    area: Division
    claims: Sequence[ClaimFacts]
    packs: Mapping[int, int]
    standings: Sequence[Standing] = ()
    # The month that is over and looked at as a whole; None in the run over what is new.
    month: Month | None = None
    # What was looked at together with them and is asked nothing, where no mark says so.
    taken: Sequence[int] = ()

    @classmethod
    def of(
        cls,
        area: Division,
        rows: SettlementQuerySet,
        month: Month | None = None,
        taken: Sequence[int] = (),
    ) -> Self:
        columns = columns_of(with_standing(rows))
        packs = {row["pk"]: row["pack_id"] for row in columns}
        claims = [facts_of(row) for row in columns]
        return cls(area, claims, packs, [standing_of(row) for row in columns], month, taken)

    def looked_at(self) -> SettlementQuerySet:
        """These claims, those of this run that nothing is asked of, which are marked before, and
        those of the runs before. What waits for its own turn is not compared yet: so the size of a
        run changes nothing in what is found."""
        own = [*self.taken, *(claim.settlement for claim in self.claims)]
        return counted_claims().filter(Q(screening__isnull=False) | Q(pk__in=own))

    @cached_property
    def far(self) -> list[ClaimFacts]:
        """Claims from hospitals that are none of the area's; there a code is the hospital's
        name."""
        there = {claim.institution_name for claim in self.claims if not claim.here}
        rows = self.looked_at().filter(
            visit__institution=None,
            visit__institution_name__in=there,
            division__code__startswith=self.area.code,
        )
        return [facts_of(row) for row in columns_of(rows)] if there else []

    @cached_property
    def of_persons(self) -> list[ClaimFacts]:
        """Also those screened before, since a new claim may overlap an old one: stays of every
        year, and what needs no bed within the days of the new claims."""
        if not self.claims:
            return []
        first = min(claim.starts for claim in self.claims)
        last = max(claim.ends for claim in self.claims)
        rows = self.looked_at().filter(
            Q(visit__bed=True) | Q(visit__starts__range=(first, last)),
            visit__person__in={claim.person for claim in self.claims},
        )
        return [facts_of(row) for row in columns_of(rows)]

    @cached_property
    def beside(self) -> list[ClaimFacts]:
        """Claims that share village, institution and first day with a new one."""
        # By village: the people of its groups count together.
        village = Substr("division__code", 1, VILLAGE_DIGITS)
        together = (
            Settlement.objects.filter(pk__in=[claim.settlement for claim in self.claims])
            .annotate(village=village)
            .filter(
                village=OuterRef("village"),
                visit__institution_name=OuterRef("visit__institution_name"),
                visit__starts=OuterRef("visit__starts"),
            )
        )
        rows = self.looked_at().annotate(village=village).filter(Exists(together))
        return [facts_of(row) for row in columns_of(rows)]

    @cached_property
    def terms(self) -> dict[int, Terms]:
        """Pack → its terms."""
        packs = Pack.objects.in_bulk(set(self.packs.values()))
        return {pk: terms_of(pack) for pk, pack in packs.items()}

    @cached_property
    def charges(self) -> dict[int, list[Charge]]:
        """Settlement → lines of its bill: of the new claims and of those beside them."""
        return _charges(self)


def gather(batch: Batch, bounds: Bounds, *, ends_run: bool) -> tuple[Known, frozenset[Need]]:
    """What the rules of this call need, and which needs these are.

    `bounds`: the county's thresholds, on which nothing that is gathered depends. `ends_run`:
    nothing is left to look at after this batch; then also what is gathered once a run.
    """
    wanted = {need for screen in SCREENS for need in screen.rule.needs}
    now = (ONCE_A_RUN if ends_run else set()) | (BY_BATCH if batch.claims else set())
    given = wanted & (now if batch.month else now - BY_MONTH)
    known = Known(bounds=bounds, **{need.value: GATHERERS[need](batch) for need in given})
    return known, frozenset(given)


def unscreened(area: Division) -> SettlementQuerySet:
    # A row beside the claim says that it was looked at: supervision writes nothing into claims.
    looked_at = Screening.objects.filter(settlement=OuterRef("pk"))
    return counted_claims().filter(~Exists(looked_at), division__code__startswith=area.code)


def _outlived(batch: Batch) -> list[ClaimFacts]:
    rules = [screen.rule.code for screen in SCREENS if Need.OUTLIVED in screen.rule.needs]
    known = Alert.objects.filter(rule__in=rules, settlement=OuterRef("pk"))
    # An alert once raised stays as it is, so that its claim need not be read in every run.
    rows = counted_claims().filter(
        ~Exists(known),
        division__code__startswith=batch.area.code,
        visit__person__death_date__lt=F("visit__ends"),
    )
    return [facts_of(row) for row in columns_of(rows)]


def _stays(batch: Batch) -> list[ClaimFacts]:
    return [claim for claim in batch.of_persons if claim.bed]


def _visits(batch: Batch) -> list[ClaimFacts]:
    return [claim for claim in batch.of_persons if not claim.bed]


def _neighbours(batch: Batch) -> list[ClaimFacts]:
    return [claim for claim in batch.beside if claim.bed]


def _crowds(batch: Batch) -> list[ClaimFacts]:
    return [claim for claim in batch.beside if not claim.bed]


def _terms(batch: Batch) -> dict[int, Terms]:
    return {settlement: batch.terms[pack] for settlement, pack in batch.packs.items()}


def _standings(batch: Batch) -> Sequence[Standing]:
    return batch.standings


def _limits(batch: Batch) -> dict[int, ConsentLimit | None]:
    limits = {pk: terms.bill.consent_limit for pk, terms in batch.terms.items()}
    return {settlement: limits[pack] for settlement, pack in batch.packs.items()}


def _far(batch: Batch) -> list[ClaimFacts]:
    return batch.far


def _charges(batch: Batch) -> dict[int, list[Charge]]:
    ids = {claim.settlement for claim in batch.claims}
    ids |= {claim.settlement for claim in batch.far}
    lines = BillLine.objects.filter(
        is_live=True, part=F("visit__settlements__part"), visit__settlements__in=ids
    )
    found: dict[int, list[Charge]] = defaultdict(list)
    rows = lines.order_by("visit", "line_number").values(
        *("quantity", "amount", "limit_amount", "category", "charged_on", "supply_days"),
        *("item_code", "own_code"),
        name=F("item_name"),
        antibiotic=F("item__is_antibiotic"),
        settlement=F("visit__settlements"),
        institution=F("visit__institution"),
        starts=F("visit__starts"),
    )
    meant = codes_meant_by(
        (row["institution"], row["own_code"], row["starts"]) for row in rows if _is_unnamed(row)
    )
    for row in rows:
        own = row["institution"], row["own_code"], row["starts"]
        limit = row["limit_amount"]
        found[row["settlement"]].append(
            Charge(
                name=row["name"],
                category=row["category"],
                quantity=int(row["quantity"] * 100),
                amount=to_fen(row["amount"]),
                limit=None if limit is None else to_fen(limit),
                charged_on=row["charged_on"],
                days=row["supply_days"],
                antibiotic=bool(row["antibiotic"]),
                code=row["item_code"] or meant.get(own, ""),
            )
        )
    return found


def _is_unnamed(row: Mapping[str, Any]) -> bool:
    """Only the institution's own code says what it is."""
    return not row["item_code"] and bool(row["own_code"]) and row["institution"] is not None


def _library(batch: Batch) -> Library:
    codes = {one.code for lines in batch.charges.values() for one in lines}
    return library_of(batch.area.code, codes)


def _invoices(batch: Batch) -> list[InvoiceFacts]:
    """Of the persons who handed in any, and those of others that bear one of the same numbers."""
    claims = [claim for claim in batch.claims if claim.paper]
    if not claims:
        return []
    theirs = Invoice.objects.filter(
        visit__settlements__in=[claim.settlement for claim in claims], is_live=True
    )
    rows = Invoice.objects.filter(
        Q(visit__person__in={claim.person for claim in claims if not claim.here})
        | Q(number__in=theirs.order_by().values("number")),
        is_live=True,
        visit__settlements__in=batch.looked_at().order_by(),
        visit__division__code__startswith=batch.area.code,
    )
    found = rows.values(
        *("issuer", "number", "issued_on", "amount"),
        settlement=F("visit__settlements"),
        person=F("visit__person_id"),
    )
    return [InvoiceFacts(**row | {"amount": to_fen(row["amount"])}) for row in found]


# Sold by the pack; herbs are weighed out.
PACKED = ("western_drug", "chinese_drug")


def _supplies(batch: Batch) -> list[Supply]:
    """Summed by the database: a person's month over all institutions."""
    bought = [claim for claim in batch.claims if not claim.bed]
    if not bought:
        return []
    months = {(claim.person, Month.of(claim.starts).first) for claim in bought}
    first = min(month for _, month in months)
    last = Month.of(max(month for _, month in months)).last
    lines = BillLine.objects.filter(
        is_live=True,
        part=F("visit__settlements__part"),
        category__in=PACKED,
        visit__bed=False,
        visit__starts__range=(first, last),
        visit__person__in={claim.person for claim in bought},
        visit__settlements__in=batch.looked_at().order_by(),
    )
    rows = (
        lines.order_by()
        .values("item_name", person=F("visit__person"), month=TruncMonth("visit__starts"))
        .annotate(
            packs=Sum("quantity"),
            shops=Count("visit__institution_name", distinct=True),
            last=Max("visit__settlements"),
        )
    )
    return [
        Supply(
            person=row["person"],
            month=row["month"],
            name=row["item_name"],
            quantity=int(row["packs"] * 100),
            shops=row["shops"],
            settlement=row["last"],
        )
        for row in rows
        if (row["person"], row["month"]) in months
    ]


def _of_month(area: Division, month: Month) -> SettlementQuerySet:
    """Of the institutions here."""
    return counted_claims().filter(
        settled_on__range=(month.first, month.last),
        division__code__startswith=area.code,
        visit__institution__isnull=False,
    )


def tops_of(area: Division, month: Month) -> SettlementQuerySet:
    """Of each institution of the month and each level of its visits the claim with most outside the
    catalogues."""
    place = ("visit__institution_id", "visit__level")
    rows = _of_month(area, month).order_by(*place, "-full_self_pay_amount", "pk")
    return rows.distinct(*place)


def _months(batch: Batch) -> list[MonthOf]:
    """Of the institutions here whose claim with most outside the catalogues is in this batch: so
    each is told of in one batch of the run. By the level of the visits: one that changed it within
    the month is two."""
    month = batch.month
    if month is None:
        return []
    here = {claim.settlement for claim in batch.claims}
    tops = tops_of(batch.area, month).values_list("visit__institution", "visit__level", "pk")
    top = {(place, level): pk for place, level, pk in tops if pk in here}
    if not top:
        return []
    found = (
        _of_month(batch.area, month)
        .filter(visit__institution__in={place for place, _ in top})
        .order_by()
        .values("visit__institution", "visit__institution__name", "visit__level")
        .annotate(whole=Sum("total_amount"), off=Sum("full_self_pay_amount"))
    )
    return [
        MonthOf(
            institution_name=row["visit__institution__name"],
            level=row["visit__level"],
            month=month.first,
            total=to_fen(row["whole"]),
            off_catalogue=to_fen(row["off"]),
            settlement=top[row["visit__institution"], row["visit__level"]],
        )
        for row in found
        if (row["visit__institution"], row["visit__level"]) in top
    ]


def _lying() -> QuerySet[Visit, Any]:
    rows = Visit.objects.exclude(status=Visit.Status.VOID).filter(
        among("institution__code", given("codes")),
        Q(ends=None) | Q(ends__gte=given("first")),
        bed=True,
        institution__beds__isnull=False,
        starts__lte=given("last"),
    )
    # Of a stay whose every settlement was withdrawn nothing is left.
    standing = Settlement.objects.effective().filter(visit=OuterRef("pk")).order_by()
    rows = rows.filter(Q(status=Visit.Status.OPEN) | Exists(standing))
    return rows.values_list("institution__code", "institution__beds", "starts", "ends", "status")


LYING = Kept(_lying)


def wards_of(batch: Batch) -> dict[str, Ward]:
    """Of the days of the new stays; whoever lies there counts, settled or not."""
    stays = [claim for claim in batch.claims if claim.bed and claim.here]
    if not stays:
        return {}
    rows = LYING(
        codes=sorted({claim.institution for claim in stays}),
        first=min(claim.starts for claim in stays),
        last=max(claim.ends for claim in stays),
    )
    found: dict[str, tuple[int, list[tuple[date, date | None]]]] = {}
    for code, beds, starts, ends, status in rows:
        there = found.setdefault(code, (beds or 0, []))[1]
        there.append((starts, None if status == Visit.Status.OPEN else ends))
    return {code: Ward(beds=beds, stays=there) for code, (beds, there) in found.items()}


# Injuries, poisonings and other consequences of external causes (ICD-10, chapter XIX).
INJURED = r"^[ST]\d"


def _injuries(batch: Batch) -> list[Injury]:
    """Paid stays that say an injury by their code, or by what a filing of an accident gives."""
    stays = [claim.settlement for claim in batch.claims if claim.bed]
    filings = Filing.objects.filter(
        Q(ends=None) | Q(ends__gte=OuterRef("visit__starts")),
        person=OuterRef("visit__person"),
        kind=Filing.Kind.ACCIDENT,
        status=Filing.Status.APPROVED,
        starts__lte=OuterRef("visit__starts"),
    )
    told = Settlement.objects.annotate(
        liable=Subquery(filings.order_by("-pk").values("liable")[:1])
    )
    rows: Any = injured(told.filter(pk__in=stays), batch.terms.values())
    return [
        Injury(settlement=pk, diagnosis=f"{code} {name}".strip(), liable=liable or "")
        for pk, code, name, liable in rows.order_by("pk").values_list(
            "pk", "visit__diagnosis_code", "visit__diagnosis", "liable"
        )
    ]


def injured(rows: SettlementQuerySet, terms: Iterable[Terms] | None = None) -> SettlementQuerySet:
    """Stays among the settlements that the fund pays and that say an injury; without `terms` also
    those with any fact at all, by which the measures may say one."""
    stated = Q(visit__diagnosis_code__regex=INJURED)
    if terms is None:
        stated |= ~Q(visit__facts=[])
    else:
        rules = [one.filings.get(Filing.Kind.ACCIDENT) for one in terms]
        for code in {rule.code for rule in rules if rule is not None and rule.code}:
            stated |= Q(visit__facts__contains=[code])
    return rows.filter(stated, visit__bed=True, fund_amount__gt=0)


def denied_persons() -> QuerySet[Any, Any]:
    """Who denied a visit, settled or not, and was not mistaken."""
    alerts = Alert.objects.exclude(status=Alert.Status.DISMISSED).filter(rule=DENIED.code)
    denials = VisitDenial.objects.filter(status__in=VisitDenial.STANDING)
    return Person.objects.filter(
        Q(pk__in=alerts.order_by().values("settlement__visit__person"))
        | Q(pk__in=denials.order_by().values("visit__person"))
    ).values("pk")


def _denied() -> Any:
    alerts = Alert.objects.exclude(status=Alert.Status.DISMISSED).filter(
        among("settlement__visit__person", given("persons")), rule=DENIED.code
    )
    denials = VisitDenial.objects.filter(
        among("visit__person", given("persons")), status__in=VisitDenial.STANDING
    )
    nowhere = Value(None, output_field=BigIntegerField()), Value("", output_field=CharField())
    rows = _of_visit(alerts, "settlement__visit", F("settlement"), F("settlement__number")).union(
        _of_visit(denials, "visit", *nowhere), all=True
    )
    # By claim first, then by visit, each in the order in which it was told.
    return rows.order_by(*TOLD[:2])


DENIALS = Kept(_denied)


def denied_to(batch: Batch) -> list[Denied]:
    """By claims, also those withdrawn since, and by visits that were not settled, also those
    cancelled since: open or found true."""
    found = []
    rows = DENIALS(persons=sorted({claim.person for claim in batch.claims}))
    for claim, _, number, status, person, code, name, starts, ends in rows:
        words = Alert.Status(status).label if claim else VisitDenial.Status(status).label
        found.append(
            Denied(
                person=person,
                institution=code or name,
                starts=starts,
                ends=ends,
                settlement=claim,
                told=f"结算单 {number}，{words}" if claim else f"就诊登记，{words}",
            )
        )
    return found


TOLD = ("of_claim", "pk", "claim_number", "status")


def _of_visit(rows: QuerySet[Any], visit: str, claim: Any, number: Any) -> Any:
    """What was denied, in the columns that both kinds have."""
    path = f"{visit}__"
    return (
        rows.order_by()
        .annotate(of_claim=claim, claim_number=number)
        .values_list(
            *TOLD,
            f"{path}person",
            f"{path}institution__code",
            f"{path}institution_name",
            f"{path}starts",
            f"{path}ends",
        )
    )


GATHERERS: Mapping[Need, Callable[[Batch], Any]] = {
    Need.STAYS: _stays,
    Need.VISITS: _visits,
    Need.NEIGHBOURS: _neighbours,
    Need.CROWDS: _crowds,
    Need.TERMS: _terms,
    Need.STANDINGS: _standings,
    Need.SUPPLIES: _supplies,
    Need.MONTHS: _months,
    Need.LIMITS: _limits,
    Need.OUTLIVED: _outlived,
    Need.FAR: _far,
    Need.CHARGES: lambda batch: batch.charges,
    Need.LIBRARY: _library,
    Need.INVOICES: _invoices,
    Need.INJURIES: _injuries,
    Need.WARDS: wards_of,
    Need.DENIED: denied_to,
}
# Deaths become known later than claims, so that all claims of the area are looked at again.
ONCE_A_RUN = {Need.OUTLIVED}
BY_BATCH = set(Need) - ONCE_A_RUN
BY_MONTH = {Need.MONTHS}

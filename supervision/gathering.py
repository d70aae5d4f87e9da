"""What the screening rules look at, read from the rooms below: a constant number of statements."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Substr

from accounts.models import Division
from claims.filings.models import Filing
from claims.models import BillLine, Invoice, Settlement, SettlementQuerySet, Visit
from institutions.models import Agreement
from lib.money import to_fen
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Terms
from policies.terms.bill import ConsentLimit
from supervision.models import Alert, Screening, VisitDenial
from supervision.rules import SCREENS, ClaimFacts, Known, Need
from supervision.rules.denied import RULE as DENIED
from supervision.rules.facts import Charge, Denied, Injury, InvoiceFacts, Ward

# County six digits, township and village three each (GB/T 2260); a group of a village has two more.
VILLAGE_DIGITS = 12


@dataclass(frozen=True)
class Batch:
    """New claims of an area, and settlement → pack that judged it."""

    area: Division
    claims: Sequence[ClaimFacts]
    packs: Mapping[int, int]

    @classmethod
    def of(cls, area: Division, rows: SettlementQuerySet) -> Self:
        columns = columns_of(rows)
        packs = {row["pk"]: row["pack_id"] for row in columns}
        return cls(area, [facts_of(row) for row in columns], packs)

    @cached_property
    def terms(self) -> dict[int, Terms]:
        """Pack → its terms."""
        packs = Pack.objects.in_bulk(set(self.packs.values()))
        return {pk: terms_of(pack) for pk, pack in packs.items()}


def gather(batch: Batch, *, ends_run: bool) -> tuple[Known, frozenset[Need]]:
    """What the rules of this call need, and which needs these are.

    `ends_run`: nothing is left to look at after this batch; then also what is gathered once a run.
    """
    wanted = {need for screen in SCREENS for need in screen.rule.needs}
    given = wanted & ((ONCE_A_RUN if ends_run else set()) | (BY_BATCH if batch.claims else set()))
    known = Known(**{need.value: GATHERERS[need](batch) for need in given})
    return known, frozenset(given)


def counted_claims() -> SettlementQuerySet:
    """What counts: in a payment that is wholly back nothing is to be found. A stay that was
    settled in parts is one stay, told by its latest part."""
    return Settlement.objects.counted().last_parts()


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
    # Stays of every year and also those screened before: a new claim may overlap an old one.
    persons = {claim.person for claim in batch.claims if claim.bed}
    rows = counted_claims().filter(visit__person__in=persons, visit__bed=True)
    return [facts_of(row) for row in columns_of(rows)]


def _neighbours(batch: Batch) -> list[ClaimFacts]:
    # By village: the people of its groups count together.
    village = Substr("division__code", 1, VILLAGE_DIGITS)
    together = (
        Settlement.objects.filter(pk__in=[claim.settlement for claim in batch.claims if claim.bed])
        .annotate(village=village)
        .filter(
            village=OuterRef("village"),
            visit__institution_name=OuterRef("visit__institution_name"),
            visit__starts=OuterRef("visit__starts"),
        )
    )
    rows = counted_claims().annotate(village=village).filter(Exists(together), visit__bed=True)
    return [facts_of(row) for row in columns_of(rows)]


def _limits(batch: Batch) -> dict[int, ConsentLimit | None]:
    limits = {pk: terms.bill.consent_limit for pk, terms in batch.terms.items()}
    return {settlement: limits[pack] for settlement, pack in batch.packs.items()}


def _far(batch: Batch) -> list[ClaimFacts]:
    """Claims from hospitals that are none of the area's; there a code is the hospital's name."""
    there = {claim.institution_name for claim in batch.claims if not claim.here}
    rows = counted_claims().filter(
        visit__institution=None,
        visit__institution_name__in=there,
        division__code__startswith=batch.area.code,
    )
    return [facts_of(row) for row in columns_of(rows)] if there else []


def _charges(batch: Batch) -> dict[int, list[Charge]]:
    ids = {claim.settlement for claim in batch.claims}
    ids |= {claim.settlement for claim in _far(batch)}
    lines = BillLine.objects.filter(
        is_live=True, part=F("visit__settlements__part"), visit__settlements__in=ids
    )
    found: dict[int, list[Charge]] = defaultdict(list)
    for row in lines.order_by("visit", "line_number").values(
        *("quantity", "amount", "limit_amount", "category", "charged_on"),
        name=F("item_name"),
        settlement=F("visit__settlements"),
    ):
        limit = row["limit_amount"]
        found[row["settlement"]].append(
            Charge(
                name=row["name"],
                category=row["category"],
                quantity=int(row["quantity"] * 100),
                amount=to_fen(row["amount"]),
                limit=None if limit is None else to_fen(limit),
                charged_on=row["charged_on"],
            )
        )
    return found


def _invoices(batch: Batch) -> list[InvoiceFacts]:
    persons = {claim.person for claim in batch.claims if not claim.here}
    rows = Invoice.objects.filter(
        is_live=True,
        visit__person__in=persons,
        visit__settlements__in=counted_claims().order_by(),
    )
    found = rows.values(
        "issuer",
        "number",
        "issued_on",
        settlement=F("visit__settlements"),
        person=F("visit__person_id"),
    )
    return [InvoiceFacts(**row) for row in found]


def wards_of(batch: Batch) -> dict[str, Ward]:
    """Of the days of the new stays; whoever lies there counts, settled or not."""
    stays = [claim for claim in batch.claims if claim.bed and claim.here]
    if not stays:
        return {}
    rows = Visit.objects.exclude(status=Visit.Status.VOID).filter(
        Q(ends=None) | Q(ends__gte=min(claim.starts for claim in stays)),
        bed=True,
        institution__code__in={claim.institution for claim in stays},
        institution__beds__isnull=False,
        starts__lte=max(claim.ends for claim in stays),
    )
    # Of a stay whose every settlement was withdrawn nothing is left.
    standing = Settlement.objects.effective().filter(visit=OuterRef("pk")).order_by()
    rows = rows.filter(Q(status=Visit.Status.OPEN) | Exists(standing))
    found: dict[str, tuple[int, list[tuple[date, date | None]]]] = {}
    for code, beds, starts, ends, status in rows.values_list(
        "institution__code", "institution__beds", "starts", "ends", "status"
    ):
        there = found.setdefault(code, (beds or 0, []))[1]
        there.append((starts, None if status == Visit.Status.OPEN else ends))
    return {code: Ward(beds=beds, stays=there) for code, (beds, there) in found.items()}


# Injuries, poisonings and other consequences of external causes (ICD-10, chapter XIX).
INJURED = r"^[ST]\d"


def _injuries(batch: Batch) -> list[Injury]:
    """Paid stays that say an injury by their code, or by what a filing of an accident gives."""
    rules = [terms.filings.get(Filing.Kind.ACCIDENT) for terms in batch.terms.values()]
    stated = Q(visit__diagnosis_code__regex=INJURED)
    for code in {rule.code for rule in rules if rule is not None and rule.code}:
        stated |= Q(visit__facts__contains=[code])
    filings = Filing.objects.filter(
        Q(ends=None) | Q(ends__gte=OuterRef("visit__starts")),
        person=OuterRef("visit__person"),
        kind=Filing.Kind.ACCIDENT,
        status=Filing.Status.APPROVED,
        starts__lte=OuterRef("visit__starts"),
    )
    rows = Settlement.objects.filter(
        stated,
        pk__in=[claim.settlement for claim in batch.claims if claim.bed],
        fund_amount__gt=0,
    ).annotate(liable=Subquery(filings.order_by("-pk").values("liable")[:1]))
    return [
        Injury(settlement=pk, diagnosis=f"{code} {name}".strip(), liable=liable or "")
        for pk, code, name, liable in rows.order_by("pk").values_list(
            "pk", "visit__diagnosis_code", "visit__diagnosis", "liable"
        )
    ]


def denied_to(batch: Batch) -> list[Denied]:
    """By claims, also those withdrawn since, and by visits that were not settled, also those
    cancelled since: open or found true."""
    persons = {claim.person for claim in batch.claims}
    alerts = Alert.objects.exclude(status=Alert.Status.DISMISSED).filter(
        rule=DENIED.code, settlement__visit__person__in=persons
    )
    denials = VisitDenial.objects.filter(status__in=VisitDenial.STANDING, visit__person__in=persons)
    nowhere = Value(None, output_field=BigIntegerField()), Value("", output_field=CharField())
    rows = _of_visit(alerts, "settlement__visit", F("settlement"), F("settlement__number")).union(
        _of_visit(denials, "visit", *nowhere), all=True
    )
    found = []
    # By claim first, then by visit, each in the order in which it was told.
    for claim, _, number, status, person, code, name, starts, ends in rows.order_by(*TOLD[:2]):
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
    Need.NEIGHBOURS: _neighbours,
    Need.LIMITS: _limits,
    Need.OUTLIVED: _outlived,
    Need.FAR: _far,
    Need.CHARGES: _charges,
    Need.INVOICES: _invoices,
    Need.INJURIES: _injuries,
    Need.WARDS: wards_of,
    Need.DENIED: denied_to,
}
# Deaths become known later than claims, so that all claims of the area are looked at again.
ONCE_A_RUN = {Need.OUTLIVED}
BY_BATCH = set(Need) - ONCE_A_RUN


def columns_of(rows: SettlementQuerySet) -> list[dict[str, Any]]:
    # Of the first day: by it the whole visit is judged, also when an agreement ends meanwhile.
    agreements = Agreement.objects.filter(
        institution=OuterRef("visit__institution"),
        first_day__lte=OuterRef("visit__starts"),
        last_day__gte=OuterRef("visit__starts"),
    )
    found = rows.values(
        "pk",
        "number",
        "pack_id",
        "total_amount",
        "full_self_pay_amount",
        code=F("division__code"),
        person=F("visit__person_id"),
        death_date=F("visit__person__death_date"),
        institution=F("visit__institution__code"),
        designated=Exists(agreements),
        institution_name=F("visit__institution_name"),
        level=F("visit__level"),
        care=F("visit__care"),
        bed=F("visit__bed"),
        counts_as_stay=F("visit__counts_as_stay"),
        starts=F("visit__starts"),
        ends=F("visit__ends"),
        diagnosis_code=F("visit__diagnosis_code"),
        diagnosis=F("visit__diagnosis"),
    )
    return [dict(row) for row in found]


def facts_of(row: Mapping[str, Any]) -> ClaimFacts:
    return ClaimFacts(
        settlement=row["pk"],
        number=row["number"],
        person=row["person"],
        village=row["code"][:VILLAGE_DIGITS],
        institution=row["institution"] or row["institution_name"],
        here=row["institution"] is not None,
        institution_name=row["institution_name"],
        designated=row["designated"],
        level=row["level"],
        care=row["care"],
        bed=row["bed"],
        counts_as_stay=row["counts_as_stay"],
        starts=row["starts"],
        ends=row["ends"],
        diagnosis=row["diagnosis_code"] or row["diagnosis"],
        total=to_fen(row["total_amount"]),
        off_catalogue=to_fen(row["full_self_pay_amount"]),
        death_date=row["death_date"],
    )

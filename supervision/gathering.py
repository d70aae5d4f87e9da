"""What the screening rules look at, read from the rooms below: a constant number of statements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Substr

from accounts.models import Division
from claims.models import Settlement, SettlementQuerySet
from institutions.models import Agreement
from lib.money import to_fen
from policies.models import Pack
from policies.services import terms_of
from policies.terms.bill import ConsentLimit
from supervision.models import Alert, Screening
from supervision.rules import SCREENS, ClaimFacts, Known, Need

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


def gather(batch: Batch, *, ends_run: bool) -> tuple[Known, frozenset[Need]]:
    """What the rules of this call need, and which needs these are.

    `ends_run`: nothing is left to look at after this batch; then also what is gathered once a run.
    """
    wanted = {need for screen in SCREENS for need in screen.rule.needs}
    given = wanted & ((ONCE_A_RUN if ends_run else set()) | (BY_BATCH if batch.claims else set()))
    known = Known(**{need.value: GATHERERS[need](batch) for need in given})
    return known, frozenset(given)


def unscreened(area: Division) -> SettlementQuerySet:
    # A row beside the claim says that it was looked at: supervision writes nothing into claims.
    looked_at = Screening.objects.filter(settlement=OuterRef("pk"))
    return Settlement.objects.effective().filter(
        ~Exists(looked_at), division__code__startswith=area.code
    )


def _outlived(batch: Batch) -> list[ClaimFacts]:
    rules = [screen.rule.code for screen in SCREENS if Need.OUTLIVED in screen.rule.needs]
    known = Alert.objects.filter(rule__in=rules, settlement=OuterRef("pk"))
    # An alert once raised stays as it is, so that its claim need not be read in every run.
    rows = Settlement.objects.effective().filter(
        ~Exists(known),
        division__code__startswith=batch.area.code,
        visit__person__death_date__lt=F("visit__ends"),
    )
    return [facts_of(row) for row in columns_of(rows)]


def _stays(batch: Batch) -> list[ClaimFacts]:
    # Stays of every year and also those screened before: a new claim may overlap an old one.
    persons = {claim.person for claim in batch.claims if claim.bed}
    rows = Settlement.objects.effective().filter(visit__person__in=persons, visit__bed=True)
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
    rows = (
        Settlement.objects.effective()
        .annotate(village=village)
        .filter(Exists(together), visit__bed=True)
    )
    return [facts_of(row) for row in columns_of(rows)]


def _limits(batch: Batch) -> dict[int, ConsentLimit | None]:
    packs = Pack.objects.in_bulk(set(batch.packs.values()))
    limits = {pk: terms_of(pack).bill.consent_limit for pk, pack in packs.items()}
    return {settlement: limits[pack] for settlement, pack in batch.packs.items()}


GATHERERS: Mapping[Need, Callable[[Batch], Any]] = {
    Need.STAYS: _stays,
    Need.NEIGHBOURS: _neighbours,
    Need.LIMITS: _limits,
    Need.OUTLIVED: _outlived,
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

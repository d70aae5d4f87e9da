"""Screening of settled claims, and what the supervisor concludes about an alert."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Substr
from django.utils import timezone

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement, SettlementQuerySet
from institutions.models import Agreement
from lib.money import to_fen
from policies.models import Pack
from policies.services import terms_of
from supervision.models import Alert, Screening
from supervision.rules import (
    ClaimFacts,
    Hit,
    after_death,
    off_catalogue,
    overlapping_stays,
    same_day_admissions,
    split_stays,
)

VILLAGE_DIGITS = 12


@transaction.atomic
def screen_new_claims(*, area: Division, most: int = 2000) -> int:
    """Look at up to `most` submitted settlements of the area that nobody has looked at yet.

    Adds the alerts they give rise to and marks them as screened. Returns how many were looked
    at; 0 says that screening is up to date. The last call of a run (fewer than `most` were left)
    also goes through all claims of the dead, since deaths become known later than claims. A
    constant number of statements whatever `most`; safe to run twice at once.
    """
    rows = _columns(_unscreened(area).order_by("pk")[:most])
    new = [_facts(row) for row in rows]
    hits = list(_screen(new, {row["pk"]: row for row in rows}))
    if len(rows) < most:
        hits += after_death.find(_after_death(area))
    _add_alerts(hits)
    Screening.objects.bulk_create(
        [Screening(settlement_id=claim.settlement) for claim in new], ignore_conflicts=True
    )
    return len(new)


@transaction.atomic
def handle_alert(*, actor: User, alert: Alert, confirmed: bool, conclusion: str) -> Alert:
    """Confirm or dismiss an alert with a conclusion in words. Raises Refusal when already done."""
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.status != Alert.Status.OPEN:
        raise Refusal(f"这条疑点已经核查，结论为“{alert.get_status_display()}”，不能再改")
    conclusion = conclusion.strip()
    if not conclusion:
        raise Refusal("请写明核查结论：查了什么、结果如何、如何处理", "conclusion")
    before = snapshot(alert)
    alert.status = Alert.Status.CONFIRMED if confirmed else Alert.Status.DISMISSED
    alert.handled_by = actor
    alert.handled_at = timezone.now()
    alert.conclusion = conclusion
    alert.save(update_fields=["status", "handled_by", "handled_at", "conclusion"])
    record(
        actor=actor,
        action="supervision.handle_alert",
        subject=alert,
        division_code=alert.division.code,
        before=before,
        after=snapshot(alert),
    )
    return alert


def _screen(new: Sequence[ClaimFacts], rows: Mapping[int, Mapping[str, Any]]) -> Iterable[Hit]:
    """All rules but the one on deaths; see `supervision.rules` for how to add one."""
    if not new:
        return
    stays = _stays_of([claim.person for claim in new if claim.bed])
    yield from overlapping_stays.find(new, stays)
    yield from split_stays.find(new, stays)
    yield from same_day_admissions.find(new, _admitted_together(new))
    packs = Pack.objects.in_bulk({row["pack_id"] for row in rows.values()})
    for number, pack in packs.items():
        judged = [claim for claim in new if rows[claim.settlement]["pack_id"] == number]
        yield from off_catalogue.find(judged, terms_of(pack).bill.consent_limit)


def _add_alerts(hits: Iterable[Hit]) -> None:
    """One alert per rule and settlement; what is already there stays as it is."""
    found = {(hit.rule, hit.settlement): hit for hit in hits}
    if not found:
        return
    divisions = dict(
        Settlement.objects.filter(pk__in=[hit.settlement for hit in found.values()])
        .order_by()
        .values_list("pk", "division_id")
    )
    Alert.objects.bulk_create(
        [
            Alert(
                rule=hit.rule,
                certainty=hit.certainty,
                settlement_id=hit.settlement,
                division_id=divisions[hit.settlement],
                finding=hit.finding,
            )
            for hit in found.values()
        ],
        ignore_conflicts=True,
    )


def _unscreened(area: Division) -> SettlementQuerySet:
    looked_at = Screening.objects.filter(settlement=OuterRef("pk"))
    return Settlement.objects.effective().filter(
        ~Exists(looked_at), division__code__startswith=area.code
    )


def _after_death(area: Division) -> list[ClaimFacts]:
    """Claims that outlast their patient's life and carry no alert for it.

    Whenever the claim was settled: lists of deaths arrive after the claims.
    """
    known = Alert.objects.filter(rule=after_death.RULE.code, settlement=OuterRef("pk"))
    rows = Settlement.objects.effective().filter(
        ~Exists(known),
        division__code__startswith=area.code,
        visit__person__death_date__lt=F("visit__ends"),
    )
    return [_facts(row) for row in _columns(rows)]


def _stays_of(persons: Sequence[int]) -> list[ClaimFacts]:
    rows = Settlement.objects.effective().filter(visit__person__in=set(persons), visit__bed=True)
    return [_facts(row) for row in _columns(rows)]


def _admitted_together(new: Sequence[ClaimFacts]) -> list[ClaimFacts]:
    """All stays that share village, hospital and day of admission with one of these claims."""
    village = Substr("division__code", 1, VILLAGE_DIGITS)
    together = (
        Settlement.objects.filter(pk__in=[claim.settlement for claim in new if claim.bed])
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
    return [_facts(row) for row in _columns(rows)]


def _columns(rows: SettlementQuerySet) -> list[dict[str, Any]]:
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


def _facts(row: Mapping[str, Any]) -> ClaimFacts:
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

"""Clean small claims pass together; some of them, drawn by a recorded seed, are looked at."""

import hashlib
import secrets
from contextlib import suppress
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.deciding.models import Batch, BatchClaim, ReviewRule
from claims.models import BillLine, Settlement, SettlementQuerySet
from claims.services.deciding import approve
from desk.changes import all_or_nothing

MOST = 200  # in one batch; the rest waits for the next. No norm.
HUNDRED = 100


def clean(rows: SettlementQuerySet, rule: ReviewRule | None) -> SettlementQuerySet:
    """Reviewed claims that may pass together: small, looked at by supervision without a finding,
    nothing cut, nothing outside the catalogue, nothing refused by the measures, never drawn."""
    if rule is None or rule.batch_up_to is None:
        return rows.none()
    cut = BillLine.objects.filter(visit=OuterRef("visit"), approved_amount__lt=F("amount"))
    drawn = BatchClaim.objects.filter(settlement=OuterRef("pk"), drawn=True)
    small = rule.batch_up_to
    if rule.second_above is not None:
        small = min(small, rule.second_above)
    return (
        rows.awaiting_approval()
        .annotate(payable=Settlement.PAYABLE)
        .filter(payable__lte=small, full_self_pay_amount=0, borne_amount=0, refusal_code="")
        .filter(screened__open=[], approvals__isnull=True)
        .filter(~Exists(cut), ~Exists(drawn))
    )


def is_drawn(seed: str, settlement: int, share: int) -> bool:
    """Whether the seed draws the settlement: of a hundred about `share`."""
    digest = hashlib.sha256(f"{seed}:{settlement}".encode()).digest()
    return int.from_bytes(digest[:8]) % HUNDRED < share


@all_or_nothing()
def draw_batch(*, actor: User, area: Division) -> Batch:
    """Gather what may pass together and draw what is looked at; at least one is."""
    if not actor.may("claims.approve"):
        raise Refusal("您的角色不能办理“批量复核”")
    # Two approvers at once gather one after the other.
    Division.objects.select_for_update(no_key=True).get(pk=area.pk)
    rule = ReviewRule.objects.in_force(area.code)
    rows = clean(Settlement.objects.visible_to(actor), rule)
    rows = rows.exclude(entered_by=actor).exclude(reviewed_by=actor)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST])
    if rule is None or not ids:
        raise Refusal("没有可以批量复核的结算单（须金额小、无疑点、无核减、无目录外费用）")
    seed = secrets.token_hex(16)
    drawn = {pk for pk in ids if is_drawn(seed, pk, rule.sample_share)}
    drawn = drawn or {min(ids, key=lambda pk: hashlib.sha256(f"{seed}:{pk}".encode()).digest())}
    batch = Batch.objects.create(area=area, rule=rule, seed=seed, drawn_by=actor)
    BatchClaim.objects.bulk_create(
        BatchClaim(batch=batch, settlement_id=pk, drawn=pk in drawn) for pk in ids
    )
    told = {"seed": seed, "count": len(ids), "drawn": sorted(drawn)}
    _note(batch, actor, "claims.draw_batch", told)
    return batch


def _note(batch: Batch, actor: User, action: str, told: dict[str, Any]) -> None:
    code = batch.area.code
    record(actor=actor, action=action, subject=batch, after=told, division_code=code)


@all_or_nothing()
def approve_batch(*, actor: User, batch: Batch) -> list[Settlement]:
    """Approve what was not drawn, each as singly; what is not clean any more waits in the queue."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.drawn_by_id != actor.pk:
        raise Refusal("批量复核由抽取的人办理")
    if batch.approved_at is not None:
        raise Refusal("这一批已经办理，请看待复核里的其余结算单")
    rule = ReviewRule.objects.in_force(batch.area.code)
    together = batch.claims.filter(drawn=False)
    rows = clean(Settlement.objects.visible_to(actor), rule).filter(
        batches__in=together, pk__in=together.values("settlement")
    )
    passed = []
    for row in rows.distinct().order_by("pk"):
        with suppress(Refusal):  # not what was reviewed any more: it waits in the queue
            passed.append(approve(actor=actor, settlement=row))
    together.filter(settlement__in=passed).update(passed=True)
    batch.approved_at = timezone.now()
    batch.save(update_fields=["approved_at"])
    _note(batch, actor, "claims.approve_batch", {"count": len(passed)})
    return passed

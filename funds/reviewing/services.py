"""Reviewing vouchers of the business, and what is doubted about them.

会计法: who makes and who reviews check one another; a cashier does neither (accounts/roles.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Prefetch, Sum

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from desk.seen import fingerprint
from desk.tones import TonedChoices
from desk.workflow import same_hand
from funds.models import ZERO, Voucher, VoucherQuerySet
from funds.records import amount_text
from funds.reviewing.models import VoucherDoubt, VoucherReview
from funds.reviewing.workflow import DOUBTS, REVIEW

# One act, one audit line, one transaction: what a month of a county has of one event.
MAX_AT_ONCE = 5_000


class Standing(TonedChoices):
    """Where a voucher of the business stands with its review."""

    WAITING = "waiting", "wait", "待复核"
    DOUBTED = "doubted", "bad", "有疑问"
    REVIEWED = "reviewed", "good", "已复核"


@dataclass(frozen=True, slots=True)
class Lot:
    """Vouchers that are reviewed in one act: how many, what they come to, and the fingerprint of
    exactly these."""

    number: int
    amount: Decimal
    seen: str


def with_review(rows: VoucherQuerySet) -> VoucherQuerySet:
    """With everything that `standing`, `problem` and the pages read, in two statements."""
    open_ones = VoucherDoubt.objects.filter(status=VoucherDoubt.Status.OPEN)
    found: VoucherQuerySet = rows.select_related(
        "book__area", "draft", "review__reviewed_by"
    ).prefetch_related(
        Prefetch("doubts", queryset=open_ones.select_related("raised_by"), to_attr="open_doubts")
    )
    return found


def doubt_of(voucher: Voucher) -> VoucherDoubt | None:
    """What is doubted about it and not settled; of one that was read by `with_review`."""
    return next(iter(getattr(voucher, "open_doubts")), None)  # noqa: B009 - set while reading


def standing(voucher: Voucher) -> Standing:
    """Of one that was read by `with_review`."""
    if doubt_of(voucher):
        return Standing.DOUBTED
    return Standing.REVIEWED if getattr(voucher, "review", None) else Standing.WAITING


def problem(voucher: Voucher, actor: User) -> str:
    """Why the actor may not review it, in Chinese; "" when they may."""
    review, doubt = getattr(voucher, "review", None), doubt_of(voucher)
    if review:
        return f"凭证 {voucher.label} 已由{review.reviewed_by.name}复核"
    if doubt:
        return f"凭证 {voucher.label} 有疑问（{doubt.reason}），澄清后才能复核"
    return not_theirs(voucher, actor)


def lot_of(rows: VoucherQuerySet, actor: User) -> Lot:
    """Those of the rows that the actor may review now."""
    found = rows.reviewable_by(actor).aggregate(
        number=Count("pk"),
        amount=Sum("amount", default=ZERO),
        keys=ArrayAgg("pk", order_by="pk", default=[]),
    )
    return Lot(found["number"], found["amount"], fingerprint(*found["keys"]))


@all_or_nothing()
def review_vouchers(
    *, actor: User, vouchers: Sequence[int], seen: str | None = None
) -> list[Voucher]:
    """Review these vouchers, all or none. `seen`: the `Lot.seen` to which somebody agrees who did
    not look at each row. Raises Refusal naming the first that cannot be."""
    rows = _taken(actor, vouchers)
    if seen is not None and seen != fingerprint(*(row.pk for row in rows)):
        raise Refusal(f"打开这一页之后，待复核的凭证有变化，现为 {len(rows)} 张：请看过再办")
    for row in rows:
        if wrong := problem(row, actor):
            raise Refusal(wrong)
    VoucherReview.objects.bulk_create(VoucherReview(voucher=row, reviewed_by=actor) for row in rows)
    record(
        actor=actor,
        action="funds.review_vouchers",
        subject=rows[0].book,
        after={
            "vouchers": len(rows),
            "amount": amount_text(_sum(rows)),
            "first": rows[0].label,
            "last": rows[-1].label,
        },
    )
    return rows


@all_or_nothing()
def raise_doubt(*, actor: User, vouchers: Sequence[int], reason: str) -> list[VoucherDoubt]:
    """Say what is doubtful about these vouchers, also where they were reviewed already."""
    reason = given_reason(reason, asks="疑问")
    doubts = []
    for row in _taken(actor, vouchers):
        if wrong := not_theirs(row, actor):
            raise Refusal(wrong)
        if there := doubt_of(row):
            raise Refusal(f"凭证 {row.label} 已有疑问（{there.reason}），请先澄清")
        doubts.append(
            DOUBTS.create("raise_doubt", actor=actor, voucher=row, reason=reason, raised_by=actor)
        )
    return doubts


@all_or_nothing()
def settle_doubt(*, actor: User, doubt: VoucherDoubt, answer: str) -> VoucherDoubt:
    """Say what was found; the voucher is then reviewed like any other. Its maker may not say it."""
    row = DOUBTS.lock(doubt.pk)
    if wrong := not_theirs(row.voucher, actor):
        raise Refusal(wrong)
    return DOUBTS.take(row, "settle_doubt", actor=actor, reason=answer)


def not_theirs(voucher: Voucher, actor: User) -> str:
    """Why the actor may neither review, doubt nor settle a doubt of it, in Chinese; "" who may."""
    if getattr(voucher, "draft", None):
        return f"凭证 {voucher.label} 是手工凭证，在“手工凭证”中复核"
    wrong = same_hand(actor, [voucher.prepared_by_id], ["制单", "复核"], "复核凭证")
    return wrong and f"凭证 {voucher.label} 由您制单：{wrong}"


def _taken(actor: User, vouchers: Sequence[int]) -> list[Voucher]:
    """The vouchers, locked in the order of their keys, so that a review and a doubt of one wait for
    each other."""
    if not actor.may(REVIEW):
        raise Refusal("您的角色不能复核凭证")
    if not vouchers:
        raise Refusal("请先勾选凭证")
    if len(vouchers) > MAX_AT_ONCE:
        raise Refusal(f"一次最多办理 {MAX_AT_ONCE} 张凭证，请按事项或日期缩小范围")
    rows = with_review(Voucher.objects.filter(pk__in=vouchers)).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True))
    if len({row.book_id for row in found}) > 1:
        raise Refusal("一次只能办理一个账套的凭证")
    return found


def _sum(rows: Iterable[Voucher]) -> Decimal:
    return sum((row.amount for row in rows), ZERO)

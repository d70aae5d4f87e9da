"""Vouchers made by hand in a table."""

from accounts.models import User
from desk.filters import ANY, FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr, state
from funds.drafts.models import VoucherDraft, VoucherDraftQuerySet

# What waits beside the statuses: those that are reviewed wait for one or the other.
WAITING = (("huge", "大额待审批"), ("ready", "待记账"))


def _standing(rows: VoucherDraftQuerySet, status: str) -> VoucherDraftQuerySet:
    if status == "huge":
        return rows.awaiting_approval()
    return rows.awaiting_entry() if status == "ready" else rows.filter(status=status)


def _statuses() -> list[tuple[str, str]]:
    known = [one for one in VoucherDraft.Status.choices if one[0] not in ("reviewed", "approved")]
    return [ANY, known[0], *WAITING, *known[1:]]


class DraftFilter(FilterForm):
    status = chosen("状态", _standing, _statuses)
    document = typed("单据号", "document__contains")
    since = day("日期自", "occurred_on__gte")
    until = day("至", "occurred_on__lte")


def _drafts(user: User) -> VoucherDraftQuerySet:
    return (
        VoucherDraft.objects.visible_to(user)
        .select_related("book__area", "made_by", "reviewed_by", "voucher")
        .order_by("-id")
    )


DRAFTS_LIST = Listing(
    "手工凭证",
    "funds.view_drafts",
    _drafts,
    (
        Column("事项", attr("title"), link="funds:draft"),
        Column("状态", state(), "status"),
        Column("日期", attr("occurred_on"), "day", sort=True),
        Column("单据号", attr("document")),
        Column("金额", attr("amount"), "yuan", sort=True),
        Column("制单", attr("made_by.name")),
        Column("复核", attr("reviewed_by.name")),
        Column("凭证", attr("voucher.label")),
        Column("账套", attr("book")),
    ),
    filters=DraftFilter,
    empty="没有手工凭证",
    hint="在“登记收支”制单，或红冲手工登记的凭证",
)

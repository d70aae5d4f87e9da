"""What the old system left unpaid, in a table, and the files that brought it."""

from accounts.models import User
from claims.unpaid.models import OldClaim, OldClaimFile, OldClaimLine, OldClaimQuerySet
from desk.carried_pages import files_list, lines_list
from desk.filters import FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr, state


class OldClaimFilter(FilterForm):
    status = chosen("状态", "status", OldClaim.Status.choices)
    number = typed("原单号", "number__startswith", longest=40)
    since = day("就诊日期自", "starts__gte")
    until = day("至", "starts__lte")


def _claims(user: User) -> OldClaimQuerySet:
    rows = OldClaim.objects.visible_to(user).with_entered()
    return rows.select_related("person", "division__parent")


def _done(claim: OldClaim) -> str:
    """When it was paid, or that the window has entered it."""
    if claim.paid_on is not None:
        return f"{claim.paid_on}"
    return "已录入" if claim.entered else ""  # type: ignore[attr-defined]


OLD_CLAIM_LIST = Listing(
    "原系统未付单",
    "claims.view_old_claims",
    _claims,
    (
        Column("原单号", attr("number"), "code", link="claims:old_claim"),
        Column("参保人", attr("person.name"), "name"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("就诊机构", attr("institution_name")),
        Column("就诊日期", attr("starts"), "day", sort=True),
        Column("总费用", attr("total_amount"), "yuan", total="total_amount"),
        Column("审定金额", attr("approved_amount"), "yuan", total="approved_amount"),
        Column("状态", state(), "status"),
        Column("办理", _done),
    ),
    OldClaimFilter,
    person="person",
    template="claims/unpaid/list.html",
    empty="没有原系统未付单",
    hint="启用时原系统已录入、未支付的手工报销单，由县经办用文件转入",
)

OLD_CLAIM_FILE_LIST = files_list(
    "未付单转入",
    "claims.view_carried",
    OldClaimFile,
    "claims:old_claim_file_detail",
    "claims/unpaid/files.html",
)
OLD_CLAIM_LINES = lines_list("claims.view_carried", OldClaimFile, OldClaimLine, "desk/carried.html")

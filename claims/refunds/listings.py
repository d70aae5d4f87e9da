"""What hospitals have to give back to patients."""

from accounts.models import User
from claims.refunds.models import PatientRefund, PatientRefundQuerySet
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, state


class RefundFilter(FilterForm):
    status = chosen("状态", "status", PatientRefund.Status.choices, initial="due")


def refunds_of(user: User) -> PatientRefundQuerySet:
    rows = PatientRefund.objects.visible_to(user)
    return rows.select_related(
        "settlement__visit__person", "settlement__division__parent", "given_by"
    )


COLUMNS = (
    Column("患者", attr("settlement.visit.person.name"), "name", link="claims:refund"),
    Column("就诊机构", attr("settlement.visit.institution_name")),
    Column("就诊日期", attr("settlement.visit.starts"), "day"),
    Column("应退患者", attr("amount"), "yuan", sort=True, total="amount"),
    Column("已等", attr("asked_at"), "waited", sort=True),
)
REFUNDS = Listing(
    "应退患者",
    "claims.view_refunds",
    refunds_of,
    (
        *COLUMNS,
        Column("退款日期", attr("given_on"), "day"),
        Column("状态", state(), "status"),
        Column("结算单号", attr("settlement.number"), "code"),
    ),
    RefundFilter,
    empty="没有应退患者的款项",
    hint="审核核减由医院承担、患者已经交过的钱会出现在这里",
)

"""The files of the tax bureau, and the payments in one of them."""

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from desk.listing import Column, Listing, attr, state, visible
from enrollment.collection.models import TaxFile, TaxRow


def _files(user: User) -> QuerySet[TaxFile]:
    waiting = Count("rows", filter=Q(rows__enrollment=None, rows__returned_voucher=""))
    rows = TaxFile.objects.visible_to(user).defer("content").annotate(open_rows=waiting)
    return rows.select_related("campaign", "requested_by").order_by("-pk")


TAX_FILE_LIST = Listing(
    "税务缴费文件",
    "enrollment.view_reconciliation",
    _files,
    (
        Column("文件", attr("file_name"), link="enrollment:tax_file"),
        Column("年度", lambda row: str(row.campaign.year)),
        Column("状态", state(), "status", hint=attr("explained")),
        Column("笔数", attr("row_count"), "whole"),
        Column("此前已导入", attr("known_count"), "whole"),
        Column("金额", attr("amount"), "yuan", sort=True),
        Column("未匹配", attr("open_rows"), "whole"),
        Column("导入人", attr("requested_by.name")),
        Column("导入日期", attr("uploaded_on"), "day", sort=True),
    ),
    empty="还没有导入税务缴费文件",
    refresh=attr("is_unfinished"),
    template="enrollment/collection/tax_files.html",
)


def _waits(row: TaxRow) -> str:
    if row.returned_voucher:
        return f"已退还 {row.returned_voucher}"
    return "待查款" if row.suspense_voucher and not row.voucher_number else ""


TAX_ROWS = Listing(
    "缴费记录",
    "enrollment.view_reconciliation",
    visible(TaxRow, "enrollment__receipt__book"),
    (
        Column("行", attr("line"), "whole"),
        Column("姓名", attr("name")),
        Column("身份证号", attr("resident_id"), "id"),
        Column("缴费日期", attr("paid_on"), "day"),
        Column("税票流水号", attr("serial"), "code"),
        Column("金额", attr("amount"), "yuan"),
        Column(
            "收据",
            attr("enrollment.receipt.full_number"),
            "code",
            link="enrollment:receipt",
            link_to=attr("enrollment.receipt_id"),
        ),
        Column("凭证", lambda row: row.voucher_number or row.suspense_voucher, "code", hint=_waits),
        Column("未匹配原因", attr("problem")),
    ),
    empty="没有记录",
    key="lines",
    template="enrollment/collection/tax_file.html",
)

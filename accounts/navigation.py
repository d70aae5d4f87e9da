"""The menu: what each role finds on the left, in the order of its day's work."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.roles import Role


@dataclass(frozen=True)
class Entry:
    title: str
    url_name: str
    permission: str


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "参保登记",
        (
            Entry("新户参保", "enrollment:household_new", "enrollment.enroll"),
            Entry("家庭查询", "enrollment:household_list", "enrollment.view"),
            Entry("名册导入", "enrollment:register_list", "enrollment.enroll"),
            Entry("学校办理参保", "enrollment:classes", "enrollment.enroll"),
            Entry("出生前登记", "enrollment:expected_list", "enrollment.enroll"),
            Entry("变更审批", "enrollment:proposals", "enrollment.view_changes"),
            Entry("部门名单", "enrollment:list_list", "enrollment.view_lists"),
            Entry("医疗证", "enrollment:certificates", "enrollment.certify"),
            Entry("村组核对", "enrollment:checks", "enrollment.enroll"),
        ),
    ),
    (
        "收费缴存",
        (
            Entry("集中缴费", "enrollment:collective", "enrollment.take_payment"),
            Entry("收据", "enrollment:receipts", "enrollment.take_payment"),
            Entry("缴存", "enrollment:remittances", "enrollment.view_remittances"),
            Entry("日结", "enrollment:day", "enrollment.close_day"),
            Entry("票据本", "enrollment:books", "enrollment.view_books"),
            Entry("资金对账", "enrollment:reconciliation", "enrollment.view_reconciliation"),
            Entry("税务缴费", "enrollment:tax_files", "enrollment.view_reconciliation"),
            Entry("资助资金", "enrollment:sponsors", "enrollment.view_sponsors"),
            Entry("退费", "enrollment:refunds", "enrollment.view_refunds"),
            Entry("财政补助", "enrollment:subsidies", "enrollment.view_subsidies"),
            Entry("征缴与票据", "enrollment:prepare", "enrollment.prepare"),
        ),
    ),
    (
        "筹资进度",
        (
            Entry("筹资进度", "enrollment:progress", "enrollment.progress"),
            Entry("未参保名单", "enrollment:missing", "enrollment.progress"),
            Entry("任务与责任人", "enrollment:targets", "enrollment.set_targets"),
        ),
    ),
    (
        "待遇结算",
        (
            Entry("就医结算", "claims:enter_counter", "claims.enter_counter"),
            Entry("手工报销", "claims:enter_paper", "claims.enter_paper"),
            Entry("待初审", "claims:review_queue", "claims.review"),
            Entry("待复核", "claims:approval_queue", "claims.approve"),
            Entry("待支付", "claims:payment_queue", "claims.pay"),
            Entry("结算查询", "claims:list", "claims.view"),
        ),
    ),
    (
        "基金账",
        (
            Entry("凭证", "funds:vouchers", "funds.view"),
            Entry("科目余额", "funds:accounts", "funds.view"),
            Entry("登记收支", "funds:post", "funds.post"),
            Entry("会计期间", "funds:periods", "funds.view"),
        ),
    ),
    (
        "监管公示",
        (
            Entry("疑点核查", "supervision:alerts", "supervision.view"),
            Entry("报销公示", "supervision:notices", "supervision.notices"),
        ),
    ),
    ("报表", (Entry("基金运行月报", "reports:list", "reports.view"),)),
    (
        "政策与机构",
        (
            Entry("政策办法", "policies:list", "policies.view"),
            Entry("政策试算", "reports:whatif_list", "policies.view_simulations"),
            Entry("定点机构", "institutions:list", "institutions.view"),
            Entry("三个目录", "institutions:catalogue", "institutions.view"),
        ),
    ),
    (
        "系统",
        (
            Entry("用户", "accounts:users", "accounts.view_users"),
            Entry("失败登录", "accounts:failures", "accounts.view_users"),
            Entry("区划", "accounts:divisions", "accounts.view_divisions"),
            Entry("操作日志", "accounts:audit", "accounts.view_audit"),
        ),
    ),
)


# Where a role's day begins, when it is not the first entry of its menu.
STARTS: dict[str, str] = {
    Role.REVIEWER: "claims:review_queue",
    Role.APPROVER: "claims:approval_queue",
    Role.CASHIER: "claims:payment_queue",
    Role.ACCOUNTANT: "enrollment:remittances",
    Role.SUPERVISOR: "supervision:alerts",
    Role.AUDITOR: "funds:vouchers",
    Role.AUDIT_ADMIN: "accounts:audit",
}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the groups and entries that this user's role may open, and after how
    many seconds without work the session ends."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"menu": []}
    current = request.resolver_match.view_name if request.resolver_match else ""
    mine = [entry for _, entries in MENU for entry in entries if user.may(entry.permission)]
    start = STARTS.get(user.role) or (mine[0].url_name if mine else "")
    groups = []
    for title, entries in MENU:
        shown = [
            {
                "title": entry.title,
                "url": reverse(entry.url_name),
                "current": entry.url_name == current,
                "starts": entry.url_name == start,
            }
            for entry in entries
            if entry in mine
        ]
        if shown:
            groups.append({"title": title, "entries": shown})
    return {"menu": groups, "idle_seconds": settings.IDLE_SECONDS}

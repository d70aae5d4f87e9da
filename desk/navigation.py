"""The menu: what each role finds on the left, in the order of its day's work."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.clock import today
from accounts.models import User
from accounts.roles import Role
from desk.worklist import Hit, counts, declared, work_of
from lib.spelling import spell

# Entries that one sees at a look; no norm gives it.
MAX_SHOWN = 25


@dataclass(frozen=True)
class Entry:
    title: str
    url_name: str
    permission: str

    @cached_property
    def url(self) -> str:
        """Kept: every page asks some hundred of them, which was a sixth of its CPU."""
        return reverse(self.url_name)

    @cached_property
    def initials(self) -> str:
        """Of the pinyin, as it is typed into the search box."""
        return spell(self.title).initials


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
            Entry("重复登记", "enrollment:same_people", "enrollment.view_changes"),
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
            Entry("日结情况", "enrollment:day_closes", "enrollment.view_reconciliation"),
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
            Entry("在院病人", "claims:visits", "claims.view"),
            Entry("入院登记", "claims:visit_new", "claims.enter_counter"),
            Entry("就医结算", "claims:enter_counter", "claims.enter_counter"),
            Entry("手工报销", "claims:enter_paper", "claims.enter_paper"),
            Entry("原系统未付单", "claims:old_claims", "claims.view_old_claims"),
            Entry("备案", "claims:filings", "claims.view_filings"),
            Entry("待初审", "claims:review_queue", "claims.review"),
            Entry("待复核", "claims:approval_queue", "claims.approve"),
            Entry("审核规程", "claims:rules", "claims.view_rules"),
            Entry("应退患者", "claims:refunds", "claims.give_refund"),
            Entry("报销问答", "claims:why", "claims.ask_why"),
            Entry("结算查询", "claims:list", "claims.view"),
            Entry("机构月结", "claims:clearings", "claims.view_clearings"),
            Entry("月结异议", "claims:disputes", "claims.view_clearings"),
            Entry("医疗救助", "claims:aids", "claims.view_aid"),
            Entry("高额自付预警", "claims:aid_cases", "claims.view_aid"),
            Entry("年终二次补偿", "claims:seconds", "claims.view_second"),
            Entry("应收追回", "claims:recoveries", "claims.view_recoveries"),
            Entry("连带重算", "claims:dependents", "claims.view"),
            Entry("待补付", "claims:supplements", "claims.view"),
        ),
    ),
    (
        "基金支付",
        (
            Entry("待支付", "funds:payment_queue", "funds.make_batch"),
            Entry("支付批次", "funds:payment_batches", "funds.view"),
            Entry("银行回盘", "funds:return_files", "funds.view"),
            Entry("支付单", "funds:payment_orders", "funds.view_payments"),
            Entry("应付未付", "funds:payments_owed", "funds.view_payments"),
        ),
    ),
    (
        "基金账",
        (
            Entry("凭证", "funds:vouchers", "funds.view"),
            Entry("业务凭证复核", "funds:reviews", "funds.view"),
            Entry("科目余额", "funds:accounts", "funds.view"),
            Entry("总账", "funds:general_ledger", "funds.view"),
            Entry("明细账与日记账", "funds:account_ledger", "funds.view"),
            Entry("辅助账", "funds:subsidiary_ledger", "funds.view"),
            Entry("账簿导出", "funds:exports", "funds.export"),
            Entry("预算", "funds:budget", "funds.view_drafts"),
            Entry("用款计划", "funds:plans", "funds.view"),
            Entry("余额调节表", "funds:adjustments", "funds.view"),
            Entry("登记收支", "funds:post", "funds.post"),
            Entry("手工凭证", "funds:drafts", "funds.view_drafts"),
            Entry("风险基金与结余", "funds:reserves", "funds.view"),
            Entry("街镇额度", "claims:quotas", "claims.view_quotas"),
            Entry("记账限额", "funds:limits", "funds.view_drafts"),
            Entry("会计期间", "funds:periods", "funds.view"),
            Entry("科目表", "funds:charts", "funds.view_drafts"),
            Entry("期初余额", "funds:opening", "funds.view_drafts"),
        ),
    ),
    (
        "监管公示",
        (
            Entry("疑点核查", "supervision:alerts", "supervision.view"),
            Entry("疑点审核与申诉", "supervision:reviews", "supervision.view_reviews"),
            Entry("筛查规则", "supervision:rules", "supervision.view"),
            Entry("规则版本", "supervision:rule_versions", "supervision.view"),
            Entry("追溯码重复售出", "gateway:codes", "supervision.view"),
            Entry("否认在院就诊", "supervision:denials", "supervision.view"),
            Entry("每月抽查", "supervision:samples", "supervision.view_samples"),
            Entry("季度全面检查", "supervision:full_checks", "supervision.view_samples"),
            Entry("抽查率", "supervision:sampling_rates", "supervision.view_samples"),
            Entry("投诉举报", "supervision:complaints", "supervision.view_complaints"),
            Entry("稽核案件", "supervision:cases", "supervision.view_cases"),
            Entry("年度考核", "supervision:assessments", "supervision.view_assessments"),
            Entry("考核办法", "supervision:forms", "supervision.view_assessments"),
            Entry("机构同级比较", "supervision:profiles", "supervision.profiles"),
            Entry("报销公示", "supervision:notices", "supervision.notices"),
            Entry("公示表", "supervision:public", "supervision.notices"),
            Entry("公示张贴", "supervision:posted", "supervision.notices"),
            Entry("公示异议", "supervision:objections", "supervision.notices"),
            Entry("宣传计划", "supervision:publicity_plan", "supervision.view_publicity_plan"),
            Entry("宣传任务", "supervision:publicity", "supervision.view_publicity"),
            Entry("规则库", "supervision:library", "supervision.view_library"),
            Entry("规则库变更", "supervision:library_changes", "supervision.view_library"),
            Entry("知识点导入", "supervision:library_file_list", "supervision.view_library"),
            Entry("飞检数据提取", "supervision:extracts", "supervision.extract"),
            Entry("检查活动", "supervision:sweeps", "supervision.view_sweeps"),
            Entry("检查记录", "supervision:inspections", "supervision.view_inspections"),
            Entry("整改通知书", "supervision:orders", "supervision.view_inspections"),
            Entry("移送", "supervision:handovers", "supervision.view_interests"),
            Entry("检查表", "supervision:checklists", "supervision.view_sweeps"),
            Entry("利害关系声明", "supervision:interests", "supervision.view_interests"),
        ),
    ),
    (
        "报表",
        (
            Entry("基金运行月报", "reports:list", "reports.view"),
            Entry("简报", "reports:bulletins", "reports.view_bulletins"),
            Entry("统计报表", "reports:statements", "reports.view"),
            Entry("报表分析", "reports:analysis", "reports.analyse"),
            Entry("分录明细", "reports:postings", "funds.view"),
        ),
    ),
    (
        "政策与机构",
        (
            Entry("政策办法", "policies:list", "policies.view"),
            Entry("政策试算", "reports:whatif_list", "policies.view_simulations"),
            Entry("定点机构", "institutions:list", "institutions.view"),
            Entry("协议续签", "institutions:renewals", "institutions.propose_agreement"),
            Entry("协议签订", "institutions:signings", "institutions.view"),
            Entry("协议暂停与终止", "institutions:agreement_steps", "institutions.view"),
            Entry("机构登记变更", "institutions:changes", "institutions.view"),
            Entry("三个目录", "institutions:catalogue", "institutions.view"),
            Entry("接口验收", "gateway:acceptances", "gateway.view_acceptance"),
            Entry("接口自测", "gateway:self_test", "gateway.view_own"),
            Entry("目录对照", "institutions:mappings", "institutions.view"),
            Entry("未对照项目", "gateway:unmapped", "institutions.map_codes"),
            Entry("接口规定", "gateway:rules", "gateway.view_rules"),
            Entry("科室", "institutions:departments", "institutions.view"),
            Entry("机构收款账户", "institutions:bank_accounts", "institutions.view_bank_accounts"),
            Entry("医师支付资格", "institutions:eligibilities", "institutions.view_eligibility"),
            Entry("信用等级", "institutions:trust_grades", "institutions.view_trust"),
            Entry("信用等级办法", "institutions:trust_bands", "institutions.view_trust"),
            Entry("多点执业", "institutions:practice_places", "institutions.view_eligibility"),
            Entry("支付资格登记", "institutions:points_register", "institutions.view_points"),
            Entry("支付资格记分", "institutions:points_list", "institutions.view_points"),
            Entry("减分申请", "institutions:point_appeals", "institutions.view_points"),
            Entry("记分办法", "institutions:point_terms", "institutions.view_points"),
        ),
    ),
    (
        "年中启用",
        (
            Entry("启用清单", "moving:beginning", "accounts.view_beginning"),
            Entry("移交核对", "moving:totals", "moving.view_totals"),
            Entry("原系统转入", "enrollment:carried_list", "enrollment.view_carried"),
            Entry("备案转入", "claims:carried_filing_list", "claims.carry_filings"),
            Entry("原系统已用情况", "claims:carried_list", "claims.view_carried"),
            Entry("已转入的已用情况", "claims:carried_usage", "claims.view_carried"),
            Entry("原系统结算文件", "claims:old_list", "claims.view_carried"),
            Entry("原系统结算", "claims:old_settlements", "claims.view_carried"),
            Entry("未付单转入", "claims:old_claim_file_list", "claims.view_carried"),
            Entry("在院病人转入", "claims:bed_list", "claims.view"),
            Entry("重算核对", "claims:recounts", "claims.view_carried"),
            Entry("并行核对", "claims:parallel", "claims.view_carried"),
        ),
    ),
    (
        "系统",
        (
            Entry("用户", "accounts:users", "accounts.view_users"),
            Entry("待授权账号", "accounts:asked", "accounts.assign_roles"),
            Entry("密码信函", "accounts:letters", "accounts.reset_passwords"),
            Entry("权限年度复核", "accounts:access", "accounts.check_access"),
            Entry("失败登录", "accounts:failures", "accounts.view_users"),
            Entry("接入客户端", "gateway:clients", "gateway.manage_clients"),
            Entry("接入认证失败", "gateway:failures", "gateway.manage_clients"),
            Entry("本机构接入", "gateway:own", "gateway.view_own"),
            Entry("接口说明", "gateway:openapi", "gateway.view_interface"),
            Entry("区划", "accounts:divisions", "accounts.view_divisions"),
            Entry("节假日", "accounts:calendar", "accounts.view_divisions"),
            Entry("操作日志", "accounts:audit", "accounts.view_audit"),
            Entry("运行状况", "moving:health", "accounts.view_health"),
            Entry("个人信息查阅", "moving:one_person", "moving.view_person"),
        ),
    ),
)


# The quick ways of a role; its day begins at the first.
QUICK: Mapping[str, tuple[str, ...]] = {
    Role.TOWNSHIP_CLERK: (
        "enrollment:household_list",
        "enrollment:household_new",
        "enrollment:collective",
        "enrollment:register_list",
        "claims:enter_paper",
        "enrollment:day",
    ),
    Role.REVIEWER: ("claims:review_queue", "enrollment:proposals", "enrollment:list_list"),
    Role.APPROVER: ("claims:approval_queue", "enrollment:proposals", "policies:list"),
    Role.CASHIER: ("funds:payment_batches", "enrollment:refunds", "funds:vouchers"),
    Role.ACCOUNTANT: (
        "enrollment:remittances",
        "enrollment:reconciliation",
        "funds:payment_queue",
        "funds:post",
        "funds:vouchers",
        "funds:periods",
        "reports:list",
    ),
    Role.SUPERVISOR: ("supervision:alerts", "enrollment:progress", "policies:list", "reports:list"),
    Role.AUDITOR: ("funds:vouchers", "claims:list", "accounts:audit", "reports:list"),
    Role.INSTITUTION_CLERK: (
        "claims:enter_counter",
        "claims:visit_new",
        "claims:visits",
        "claims:list",
        "institutions:catalogue",
    ),
    Role.VILLAGE_CADRE: ("enrollment:missing", "enrollment:progress", "supervision:notices"),
    Role.CIVIL_AFFAIRS: ("claims:aid_cases", "claims:aids"),
    Role.SYSTEM_ADMIN: ("accounts:users", "accounts:divisions"),
    Role.SECURITY_ADMIN: ("accounts:users", "accounts:failures", "gateway:clients"),
    Role.AUDIT_ADMIN: ("accounts:audit", "accounts:failures"),
}


# What a role looks up or carries in on its days beside them, though nothing waits there.
LOOKED_UP: Mapping[str, tuple[str, ...]] = {
    Role.TOWNSHIP_CLERK: (
        "enrollment:missing", "enrollment:progress", "enrollment:receipts", "claims:filings",
        "claims:why", "supervision:notices",
    ),
    Role.REVIEWER: (
        "enrollment:household_list", "claims:list", "claims:why", "supervision:reviews",
        "institutions:list", "institutions:catalogue", "reports:list",
    ),
    Role.APPROVER: (
        "enrollment:household_list", "claims:list", "reports:list", "institutions:list",
        "supervision:notices",
    ),
    Role.CASHIER: (
        "funds:return_files", "funds:payments_owed", "funds:account_ledger", "funds:accounts",
        "funds:plans", "funds:adjustments", "claims:list", "institutions:list",
    ),
    Role.ACCOUNTANT: (
        "funds:return_files", "funds:payments_owed", "funds:accounts", "funds:general_ledger",
        "funds:account_ledger", "reports:statements", "claims:list", "claims:clearings",
    ),
    Role.SUPERVISOR: ("institutions:list", "claims:list"),
    Role.AUDITOR: (
        "enrollment:household_list", "enrollment:remittances", "claims:recoveries",
        "funds:payment_orders", "funds:accounts", "funds:general_ledger", "funds:account_ledger",
        "funds:exports", "funds:periods", "reports:statements", "reports:postings",
        "supervision:extracts", "institutions:list", "moving:one_person",
    ),
    Role.INSTITUTION_CLERK: (
        "claims:filings", "claims:why", "claims:disputes", "claims:recoveries",
        "institutions:mappings", "gateway:unmapped", "institutions:eligibilities",
        "policies:list", "gateway:own",
    ),
}  # fmt: skip


def quick_ways(user: User) -> list[Entry]:
    """The entries of the menu that the first page repeats, the day's first one in front."""
    entries = {entry.url_name: entry for _, group in MENU for entry in group}
    names = QUICK.get(user.role, ())
    return [entries[name] for name in names if user.may(entries[name].permission)]


def shown_to(user: User) -> list[tuple[str, list[Entry]]]:
    """The groups and entries that the role may open and the county has use for."""
    where = {one.route: one.holds for one in declared("WHERE")}
    may = user.may

    def is_shown(entry: Entry) -> bool:
        holds = where.get(entry.url_name)
        return may(entry.permission) and (holds is None or holds(user))

    groups = [(title, [one for one in entries if is_shown(one)]) for title, entries in MENU]
    return [(title, entries) for title, entries in groups if entries]


def pages_named(user: User, text: str, at_most: int) -> list[Hit]:
    """Pages of the user's menu with this in their name, or beginning with these initials."""
    sound = text.lower()
    found = [
        Hit("页面", entry.title, group, entry.url)
        for group, entries in shown_to(user)
        for entry in entries
        if text in entry.title or (sound.isascii() and entry.initials.startswith(sound))
    ]
    return sorted(found, key=lambda hit: hit.title != text)[:at_most]


def lies_under(request: HttpRequest, url_name: str) -> None:
    """Of a page whose address does not tell under which entry it lies: one of two lists has it."""
    request.lies_under = url_name  # type: ignore[attr-defined]


def _place(request: HttpRequest, entries: Sequence[Entry]) -> Entry | None:
    """The entry of the page, or of what it lies under: a household's page under 家庭查询."""
    said = getattr(request, "lies_under", None)
    if said is not None:
        return next((entry for entry in entries if entry.url_name == said), None)
    above = [entry for entry in entries if request.path.startswith(entry.url)]
    return max(above, key=lambda entry: len(entry.url), default=None)


def _said(entry: Entry, request: HttpRequest) -> str:
    """What aria-current says: the page itself, or something below it."""
    return "page" if entry.url == request.path else "true"


def _daily(user: User, entries: Sequence[Entry], waiting: Container[str]) -> frozenset[str]:
    """What the role sees at first: its quick ways, what waits, what it looks up, and where work may
    come to wait. The rest of a group is one press away, and all is found by name (Ctrl K)."""
    if len(entries) <= MAX_SHOWN:
        return frozenset(entry.url_name for entry in entries)
    quick, work = QUICK.get(user.role, ()), work_of(user)
    usual = [one.route for one in work if not one.is_rare]
    known = {entry.url_name for entry in entries}
    asked = dict.fromkeys(
        [*quick, *(one.route for one in work if one.route in waiting),
         *LOOKED_UP.get(user.role, ()), *usual,
         *(one.route for one in work)]
    )  # fmt: skip
    return frozenset([one for one in asked if one in known][:MAX_SHOWN])


def menu_of(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """What the user is shown. A group is open where something of every day lies or where one is,
    with the rest of it folded; the browser remembers who folds it otherwise (hezuo.js)."""
    waiting, menu = counts(user, today()), shown_to(user)
    flat = [entry for _, entries in menu for entry in entries]
    current, daily = _place(request, flat), _daily(user, flat, waiting)

    def told(entry: Entry) -> dict[str, Any]:
        return {
            "title": entry.title,
            "url": entry.url,
            "current": _said(entry, request) if entry == current else "",
            "count": waiting.get(entry.url_name, ""),
        }

    groups = []
    for title, entries in menu:
        first = [one for one in entries if one.url_name in daily or one == current]
        rest = [one for one in entries if one not in first] if first else []
        shown = [told(one) for one in first or entries]
        groups.append(
            {"title": title, "entries": shown, "rest": list(map(told, rest)),
             "is_open": bool(first)}
        )  # fmt: skip
    return groups


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the menu, read when a page shows it (parts of pages do not), and
    after how many seconds without work the session ends."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"menu": []}
    return {
        "menu": SimpleLazyObject(lambda: menu_of(request, user)),
        "idle_seconds": settings.IDLE_SECONDS,
    }

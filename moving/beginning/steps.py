"""The opening list: one row for each step. A new importer adds its row, or its `Link` to one.

What may not begin before another step stands is shown as a sentence here, and is refused by the
service of the step itself (no book: no opening balances; an unknown place: no account, no
household; nobody registered: no cover, no balance, no approval).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import Division
from accounts.roles import Role
from desk.tones import TonedChoices
from moving.beginning import facts
from moving.beginning.facts import Fact, Facts


@dataclass(frozen=True, slots=True)
class Link:
    """A page, or with `is_file` a table to take home; shown to whom the page is open."""

    title: str
    route: str
    is_file: bool = False
    at: int | None = None  # which table, where a page has several

    @property
    def url(self) -> str:
        return reverse(self.route, args=[] if self.at is None else [self.at])


@dataclass(frozen=True, slots=True)
class Step:
    """`number`: as the county's plan counts it. `needs`: what has to be at hand. `roles`: who does
    it. `after`: keys of the steps that have to stand before. `lacks`: what a step that waits for
    this one is told. `must`: nobody can declare the opening done without it."""

    number: int
    key: str
    title: str
    needs: str
    roles: tuple[Role, ...]
    find: Callable[[Division, date], Facts]
    links: tuple[Link, ...]
    lacks: str
    after: tuple[str, ...] = ()
    must: bool = False


R = Role
_CARRIED = Link("原系统转入", "enrollment:carried_list")
STEPS: tuple[Step, ...] = (
    Step(
        1, "divisions", "区划", "国家统计用区划代码，组的后两位自编",
        (R.SYSTEM_ADMIN,), facts.divisions,
        (Link("区划", "accounts:divisions"), Link("读入", "accounts:load_divisions"),
         Link("模板", "accounts:load_divisions_template", is_file=True)),
        "还没有乡镇、村的区划，请先由系统管理员读入",
        must=True,
    ),
    Step(
        2, "users", "用户", "人员名单：姓名、岗位、所属乡镇或机构",
        (R.SYSTEM_ADMIN, R.SECURITY_ADMIN), facts.users,
        (Link("用户", "accounts:users"), Link("读入用户表", "accounts:load_users"),
         Link("待授权账号", "accounts:asked"), Link("密码信函", "accounts:letters"),
         Link("模板", "accounts:load_users_template", is_file=True)),
        "各岗位的用户还没有授权齐全，请先由系统管理员读入、安全管理员授权",
        after=("divisions",), must=True,
    ),
    Step(
        3, "measures", "采用办法", "县政府批准的实施办法和批文号",
        (R.SUPERVISOR, R.APPROVER), facts.measures,
        (Link("政策办法", "policies:list"),),
        "还没有采用办法，请先由基金监管提出、复核岗采用",
        after=("users",), must=True,
    ),
    Step(
        4, "books", "账套和科目表", "启用月份、原账套用的科目表",
        (R.ACCOUNTANT,), facts.books,
        (Link("会计期间", "funds:periods"), Link("科目表", "funds:charts")),
        "还没有基本医疗保险基金的账套，请先由会计建账",
        after=("users",), must=True,
    ),
    Step(
        4, "opening", "期初余额", "原账套启用前一日的余额表，经财政、银行对账",
        (R.ACCOUNTANT, R.APPROVER), facts.opening_balances,
        (Link("期初余额", "funds:opening"), Link("用表格读入", "funds:load_opening"),
         Link("模板", "funds:load_opening_template", is_file=True)),
        "期初余额还没有登记",
        after=("books",),
    ),
    Step(
        4, "budget", "本年预算", "财政批复的预算",
        (R.ACCOUNTANT, R.APPROVER), facts.budgets,
        (Link("预算", "funds:budget"), Link("模板", "funds:budget_template", is_file=True)),
        "本年预算还没有批准",
        after=("books",),
    ),
    Step(
        5, "institutions", "定点机构", "机构名册：代码、级别、所在区划",
        (R.SUPERVISOR,), facts.institutions,
        (Link("定点机构", "institutions:list"),
         Link("用表格读入", "institutions:load"),
         Link("模板", "institutions:load_template", is_file=True)),
        "还没有定点机构，请先由基金监管读入",
        after=("divisions",),
    ),
    Step(
        5, "agreements", "协议", "签订的服务协议：编号、起止日期",
        (R.SUPERVISOR,), facts.agreements,
        (Link("定点机构", "institutions:list"),
         Link("用表格读入", "institutions:load_agreements"),
         Link("模板", "institutions:load_agreements_template", is_file=True)),
        "还没有有效的协议，没有协议的机构不能结算",
        after=("institutions",),
    ),
    Step(
        5, "practitioners", "医师", "各机构的医师名册",
        (R.SUPERVISOR,), facts.practitioners,
        (Link("定点机构", "institutions:list"),
         Link("用表格读入", "institutions:load_practitioners"),
         Link("模板", "institutions:load_practitioners_template", is_file=True)),
        "还没有医师",
        after=("institutions",),
    ),
    Step(
        5, "catalogues", "三个目录", "本统筹区的药品、诊疗、设施目录",
        (R.SUPERVISOR,), facts.catalogues,
        (Link("三个目录", "institutions:catalogue"),
         Link("目录对照", "institutions:mappings"),
         Link("读入对照", "institutions:load_mappings"),
         Link("用表格读入", "institutions:load_catalogue"),
         Link("模板", "institutions:load_catalogue_template", is_file=True)),
        "三个目录还没有读齐",
    ),
    Step(
        6, "people", "家庭和人员", "原系统的户、人名册，按村，带原户号、原个人编号",
        (R.TOWNSHIP_CLERK,), facts.people,
        (Link("名册导入", "enrollment:register_list"),
         Link("家庭查询", "enrollment:household_list")),
        "还没有登记的家庭和人员，请先由乡镇经办按村读入名册",
        after=("divisions", "measures"),
    ),
    Step(
        6, "covers", "历年和本年参保", "原系统的参保记录",
        (R.REVIEWER, R.APPROVER), facts.covers,
        (_CARRIED, Link("模板", "enrollment:carried_upload_blank", at=0, is_file=True)),
        "今天没有人有有效的参保",
        after=("people",),
    ),
    Step(
        6, "statuses", "人员身份", "民政、残联等部门的名单或原系统的身份",
        (R.REVIEWER, R.APPROVER), facts.statuses,
        (_CARRIED, Link("部门名单", "enrollment:list_list"),
         Link("模板", "enrollment:carried_upload_blank", at=1, is_file=True)),
        "还没有人员身份",
        after=("people",),
    ),
    Step(
        6, "accounts", "家庭账户余额", "原系统各户账户余额，合计与期初余额的门诊账户结余相等",
        (R.REVIEWER, R.APPROVER), facts.accounts,
        (_CARRIED, Link("模板", "enrollment:carried_upload_blank", at=2, is_file=True)),
        "家庭账户余额还没有转入",
        after=("people", "opening"),
    ),
    Step(
        6, "approvals", "备案和认定", "已批的转诊、异地、慢特病认定",
        (R.REVIEWER, R.APPROVER), facts.approvals,
        (Link("备案转入", "claims:carried_filing_list"), Link("备案", "claims:filings"),
         Link("模板", "claims:carried_filing_upload_blank", at=0, is_file=True)),
        "还没有备案、认定",
        after=("people", "institutions"),
    ),
    Step(
        7, "usage", "本年已用情况", "原系统算到启用前一日的起付线、封顶线、账户使用",
        (R.REVIEWER, R.APPROVER), facts.usage,
        (Link("原系统已用情况", "claims:carried_list"),
         Link("模板", "claims:carried_upload_blank", at=0, is_file=True)),
        "本年已用情况还没有转入",
        after=("covers", "measures"),
    ),
    Step(
        7, "unpaid", "原系统未付报销单", "原系统已录入、未支付的手工报销单，一单一行",
        (R.REVIEWER, R.APPROVER), facts.unpaid,
        (Link("未付单转入", "claims:old_claim_file_list"),
         Link("模板", "claims:old_claim_file_upload_blank", at=0, is_file=True)),
        "原系统未付的报销单还没有转入",
        after=("covers", "usage"),
    ),
    Step(
        7, "old", "原系统结算和重算核对", "原系统本年的结算明细；并行期每天一份",
        (R.REVIEWER, R.APPROVER), facts.old_settlements,
        (Link("原系统结算文件", "claims:old_list"), Link("重算核对", "claims:recounts"),
         Link("并行核对", "claims:parallel"),
         Link("模板", "claims:old_upload_blank", at=0, is_file=True)),
        "原系统结算还没有读入核对",
        after=("covers", "usage"),
    ),
    Step(
        7, "beds", "在院病人", "各机构切换日还在院的病人：原住院号、入院日期、诊断",
        (R.INSTITUTION_CLERK,), facts.beds,
        (Link("在院病人转入", "claims:bed_list"),
         Link("模板", "claims:bed_upload_blank", at=0, is_file=True)),
        "还没有机构转入在院病人",
        after=("agreements", "covers"),
    ),
    Step(
        7, "receipt_books", "票据本", "各经办人手中的票据本和起止号",
        (R.ACCOUNTANT, R.TOWNSHIP_CLERK), facts.receipt_books,
        (Link("票据本", "enrollment:books"), Link("征缴与票据", "enrollment:prepare")),
        "还没有在用的票据本",
        after=("users",),
    ),
    Step(
        8, "campaign", "征缴", "办法规定的缴费期",
        (R.ACCOUNTANT,), facts.campaign,
        (Link("征缴与票据", "enrollment:prepare"),),
        "还没有设立征缴，请先由会计设立",
        after=("measures",),
    ),
    Step(
        9, "totals", "移交核对", "原系统按村的合计：户、人、参保、账户",
        (R.REVIEWER, R.ACCOUNTANT, R.APPROVER), facts.totals,
        (Link("移交核对", "moving:totals"),),
        "还没有签认的移交核对表",
        after=("people",),
    ),
)  # fmt: skip
BY_KEY: Mapping[str, Step] = {step.key: step for step in STEPS}


class State(TonedChoices):
    """How a step stands."""

    DONE = "done", "good", "已办"
    OPEN = "open", "wait", "可以办"
    WAITS = "waits", "idle", "等前面的步骤"


@dataclass(frozen=True, slots=True)
class Standing:
    """A step of a county as it is now. `stops`: why it cannot begin yet, in sentences."""

    step: Step
    facts: tuple[Fact, ...]
    stops: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        return all(one.stands for one in self.facts)

    @property
    def told(self) -> str:
        return "、".join(one.words for one in self.facts)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """What of it is told: a step that is done waits for nothing any more."""
        return () if self.is_done else self.stops

    @property
    def status(self) -> State:
        if self.is_done:
            return State.DONE
        return State.WAITS if self.stops else State.OPEN


def standing(area: Division, on: date) -> list[Standing]:
    """Every step, in order; a statement or two for each."""
    found = {step.key: tuple(step.find(area, on)) for step in STEPS}
    done = {key for key, told in found.items() if all(one.stands for one in told)}
    return [
        Standing(
            step,
            found[step.key],
            tuple(BY_KEY[key].lacks for key in step.after if key not in done),
        )
        for step in STEPS
    ]

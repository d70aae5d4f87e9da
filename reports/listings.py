"""The month reports and the what-ifs of the area, and what a figure was summed from."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Division, User
from claims.listings import OF_SETTLEMENT, STANDING_AMOUNTS
from claims.models import Settlement, SettlementFund, SettlementQuerySet, UsageEntry, Visit
from desk.filters import ANY, FilterForm, chosen, day, month, ticked, typed, whole
from desk.listing import Column, Listing, attr, state
from desk.tones import choice_of
from enrollment.models import Enrollment, EnrollmentQuerySet, IdentityStatus
from funds.chart import roles_of
from funds.events import FUNDING_LEVELS, YEAR_END
from funds.filters import BookFilter
from funds.forms import account_choices
from funds.models import Account, Posting, PostingQuerySet
from funds.named import RECOVERED, account_of, funded_by, premium_back
from institutions.models import Level
from reports.activity import ASSISTANCE, OUTSIDE, SERIOUS
from reports.behind import NONE
from reports.finance import GOVERNMENT, RECEIVED
from reports.models import MonthlyReport
from reports.scorecard import GRASSROOTS
from reports.whatif.models import Simulation


def _reports(user: User) -> QuerySet[MonthlyReport]:
    rows = MonthlyReport.objects.visible_to(user).defer("figures")
    return rows.select_related("area", "requested_by")


def _when_done(row: MonthlyReport) -> int | None:
    return row.pk if row.status == MonthlyReport.Status.DONE else None


REPORTS = Listing(
    "基金运行月报",
    "reports.view",
    _reports,
    (
        Column(
            "月份",
            lambda row: f"{row.year}年{row.month}月",
            link="reports:show",
            link_to=_when_done,
        ),
        Column("编制", lambda row: f"第 {row.edition} 次"),
        Column("状态", choice_of, "status", hint=attr("explained")),
        Column("申请人", lambda row: row.requested_by.name if row.requested_by else "每月自动"),
        Column("申请时间", attr("requested_at"), "minute"),
        Column("完成时间", attr("finished_at"), "minute"),
    ),
    empty="还没有月报",
    hint="每月 1 日自动编制上月月报；也可由基金监管或会计申请",
    refresh=attr("is_unfinished"),
    template="reports/list.html",
)


def _simulations(user: User) -> QuerySet[Simulation]:
    return Simulation.objects.visible_to(user).select_related("requested_by").defer("source")


SIMULATIONS = Listing(
    "政策试算",
    "policies.view_simulations",
    _simulations,
    (
        Column("试算办法", attr("name"), link="reports:whatif_show"),
        Column("年度", lambda row: str(row.year)),
        Column("状态", choice_of, "status", hint=attr("explained")),
        Column("实际支出", attr("figures.total.before"), "fen"),
        Column("试算支出", attr("figures.total.after"), "fen"),
        Column("增减", attr("figures.total.change"), "fen"),
        Column("申请人", attr("requested_by.name")),
        Column("申请时间", attr("requested_at"), "minute"),
    ),
    empty="还没有试算",
    hint="在“政策办法”中据现行办法建立草稿、改数，再到这里用去年的结算单试算",
    refresh=attr("is_unfinished"),
    template="reports/whatif/list.html",
)


def _towns(user: User) -> list[tuple[str, str]]:
    rows = Division.objects.visible_to(user).filter(level=Division.Level.TOWNSHIP)
    return list(rows.order_by("code").values_list("code", "name"))


def _paid_from(rows: Any, types: tuple[str, ...]) -> Any:
    funds = SettlementFund.objects.filter(settlement=OuterRef("pk"), fund_pay_type__in=types)
    return rows.filter(Exists(funds.order_by()))


def _only(rows: Any, value: str) -> Any:
    if value == "stay":
        return rows.filter(visit__counts_as_stay=True)
    if value == "helped":
        return rows.filter(fund_amount__gt=0)
    return _paid_from(rows, SERIOUS if value == "serious" else ASSISTANCE)


def _of_place(rows: Any, value: str) -> Any:
    outside = Q(visit__place=OUTSIDE)
    return rows.filter(outside if value == OUTSIDE else ~outside)


def _of_level(rows: Any, value: str) -> Any:
    return rows.filter(visit__level__in=GRASSROOTS if value == "grassroots" else (value,))


def of_institution(rows: Any, value: str) -> Any:
    """By its code; one without an agreement has none and is known by its name."""
    unnamed = Q(visit__institution=None, visit__institution_name=value)
    return rows.filter(Q(visit__institution__code=value) | unnamed)


def _of_disease(rows: Any, value: str) -> Any:
    stays = rows.filter(visit__counts_as_stay=True)
    if value == NONE:
        return stays.filter(visit__diagnosis_code="")
    return stays.filter(visit__diagnosis_code__startswith=value)


def _of_status(rows: Any, value: str) -> Any:
    """Who bore the identity on the day of the settlement."""
    held = IdentityStatus.objects.filter(
        Q(last_day=None) | Q(last_day__gte=OuterRef("settled_on")),
        person=OuterRef("visit__person"),
        first_day__lte=OuterRef("settled_on"),
    )
    if value != "any":
        held = held.filter(code=value)
    return rows.filter(Exists(held.order_by()))


def _of_layer(rows: Any, value: str) -> Any:
    funds = SettlementFund.objects.filter(settlement=OuterRef("pk"), layer=value)
    return rows.filter(Exists(funds.exclude(amount=0).order_by()))


class ClaimsFilter(FilterForm):
    since = day("结算日期自", "settled_on__gte")
    until = day("至", "settled_on__lte")
    only = chosen(
        "只看",
        _only,
        [
            ("stay", "住院"),
            ("helped", "基金有支付"),
            ("serious", "大病保险支付"),
            ("assistance", "医疗救助支付"),
        ],
    )
    township = chosen("乡镇", "division__code__startswith")
    village = typed("村代码", "division__code__startswith", longest=12)
    level = chosen("机构级别", _of_level, [*Level.choices, ("grassroots", "乡镇及以下")])
    care = typed("就医类别代码", "visit__care", longest=20)
    place = chosen("就医地", _of_place, [(OUTSIDE, "县外"), ("inside", "县内")])
    source = chosen("结算方式", "visit__source", Visit.Source.choices)
    tier = typed("档次代码", "tier", longest=8)
    institution = typed("机构代码或名称", of_institution, longest=100)
    layer = typed("支付层次代码", _of_layer, longest=20)
    disease = typed("住院病种（ICD 类目）", _of_disease, longest=8)
    status = chosen("困难身份", _of_status, [*IdentityStatus.Code.choices, ("any", "任一身份")])

    def offer(self) -> None:
        self.choose("township", [ANY, *_towns(self.user)])


def _counted(user: User) -> SettlementQuerySet:
    return Settlement.objects.visible_to(user).counted().with_people()


# Narrowed by illness or identity it tells of people: names only to who may read them in full.
CLAIMS = Listing(
    "结算单明细（统计口径）",
    "reports.analyse",
    _counted,
    (
        Column("结算单号", attr("number"), "code", link="claims:claim", sort=True),
        Column("参保人", attr("visit.person.name"), "name"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("就诊机构", attr("visit.institution_name"), sort=True),
        Column("入院/就诊", attr("visit.starts"), "day", sort=True),
        Column("结算日期", attr("settled_on"), "day", sort=True),
        *STANDING_AMOUNTS,
        Column("个人负担", attr("personal_amount"), "yuan", total="personal_amount"),
        Column("状态", state(), "status"),
    ),
    ClaimsFilter,
    names="enrollment.reveal",
    empty="没有符合条件的结算单",
    hint="统计只含已提交、未撤回、未全部追回的结算单；月报编制以后的变动这里看得到，月报不变",
)


def _of_township(rows: Any, value: str) -> Any:
    return rows.filter(township=None) if value == NONE else rows.filter(township__code=value)


def _of_account(rows: Any, value: str) -> Any:
    return rows.filter(account__code__in=roles_of(value))


def _of_year(rows: Any, value: int) -> Any:
    """A posting that names no insurance year is for the year it was made in."""
    return rows.filter(Q(policy_year=value) | Q(policy_year=None, period__year=value))


FUNDER_NAMES = [
    ("every", "全部筹资"),
    ("government", "各级财政"),
    *((column, FUNDING_LEVELS[column]) for column in RECEIVED),
]


def _of_funder(rows: Any, value: str) -> Any:
    columns = {"every": tuple(RECEIVED), "government": GOVERNMENT}.get(value, (value,))
    funders = [funder for column in columns for funder in RECEIVED[column]]
    return rows.filter(funded_by(funders))


def _but_premiums_back(rows: Any, value: int) -> Any:
    """What was spent but for premiums of this insurance year that went back."""
    return rows.exclude(premium_back(), policy_year=value)


def _only_of_books(rows: Any, value: str) -> Any:
    """What came back of benefits, of this year as less expense, of earlier ones as income; or
    expense without premiums that went back."""
    if value == "paid":
        return rows.filter(account__kind=Account.Kind.EXPENSE).exclude(premium_back())
    of_this_year = Q(voucher__event__in=RECOVERED, account__kind=Account.Kind.EXPENSE)
    return rows.filter(of_this_year | Q(account__code=account_of("prior_recovery", "credit")))


def _since(rows: Any, value: Any) -> Any:
    return rows.filter(voucher__occurred_on__gte=value.first)


def _until(rows: Any, value: Any) -> Any:
    return rows.filter(voucher__occurred_on__lte=value.last)


class PostingsFilter(BookFilter):
    book = chosen("账套", "voucher__book")
    since = month("自", _since)
    until = month("至", _until)
    kind = chosen("要素", "account__kind", Account.Kind.choices)
    account = chosen("科目", _of_account)
    only = chosen(
        "只看", _only_of_books, [("recovered", "追回基金"), ("paid", "支出（不含退还保费）")]
    )
    funder = chosen("筹资来源", _of_funder, FUNDER_NAMES)
    policy_year = whole("归属年度", _of_year)
    kept = whole("不含此年度退费", _but_premiums_back)
    township = chosen("乡镇", _of_township)
    institution = typed("机构代码", "institution_code", longest=12)

    def offer(self) -> None:
        book = self.offer_books()
        self.choose("township", [ANY, *_towns(self.user), (NONE, "未分乡镇")])
        if book is None:
            return
        self.choose("account", [ANY, *account_choices(book)])


def _postings(user: User) -> PostingQuerySet:
    rows = Posting.objects.visible_to(user).exclude(voucher__event__in=YEAR_END)
    return rows.select_related("voucher", "account", "township", "period").order_by(
        "-voucher__occurred_on", "-voucher__number", "line"
    )


POSTINGS = Listing(
    "分录明细",
    "funds.view",
    _postings,
    (
        Column(
            "凭证号",
            attr("voucher.label"),
            "code",
            link="funds:voucher",
            link_to=attr("voucher_id"),
        ),
        Column("日期", attr("voucher.occurred_on"), "day", sort=True),
        Column("科目", attr("printed")),
        Column("摘要", attr("voucher.summary"), width=30),
        Column("来源", attr("voucher.source"), width=24),
        Column("借方", attr("debit"), "yuan", sort=True, total="debit"),
        Column("贷方", attr("credit"), "yuan", sort=True, total="credit"),
        Column("乡镇", attr("township.name")),
        Column("机构", attr("institution_code"), "code"),
        Column("归属年度", attr("policy_year")),
    ),
    PostingsFilter,
    export="funds.export",
    empty="没有符合条件的分录",
    hint="收入、负债类的数字是贷方减借方，支出、资产类是借方减贷方；不含年末结转",
)


def _of_premium_status(rows: Any, value: str) -> Any:
    return rows.filter(premium_status="" if value == NONE else value)


class CoversFilter(FilterForm):
    year = whole("参保年度", "year")
    until = day("享受起始日至", "cover_first_day__lte")
    township = chosen("乡镇", "division__code__startswith")
    village = typed("村代码", "division__code__startswith", longest=12)
    tier = typed("档次代码", "tier", longest=8)
    status = typed("缴费身份代码", _of_premium_status, longest=24)
    sex = chosen("性别", "person__sex", [("1", "男"), ("2", "女")])
    born_after = day("出生晚于", "person__birth_date__gt")
    born_by = day("出生不晚于", "person__birth_date__lte")
    aided = ticked("只看有其他补助的", lambda rows, _: rows.filter(other_amount__gt=0))

    def offer(self) -> None:
        self.choose("township", [ANY, *_towns(self.user)])


def _covers(user: User) -> EnrollmentQuerySet:
    rows = Enrollment.objects.visible_to(user).active()
    return rows.select_related("person", "division__parent").order_by("division__code", "pk")


COVERS = Listing(
    "参保明细（统计口径）",
    "reports.analyse",
    _covers,
    (
        Column(
            "参保人",
            attr("person.name"),
            "name",
            link="enrollment:household_detail",
            link_to=attr("household_id"),
        ),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("年度", attr("year")),
        Column("档次代码", attr("tier"), "code"),
        Column("享受起始日", attr("cover_first_day"), "day", sort=True),
        Column("筹资标准", attr("premium_amount"), "yuan", total="premium_amount"),
        Column("个人缴费", attr("personal_amount"), "yuan", total="personal_amount"),
        Column("中央", attr("central_amount"), "yuan", total="central_amount"),
        Column("省级", attr("provincial_amount"), "yuan", total="provincial_amount"),
        Column("市级", attr("city_amount"), "yuan", total="city_amount"),
        Column("县级", attr("county_amount"), "yuan", total="county_amount"),
        Column("其他", attr("other_amount"), "yuan", total="other_amount"),
        Column("账户划入", attr("account_amount"), "yuan", total="account_amount"),
    ),
    CoversFilter,
    names="enrollment.reveal",
    empty="没有符合条件的参保记录",
    hint="统计只含已缴费的参保；月报编制以后的变动这里看得到，月报不变",
)


class AccountUseFilter(FilterForm):
    year = whole("使用年度", "policy_year")
    until = day("结算日期至", "settlement__settled_on__lte")
    township = chosen("乡镇", "settlement__division__code__startswith")
    village = typed("村代码", "settlement__division__code__startswith", longest=12)

    def offer(self) -> None:
        self.choose("township", [ANY, *_towns(self.user)])


def _account_use(user: User) -> QuerySet[UsageEntry]:
    """What was used stands as negative rows of the counter."""
    seen = Settlement.objects.visible_to(user).order_by()
    rows = UsageEntry.objects.filter(counter="household_account", settlement__in=seen)
    related = ("settlement__visit__person", "settlement__division__parent")
    return rows.annotate(used=-F("amount")).select_related(*related).order_by("-pk")


ACCOUNT_USE = Listing(
    "家庭账户使用明细",
    "reports.analyse",
    _account_use,
    (
        OF_SETTLEMENT,
        Column("参保人", attr("settlement.visit.person.name"), "name"),
        Column("村组", attr("settlement.division.place"), sort="settlement__division__code"),
        Column("结算日期", attr("settlement.settled_on"), "day", sort=True),
        Column("使用年度", attr("policy_year")),
        Column("账户支付", attr("used"), "fen", total="used"),
    ),
    AccountUseFilter,
    names="enrollment.reveal",
    empty="没有符合条件的家庭账户支付",
    hint="撤回的结算单另有一行负数",
)

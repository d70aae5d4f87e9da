"""What a visitor of the demo county is told: address, accounts, and what to try today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from django.conf import settings

from accounts.models import User
from accounts.roles import ROLE_NAMES, Role
from claims.models import Settlement
from demo.numbers import COUNTY_NOW
from demo.places import COUNTY_CODE, COUNTY_NAME
from demo.staff import DEMO_PASSWORD
from enrollment.models import Campaign, Enrollment, Person, Remittance
from institutions.models import Institution
from lib.resident_id import check_character
from reports.models import MonthlyReport
from supervision.models import Alert

# One account per role, in the order of the walk through the portal.
SHOWN = (
    ("jingban", Role.TOWNSHIP_CLERK),
    ("kuaiji", Role.ACCOUNTANT),
    ("yiyuan", Role.INSTITUTION_CLERK),
    ("chushen", Role.REVIEWER),
    ("fuhe", Role.APPROVER),
    ("chuna", Role.CASHIER),
    ("jianguan", Role.SUPERVISOR),
    ("shenji", Role.AUDITOR),
    ("cungan", Role.VILLAGE_CADRE),
    ("minzheng", Role.CIVIL_AFFAIRS),
    ("xitong", Role.SYSTEM_ADMIN),
    ("anquan", Role.SECURITY_ADMIN),
    ("shenjiguanli", Role.AUDIT_ADMIN),
)
# A family nobody has registered, for the clerk to enter: (name, relationship, birth date, male).
NEW_FAMILY = (
    ("田建国", "户主", date(1982, 5, 16), True),
    ("蒲晓燕", "配偶", date(1984, 11, 2), False),
    ("田子轩", "子", date(2012, 3, 9), True),
    ("田欣怡", "女", date(2016, 8, 27), False),
)


@dataclass(frozen=True)
class Waiting:
    """How much work waits in each queue."""

    remittances: int
    to_review: int
    to_approve: int
    to_pay: int
    alerts: int
    reports: int


def guide(*, address: str, today: date) -> str:
    """The whole text. `address` is that of the portal, e.g. http://127.0.0.1:8000."""
    if not User.objects.filter(username=SHOWN[0][0]).exists():
        return "库中没有演示县。请先运行：manage.py seed_demo"
    return "\n".join(_lines(address.rstrip("/") + "/", today))


def _lines(address: str, today: date) -> Iterator[str]:
    yield f"{COUNTY_NAME}演示县（人物、机构、账目均为虚构）"
    yield f"地址：{address}"
    yield f"所有演示账户的密码：{DEMO_PASSWORD}"
    yield ""
    yield from _accounts()
    yield ""
    yield _insured(address, today)
    yield ""
    yield _window(today)
    yield ""
    yield "可以这样试："
    waiting = _waiting()
    for number, step in zip(count(1), _steps(waiting, today), strict=False):
        yield f"{number}. {step}"


def _accounts() -> Iterator[str]:
    users = User.objects.select_related("division").in_bulk(field_name="username")
    workplaces = dict(Institution.objects.values_list("code", "name"))
    yield "账户："
    for username, role in SHOWN:
        user = users.get(username)
        if user is not None:
            place = workplaces.get(user.institution_code, "")
            place = user.division.name if user.division else place
            yield f"  {username:<13} {ROLE_NAMES[role]} {user.name} {place}".rstrip()
    clerks = [name for name, user in users.items() if user.role == Role.TOWNSHIP_CLERK]
    counters = [name for name, user in users.items() if user.role == Role.INSTITUTION_CLERK]
    yield f"  各乡镇经办：{'、'.join(sorted(clerks))}"
    yield f"  各医院：{'、'.join(sorted(counters))}"


def _insured(address: str, today: date) -> str:
    """The page of the insured: what to type, and where the code can be read that goes to a phone
    which is nobody's."""
    covers = (
        Enrollment.objects.covering(today)
        .filter(division__code__startswith=COUNTY_CODE, person__death_date=None)
        .filter(receipt__voided_at=None, receipt__isnull=False, year__gte=today.year - 1)
        .select_related("person", "receipt__book")
        .order_by("pk")
    )
    # Heads of households come first and are grown.
    cover = next((one for one in covers[:50] if one.person.phone), None)
    if cover is None or cover.receipt is None:
        return f"参保人查询：{address}me/"
    person, receipt = cover.person, cover.receipt
    where = (
        "验证码不发到手机，写在门户网页进程的输出里（script/server 启动的在日志目录的 web.log）"
        if settings.SHORT_MESSAGE
        else "设 HEZUO_SHORT_MESSAGE=demo.stand_ins.ShortMessages 再启动，验证码写在门户的输出里"
    )
    return (
        f"参保人查询：{address}me/ 可用 {person.name}，收据号 {receipt.full_number}，"
        f"身份证号 {person.resident_id}；{where}"
    )


def _window(today: date) -> str:
    """Whether premiums may be taken today; the law's window is not bent for the demo."""
    campaigns = Campaign.objects.filter(area__code=COUNTY_CODE)
    current = campaigns.open_on(today).order_by("-year").first()
    if current is not None:
        return (
            f"缴费期：今天（{today}）在 {current.year} 年度缴费期内"
            f"（{current.first_day} 至 {current.last_day}），可以登记参保、收款开票。"
        )
    coming = campaigns.filter(first_day__gt=today).order_by("year").first()
    refused = "按办法第十五条过期不再收取，门户会拒绝新的参保登记。"
    if coming is None:
        return f"缴费期：今天（{today}）不在缴费期内，下一年度的征缴还没有设立；{refused}"
    return (
        f"缴费期：今天（{today}）不在缴费期内，{coming.year} 年度缴费期是 "
        f"{coming.first_day} 至 {coming.last_day}；{refused}"
        f"想演练缴费，请设置 HEZUO_TODAY={coming.first_day + timedelta(days=20)} 后重新启动。"
    )


def _waiting() -> Waiting:
    settlements = Settlement.objects.filter(division__code__startswith=COUNTY_CODE)
    return Waiting(
        remittances=Remittance.objects.awaiting_confirmation().count(),
        to_review=settlements.awaiting_review().count(),
        to_approve=settlements.awaiting_approval().count(),
        to_pay=settlements.awaiting_payment().count(),
        alerts=Alert.objects.open().leading().count(),
        reports=MonthlyReport.objects.count(),
    )


def _steps(waiting: Waiting, today: date) -> Iterator[str]:
    if Campaign.objects.filter(area__code=COUNTY_CODE).open_on(today).exists():
        yield (
            "jingban：“新户参保”登记一户四口（这些身份证号还没有人用），看每人缴费和各级补助，收款开票：\n"
            + "\n".join(_new_family())
        )
        yield "jingban：“缴存”交当天收款；kuaiji：在“缴存”确认到账，“凭证”里就有这一笔"
    yield f"kuaiji：“缴存”里有 {waiting.remittances} 笔待确认；“凭证”“科目余额”“会计期间”看全年账目"
    yield (
        "yiyuan：“就医结算”为参保人录入一次住院，点“试算”看起付线、比例、封顶和条文"
        + _patient(today)
    )
    yield "jingban：“手工报销”录入一次县外住院和纸质发票"
    yield f"chushen：“待初审”有 {waiting.to_review} 笔，核对明细、核减或通过"
    yield f"fuhe：“待复核”有 {waiting.to_approve} 笔"
    yield f"kuaiji：“待支付”有 {waiting.to_pay} 笔，编成一批后由 chuna 在“支付批次”发出并生成凭证"
    yield (
        f"jianguan：“疑点核查”现有 {waiting.alerts} 条（后台每 5 分钟筛查一批）；"
        f"“基金运行月报”现有 {waiting.reports} 份，可申请编制其他月份"
    )
    yield (
        "jianguan：“检查活动”有一次正在进行的检查，在平板上打开“现场检查”可断网填写；"
        "“投诉举报”“稽核案件”“规则版本”各有待办，jingban 的“公示张贴”“公示异议”也有"
    )
    yield "shenji：“凭证”按月导出 Excel；“操作日志”看谁做了什么。命令行：manage.py verify_books"
    yield "cungan：“筹资进度”“报销公示”只看得到本村；xitong、anquan、shenjiguanli 三员不碰业务"


def _new_family() -> Iterator[str]:
    for name, relationship, born, male in NEW_FAMILY:
        yield f"   {name} {relationship} {_unused_number(born, male=male)}"


def _unused_number(born: date, *, male: bool) -> str:
    """A valid number of the county that nobody in the register has."""
    for serial in range(101 if male else 102, 1000, 2):
        body = f"{COUNTY_NOW}{born:%Y%m%d}{serial:03d}"
        number = body + check_character(body)
        if not Person.objects.with_number(number).exists():
            return number
    raise AssertionError("nobody has 450 neighbours of one birthday and sex")


def _patient(today: date) -> str:
    """A grown-up who is covered today and has no claim yet, by the number the page asks for."""
    cover = (
        Enrollment.objects.covering(today)
        .filter(division__code__startswith=COUNTY_CODE, person__death_date=None, tier="tier2")
        .filter(person__visits=None, person__birth_date__year__range=(1960, 1990))
        .select_related("person")
        .order_by("pk")
        .first()
    )
    if cover is None:
        return ""
    return f"（可用：{cover.person.name} {cover.person.resident_id}，二档）"

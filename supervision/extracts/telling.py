"""说明.txt: what the tables hold, sums to compare with the books, and every column with why it is
empty."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from claims.handed_out import months_of
from claims.models import Settlement, SettlementFund, SettlementQuerySet
from institutions.models import Institution
from policies.terms import FUND_PAY_TYPES
from supervision.extracts.cells import LEFT_OUT, MASKED
from supervision.extracts.codes import FUND_COLUMNS, OTHER_FUND
from supervision.extracts.columns import REASONS, TABLES, TITLES
from supervision.extracts.models import Extract
from supervision.extracts.reading import settlements_of


def told(extract: Extract, counts: Mapping[str, int], *, on: date) -> str:
    """The text, lines ended as Windows does."""
    rows = settlements_of(extract)
    parts: Sequence[Iterable[str]] = (
        _about(extract, on), _tables(counts), _sums(rows), HOW, _columns(extract),
    )  # fmt: skip
    lines = [line for part in parts for line in (*part, "")]
    return "\r\n".join(lines)


def _about(extract: Extract, on: date) -> Iterator[str]:
    by = extract.requested_by
    yield f"飞检数据提取　{extract.area.name}（{extract.area.code}）"
    yield f"结算日期：{extract.since} 至 {extract.until}"
    yield f"机构：{_institutions(extract)}"
    yield f"导出用途：{extract.reason}"
    yield f"申请人：{by.name if by else ''}（{by.role_name if by else ''}，只含其辖区内的数据）"
    full = f"完整，理由：{extract.full_reason}" if extract.full else "脱敏"
    yield f"身份信息：{full}"
    yield f"提取时间：{timezone.localtime():%Y-%m-%d %H:%M}（数据为这一时刻的状态，业务日期 {on}）"
    yield "金额单位：元"


def _institutions(extract: Extract) -> str:
    if not extract.institutions:
        return "全部"
    found = Institution.objects.filter(code__in=extract.institutions).order_by("code")
    return "、".join(f"{one.name}（{one.code}）" for one in found)


def _tables(counts: Mapping[str, int]) -> Iterator[str]:
    yield "一、行数"
    for table, title in TITLES.items():
        yield f"{table}（{title}）：{counts[table]} 行，{len(TABLES[table])} 列"


def _sums(rows: SettlementQuerySet) -> Iterator[str]:
    yield "二、合计（可与账簿核对）"
    yield "按状态（结算单数、医疗费总额、基金支付）："
    names = dict(Settlement.Status.choices)
    by_status = rows.order_by().values("status").annotate(
        number=Count("pk"), total=Sum("total_amount"), fund=Sum("fund_amount")
    )  # fmt: skip
    for one in by_status.order_by("status"):
        yield f"  {names[one['status']]}：{one['number']}，{one['total']}，{one['fund']}"
    yield "按结算月份，计入统计的（不含已撤回、不予支付和全部追回的），与账簿导出"
    yield "全账.jsonl 中 settled 各月的数相同（整月、全部机构时）："
    counted = rows.filter(pk__in=Settlement.objects.counted().order_by().values("pk"))
    for one_month in months_of(counted):
        said = (one_month[name] for name in ("count", "total", "fund"))
        yield f"  {one_month['month']}：{'，'.join(map(str, said))}"
    yield "按基金支付类型，有效的结算单："
    yield from _by_fund(rows.effective())
    yield "按支付月份，已支付的（结算单数，从基金账户支付，含家庭账户和记账余额抵付）："
    paid = rows.paid().order_by().annotate(month=TruncMonth("paid_on")).values("month")
    sums = paid.annotate(number=Count("pk"), amount=Sum(Settlement.PAYABLE)).order_by("month")
    for month, number, amount in sums.values_list("month", "number", "amount"):
        yield f"  {month:%Y-%m}：{number}，{amount}"


def _by_fund(rows: SettlementQuerySet) -> Iterator[str]:
    parts = SettlementFund.objects.filter(settlement__in=rows.order_by().values("pk")).order_by()
    sums = parts.values("fund_pay_type").annotate(sum=Sum("amount")).order_by("fund_pay_type")
    for kind, amount in sums.values_list("fund_pay_type", "sum"):
        column = FUND_COLUMNS.get(kind, OTHER_FUND)
        yield f"  {kind} {FUND_PAY_TYPES.get(kind, '')}（{column}）：{amount}"


HOW = (
    "三、口径",
    "vali_flag：0 为已撤回、不予支付的结算单，不计入合计；refd_setl_flag：1 为已撤回。",
    "草稿不列；已撤回的结算单没有费用明细，其明细随重新结算的单列出。",
    "一次就诊分次结算的，mdtrt_d 只列一行。",
    "medfee_sumamt = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt；",
    "fulamt_ownpay_amt 含审核核减和不得向个人收取的部分。",
    "medfee_sumamt = fund_pay_sumamt + psn_pay + ownpay_hosp_part；"
    "定额补助超过费用的，另减去 memo 所列超过的金额。",
    "psn_pay = acct_pay + cash_payamt + memo 所列记账余额抵付；acct_pay 为家庭账户支付。",
    "fund_pay_sumamt 为八项基金之和；家庭账户金（390500）报销门诊的，列入 othfund_pay。",
    "费用明细逐行四舍五入，与结算单同名金额可相差几分。",
    "psn_no 为本系统的人员编号，同一人在各表相同；各项时间只有日期的，时分秒为 0。",
    "psn_type 按就诊日年龄：不满 18 岁 14，满 60 岁 16，其余 15；"
    "hosp_lv 按办法所分级别，未分等次。",
    "脱敏的：住院（门诊）号和票据号只列前两位，死亡日期只列年份。",
    "clr_way：随机构月结支付的，为当月的付费方式；逐笔支付的为空。",
    "crter、opter 都是录入人。代码按国家医保信息平台接口字典，各地扩展值可能不同。",
)


def _columns(extract: Extract) -> Iterator[str]:
    yield "四、各列"
    for table, title in TITLES.items():
        columns = TABLES[table]
        filled = sum(not column.empty for column in columns)
        yield f"{table}（{title}）：有值 {filled} 列，空 {len(columns) - filled} 列"
        for number, column in enumerate(columns, start=1):
            said = REASONS[column.empty] if column.empty else ""
            yield f"  {number} {column.name} {column.title}：" + (
                f"空，{said}" if said else _filled(column.name, extract)
            )


def _filled(name: str, extract: Extract) -> str:
    if not extract.full and name in LEFT_OUT:
        return "空，未申请完整身份信息"
    return "脱敏" if not extract.full and name in MASKED else "有值"

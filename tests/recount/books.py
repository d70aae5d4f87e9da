"""Balances, both statements and what the measures ask of the fund, from the lines of the vouchers.

Titles and signs after 财会〔2017〕28号, shares after 大足办法 第二十六条; whole fen.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from tests.recount.rows import Leg, Rows

Months = tuple[int, int]
Figures = dict[str, object]
# E27, E28: no flow of the year; and what moves inside net assets only.
TRANSFERS = {"income_closed", "expense_closed"}
INSIDE = {"reserve_drawn", "reserve_refilled", "reserve_used", "surplus_reserved",
          "accounts_carried", "accounts_released"}  # fmt: skip
# A premium that went back after its year's income was closed (E11).
PREMIUM_BACK = "prior_premium_refunded"
DEBIT_SIDE = {"asset", "expense"}

ASSETS = {
    "库存现金": "1001", "收入户存款": "1002", "财政专户存款": "1003", "支出户存款": "1004",
    "国库存款": "1005", "暂付款": "1101", "债券投资": "1201",
}  # fmt: skip
DEBTS = {"暂收款": "2001", "借入款项": "2101"}
OWN = {"一般基金结余": "3001", "风险基金结余": "3101"}
INCOME = {
    "社会保险费收入": "4001", "财政补贴收入": "4101", "利息收入": "4201", "上级补助收入": "4401",
    "下级上解收入": "4402", "其他收入": "4501",
}  # fmt: skip
EXPENSE = {
    "社会保险待遇支出": "5001", "大病保险支出": "5101", "上解上级支出": "5301",
    "补助下级支出": "5302", "其他支出": "5401",
}  # fmt: skip
PARTS = {
    "异地就医预付金": "1101-remote", "缴存风险基金": "1101-reserve", "医保预付金": "1101-advance",
    "应收超支分担": "1101-overspend", "预收以后年度个人保费": "2001-advance_personal",
    "预收以后年度资助保费": "2001-advance_aid", "定向资助参保资金": "2001-sponsor",
    "待查款": "2001-unidentified", "异地就医资金": "2001-remote", "支付退汇": "2001-returned",
    "定点机构质量保证金": "2001-deposit", "原系统应付待遇": "2001-unpaid",
    "待收超支分担": "2001-overspend",
    "门诊账户结余": "3001-household", "大病储备金": "3101-serious_reserve",
    "风险储备金": "3101-risk_reserve", "年终结余转入": "3101-risk_fund",
    "个人缴费": "4001-personal", "资助代缴": "4001-aid", "中央": "4101-central",
    "省": "4101-province", "市": "4101-city", "县": "4101-county", "乡镇": "4101-township",
    "追回以前年度待遇": "4501-recovery", "超支分担": "4501-overspend", "其他": "4501-other",
    "以前年度更正收入": "4501-earlier", "以前年度更正支出": "5401-earlier",
    "住院费用支出": "5001-inpatient", "门诊费用支出": "5001-outpatient",
    "其他费用支出": "5001-other", "医保自办": "5101-own", "商保承办": "5101-insurer",
}  # fmt: skip


def last_day(month: Months) -> date:
    year, number = month
    return date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)


def before(month: Months) -> Months:
    year, number = month
    return (year, number - 1) if number > 1 else (year - 1, 12)


def twelve(month: Months) -> list[Months]:
    found = [month]
    while len(found) < 12:
        found.append(before(found[-1]))
    return found


def rounded(top: int, bottom: int) -> int:
    """Half away from zero."""
    whole, rest = divmod(abs(top), bottom)
    whole += 2 * rest >= bottom
    return whole if top >= 0 else -whole


def grown(leg: Leg) -> int:
    """By how much the account stands higher on the side of its kind."""
    fen = leg.debit - leg.credit
    return fen if leg.kind in DEBIT_SIDE else -fen


class Books:
    """One area's book, read leg by leg."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.kinds = rows.accounts

    def total(self, which: Callable[[Leg], bool]) -> int:
        return sum(grown(leg) for leg in self.rows.legs if which(leg))

    # -- balances --------------------------------------------------------------------------------

    def at_end(self, month: Months, legs: Iterable[Leg] | None = None) -> dict[str, int]:
        """Account → what it stands at when the month is over."""
        found: dict[str, int] = defaultdict(int)
        for leg in self.rows.legs if legs is None else legs:
            if (leg.book_year, leg.book_month) <= month:
                found[leg.code] += grown(leg)
        return found

    def accounts(self, month: Months) -> Figures:
        """Opening, debit, credit and closing of every account; closing by tier and township."""
        opening, closing = self.at_end(before(month)), self.at_end(month)
        moved: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        by_tier: dict[str, int] = defaultdict(int)
        for leg in self.rows.legs:
            if (leg.book_year, leg.book_month) == month:
                moved[leg.code][0] += leg.debit
                moved[leg.code][1] += leg.credit
                if leg.event not in TRANSFERS:
                    for name, value in (("档次", leg.tier), ("街镇", leg.town),
                                        ("机构", leg.institution), ("来源", leg.level),
                                        ("年度", leg.year or "")):  # fmt: skip
                        by_tier[f"科目 {leg.code} {name} {value} 净额"] += leg.debit - leg.credit
        found: Figures = {}
        for code in self.kinds:
            found[f"科目 {code} 期初"] = opening.get(code, 0)
            found[f"科目 {code} 借方"], found[f"科目 {code} 贷方"] = moved[code]
            found[f"科目 {code} 期末"] = closing.get(code, 0)
        return found | {name: fen for name, fen in by_tier.items() if fen}

    # -- statements ------------------------------------------------------------------------------

    def sheet(self, month: Months) -> Figures:
        """会社保01表: (期末, 年初) of every line; what is not closed yet stands in 3001."""
        found: Figures = {}
        for at, end in (("期末", month), ("年初", (month[0] - 1, 12))):
            sums = self.at_end(end)
            result = sum(
                fen * {"income": 1, "expense": -1}.get(self.kinds[code], 0)
                for code, fen in sums.items()
            )
            for title, account in (ASSETS | DEBTS | OWN).items():
                found[f"01表 {title} {at}"] = _below(sums, account)
            found[f"01表 一般基金结余 {at}"] = _below(sums, "3001") + result
            for title, code in PARTS.items():
                if code[0] in "123":
                    found[f"01表 其中：{title} {at}"] = sums.get(code, 0)
            totals = [
                sum(_below(sums, one) for one in lines.values()) for lines in (ASSETS, DEBTS, OWN)
            ]
            found[f"01表 资产总计 {at}"] = totals[0]
            found[f"01表 负债合计 {at}"] = totals[1]
            found[f"01表 净资产合计 {at}"] = totals[2] + result
            found[f"01表 负债与净资产总计 {at}"] = totals[1] + totals[2] + result
        return found

    def income(self, month: Months) -> Figures:
        """会社保02表: (本月, 本年, 上年同期) of every line, without the year's transfers."""
        year, number = month
        spans: dict[str, Callable[[Leg], bool]] = {
            "本月": lambda leg: (leg.book_year, leg.book_month) == month,
            "本年": lambda leg: leg.book_year == year and leg.book_month <= number,
            "上年同期": lambda leg: leg.book_year == year - 1 and leg.book_month <= number,
        }
        kept = self.rows.first_month <= (year - 1, number)
        found: Figures = {}
        for at, covers in spans.items():
            if at == "上年同期" and not kept:
                continue
            sums: dict[str, int] = defaultdict(int)
            for leg in self.rows.legs:
                if covers(leg) and leg.event not in TRANSFERS:
                    sums[leg.code] += grown(leg)
            for title, account in (INCOME | EXPENSE).items():
                found[f"02表 {title} {at}"] = _below(sums, account)
            for title, code in PARTS.items():
                if code[0] in "45":
                    found[f"02表 其中：{title} {at}"] = sums.get(code, 0)
            came = sum(_below(sums, one) for one in INCOME.values())
            went = sum(_below(sums, one) for one in EXPENSE.values())
            found[f"02表 一、基金收入 {at}"] = came
            found[f"02表 二、基金支出 {at}"] = went
            found[f"02表 三、本期基金结余 {at}"] = came - went
        sheet = self.sheet(month)
        found["02表 四、年初基金滚存结余 本年"] = sheet["01表 净资产合计 年初"]
        found["02表 五、期末基金滚存结余 本年"] = sheet["01表 净资产合计 期末"]
        return found

    # -- the year ---------------------------------------------------------------------------------

    def belongs(self, leg: Leg, year: int) -> bool:
        """To the insurance year; what names none to the year of its booking, a red letter to that
        of what it takes back."""
        if leg.event in TRANSFERS:
            return False
        return (leg.year or leg.red_year or leg.book_year) == year

    def raised(self, year: int, end: date = date.max) -> dict[str, int]:
        """Who paid → what came in for the insurance year up to the day, less what went back."""
        found: dict[str, int] = defaultdict(int)
        for leg in self.rows.legs:
            if leg.day <= end and leg.event not in TRANSFERS and (
                leg.code[:4] in ("4001", "4101") or leg.code.startswith("2001-advance_")
            ) and (leg.year or leg.book_year) == year:  # fmt: skip
                found[leg.code.rpartition("-")[2].replace("advance_", "")] += grown(leg)
        found["personal"] -= self.gone_back(year, end)
        return found

    def gone_back(self, year: int, end: date = date.max, since: date = date.min) -> int:
        """Premiums of the insurance year that were refunded when their income was closed (E11)."""
        return self.total(
            lambda leg: leg.event == PREMIUM_BACK and leg.kind == "expense"
            and (leg.year or leg.book_year) == year and since <= leg.day <= end
        )  # fmt: skip

    def law(self, year: int, left: int, kept_before: int) -> Figures:
        """What stands for the year of what the measures ask, worked out anew: 5 % and 5 % of what
        was raised, the second no more once more than 15 % are there, half of the surplus.

        `left`: what the households' accounts have at the year's end; `kept_before`: a year ago.
        """
        raised = max(0, self.total(lambda leg: self.belongs(leg, year)
                                   and leg.code[:4] in ("4001", "4101"))
                     - self.gone_back(year))  # fmt: skip
        earlier = self.total(
            lambda leg: (
                leg.code == "3101-risk_reserve"
                and not (self.belongs(leg, year) and leg.event == "reserve_drawn")
            )
        )
        serious = rounded(raised * 5, 100)
        risk = 0 if earlier * 100 > raised * 15 else rounded(raised * 5, 100)
        result = self.total(lambda leg: self.belongs(leg, year) and leg.kind == "income")
        result -= self.total(lambda leg: self.belongs(leg, year) and leg.kind == "expense")
        surplus = result - serious - risk - (left - kept_before)
        # Of an odd fen the first of the two parts, which is the risk fund's.
        given = (max(0, surplus) + 1) // 2
        return {
            f"{year} 大病储备金提取": serious,
            f"{year} 风险储备金提取": risk,
            f"{year} 门诊账户结余转存": left,
            f"{year} 统筹结余转入风险基金": given,
        }

    def wrong(self, month: Months) -> list[str]:
        """What can never be: 资产 ≠ 负债 + 净资产, a year-end entry that touches income."""
        sheet, found = self.sheet(month), []
        for at in ("期末", "年初"):
            if sheet[f"01表 资产总计 {at}"] != sheet[f"01表 负债与净资产总计 {at}"]:
                found.append(f"{month} {at} 资产不等于负债加净资产")
        for leg in self.rows.legs:
            if leg.event in INSIDE and leg.kind != "net":
                found.append(f"凭证 {leg.voucher}（{leg.event}）动了 {leg.code}")
        return found


def _below(sums: Mapping[str, int], account: str) -> int:
    return sum(fen for code, fen in sums.items() if code.partition("-")[0] == account)

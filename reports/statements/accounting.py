"""资产负债表, 收支表, 净资产变动表: the lines of funds/statements.py as tables."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import zip_longest

from funds.balances import book_of
from funds.budget.services import execution
from funds.chart import OF_2008, printed
from funds.models import Book, Period
from funds.statements import (
    GENERAL_SURPLUS,
    BalanceSheet,
    IncomeStatement,
    Line,
    Section,
    Stated,
    balance_sheet,
    income_statement,
    net_assets,
)
from lib.money import to_yuan, told
from lib.periods import Month
from reports.behind import account_use as account_use_list
from reports.behind import covers, postings, postings_up_to, spans
from reports.behind import statement as statement_of
from reports.grids import NO_BOOKS, Cell, Grid, Head
from reports.population import account_use, population
from reports.statements.asked import Asked, Told

NO_BUDGET = "无预算"
Addresses = Sequence[Callable[[Line], str]]


def _closed(book: Book, month: Month) -> str:
    period = Period.objects.filter(book=book).at(month).first()
    is_closed = period is not None and period.status == Period.Status.CLOSED
    return "已结账" if is_closed else "未结账，结账前数字会变"


def tell_balance_sheet(fund_type: str) -> Callable[[Asked], Told]:
    def tell(asked: Asked) -> Told:
        book = book_of(asked.area, fund_type)
        sheet = balance_sheet(area=asked.area, fund_type=fund_type, month=asked.month)
        grid = _balance_grid(sheet, asked.month, book)
        even = sheet.is_even
        difference = sheet.assets.total[0] - sheet.owed_and_owned[0]
        words = "资产 = 负债 + 净资产：" + ("相等" if even else f"不相等，差 {told(difference)} 元")
        basis = (
            f"{asked.day:%Y年%m月%d日}，{_closed(book, asked.month)}；"
            f"{printed(book.chart_at(asked.month), GENERAL_SURPLUS.account).name}"
            f"含本年尚未结转的收支差额 {told(sheet.unclosed[0])} 元"
        )
        return Told((grid,), basis, ((words, even),))

    return tell


def _balance_grid(sheet: BalanceSheet, month: Month, book: Book) -> Grid:
    """Assets at the left, debts and net assets at the right, as the printed form has it."""
    before = Month(month.year, 1).previous()

    def up_to(end: Month) -> Callable[[Line], str]:
        """The general surplus holds what is not closed yet: it leads to the income statement."""

        def where(line: Line) -> str:
            if line.holds(GENERAL_SURPLUS.account):
                kind = "income" if book.fund_type == Book.FundType.RESIDENT else "aid-income"
                return statement_of(kind, end)
            return postings_up_to(end, account=line.account, book=book.pk)

        return where

    ends: Addresses = (up_to(month), up_to(before))
    left = [_named("资产："), *_lines(sheet.assets, ends)]
    right = [
        _named("负债："),
        *_lines(sheet.liabilities, ends),
        _sums("负债合计", sheet.liabilities.total),
        _named("净资产："),
        *_lines(sheet.net, ends),
        _sums("净资产合计", sheet.net.total),
    ]
    blank = [Cell(""), Cell(""), Cell("")]
    rows = [[*one, *other] for one, other in zip_longest(left, right, fillvalue=blank)]
    total = _sums("资产总计", sheet.assets.total)
    total += _sums("负债与净资产总计", sheet.owed_and_owned)
    heads = [
        Head("资产"), Head("期末余额", "yuan"), Head("年初余额", "yuan"),
        Head("负债与净资产"), Head("期末余额 ", "yuan"), Head("年初余额 ", "yuan"),
    ]  # fmt: skip
    return Grid("资产负债表", heads, rows, total, widths={0: 30, 3: 34})


def _named(title: str) -> list[Cell]:
    return [Cell(title), Cell(""), Cell("")]


def _sums(title: str, figures: Sequence[Decimal]) -> list[Cell]:
    sums = (Cell(one, "yuan", is_strong=True) for one in figures)
    return [Cell(title, is_strong=True), *sums]


def _title(one: Stated) -> str:
    return f"　　其中：{one.line.title}" if one.line.is_part else f"　{one.line.title}"


def _lines(section: Section, addresses: Addresses) -> list[list[Cell]]:
    return [
        [
            Cell(_title(one)),
            *(
                Cell(figure, "yuan", where(one.line))
                for figure, where in zip(one.figures, addresses, strict=True)
            ),
        ]
        for one in section.lines
        if not one.is_idle
    ]


def tell_income(fund_type: str) -> Callable[[Asked], Told]:
    def tell(asked: Asked) -> Told:
        book = book_of(asked.area, fund_type)
        statement = _statement(asked, book)
        sheet = balance_sheet(area=asked.area, fund_type=fund_type, month=asked.month)
        grid = _income_grid(statement, sheet, asked.month, book)
        moved = sheet.net.total[0] - sheet.net.total[1]
        agrees = moved == statement.surplus[1]
        words = "净资产期末 − 年初 = 本年基金结余：" + ("相等" if agrees else "不相等")
        basis = f"{asked.month.words}，{_closed(book, asked.month)}"
        return Told((grid,), basis, ((words, agrees),))

    return tell


def _statement(asked: Asked, book: Book) -> IncomeStatement:
    codes = list(book.accounts.values_list("code", flat=True))
    return income_statement(
        area=asked.area,
        fund_type=book.fund_type,
        month=asked.month,
        codes=codes,
        version=book.chart_at(asked.month),
    )


def _income_grid(statement: IncomeStatement, sheet: BalanceSheet, month: Month, book: Book) -> Grid:
    dates = spans(month)
    year_ago = (Month(month.year - 1, 1), Month(month.year - 1, month.month))
    kept = Month.of(book.first_month) <= year_ago[1]
    periods = (dates["month"], dates["year"], year_ago)

    def cells(figures: Sequence[Decimal], account: str = "", kind: str = "") -> list[Cell]:
        found = []
        for at, (figure, span) in enumerate(zip(figures, periods, strict=True)):
            if at == 2 and not kept:
                found.append(Cell(None, "yuan", missing=NO_BOOKS))
                continue
            leads = account or kind
            where = postings(span, account=account, kind=kind, book=book.pk) if leads else ""
            found.append(Cell(figure, "yuan", where))
        return found

    rows: list[list[Cell]] = []
    strong = []
    parts = (
        (statement.income, "一、基金收入", "income"),
        (statement.expense, "二、基金支出", "expense"),
    )
    for section, title, kind in parts:
        strong.append(len(rows))
        rows.append([Cell(title), *cells(section.total, kind=kind)])
        rows += [
            [Cell(_title(one)), *cells(one.figures, account=one.line.account)]
            for one in section.lines
            if not one.is_idle
        ]
    strong += [len(rows), len(rows) + 1, len(rows) + 2]
    end, beginning = sheet.net.total
    blank = Cell("")
    rows.append([Cell("三、本期基金结余"), *cells(statement.surplus)])
    kind = "balance-sheet" if book.fund_type == Book.FundType.RESIDENT else "aid-balance-sheet"
    for title, figure, day in (
        ("四、年初基金滚存结余", beginning, Month(month.year, 1).previous()),
        ("五、期末基金滚存结余", end, month),
    ):
        rows.append([Cell(title), blank, Cell(figure, "yuan", statement_of(kind, day)), blank])
    numbered = [[row[0], Cell(at, "count"), *row[1:]] for at, row in enumerate(rows, 1)]
    heads = [
        Head("项目"),
        Head("行次", "count"),
        Head("本月数", "yuan"),
        Head("本年累计数", "yuan"),
        Head("上年同期累计数", "yuan"),
    ]
    return Grid("收支表", heads, numbered, strong=frozenset(strong), widths={0: 34})


def tell_budget(asked: Asked) -> Told:
    """本月、累计、预算、执行率 of each line of income and expense."""
    book = book_of(asked.area)
    dates = spans(asked.month)
    found = execution(book, asked.month)
    strong = [at for at, one in enumerate(found) if one.is_total]
    rows = []
    for at, one in enumerate(found):
        kind = "" if one.account else ("income" if at == 0 else "expense")
        wheres = [
            postings(dates[span], account=one.account, kind=kind, book=book.pk)
            for span in ("month", "year")
        ]
        rows.append(
            [
                Cell(one.title if one.is_total else f"　{one.title}"),
                Cell(one.month, "yuan", wheres[0]),
                Cell(one.year, "yuan", wheres[1]),
                Cell(one.budget, "yuan", missing=NO_BUDGET),
                Cell(one.ratio, "ratio"),
            ]
        )
    heads = [
        Head("项目"),
        Head("本月数", "yuan"),
        Head("本年累计数", "yuan"),
        Head("预算", "yuan"),
        Head("执行率", "ratio"),
    ]
    grid = Grid("基金收支月报", heads, rows, strong=frozenset(strong), widths={0: 34})
    basis = f"{asked.month.words}，{_closed(book, asked.month)}"
    return Told((grid,), f"{basis}；执行率 = 本年累计数 ÷ 本年预算")


def tell_net_assets(asked: Asked) -> Told:
    book = book_of(asked.area)
    terms = asked.terms
    year = terms.year.of(asked.day)
    sheet = balance_sheet(area=asked.area, fund_type=book.fund_type, month=asked.month)
    people = population(area=asked.area, year=year, day=asked.day, earlier=asked.day)
    forward, used = account_use(area=asked.area, year=year, day=asked.day)
    accounts = (to_yuan(forward), to_yuan(people.account_granted), to_yuan(used))
    found = net_assets(sheet, _statement(asked, book), accounts=accounts)
    converted = "" if book.chart_at(asked.month) == OF_2008 else "，由现行科目换算"
    lines = (
        ("一、期初余额", found.opening),
        ("二、本期增加（基金收入）", found.increase),
        ("三、提取、划入（减：转出）", found.moved),
        ("四、本期减少（基金支出）", found.decrease),
        ("五、期末余额", found.closing),
    )
    rows = [
        [
            Cell(title),
            *(Cell(one, "yuan") for one in figures[:2]),
            Cell(figures[2], "yuan", of_accounts),
            Cell(sum(figures), "yuan", of_all),
        ]
        for (title, figures), of_accounts, of_all in zip(
            lines, *_behind_net_assets(asked.month, year), strict=True
        )
    ]
    heads = [
        Head("项目"),
        *(Head(one, "yuan") for one in ("一般统筹基金", "风险基金", "家庭账户基金", "合计")),
    ]
    agrees = all(
        opening + more + moved - less == closing
        for opening, more, moved, less, closing in zip(
            found.opening, found.increase, found.moved, found.decrease, found.closing, strict=True
        )
    )
    even = sum(found.moved) == 0
    owned = sheet.assets.total[0] - sheet.liabilities.total[0]
    balanced = sum(found.closing) == owned
    return Told(
        (Grid("净资产变动表", heads, rows, strong=frozenset({0, 4}), widths={0: 30}),),
        f"{asked.month.year} 年 1 月至 {asked.month.month} 月，{_closed(book, asked.month)}；"
        f"按财会〔2008〕1号的格式{converted}；家庭账户按结算日期计；"
        "一般统筹基金、风险基金两列是换算数，合计数见资产负债表、收支表",
        (
            ("期初 + 增加 + 划转 − 减少 = 期末：" + ("相等" if agrees else "不相等"), agrees),
            ("提取、划入合计为零：" + ("相等" if even else "不相等"), even),
            ("期末合计 = 资产 − 负债：" + ("相等" if balanced else "不相等"), balanced),
        ),
    )


def _behind_net_assets(month: Month, policy_year: int) -> tuple[list[str], list[str]]:
    """Where the household accounts and the sums of the five lines lead."""
    before = Month(month.year, 1).previous()
    accounts = [
        "",
        covers(month, policy_year=policy_year),
        "",
        account_use_list(month, policy_year=policy_year),
        "",
    ]
    moved = statement_of("income", month)
    ends = [statement_of("balance-sheet", one) for one in (before, month)]
    return accounts, [ends[0], moved, "", moved, ends[1]]

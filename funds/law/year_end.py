"""年终: the households' accounts go on into the next year, and of the pool's surplus the measures
give a part to the risk fund (大足办法 第二十六条(四))."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from desk.tones import TonedChoices
from funds.chart import HOUSEHOLDS, RESERVE
from funds.events import RESERVES
from funds.law.known import HouseholdAccounts, household_accounts
from funds.law.reserves import pool_on
from funds.law.working import (
    Step,
    Working,
    by_code,
    cited,
    credit_balance,
    of_year,
    percent,
    postings,
    raised,
    rules_of,
)
from funds.models import ZERO, Account, Book
from funds.named import paid_ahead, premium_back
from funds.services.posting import EventLine
from lib.money import half_up, to_fen, to_yuan, told
from policies.fund_rules import WHOLE, split_surplus

CARRIED = ("accounts_carried", "accounts_released")
SET_ASIDE = ("reserve_drawn", "reserve_used", "reserve_refilled")


def carry_accounts(book: Book, year: int, on: date) -> Working:
    return _accounts("accounts_carried", book, year, on)


def release_accounts(book: Book, year: int, on: date) -> Working:
    """The same where the books have more for the households than they have."""
    return _accounts("accounts_released", book, year, on)


def _accounts(event: str, book: Book, year: int, on: date) -> Working:
    """What the households have at the year's end, as their accounts say, less what the books kept
    for them. The sum over the accounts is compared with the books; a difference is named and stops.
    """
    terms, rules = rules_of(book, year)
    held = household_accounts(book, year)
    rows = postings(book).filter(account__code=HOUSEHOLDS)
    opening = credit_balance(rows.filter(policy_year__lt=year))
    carried = credit_balance(rows.filter(policy_year=year))
    due = held.left - opening - carried
    lines: tuple[EventLine, ...] = ()
    if due and (due > 0) == (event == "accounts_carried"):
        lines = (EventLine(abs(due), policy_year=year),)
    article = rules.surplus.article
    return Working(
        event=event,
        year=year,
        law=cited(terms, article),
        source=f"{year}年末门诊账户结余 {told(held.left)} 元",
        steps=(
            Step(f"{year - 1}年末结余（台账）", held.brought, "各户账户合计"),
            Step(f"{year}年划入", held.granted, "有效参保人的门诊账户额度合计"),
            Step(f"{year}年使用", -held.used, "各笔结算从账户支付合计"),
            Step(f"{year}年末结余（台账）", held.left, f"{held.households} 户", article),
            Step(f"{year - 1}年末转存（账上）", opening),
            Step(f"{year}年已转存（账上）", carried),
        ),
        lines=lines,
        stops=tuple(_account_stops(held, opening, year, on)),
        nothing=f"{year}年末门诊账户结余已全部转存"
        if not due
        else ("账上多于台账，请办理“门诊账户结余减少”" if due < 0 else "账上少于台账"),
    )


def _account_stops(held: HouseholdAccounts, opening: Decimal, year: int, on: date) -> list[str]:
    stops = []
    if on < date(year, 12, 31):
        stops.append(f"{year}年度还没有结束，不能转存")
    if held.below_count:
        stops.append(
            f"有 {held.below_count} 户的账户低于零，合计 {told(held.below)} 元，"
            "账户合计与收支不符；请先在参保和结算中查明"
        )
    if opening and opening != held.brought:
        stops.append(
            f"{year - 1}年末账上转存 {told(opening)} 元，台账为 {told(held.brought)} 元，"
            f"相差 {told(held.brought - opening)} 元（转存以后又有退保、撤销或补结的）；"
            f"请先按 {year - 1} 年度补转或减少"
        )
    if held.unpaid:
        stops.append(
            f"有 {held.unpaid_count} 笔结算已从账户扣减 {told(held.unpaid)} 元而还没有支付，"
            "账上还没有这笔支出；请先支付或撤销"
        )
    return stops


def share_surplus(book: Book, year: int, on: date) -> Working:
    """The part of a finished year's pool surplus that the measures give to the risk fund, less what
    was given. The surplus is the year's income less its benefits, the reserves set aside, and what
    the households keep more than a year ago. The rest stays in the pool."""
    terms, rules = rules_of(book, year)
    kinds = [Account.Kind.INCOME, Account.Kind.EXPENSE]
    rows = of_year(book, year)
    result = credit_balance(rows.filter(account__kind__in=kinds))
    moved = rows.filter(voucher__event__in=SET_ASIDE, account__code__startswith=RESERVE)
    reserved = credit_balance(moved)
    kept = credit_balance(rows.filter(voucher__event__in=CARRIED, account__code=HOUSEHOLDS))
    surplus = result - reserved - kept
    shares = split_surplus(terms, surplus=to_fen(max(ZERO, surplus))) if rules.surplus.parts else {}
    given = by_code(rows.filter(voucher__event="surplus_reserved"))
    steps = [
        Step(f"{year}年度收支相抵", result),
        Step("减：提取、补足的风险基金（动用的加回）", -reserved),
        Step("减：门诊账户结余比上年增加", -kept),
        Step(f"{year}年度统筹结余", surplus, "", rules.surplus.article),
    ]
    lines = []
    for receiver, amount in shares.items():
        account = RESERVES.accounts.get(receiver)
        ratio = percent(rules.surplus.parts[receiver])
        name = "转入风险基金" if account else "留作次年统筹"
        steps.append(Step(name, to_yuan(amount), f"统筹结余 × {ratio}", rules.surplus.article))
        if account is None:
            continue
        done = given.get(account, ZERO)
        if done:
            steps.append(Step("已转入风险基金", done))
        if to_yuan(amount) > done:
            lines.append(EventLine(to_yuan(amount) - done, purpose=receiver, policy_year=year))
        elif to_yuan(amount) < done:
            more = done - to_yuan(amount)
            steps.append(Step("多转风险基金", more, "结余减少；请红冲原凭证后重新计算"))
    return Working(
        event="surplus_reserved",
        year=year,
        law=cited(terms, rules.surplus.article),
        source=f"{year}年度统筹结余 {told(surplus)} 元",
        steps=tuple(steps),
        lines=tuple(lines),
        stops=tuple(_surplus_stops(book, year, on)),
        nothing=_nothing_to_share(year, surplus, bool(rules.surplus.parts)),
    )


def _surplus_stops(book: Book, year: int, on: date) -> list[str]:
    if on < date(year, 12, 31):
        return [f"{year}年度还没有结束，不能分配结余"]
    held = household_accounts(book, year)
    rows = postings(book).filter(account__code=HOUSEHOLDS, policy_year__lte=year)
    kept = credit_balance(rows)
    if kept != held.left:
        return [
            f"{year}年末门诊账户结余台账为 {told(held.left)} 元，账上转存 {told(kept)} 元，"
            "请先办理门诊账户结余转存"
        ]
    return []


def _nothing_to_share(year: int, surplus: Decimal, is_said: bool) -> str:
    if not is_said:
        return "办法没有规定结余转入风险基金的比例，无须登记"
    if surplus <= 0:
        return f"{year}年度没有可分配的结余"
    return f"{year}年度结余已按办法转入风险基金"


@dataclass(frozen=True, slots=True)
class SurplusRate:
    """结余率 against the measures' limit. `ratio` in 1/10000, None where nothing was raised."""

    name: str
    surplus: Decimal
    ratio: int | None
    most: int
    warn: int | None
    article: str

    class Status(TonedChoices):
        FINE = "fine", "good", "正常"
        NEAR = "near", "wait", "预警"
        BEYOND = "beyond", "bad", "超限"
        NOTHING = "nothing", "idle", "无筹资"

    @property
    def status(self) -> Status:
        if self.ratio is None:
            return self.Status.NOTHING
        if self.ratio > self.most:
            return self.Status.BEYOND
        is_near = self.warn is not None and self.ratio > self.warn
        return self.Status.NEAR if is_near else self.Status.FINE

    @property
    def told(self) -> str:
        return "—" if self.ratio is None else f"{Decimal(self.ratio) / 100:.2f}%"

    @property
    def bounds(self) -> str:
        warned = f"预警 {percent(self.warn)}，" if self.warn is not None else ""
        return f"{warned}上限 {percent(self.most)}"


def surplus_rates(book: Book, year: int, on: date) -> list[SurplusRate]:
    """Of the year and of all years, against the limits of the measures; empty where they set none.

    The year's surplus is what was raised for it less what was spent in the calendar year; the
    cumulated one is all that the book has beyond its debts, reserves included, without what later
    years have paid already (卫农卫发〔2009〕68号; R19).
    """
    terms, rules = rules_of(book, year)
    base = raised(book, year)
    rows = postings(book).filter(period__year=year, voucher__occurred_on__lte=on)
    rows = rows.filter(account__kind=Account.Kind.EXPENSE)
    rows = rows.exclude(premium_back(), policy_year=year)  # `base` is less by it already
    spent = -credit_balance(rows.exclude(voucher__event__in=("income_closed", "expense_closed")))
    reserves = credit_balance(
        postings(book).filter(account__code__startswith=RESERVE, voucher__occurred_on__lte=on)
    )
    households = credit_balance(
        postings(book).filter(account__code=HOUSEHOLDS, voucher__occurred_on__lte=on)
    )
    ahead = paid_ahead(postings(book), on, terms.year.of(on))
    all_years = pool_on(book, on) + reserves + households - ahead
    found = []
    for code, name, surplus in (
        ("annual", f"{year}年结余率", base - spent),
        ("cumulative", "累计结余率（含风险基金）", all_years),
    ):
        if limit := rules.surplus_limits.get(code):
            ratio = half_up(to_fen(surplus) * WHOLE, to_fen(base)) if base else None
            found.append(
                SurplusRate(
                    name,
                    surplus,
                    ratio,
                    limit.most,
                    limit.warn,
                    cited(terms, limit.article),
                )
            )
    return found

"""Premiums, subsidies, fund rules and limits on institutions, as written in a pack."""

from __future__ import annotations

from collections.abc import Mapping

from lib.money import split
from policies.loading.tables import Words, read_condition, read_table
from policies.reading import Block
from policies.terms import (
    Campaign,
    Deadline,
    FilingRule,
    FundRules,
    Grant,
    MonthDay,
    PaperRule,
    PremiumRules,
    PrescriptionLimits,
    ReceiptOnly,
    Reserve,
    Shares,
    Subsidy,
    SubsidyRow,
    SurplusLimit,
    Waiting,
    Window,
)

WHOLE = 10_000
YEARS = {"previous": -1, "same": 0, "next": 1}


def read_premium(block: Block, words: Words) -> PremiumRules:
    """``premium``: standards, window, subsidies, aid, grants."""
    lock = block.block("tier_lock")
    same = block.block("same_tier")
    window = block.block("window")
    waiting = block.block("waiting")
    campaign = block.block("campaign")
    if window is None:
        block.complain("window", "缺少缴费期", "补上 window: {opens, closes}")
    rules = PremiumRules(
        standards=read_table(block, "standards", "fen", words),
        window=_window(window)
        if window
        else Window(
            opens=MonthDay(1, 1),
            closes=MonthDay(12, 31),
            opens_offset=0,
            closes_offset=0,
            article="",
        ),
        subsidies=tuple(_subsidy(each, words) for each in block.blocks("subsidies")),
        receipt_only=tuple(_receipt_only(each, words) for each in block.blocks("receipt_only")),
        grants=tuple(_grant(each, words) for each in block.blocks("grants")),
        same_tier_article=same.article if same else "",
        tier_lock_years=lock.whole("years") if lock else 0,
        tier_lock_article=lock.article if lock else "",
        credit_counter=words.optional_counter(block, "credit_counter", "balance"),
        waiting=_waiting(waiting, words) if waiting else None,
        campaign=_campaign(campaign) if campaign else None,
    )
    rows = [row for subsidy in rules.subsidies for row in subsidy.rows]
    if rules.credit_counter is None and any(row.toward_premium < row.amount for row in rows):
        block.complain("credit_counter", "有补助要记账，却没有写记入哪个余额", "写 credit_counter")
    for nested in (lock, same):
        if nested:
            nested.done()
    block.done()
    return rules


def _campaign(block: Block) -> Campaign:
    rewards = []
    for each in block.blocks("rewards"):
        rewards.append((each.ratio("at_least"), each.fen("per_person")))
        each.done()
    if rewards != sorted(rewards, reverse=True):
        block.complain("rewards", "奖励没有从高到低", "按 at_least 从高到低排列")
    days = block.values("report_days") if block.has("report_days") else ()
    if not all(len(day) == 1 and day in "1234567" for day in days):
        block.complain("report_days", "星期应写 1 到 7", "例如 [1, 4] 表示每周一、四")
        days = ()
    campaign = Campaign(
        target=block.ratio("target"),
        rewards=tuple(rewards),
        lost_book=block.fen("lost_book") if block.has("lost_book") else 0,
        report_days=tuple(map(int, days)),
        article=block.article,
    )
    block.done()
    return campaign


def _waiting(block: Block, words: Words) -> Waiting:
    exempt = block.block("exempt")
    waiting = Waiting(
        article=block.article,
        fixed=block.whole("fixed_months", 0),
        per_gap_year=block.whole("months_per_gap_year", 0),
        from_year=block.whole("variable_wait_from_year", 1),
        per_repaired_year=block.whole("months_off_per_repaired_year", 0),
        long_gap=block.whole("long_gap_years", 0),
        long_gap_least=block.whole("long_gap_least_months", 0),
        resumes=block.month_day("resumes") if block.has("resumes") else None,
        exempt=read_condition(exempt, words) if exempt else None,
        newborn_days=block.whole("newborn_days", 0),
    )
    if waiting.from_year < 1:
        block.complain("variable_wait_from_year", "断保年数从 1 数起", "写 1 或 2")
    if exempt:
        exempt.done()
    block.done()
    return waiting


def _window(block: Block) -> Window:
    remit = block.block("remit")
    window = Window(
        opens=block.month_day("opens"),
        closes=block.month_day("closes"),
        opens_offset=YEARS[block.choice("opens_year", tuple(YEARS), "previous")],
        closes_offset=YEARS[block.choice("closes_year", tuple(YEARS), "previous")],
        article=block.article,
        remit_by=remit.month_day("by") if remit else None,
        remit_offset=YEARS[remit.choice("year", tuple(YEARS), "previous")] if remit else -1,
        remit_article=remit.article if remit else "",
    )
    opens = (window.opens_offset, window.opens.month, window.opens.day)
    if opens > (window.closes_offset, window.closes.month, window.closes.day):
        block.complain("closes", "缴费期截止早于开始", "核对月日与 opens_year、closes_year")
    if remit:
        remit.done()
    block.done()
    return window


def _subsidy(block: Block, words: Words) -> Subsidy:
    rows = tuple(_subsidy_row(each, words) for each in block.blocks("rows"))
    if not rows:
        block.complain("rows", "补助没有写任何一行", "补上 rows")
    subsidy = Subsidy(code=block.code("code"), name=block.text("name"), rows=rows)
    block.done()
    return subsidy


def _subsidy_row(block: Block, words: Words) -> SubsidyRow:
    amount = block.fen("amount")
    toward = block.fen("toward_premium") if block.has("toward_premium") else amount
    if toward > amount:
        block.complain("toward_premium", "抵缴保费的部分大于补助总额", "核对两个数")
    row = SubsidyRow(
        condition=read_condition(block, words),
        amount=amount,
        toward_premium=toward,
        shares=_payer_shares(block, words, amount),
        article=block.article,
        line=block.line,
    )
    block.done()
    return row


def _payer_shares(block: Block, words: Words, amount: int) -> Mapping[str, int]:
    """Fen by payer: written in yuan, or in percent and then split to the fen."""
    nested = block.block("shares")
    if nested is None:
        if amount:
            block.complain("shares", "没有写由谁出", "写 shares，例如 {central: 40, county: 10}")
        return {}
    payers = words.vocabulary.get("payer", {})
    for payer in nested.keys:
        if payer not in payers:
            nested.complain(payer, f"没有出资方“{payer}”", "在 vocabulary.payer 中声明")
    written = {payer: nested.text(payer) for payer in nested.keys}
    nested.done()
    if written and all(value.endswith("%") for value in written.values()):
        ratios = {payer: nested.parse_ratio(payer, value) for payer, value in written.items()}
        if sum(ratios.values()) != WHOLE:
            nested.complain("", "各方比例相加不是 100%", "改正比例")
            return {}
        return dict(zip(ratios, split(amount, list(ratios.values())), strict=True))
    shares = {payer: nested.parse_fen(payer, value) for payer, value in written.items()}
    if sum(shares.values()) != amount:
        total = f"{sum(shares.values()) / 100:.2f}"
        nested.complain("", f"各方相加 {total} 元，不等于补助额", "使各方之和等于 amount")
    return shares


def _receipt_only(block: Block, words: Words) -> ReceiptOnly:
    payer = block.text("payer")
    if payer not in words.vocabulary.get("payer", {}):
        block.complain("payer", f"没有出资方“{payer}”", "在 vocabulary.payer 中声明")
    found = ReceiptOnly(condition=read_condition(block, words), payer=payer, article=block.article)
    block.done()
    return found


def _grant(block: Block, words: Words) -> Grant:
    grant = Grant(
        counter=words.counter(block, "counter", "balance"),
        amounts=read_table(block, "amounts", "fen", words, complete=False),
    )
    block.done()
    return grant


def read_fund(block: Block) -> FundRules:
    """``fund``: reserves, who bears an overspend, where a surplus goes, quotas."""
    overspend = {}
    pools = block.block("overspend")
    names = [key for key in pools.keys if key != "article"] if pools else []
    for pool in names:
        nested = pools.block(pool) if pools else None
        if nested:
            overspend[pool] = _shares(nested)
    quota, refill = block.block("quota"), block.block("refill")
    reserves = tuple(_reserve(each) for each in block.blocks("reserves"))
    rules = FundRules(
        reserves=reserves,
        refill_article=refill.article if refill else "",
        overspend=overspend,
        beyond_reserve=_shares_of(block, "beyond_reserve", needed="county" in overspend),
        surplus=_shares_of(block, "surplus", needed=bool(reserves or overspend)),
        quota_article=quota.article if quota else "",
        surplus_limits=_surplus_limits(block.block("surplus_limits")),
    )
    if rules.quota_article and "township" not in overspend:
        block.complain(
            "overspend", "分配了街镇额度，没有写街镇超支由谁承担", "补上 overspend.township"
        )
    block.done()
    return rules


def _shares_of(block: Block, key: str, *, needed: bool) -> Shares:
    nested = block.block(key)
    if nested is not None:
        return _shares(nested)
    if needed:
        block.complain(key, f"缺少“{key}”", f"补上 {key}，各方比例相加 100%")
    return Shares(parts={}, article="")


def _surplus_limits(block: Block | None) -> Mapping[str, SurplusLimit]:
    """``surplus_limits``: how much surplus the year, and all years together, may have."""
    found: dict[str, SurplusLimit] = {}
    for name in ("annual", "cumulative"):
        nested = block.block(name) if block else None
        if nested is None:
            continue
        warn = nested.ratio("warn_above") if nested.has("warn_above") else None
        limit = SurplusLimit(nested.ratio("most"), warn, nested.article)
        if warn is not None and warn > limit.most:
            nested.complain("warn_above", "预警线高于上限", "预警线应不高于上限")
        nested.done()
        found[name] = limit
    if block:
        block.done()
    return found


def _shares(block: Block) -> Shares:
    parts = {key: block.ratio(key) for key in block.keys if key != "article"}
    if sum(parts.values()) != WHOLE:
        block.complain("", "各方比例相加不是 100%", "改正比例")
    return Shares(parts=parts, article=block.article)


def _reserve(block: Block) -> Reserve:
    reserve = Reserve(
        code=block.code("code"),
        name=block.text("name"),
        ratio=block.ratio("ratio"),
        stop_ratio=block.ratio("stop_above") if block.has("stop_above") else None,
        article=block.article,
    )
    block.done()
    return reserve


def read_prescriptions(block: Block, words: Words) -> PrescriptionLimits:
    """``prescriptions``: limits on one outpatient prescription."""
    limits = PrescriptionLimits(
        amounts=read_table(block, "amounts", "fen", words, complete=False),
        max_drugs=block.whole("max_drugs"),
        max_antibiotics=block.whole("max_antibiotics"),
        max_days=block.whole("max_days"),
        max_days_chronic=block.whole("max_days_chronic"),
        article=block.article,
    )
    block.done()
    return limits


def read_deadlines(block: Block) -> Mapping[str, Deadline]:
    """``deadlines``: days for reporting, claiming, deciding."""
    found = {}
    for each in block.blocks("deadlines"):
        deadline = Deadline(each.text("name"), each.whole("days"), each.article)
        found[each.code("code")] = deadline
        each.done()
    return found


def read_texts(block: Block) -> Mapping[str, str]:
    """``texts``: articles in their own words, for whoever asks why."""
    found: dict[str, str] = {}
    for each in block.blocks("texts"):
        article = each.article
        if article in found:
            each.complain("article", f"“{article}”的原文重复", "同一条只写一次")
        found[article] = " ".join(each.text("text").split())
        each.done()
    return found


def read_papers(block: Block, words: Words) -> tuple[PaperRule, ...]:
    """``papers``: what has to be handed in with a claim from elsewhere, and when."""
    rules: list[PaperRule] = []
    for each in block.blocks("papers"):
        rule = PaperRule(
            code=each.code("code"),
            name=each.text("name"),
            original=each.yes("original", default=False),
            article=each.article,
            condition=read_condition(each, words),
        )
        if any(rule.code == other.code for other in rules):
            each.complain("code", f"材料“{rule.code}”重复", "改用另一个代码，或合并条件")
        each.done()
        rules.append(rule)
    return tuple(rules)


# What people file beside a visit; claims/filings knows what each of them asks.
MAX_HELD_MONTHS = 120
FILING_KINDS = ("referral", "away", "chronic", "examination", "accident", "first")


def read_filings(block: Block, words: Words) -> Mapping[str, FilingRule]:
    """``filings``: what is filed and approved, and which fact of a visit that gives."""
    found: dict[str, FilingRule] = {}
    for each in block.blocks("filings"):
        kind = each.choice("kind", FILING_KINDS)
        dimension = next((name for name in ("fact", "referral") if each.has(name)), "")
        code = each.code(dimension) if dimension else ""
        if code and code not in words.vocabulary.get(dimension, {}):
            each.complain(dimension, f"没有声明“{code}”", f"在 vocabulary.{dimension} 中声明")
        if kind in found:
            each.complain("kind", f"备案“{kind}”重复", "合并成一行")
        found[kind] = FilingRule(
            kind=kind,
            dimension=dimension,
            code=code,
            required=each.yes("required", default=False),
            article=each.article,
            held_months=_held_months(each, kind),
        )
        each.done()
    return found


def _held_months(block: Block, kind: str) -> int:
    """How long what was chosen stays; only a first institution is chosen."""
    months = block.whole("held_months", 0)
    if months and kind != "first":
        block.complain(
            "held_months", "只有首诊机构选定（first）有不得变更的期限", "去掉这一行的 held_months"
        )
    if months > MAX_HELD_MONTHS:
        block.complain(
            "held_months", f"“{months}”太长，最多 {MAX_HELD_MONTHS} 个月", "写月数，一年写 12"
        )
        return 0
    return months

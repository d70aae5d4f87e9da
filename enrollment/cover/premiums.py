"""What a person pays for a year of cover and who adds what: pure, by the policy pack.

Amounts are fen.  The identity ``standard == personal + subsidy - credit`` always holds: what a
subsidy gives beyond the premium goes to the year's credit balance (记账余额).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lib.money import to_yuan
from lib.periods import age_on, months_after
from policies.terms import (
    CATEGORIES,
    MonthDay,
    PremiumRules,
    Step,
    Subject,
    Subsidy,
    SubsidyRow,
    Terms,
)

WHOLE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Someone to be insured: the facts that premiums and subsidies depend on."""

    birth_date: date
    tier: str = ""
    residence: str = ""
    sex: str = ""
    statuses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyPart:
    """One subsidy of one person.  ``shares`` are fen by payer and sum to ``amount``, which is
    ``toward_premium`` plus ``credit``."""

    code: str
    name: str
    article: str
    amount: int
    toward_premium: int
    credit: int
    shares: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Premium:
    """A person's year.  ``cash`` is what is collected: nothing when another pays the personal
    part (``receipt_only`` then names who)."""

    standard: int
    personal: int
    subsidies: tuple[SubsidyPart, ...]
    shares: Mapping[str, int]
    subsidy: int
    credit: int
    grants: Mapping[str, int]
    receipt_only: bool
    paid_by: str
    steps: tuple[Step, ...]

    @property
    def cash(self) -> int:
        return 0 if self.receipt_only else self.personal


class PremiumError(ValueError):
    """A person whose premium the pack cannot tell; ``field`` names what to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def assess(payer: Payer, terms: Terms, *, year: int) -> Premium:
    """Premium, subsidies by payer, credit and grants of ``payer`` for insurance year ``year``.

    Age is counted on the year's first day.  Raises ``PremiumError``.
    """
    rules = _rules(terms)
    subject = _subject(payer, terms, terms.year.bounds(year)[0])
    row = rules.standards.find(subject)
    assert row is not None  # the loader refuses standards with a gap
    steps = [_step("standard", "筹资标准", row.article, row.value, span=(0, row.value))]
    left = row.value
    parts: list[SubsidyPart] = []
    for rule in rules.subsidies:
        part = _subsidy(rule, subject, left)
        if part is None:
            continue
        steps.append(_subsidy_step(part, left, terms))
        parts.append(part)
        left -= part.toward_premium
    shares: dict[str, int] = {}
    for part in parts:
        for giver, amount in part.shares.items():
            shares[giver] = shares.get(giver, 0) + amount
    aid = next((each for each in rules.receipt_only if subject.meets(each.condition)), None)
    steps.append(_personal_step(left, aid.payer if aid else "", aid.article if aid else "", terms))
    return Premium(
        standard=row.value,
        personal=left,
        subsidies=tuple(parts),
        shares=shares,
        subsidy=sum(part.amount for part in parts),
        credit=sum(part.credit for part in parts),
        grants=_grants(rules, subject),
        receipt_only=aid is not None,
        paid_by=aid.payer if aid else "",
        steps=tuple(steps),
    )


def _rules(terms: Terms) -> PremiumRules:
    if terms.premium is None:
        raise PremiumError("policy", f"《{terms.title}》没有规定筹资，请选用有筹资规定的办法")
    return terms.premium


def _subject(payer: Payer, terms: Terms, day: date) -> Subject:
    age = max(0, age_on(payer.birth_date, day))
    values = {
        "tier": payer.tier,
        "residence": payer.residence,
        "sex": payer.sex,
        "age_group": terms.age_group(age),
    }
    names = {"tier": "缴费档次", "residence": "户籍类别", "sex": "性别"}
    for dimension, name in names.items():
        value, known = values[dimension], terms.vocabulary.get(dimension, {})
        if dimension in _needed(terms) and value not in known:
            wrong = f"{name}“{value}”不在办法中" if value else f"没有填写{name}"
            raise PremiumError(dimension, f"{wrong}，可用：" + "、".join(known.values()))
    unknown = payer.statuses - terms.vocabulary.get("status", {}).keys()
    if unknown:
        raise PremiumError("statuses", "办法没有这种人员身份：" + "、".join(sorted(unknown)))
    return Subject(categories=values, flags={"status": payer.statuses}, numbers={"age": age})


def _needed(terms: Terms) -> set[str]:
    """Dimensions that the premium rules speak of, so that a payer must state them."""
    rules = _rules(terms)
    needed = set(rules.standards.dimensions())
    for subsidy in rules.subsidies:
        for row in subsidy.rows:
            needed |= row.condition.dimensions()
    for grant in rules.grants:
        needed |= grant.amounts.dimensions()
    return needed & set(CATEGORIES)


def _subsidy(rule: Subsidy, subject: Subject, left: int) -> SubsidyPart | None:
    """The part of the first row that fits.  Raises ``PremiumError`` when subsidies meant for
    the premium come to more than the premium: the pack is then wrong, not the person."""
    row: SubsidyRow | None = next(
        (each for each in rule.rows if subject.meets(each.condition)), None
    )
    if row is None or not row.amount:
        return None
    if row.toward_premium > left:
        raise PremiumError("policy", f"{rule.name}超过了应缴保费（{row.article}），请更正办法")
    return SubsidyPart(
        code=rule.code,
        name=rule.name,
        article=row.article,
        amount=row.amount,
        toward_premium=row.toward_premium,
        credit=row.amount - row.toward_premium,
        shares=row.shares,
    )


def _grants(rules: PremiumRules, subject: Subject) -> Mapping[str, int]:
    grants: dict[str, int] = {}
    for grant in rules.grants:
        row = grant.amounts.find(subject)
        if row is not None:
            grants[grant.counter] = grants.get(grant.counter, 0) + row.value
    return grants


def _step(
    code: str, name: str, article: str, amount: int, *, span: tuple[int, int], more: str = ""
) -> Step:
    cited = f"（{article}）" if article else ""
    return Step(
        code=code,
        name=name,
        article=article,
        before=span[0],
        after=span[1],
        parameter=f"{to_yuan(amount)}元",
        sentence=f"{name}{to_yuan(amount)}元{more}{cited}。",
    )


def _subsidy_step(part: SubsidyPart, left: int, terms: Terms) -> Step:
    names = terms.vocabulary.get("payer", {})
    shares = "、".join(
        f"{names.get(giver, giver)}{to_yuan(amount)}元" for giver, amount in part.shares.items()
    )
    more = f"（其中{shares}）"
    if part.credit:
        more += f"，抵缴保费{to_yuan(part.toward_premium)}元，记账{to_yuan(part.credit)}元"
    span = (left, left - part.toward_premium)
    return _step("subsidy", part.name, part.article, part.amount, span=span, more=more)


def _personal_step(personal: int, paid_by: str, article: str, terms: Terms) -> Step:
    more = ""
    if paid_by:
        name = terms.vocabulary.get("payer", {}).get(paid_by, paid_by)
        more = f"，由{name}代缴，只开票不收现金"
    return _step("personal", "个人缴费", article, personal, span=(personal, personal), more=more)


# -- calendar and household --------------------------------------------------------------------


def enrolment_window(terms: Terms, *, year: int) -> tuple[date, date]:
    """First and last day of paying in for insurance year ``year``."""
    window = _rules(terms).window
    return (
        _on(window.opens, year + window.opens_offset),
        _on(window.closes, year + window.closes_offset),
    )


def remittance_deadline(terms: Terms, *, year: int) -> date | None:
    """The last day to remit what was collected for ``year``; ``None`` when the pack has none."""
    window = _rules(terms).window
    return _on(window.remit_by, year + window.remit_offset) if window.remit_by else None


def household_problem(tiers: Sequence[str], terms: Terms) -> str | None:
    """A Chinese sentence when members of one household chose different tiers, else ``None``."""
    rules = _rules(terms)
    if len(set(tiers)) <= 1 or not rules.same_tier_article:
        return None
    names = terms.vocabulary.get("tier", {})
    chosen = "、".join(dict.fromkeys(names.get(tier, tier) for tier in tiers))
    return f"同一家庭的所有成员须选择同一档次，现有{chosen}，请统一（{rules.same_tier_article}）。"


def tier_change_problem(
    terms: Terms, *, year: int, tier: str, chosen_year: int, chosen_tier: str
) -> str | None:
    """A Chinese sentence when ``tier`` for ``year`` breaks the lock on ``chosen_tier``, which
    was first chosen for ``chosen_year``; else ``None``."""
    rules = _rules(terms)
    free_from = chosen_year + rules.tier_lock_years
    if tier == chosen_tier or year >= free_from:
        return None
    name = terms.vocabulary.get("tier", {}).get(chosen_tier, chosen_tier)
    return (
        f"{chosen_year}年度选择了{name}，{rules.tier_lock_years}年内不得变更，"
        f"最早{free_from}年度可以改档（{rules.tier_lock_article}）。"
    )


def cover(terms: Terms, *, year: int) -> tuple[date, date]:
    """First and last day on which someone enrolled in the window is covered."""
    return terms.year.bounds(year)


def waiting_months(terms: Terms, *, gap_years: int, repaired_years: int = 0) -> int:
    """Months of waiting after a gap of ``gap_years`` years (0: only enrolled late), of which
    ``repaired_years`` were paid afterwards."""
    rule = _rules(terms).waiting
    if rule is None:
        return 0
    variable = rule.per_gap_year * max(0, gap_years - rule.from_year + 1)
    variable = max(0, variable - rule.per_repaired_year * repaired_years)
    months = rule.fixed + variable
    if rule.long_gap and gap_years >= rule.long_gap:
        months = max(months, rule.long_gap_least)
    return months


def campaign_reward(terms: Terms, *, enrolled: int, due: int) -> int:
    """Fen that a village earns for ``enrolled`` of ``due`` people: the highest step it reached."""
    campaign = _rules(terms).campaign
    if campaign is None or due <= 0:
        return 0
    for at_least, per_person in campaign.rewards:
        if enrolled * WHOLE >= due * at_least:
            return enrolled * per_person
    return 0


def late_cover(
    payer: Payer,
    terms: Terms,
    *,
    year: int,
    paid_on: date,
    gap_years: int,
    repaired_years: int = 0,
) -> tuple[date, date]:
    """Cover of someone who pays outside the window or after a gap, with the waiting period.

    Newborns and exempt people do not wait.  Cover that would begin after the year ends on the
    day before it begins: nothing is covered.
    """
    first, last = terms.year.bounds(year)
    rule = _rules(terms).waiting
    if rule is None:
        return max(first, paid_on), last
    if rule.newborn_days and (paid_on - payer.birth_date).days <= rule.newborn_days:
        return max(first, payer.birth_date), last
    subject = _subject(payer, terms, first)
    if rule.exempt is not None and subject.meets(rule.exempt):
        return max(first, paid_on), last
    if rule.resumes is not None and gap_years > 0:
        resumed = _on(rule.resumes, first.year)
        resumed = resumed if resumed >= first else _on(rule.resumes, first.year + 1)
        return max(resumed, paid_on), last
    months = waiting_months(terms, gap_years=gap_years, repaired_years=repaired_years)
    return max(first, months_after(paid_on, months)), last


def _on(day: MonthDay, year: int) -> date:
    return date(year, day.month, day.day)

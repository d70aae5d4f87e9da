"""起付线: what is asked for, how it is changed, and what is taken of an amount."""

from __future__ import annotations

import numpy as np

from claims.adjudication.columns import Fen, Mask
from claims.adjudication.lookup import half_up
from claims.adjudication.telling import aside, row_words
from claims.adjudication.trace import Told, percent, yuan
from claims.adjudication.work import Work
from policies.terms import BillShare, Ceiling, Deductible, DeductibleChange


def required_deductible(
    work: Work, rule: Deductible | None, base: Fen, beside: Fen | None = None
) -> Fen:
    """What still has to be borne before anything is paid: table, changes, what was paid.

    ``beside``: what else may bear it (streams); with nothing to bear it, nothing is told.
    """
    if rule is None:
        return work.zeros()
    told = (base if beside is None else base + beside) > 0
    required = work.part.for_deductible().values(rule.amounts)
    if rule.share is not None:
        required = _by_share(work, rule.share, base, required, told)
    required = _changed_deductible(work, rule, required, told)
    if rule.credit_prior is not None:
        required = _credited(work, rule, required, told)
    if rule.counter is not None:
        used = work.usage.get(rule.counter, work.at)
        before, required = required, np.maximum(required - used, 0)
        _note_paid(work, rule, told, used=used, before=before, after=required)
    if rule.ceiling is not None:
        required = _under_ceiling(work, rule.ceiling, required, told)
    return required


def _by_share(work: Work, rule: BillShare, base: Fen, amount: Fen, told: Mask) -> Fen:
    """起付线按费用比例, at least and at most so much, or the table's amount if that is more."""
    shared = work.total if rule.base == "total" else base
    share = half_up(shared * rule.ratio)
    bounded = np.maximum(share, rule.least)
    if rule.most is not None:
        bounded = np.minimum(bounded, rule.most)
    required = np.maximum(amount, bounded)

    def bounds(i: int) -> str:
        said = f"，最低{yuan(rule.least)}" if share[i] < rule.least else ""
        if rule.most is not None and max(int(share[i]), rule.least) > rule.most:
            said += f"，最高{yuan(rule.most)}"
        if amount[i] > bounded[i]:
            said += f"，不低于{yuan(int(amount[i]))}"
        return said

    name = "总费用" if rule.base == "total" else "可报费用"
    work.note(
        Told(
            "deductible_share",
            f"{work.label}起付线",
            rule.article,
            shared,
            required,
            lambda i: percent(rule.ratio),
        ),
        lambda i: (
            f"{work.label}起付线按{work.base_words(name, i)}{yuan(int(shared[i]))}"
            f"的{percent(rule.ratio)}"
            f"为{yuan(int(share[i]))}{bounds(i)}，起付线为{yuan(int(required[i]))}"
        ),
        when=told & (required > 0),
    )
    return required


def _changed_deductible(work: Work, rule: Deductible, required: Fen, told: Mask) -> Fen:
    """Waived, halved, doubled, less per earlier stay: the changes in the order of the pack."""
    free = np.ones(len(work.at), dtype=bool)
    for change in rule.changes:
        fits = work.part.for_deductible().matches(change.condition) & free
        if rule.combine == "first":
            free &= ~fits
        if change.factor is not None:
            changed = half_up(required * change.factor)
        elif change.amount is not None:
            changed = np.full_like(required, change.amount)
        else:
            assert change.minus is not None
            times = np.maximum(work.part.number("visit") - 1, 0) if change.per_visit else 1
            changed = np.maximum(required - change.minus * times, 0)
        lowest = np.minimum(required, change.least)
        changed = np.maximum(changed, lowest)
        before, after = required, np.where(fits, changed, required)
        _note_change(work, change, told, before, after)
        required = after
    return required


def _note_change(work: Work, change: DeductibleChange, told: Mask, before: Fen, after: Fen) -> None:
    work.note(
        Told(
            "deductible_change", change.name, change.article, before, after, lambda i: change.name
        ),
        lambda i: (
            f"{change.name}{_how(work, change, i)}，起付线由{yuan(int(before[i]))}"
            f"变为{yuan(int(after[i]))}"
        ),
        when=told & (before != after),
    )


def _how(work: Work, change: DeductibleChange, i: int) -> str:
    least = f"最低{yuan(change.least)}" if change.least else ""
    if change.factor is not None:
        return aside(f"乘以{percent(change.factor)}", least)
    if change.minus is None:
        return aside(least)
    times = max(int(work.part.number("visit")[i]) - 1, 0)
    per = f"减{yuan(change.minus)}"
    return aside(f"此前{times}次，每次{per}" if change.per_visit else per, least)


def _credited(work: Work, rule: Deductible, required: Fen, told: Mask) -> Fen:
    """转诊抵扣: less what the stays that led to this one have borne."""
    assert rule.credit_prior is not None
    prior = work.part.cases.prior_deductible[work.at]
    credited = work.part.matches(rule.credit_prior)
    after: Fen = np.where(credited, np.maximum(required - prior, 0), required)
    work.note(
        Told("deductible_credit", "转诊前已付起付线", rule.article, required, after, prior),
        lambda i: (
            f"转诊前的住院已付起付线{yuan(int(prior[i]))}，本次起付线由"
            f"{yuan(int(required[i]))}减为{yuan(int(after[i]))}"
        ),
        when=told & (after < required),
    )
    return after


def _note_paid(
    work: Work, rule: Deductible, told: Mask, *, used: Fen, before: Fen, after: Fen
) -> None:
    assert rule.counter is not None
    title = work.part.terms.counters[rule.counter].title
    work.note(
        Told("deductible_paid", "已付起付线", rule.article, before, after, used),
        lambda i: (
            f"{title}此前已有{yuan(int(used[i]))}，本次起付线由{yuan(int(before[i]))}"
            f"减为{yuan(int(after[i]))}"
        ),
        when=told & (after < before),
    )


def _under_ceiling(work: Work, rule: Ceiling, required: Fen, told: Mask) -> Fen:
    """起付线累计最高: no more than the ceiling still leaves."""
    limit, used = (
        work.part.for_deductible().values(rule.limits),
        work.usage.get(rule.counter, work.at),
    )
    after: Fen = np.minimum(required, np.maximum(limit - used, 0))
    title = work.part.terms.counters[rule.counter].title
    work.note(
        Told(
            "deductible_ceiling", "起付线累计最高", work.cited(rule.limits), required, after, limit
        ),
        lambda i: (
            f"{title}最高{yuan(int(limit[i]))}，此前已有{yuan(int(used[i]))}，"
            f"本次起付线由{yuan(int(required[i]))}减为{yuan(int(after[i]))}"
        ),
        when=told & (after < required),
    )
    return after


def take_deductible(
    work: Work, rule: Deductible | None, base: Fen, required: Fen, beside: Fen | None = None
) -> Fen:
    """起付线: what the patient bears of ``base`` before the ratio, in fen."""
    if rule is None:
        return work.zeros()
    # A layer that adds up over the period bears its deductible once, on the running sum.
    before = work.zeros() if work.earlier is None else np.minimum(work.earlier, required)
    part = work.part.for_deductible()
    taken: Fen = np.minimum(base, required - before)
    count_deductible(work, rule, taken)

    def why(i: int) -> str:
        plain = int(part.values(rule.amounts)[i]) == required[i]
        return aside(row_words(part, rule.amounts, i) if plain else "")

    def borne(i: int) -> str:
        return f"此前累计中已扣{yuan(int(before[i]))}，本次" if before[i] else ""

    def short(i: int) -> str:
        is_short = base[i] == taken[i] and before[i] + taken[i] < required[i]
        return "，还没有达到起付线" if is_short else ""

    asked = base if beside is None else base + beside
    work.note(
        Told(
            "deductible",
            f"{work.label}起付线",
            lambda i: part.article(rule.amounts, i) or rule.article,
            base,
            base - taken,
            required,
        ),
        lambda i: (
            f"{work.label}起付线{yuan(int(required[i]))}{why(i)}，{borne(i)}"
            f"从{yuan(int(base[i]))}中扣除{yuan(int(taken[i]))}，余{yuan(int(base[i] - taken[i]))}"
            f"{short(i)}"
        ),
        when=(required > 0) & (asked > 0),
    )
    return taken


def count_deductible(work: Work, rule: Deductible, taken: Fen) -> None:
    counters = {rule.counter} | ({rule.ceiling.counter} if rule.ceiling else set())
    for counter in sorted(each for each in counters if each is not None):
        work.usage.add(counter, work.at, taken)

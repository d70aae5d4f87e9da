"""起付线: what is asked for, how it is changed, and what is taken of an amount."""

from __future__ import annotations

import numpy as np

from claims.adjudication.columns import Fen
from claims.adjudication.lookup import half_up
from claims.adjudication.trace import yuan
from claims.adjudication.work import Work
from policies.terms import Deductible, DeductibleChange


def required_deductible(work: Work, rule: Deductible | None, base: Fen) -> Fen:
    """What still has to be borne before anything is paid: table, changes, what was paid."""
    if rule is None:
        return work.zeros()
    required = work.part.values(rule.amounts)
    if rule.share is not None:
        shared = work.total if rule.share.base == "total" else base
        by_share = np.maximum(half_up(shared * rule.share.ratio), rule.share.least)
        if rule.share.most is not None:
            by_share = np.minimum(by_share, rule.share.most)
        required = np.maximum(required, by_share)
    required = _changed_deductible(work, rule, required)
    if rule.credit_prior is not None:
        credited = work.part.matches(rule.credit_prior)
        prior = work.part.cases.prior_deductible[work.at]
        required = np.where(credited, np.maximum(required - prior, 0), required)
    if rule.counter is not None:
        required = np.maximum(required - work.usage.get(rule.counter, work.at), 0)
    if rule.ceiling is not None:
        limit = work.part.values(rule.ceiling.limits)
        left = np.maximum(limit - work.usage.get(rule.ceiling.counter, work.at), 0)
        required = np.minimum(required, left)
    return required


def _changed_deductible(work: Work, rule: Deductible, required: Fen) -> Fen:
    """Waived, halved, doubled, less per earlier stay: the changes in the order of the pack."""
    free = np.ones(len(work.at), dtype=bool)
    for change in rule.changes:
        fits = work.part.matches(change.condition) & free
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
        _note_change(work, change, before, after)
        required = after
    return required


def _note_change(work: Work, change: DeductibleChange, before: Fen, after: Fen) -> None:
    work.trace.note(
        work.at,
        before != after,
        "deductible_change",
        name=change.name,
        article=change.article,
        before=before,
        after=after,
        parameter=lambda i: change.name,
        sentence=lambda i: (
            f"{change.name}，起付线由{yuan(int(before[i]))}变为{yuan(int(after[i]))}"
        ),
    )


def take_deductible(work: Work, rule: Deductible | None, base: Fen, required: Fen) -> Fen:
    """起付线: what the patient bears of ``base`` before the ratio, in fen."""
    if rule is None:
        return work.zeros()
    taken: Fen
    if work.earlier is not None:
        # A layer that adds up over the period bears its deductible once, on the running sum.
        before = np.minimum(work.earlier, required)
        taken = np.minimum(work.earlier + base, required) - before
    else:
        taken = np.minimum(base, required)
    count_deductible(work, rule, taken)
    work.trace.note(
        work.at,
        (required > 0) & (base > 0),
        "deductible",
        name=f"{work.label}起付线",
        article=lambda i: work.part.article(rule.amounts, i) or rule.article,
        before=base,
        after=base - taken,
        parameter=lambda i: yuan(int(required[i])),
        sentence=lambda i: (
            f"{work.label}起付线{yuan(int(required[i]))}，从{yuan(int(base[i]))}中"
            f"扣除{yuan(int(taken[i]))}，余{yuan(int(base[i] - taken[i]))}"
        ),
    )
    return taken


def count_deductible(work: Work, rule: Deductible, taken: Fen) -> None:
    counters = {rule.counter} | ({rule.ceiling.counter} if rule.ceiling else set())
    for counter in sorted(each for each in counters if each is not None):
        work.usage.add(counter, work.at, taken)

"""Rules on single lines of a bill, for a year of lines at once: the column form of
``claims.adjudication.bill_from_lines``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from claims.adjudication import Cases
from claims.adjudication.lookup import Part, half_up
from policies.terms import BillClass, Terms
from reports.whatif.copying import Column

MAX_PRODUCT = 2**61  # what a limit times units may reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines of one class, one position each: the position of the ``claim``, what was ``approved``
    and the most that the catalogue pays for (fen), ``unit_price`` (fen, rounded up), ``units``
    (1/10000) as billed, the position of the ``origin`` among those that measures name, and what the
    bill shows as paid first (``self_pay``, fen of what was approved)."""

    claim: Column
    approved: Column
    limit: Column
    unit_price: Column
    units: Column
    origin: Column
    self_pay: Column


def has_line_rules(rule: BillClass) -> bool:
    """Whether the sum of the class is not enough to sort it."""
    return rule.kind == "covered" and bool(rule.line_shares or rule.unit_limits or rule.billed)


def with_line_rules(
    cases: Cases, terms: Terms, lines: Mapping[str, Lines], origins: Sequence[str]
) -> Cases:
    """The cases, their bills sorted by the rules that the measures have for single lines."""
    over = np.zeros_like(cases.amounts) if cases.over_limit is None else cases.over_limit.copy()
    own, self_pay = np.zeros_like(cases.amounts), np.zeros_like(cases.amounts)
    everybody = Part(cases, terms, slice(None), len(cases))
    for at, rule in enumerate(terms.bill.classes.values()):
        if not has_line_rules(rule):
            continue
        mine = lines[rule.code]
        beyond = np.maximum(mine.approved - _limits(mine, rule, everybody), 0)
        shares = _shares(mine, rule, origins)
        within = np.where((shares < 0) & (not rule.billed), 0, mine.approved - beyond)
        first = half_up(within * np.maximum(shares, 0))
        if rule.billed:
            first = np.minimum(mine.self_pay, within)
        over[at] = 0
        np.add.at(over[at], mine.claim, beyond)
        np.add.at(own[at], mine.claim, within)
        np.add.at(self_pay[at], mine.claim, first)
    return replace(
        cases,
        over_limit=over if over.any() else None,
        own_amount=own if own.any() else None,
        own_self_pay=self_pay if own.any() else None,
    )


def _limits(lines: Lines, rule: BillClass, everybody: Part) -> Column:
    """The most that counts of each line, fen."""
    if rule.unit_limits is None:
        return lines.limit
    limit = everybody.values(rule.unit_limits, missing=-1)[lines.claim]
    units = np.minimum(lines.units, MAX_PRODUCT // np.maximum(limit, 1))
    per_unit = half_up(np.maximum(limit, 0) * units)
    return np.where(limit < 0, lines.limit, np.minimum(lines.limit, per_unit))


def _shares(lines: Lines, rule: BillClass, origins: Sequence[str]) -> Column:
    """The line's own share that is paid first (1/10000) by the first rule that it fits; -1 for
    lines that share what their class says."""
    found = np.full(len(lines.claim), -1, dtype=np.int64)
    for each in reversed(rule.line_shares):
        fits = lines.unit_price > each.above
        if each.up_to is not None:
            fits &= lines.unit_price <= each.up_to
        if each.origins:
            fits &= np.isin(lines.origin, [origins.index(one) for one in each.origins])
        found[fits] = each.share
    return found

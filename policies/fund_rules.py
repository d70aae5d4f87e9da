"""Arithmetic of a pack's fund rules: reserves, overspends, surpluses, quotas.  Amounts are fen.

Every sum is shared out to the fen by ``lib.money.split``: the parts always make the whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from lib.money import half_up, split
from policies.terms import FundRules, Reserve, Shares, Terms

WHOLE = 10_000


def _rules(terms: Terms) -> FundRules:
    if terms.fund is None:
        raise ValueError(f"《{terms.title}》没有基金管理规定，请在政策包中写 fund")
    return terms.fund


def _share(shares: Shares, amount: int) -> dict[str, int]:
    if amount < 0:
        raise ValueError("要分担或分配的金额不能为负数")
    return dict(zip(shares.parts, split(amount, list(shares.parts.values())), strict=True))


def share_overspend(
    terms: Terms, *, pool: str, overspend: int, reserve_left: int | None = None
) -> Mapping[str, int]:
    """Who bears ``overspend`` of ``pool`` (``township`` or ``county``), by party.

    ``reserve_left``: what the reserve can still bear; the part beyond it falls on the parties
    of ``beyond_reserve``.  ``None`` when the reserve is not in question.  Raises ``ValueError``
    for an unknown pool or a negative amount.
    """
    rules = _rules(terms)
    if pool not in rules.overspend:
        known = "、".join(rules.overspend)
        raise ValueError(f"办法没有规定“{pool}”超支的分担，可用：{known}")
    within = overspend if reserve_left is None else min(overspend, max(0, reserve_left))
    parts = _share(rules.overspend[pool], within)
    for party, amount in _share(rules.beyond_reserve, overspend - within).items():
        parts[party] = parts.get(party, 0) + amount
    return parts


def split_surplus(terms: Terms, *, surplus: int) -> Mapping[str, int]:
    """Where the year's surplus goes, by destination."""
    return _share(_rules(terms).surplus, surplus)


def is_full(reserve: Reserve, balance: int, fund_total: int) -> bool:
    """Whether ``balance`` exceeds the share of ``fund_total`` at which nothing more is taken."""
    stop = reserve.stop_ratio
    return stop is not None and balance * WHOLE > fund_total * stop


def reserve_extraction(
    terms: Terms, *, income: int, balances: Mapping[str, int], fund_total: int
) -> Mapping[str, int]:
    """What each reserve takes out of ``income``, by reserve code.

    A reserve with a stop takes nothing once its balance exceeds that share of ``fund_total``.
    """
    taken = {}
    for reserve in _rules(terms).reserves:
        full = is_full(reserve, balances.get(reserve.code, 0), fund_total)
        taken[reserve.code] = 0 if full else half_up(income * reserve.ratio, WHOLE)
    return taken


def quota_split(*, total: int, members: Mapping[str, int]) -> dict[str, int]:
    """``total`` shared out over townships by head count (第二十六条(三) and its like)."""
    return dict(zip(members, split(total, list(members.values())), strict=True))

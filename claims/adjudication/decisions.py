"""Settled claims as columns, and each of them as one readable ``Decision``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.cases import Decision, Refusal, UsageChange
from claims.adjudication.columns import Cases, Fen
from claims.adjudication.usage import Usage
from policies.terms import ALWAYS, RefusalRule, Step, Terms

NO_BENEFIT = "no_benefit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """One position per claim.  ``benefit`` and ``refusal`` are numbers into the pack's
    benefits and into ``refusal_rules(terms)``, -1 for none; everything else is fen, ``ratio``
    1/10000."""

    cases: Cases
    terms: Terms
    benefit: NDArray[np.int64]
    refusal: NDArray[np.int64]
    total: Fen
    full_self_pay: Fen
    borne: Fen
    over_limit: Fen
    first_self_pay: Fen
    in_scope: Fen
    deductible: Fen
    ratio: Fen
    layers: dict[str, Fen]
    fund_pay: Fen
    hospital_part: Fen
    beyond: Fen
    personal: Fen
    account: Fen
    credit: Fen
    cash: Fen
    usage: Usage
    steps: list[list[Step]]

    def __len__(self) -> int:
        return len(self.total)

    def one(self, index: int) -> Decision:
        """Claim ``index`` as a value; steps and changes only if they were kept."""
        number = int(self.benefit[index])
        return Decision(
            key=self.cases.keys[index],
            benefit=self.terms.benefits[number].code if number >= 0 else "",
            refusal=self._refusal(index),
            total=int(self.total[index]),
            full_self_pay=int(self.full_self_pay[index]),
            borne=int(self.borne[index]),
            over_limit=int(self.over_limit[index]),
            first_self_pay=int(self.first_self_pay[index]),
            in_scope=int(self.in_scope[index]),
            deductible=int(self.deductible[index]),
            ratio=int(self.ratio[index]),
            layers={code: int(amount[index]) for code, amount in self.layers.items()},
            fund_pay=int(self.fund_pay[index]),
            hospital_part=int(self.hospital_part[index]),
            beyond=int(self.beyond[index]),
            personal=int(self.personal[index]),
            account=int(self.account[index]),
            credit=int(self.credit[index]),
            cash=int(self.cash[index]),
            changes=self._changes(index),
            steps=tuple(self.steps[index]) if self.steps else (),
        )

    def _refusal(self, index: int) -> Refusal | None:
        number = int(self.refusal[index])
        if number < 0:
            return None
        rule = refusal_rules(self.terms)[number]
        return Refusal(
            code=rule.code,
            article=rule.article,
            sentence=f"{rule.name}（{rule.article}），不予支付。",
        )

    def _changes(self, index: int) -> tuple[UsageChange, ...]:
        changes = []
        moves = self.usage.moves or {}
        for name, counter in self.terms.counters.items():
            if name not in moves:
                continue
            before, after, touched = moves[name]
            if touched[index] and before[index] != after[index]:
                changes.append(
                    UsageChange(
                        counter=self.usage.key(counter, index),
                        owner=counter.owner,
                        unit=counter.unit,
                        before=int(before[index]),
                        after=int(after[index]),
                    )
                )
        return tuple(changes)


@lru_cache(maxsize=64)
def refusal_rules(terms: Terms) -> tuple[RefusalRule, ...]:
    """The pack's refusals between the two that every pack has: outside the paid-up period
    first, and a visit that no benefit is for last."""
    cover = RefusalRule(
        code="outside_cover",
        name="费用不发生在参保缴费的待遇期内",
        article=terms.cover.article,
        condition=ALWAYS,
    )
    rest = RefusalRule(
        code=NO_BENEFIT,
        name=terms.otherwise.name,
        article=terms.otherwise.article,
        condition=ALWAYS,
    )
    return (cover, *terms.refusals, rest)

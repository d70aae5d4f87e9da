"""Deciding again what a settlement was decided from, and comparing to the fen and to the word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.new_rows import insert
from claims.adjudication import Case, CaseError, Decision, settle
from claims.adjudication.determination import ENGINE, determination
from claims.adjudication.wire import read_case
from claims.computation import amounts_of
from claims.models import Settlement
from claims.visits.interim import difference
from claims.why.models import Determination
from lib.money import to_yuan, told
from policies.models import Pack
from policies.services import terms_of

Cases = Sequence[tuple[Case, dict[str, int]]]


@dataclass(frozen=True)
class Recomputed:
    """The number and payment (yuan) that the same facts give today, and in what the answer differs
    from the settlement; an empty list when in nothing."""

    number: str
    fund_amount: Decimal
    differences: list[str]


def keep(settlement: Settlement, decision: Decision, pack: Pack) -> Determination:
    """Write down what the settlement was decided from; the number is that of the kept text."""
    kept = kept_of(settlement, decision, pack)
    insert([kept])
    return kept


def kept_of(settlement: Settlement, decision: Decision, pack: Pack) -> Determination:
    """The same, unsaved."""
    return Determination(
        settlement=settlement,
        number=determination(_read(decision.written, pack), pack.sha256),
        engine=ENGINE,
        pack=pack,
        cases=list(decision.written),
    )


def recompute(kept: Determination) -> Recomputed:
    """Decide anew from what was kept, and compare with what stands on the settlement.

    Raises CaseError when the measures no longer read the kept facts.
    """
    cases = _read(kept.cases, kept.pack)
    number = determination(cases, kept.pack.sha256)
    decision = _decide(cases, kept.pack)
    told_as = [] if number == kept.number else [f"核对码 {kept.number}，现为 {number}"]
    return Recomputed(
        number=number,
        fund_amount=to_yuan(decision.fund_pay),
        differences=[*told_as, *_differences(kept.settlement, decision, words=len(cases) == 1)],
    )


def _read(written: Sequence[Mapping[str, Any]], pack: Pack) -> Cases:
    return [read_case(one, terms_of(pack)) for one in written]


def _decide(cases: Cases, pack: Pack) -> Decision:
    decisions = [settle(case, terms_of(pack), used) for case, used in cases]
    if len(decisions) == 1:
        return decisions[0]
    if len(decisions) != 2:
        raise CaseError("case", f"计算依据应有一份或两份，现有 {len(decisions)} 份")
    whole, before = decisions
    return difference(whole, before, [], cases[0][1])


def _differences(settlement: Settlement, decision: Decision, *, words: bool) -> list[str]:
    """`words`: also of the sentences, which for a part of a stay name the parts before it."""
    found = []
    for name, due in amounts_of(decision).items():
        stands = getattr(settlement, name)
        if stands != due:
            label = Settlement._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            now, then = (
                told(value) if isinstance(value, Decimal) else value for value in (due, stands)
            )
            found.append(f"{label} {then}，重算为 {now}")
    paid = {fund.layer: fund.amount for fund in settlement.funds.all()}
    due = {layer: to_yuan(fen) for layer, fen in decision.layers.items() if fen}
    if paid != due:
        found.append(f"各层支付 {_listed(paid)}，重算为 {_listed(due)}")
    if words:
        sentences = [step.sentence for step in decision.steps]
        stand = [step.sentence for step in settlement.steps.all()]
        if stand[len(stand) - len(sentences) :] != sentences:
            found.append("说明的文字与重算的不同")
    return found


def _listed(layers: Mapping[str, Decimal]) -> str:
    return "、".join(f"{code} {told(amount)} 元" for code, amount in layers.items()) or "无"

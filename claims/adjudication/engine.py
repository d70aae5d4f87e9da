"""Settles claims: one at the counter or a county's year, by the same columns and the same fen.

The order is: refuse or choose the benefit, sort the bill, pay the base layer, then each
other layer of the pack, then the balances, and what is left is cash.  Claims of one owner are
settled in the order given: the batch is cut into rounds in which nobody occurs twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.benefits import (
    limit_days,
    pay_fees,
    pay_flat,
    pay_from_wallet,
    pay_package,
)
from claims.adjudication.billing import Sorted, sort_bills
from claims.adjudication.caps import cap_payment, tell_room
from claims.adjudication.cases import Case, Decision
from claims.adjudication.columns import Cases, Fen
from claims.adjudication.decisions import Decisions, refusal_rules
from claims.adjudication.lookup import Part, half_up
from claims.adjudication.scheme import apply_scheme
from claims.adjudication.trace import Trace, percent, yuan
from claims.adjudication.usage import Start, Usage
from claims.adjudication.work import Work
from policies.terms import (
    Benefit,
    Layer,
    Terms,
    TopUp,
    Wallet,
)

NOBODY = -1


def settle(case: Case, terms: Terms, used: Mapping[str, int]) -> Decision:
    """Settle one claim with its steps.

    ``used`` holds the counters of the person and of the household, counter key → fen, days or
    count; what is missing is zero.  Raises ``CaseError``.
    """
    cases = Cases.from_cases([case], terms)
    # A person and a household may bear the same key, so the counters are dealt out by owner.
    start: dict[str, dict[str, int]] = {
        case.member.person: dict(used),
        case.member.household: dict(used),
    }
    return adjudicate(cases, terms, start, keep_steps=True).one(0)


def adjudicate(
    cases: Cases, terms: Terms, used: Start | None = None, *, keep_steps: bool = False
) -> Decisions:
    """Settle ``cases`` in their order.

    ``used``: counters at the start, by person and household key.  ``keep_steps`` records every
    step and every counter's movement, for batches small enough to read.
    """
    run = _Run.begin(cases, terms, used, keep_steps)
    for at, benefit in run.groups():
        run.pay_group(at, benefit)
    return run.decisions()


@dataclass(slots=True)
class _Run:
    """One adjudication under way: the columns filled so far."""

    cases: Cases
    terms: Terms
    trace: Trace
    usage: Usage
    bills: Sorted
    refusal: NDArray[np.int64]
    benefit: NDArray[np.int64]
    layers: dict[str, Fen]
    deductible: Fen
    ratio: Fen
    fund: Fen
    institution: Fen
    wallets: dict[str, Fen] = field(default_factory=dict)

    @classmethod
    def begin(cls, cases: Cases, terms: Terms, used: Start | None, keep: bool) -> _Run:
        size = len(cases)
        whole = Part(cases, terms, slice(None), size)
        trace = Trace(size, keep)
        refusal = _refusals(whole)
        benefit = _choose(whole, refusal, trace)
        bills = sort_bills(whole, trace, _classes_kept(terms))
        zero = np.zeros(size, dtype=np.int64)
        return cls(
            cases=cases,
            terms=terms,
            trace=trace,
            usage=Usage.begin(cases, terms, used, keep),
            bills=bills,
            refusal=refusal,
            benefit=benefit,
            layers={code: zero.copy() for code in terms.layer_names},
            deductible=zero.copy(),
            ratio=zero.copy(),
            fund=zero.copy(),
            institution=bills.institution.copy(),
            wallets={"account": zero.copy(), "credit": zero.copy()},
        )

    def groups(self) -> list[tuple[NDArray[np.int64], Benefit]]:
        """Claims to pay, cut so that no owner occurs twice in a round, by round and benefit."""
        rounds = _rounds(self.cases, self.terms)
        payable = np.flatnonzero(self.benefit != NOBODY)
        label = rounds[payable] * len(self.terms.benefits) + self.benefit[payable]
        order = np.argsort(label, kind="stable")
        ordered, labels = payable[order], label[order]
        cuts = np.flatnonzero(np.diff(labels)) + 1
        groups = np.split(ordered, cuts) if len(ordered) else []
        return [(at, self.terms.benefits[int(self.benefit[at[0]])]) for at in groups]

    def pay_group(self, at: NDArray[np.int64], benefit: Benefit) -> None:
        """All layers of claims ``at``, which share a benefit and no owner."""
        part = Part(self.cases, self.terms, at, len(at))
        if benefit.visits is not None:
            part.extra["visit"] = self.usage.get(benefit.visits, at) + 1
            self.usage.add(benefit.visits, at, np.ones(len(at), dtype=np.int64))
        self._pay_base(part, at, benefit)
        for layer in self.terms.layers:
            self._pay_layer(part, at, layer)
        for wallet in self.terms.wallets:
            self._pay_wallet(part, at, wallet)
        if self.trace.keep:
            rules = benefit.scheme or benefit.flat or benefit.package
            tell_room(self._work(part, at, benefit, self.fund[at]), rules.caps if rules else ())

    def _work(self, part: Part, at: NDArray[np.int64], rule: Benefit | Layer, most: Fen) -> Work:
        return Work(
            part=part,
            at=at,
            usage=self.usage,
            trace=self.trace,
            label=rule.name,
            article=rule.article,
            total=self.bills.total[at],
            in_scope=self.bills.in_scope[at],
            scope_of={code: amount[at] for code, amount in self.bills.scope_of.items()},
            most=most,
        )

    def _pay_base(self, part: Part, at: NDArray[np.int64], benefit: Benefit) -> None:
        work = self._work(part, at, benefit, self.bills.total[at] - self.institution[at])
        fees = pay_fees(work, benefit)
        work.most = work.most - fees
        if benefit.wallet is not None:
            balance = np.maximum(self.usage.get(benefit.wallet, at), 0)
            work.most = np.minimum(work.most, balance)
        if benefit.flat is not None:
            paid = pay_flat(work, benefit.flat)
        elif benefit.package is not None:
            paid, excess = pay_package(work, benefit.package)
            self.institution[at] = np.maximum(self.institution[at], excess)
        else:
            paid = self._pay_scheme(work, benefit)
        if benefit.wallet is not None:
            pay_from_wallet(work, benefit.wallet, paid)
        self.layers[self.terms.base_layer.code][at] = paid + fees
        self.fund[at] += paid + fees

    def _pay_scheme(self, work: Work, benefit: Benefit) -> Fen:
        assert benefit.scheme is not None
        base = work.in_scope
        for fee in benefit.fees:
            base = base - work.scope_of[fee.bill_class]
        if benefit.days_limit is not None:
            base = limit_days(work, benefit.days_limit, base)
        paid = apply_scheme(work, benefit.scheme, base)
        self.deductible[work.at] = paid.deductible
        self.ratio[work.at] = paid.ratio
        return paid.amount

    def _pay_layer(self, part: Part, at: NDArray[np.int64], layer: Layer) -> None:
        fits = part.matches(layer.condition)
        if not fits.any():
            return
        chosen = at[fits]
        narrowed = Part(self.cases, self.terms, chosen, len(chosen))
        narrowed.extra = {name: column[fits] for name, column in part.extra.items()}
        personal = self.bills.total[chosen] - self.fund[chosen] - self.institution[chosen]
        work = self._work(narrowed, chosen, layer, personal)
        base = personal
        if layer.base != "personal":
            counted = self.bills.in_scope[chosen]
            if layer.base == "compliant_rest":
                counted = counted + self.bills.first_self_pay[chosen]
            base = np.minimum(np.maximum(counted - self.fund[chosen], 0), personal)
        if layer.accumulates is not None:
            work.earlier = self.usage.get(layer.accumulates, chosen)
            self.usage.add(layer.accumulates, chosen, base)
        if layer.top_up is not None:
            paid = self._top_up(work, layer.top_up)
        else:
            assert layer.scheme is not None
            paid = apply_scheme(work, layer.scheme, base).amount
        self.layers[layer.code][chosen] = paid
        self.fund[chosen] += paid

    def _top_up(self, work: Work, rule: TopUp) -> Fen:
        """兜底: what is missing for the layers so far to reach their share of the base."""
        base = {
            "total": work.total,
            "in_scope": work.in_scope,
            "compliant": work.in_scope + self.bills.first_self_pay[work.at],
        }[rule.base]
        share = work.part.values(rule.ratios)
        paid_so_far = self.fund[work.at]
        missing = np.maximum(half_up(base * share) - paid_so_far, 0)
        missing = np.minimum(missing, work.most)
        work.trace.note(
            work.at,
            missing > 0,
            "top_up",
            name=work.label,
            article=lambda i: work.part.article(rule.ratios, i),
            before=paid_so_far,
            after=paid_so_far + missing,
            parameter=lambda i: percent(int(share[i])),
            sentence=lambda i: (
                f"{work.label}：各层合计应达到{yuan(int(base[i]))}的{percent(int(share[i]))}，"
                f"补足{yuan(int(missing[i]))}"
            ),
        )
        return cap_payment(work, rule.caps, missing)

    def _pay_wallet(self, part: Part, at: NDArray[np.int64], wallet: Wallet) -> None:
        fits = part.matches(wallet.condition)
        spent = self.wallets["account"][at] + self.wallets["credit"][at]
        left = self.bills.total[at] - self.fund[at] - self.institution[at] - spent
        balance = np.maximum(self.usage.get(wallet.counter, at), 0)
        taken = np.where(fits, np.minimum(left, balance), 0)
        self.usage.add(wallet.counter, at, taken)
        self.wallets[wallet.code][at] += taken
        self.trace.note(
            at,
            taken > 0,
            wallet.code,
            name=wallet.name,
            article=wallet.article,
            before=left,
            after=left - taken,
            parameter=lambda i: yuan(int(balance[i])),
            sentence=lambda i: (
                f"{wallet.name}有{yuan(int(balance[i]))}，抵付个人负担{yuan(int(taken[i]))}，"
                f"余{yuan(int(balance[i] - taken[i]))}"
            ),
        )

    def decisions(self) -> Decisions:
        """The outcome, with cash as what nobody else has paid."""
        personal = self.bills.total - self.fund - self.institution
        cash = personal - self.wallets["account"] - self.wallets["credit"]
        everyone = np.arange(len(self.cases))
        self.trace.note(
            everyone,
            np.ones(len(self.cases), dtype=bool),
            "cash",
            name="个人支付",
            article="",
            before=self.bills.total,
            after=cash,
            parameter=lambda i: yuan(int(cash[i])),
            sentence=lambda i: (
                f"总费用{yuan(int(self.bills.total[i]))}，基金支付{yuan(int(self.fund[i]))}，"
                f"个人负担{yuan(int(personal[i]))}，其中现金{yuan(int(cash[i]))}"
            ),
        )
        return Decisions(
            cases=self.cases,
            terms=self.terms,
            benefit=self.benefit,
            refusal=self.refusal,
            total=self.bills.total,
            full_self_pay=self.bills.full_self_pay,
            over_limit=self.bills.over_limit,
            first_self_pay=self.bills.first_self_pay,
            in_scope=self.bills.in_scope,
            deductible=self.deductible,
            ratio=self.ratio,
            layers=self.layers,
            fund_pay=self.fund,
            hospital_part=self.institution,
            personal=personal,
            account=self.wallets["account"],
            credit=self.wallets["credit"],
            cash=cash,
            usage=self.usage,
            steps=self.trace.steps,
        )


def _classes_kept(terms: Terms) -> frozenset[str]:
    """Bill classes whose own in-scope amount some rule needs."""
    kept: set[str] = set()
    for benefit in terms.benefits:
        kept |= {fee.bill_class for fee in benefit.fees}
        if benefit.scheme is not None:
            kept |= set().union(*(stream.classes for stream in benefit.scheme.streams))
            kept |= set().union(*(bonus.classes for bonus in benefit.scheme.bonuses))
    return frozenset(kept)


def _refusals(whole: Part) -> NDArray[np.int64]:
    """Number of the first refusal in ``refusal_rules`` that fits each claim, or ``NOBODY``."""
    found = np.where(whole.cases.in_cover, NOBODY, 0)
    for number, rule in enumerate(whole.terms.refusals, start=1):
        open_claims = found == NOBODY
        found[open_claims & whole.matches(rule.condition)] = number
    return found


def _choose(whole: Part, refusal: NDArray[np.int64], trace: Trace) -> NDArray[np.int64]:
    """Number of the first benefit that fits each claim; claims without one are refused."""
    found = np.full(whole.size, NOBODY, dtype=np.int64)
    for number in reversed(range(len(whole.terms.benefits))):
        found[whole.matches(whole.terms.benefits[number].condition)] = number
    rules = refusal_rules(whole.terms)
    refusal[(refusal == NOBODY) & (found == NOBODY)] = len(rules) - 1
    found[refusal != NOBODY] = NOBODY
    zero = np.zeros(whole.size, dtype=np.int64)
    trace.note(
        np.arange(whole.size),
        refusal != NOBODY,
        "refusal",
        name="不予支付",
        article=lambda i: rules[int(refusal[i])].article,
        before=whole.cases.amounts.sum(axis=0),
        after=zero,
        parameter=lambda i: rules[int(refusal[i])].code,
        sentence=lambda i: f"{rules[int(refusal[i])].name}，基金不予支付",
    )
    return found


def _rounds(cases: Cases, terms: Terms) -> NDArray[np.int64]:
    """Which of its owner's claims each claim is, counted from zero."""
    owner = _owners(cases, terms)
    order = np.argsort(owner, kind="stable")
    ordered = owner[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(first, len(ordered)))
    rounds = np.empty(len(ordered), dtype=np.int64)
    rounds[order] = np.arange(len(ordered)) - np.repeat(first, lengths)
    return rounds


def _owners(cases: Cases, terms: Terms) -> NDArray[np.int64]:
    """Who moves counters together: a person; or, as soon as the pack counts anything by
    household, a household and every other one that a member has moved to or come from."""
    if all(counter.owner == "person" for counter in terms.counters.values()):
        return cases.person
    owner, joined = cases.household, _least(cases.household, cases.person)
    while (joined != owner).any():
        owner, joined = joined, _least(_least(joined, cases.household), cases.person)
    return owner


def _least(values: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each claim the least of ``values`` among the claims of its group."""
    least = np.full(int(group.max()) + 1, values.max())
    np.minimum.at(least, group, values)
    found: NDArray[np.int64] = least[group]
    return found

"""Settles claims: one at the counter or a county's year, by the same columns and the same fen.

The order is: refuse or choose the benefit, sort the bill, pay the base layer, then each
other layer of the pack, then the balances, and what is left is cash.  Claims of one owner are
settled in the order given: the batch is cut into rounds in which nobody occurs twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.benefits import (
    limit_days,
    pay_fees,
    pay_flat,
    pay_flat_layer,
    pay_from_wallet,
    pay_package,
)
from claims.adjudication.billing import Sorted, sort_bills
from claims.adjudication.caps import counted_by, tell_room
from claims.adjudication.cases import Case, Decision
from claims.adjudication.columns import CaseError, Cases, Fen
from claims.adjudication.decisions import NO_BENEFIT, Decisions, refusal_rules
from claims.adjudication.layers import SoFar, layer_base, tell_earlier, top_up
from claims.adjudication.lookup import Part
from claims.adjudication.ordering import begins, stable_order
from claims.adjudication.plan import Plan, plan_of
from claims.adjudication.ratio_told import UNBOUNDED
from claims.adjudication.scheme import apply_scheme
from claims.adjudication.telling import aside, counted_words, excluded, why_no_benefit
from claims.adjudication.trace import Told, Trace, yuan
from claims.adjudication.usage import Start, Usage, insurance_years
from claims.adjudication.work import Work
from policies.terms import (
    Benefit,
    Layer,
    RefusalRule,
    Terms,
    Wallet,
)
from policies.terms.pack import HOSPITAL

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
    plan: Plan
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
    beyond: Fen  # of a grant, what is more than the bill
    unreferred: Fen  # what the patient bears more for want of a referral, where a layer asks
    outside: Fen  # what layers paid of costs outside the scope
    so_far: SoFar  # the same columns, for the layers
    wallets: dict[str, Fen] = field(default_factory=dict)

    @classmethod
    def begin(cls, cases: Cases, terms: Terms, used: Start | None, keep: bool) -> _Run:
        size = len(cases)
        plan = plan_of(terms)
        whole = Part(cases, terms, slice(None), size)
        if plan.amounts:
            whole.extra["total"] = cases.allowed
        trace = Trace(size, keep)
        _note_year(whole, trace)
        _note_observed(whole, trace)
        refusal = _refusals(whole, plan)
        benefit = _choose(whole, refusal, trace)
        bills = sort_bills(whole, trace, plan.classes_kept, benefit != NOBODY)
        zero = np.zeros(size, dtype=np.int64)
        so_far = SoFar(bills, zero.copy(), zero.copy(), zero.copy(), zero.copy())
        return cls(
            cases=cases,
            terms=terms,
            plan=plan,
            trace=trace,
            usage=Usage.begin(cases, terms, used, keep),
            bills=bills,
            refusal=refusal,
            benefit=benefit,
            layers={code: zero.copy() for code in terms.layer_names},
            deductible=so_far.deductible,
            ratio=zero.copy(),
            fund=so_far.fund,
            institution=bills.institution.copy(),
            beyond=zero.copy(),
            unreferred=so_far.unreferred,
            outside=so_far.outside,
            so_far=so_far,
            wallets={"account": zero.copy(), "credit": zero.copy()},
        )

    def groups(self) -> list[tuple[NDArray[np.int64], Benefit]]:
        """Claims to pay, cut so that no owner occurs twice in a round, by round and benefit."""
        payable = np.flatnonzero(self.benefit != NOBODY)
        if len(payable) < 2:  # a claim at the counter
            return [(payable, self._benefit_of(at)) for at in payable]
        rounds = _rounds(self.cases, self.plan)
        label = rounds[payable] * len(self.terms.benefits) + self.benefit[payable]
        order = stable_order(label)
        ordered, first = payable[order], begins(label[order])
        groups = np.split(ordered, np.flatnonzero(first)[1:])
        return [(at, self._benefit_of(at[0])) for at in groups]

    def _benefit_of(self, claim: np.int64) -> Benefit:
        return self.terms.benefits[int(self.benefit[claim])]

    def pay_group(self, at: NDArray[np.int64], benefit: Benefit) -> None:
        """All layers of claims ``at``, which share a benefit and no owner."""
        part = self._part(at, benefit)
        if self.plan.late:
            part = self._refuse_late(part)
            at = part.claims
            if not len(at):
                return
        for counter in benefit.visits:
            self.usage.add(counter, at, np.ones(len(at), dtype=np.int64))
        self._pay_base(part, at, benefit)
        for layer in self.terms.layers:
            self._pay_layer(part, at, layer)
        for wallet in self.terms.wallets:
            self._pay_wallet(part, at, wallet)

    def _part(self, at: NDArray[np.int64], benefit: Benefit) -> Part:
        """Claims ``at`` with what is known of them by now: numbers of visits, amounts."""
        part = Part(self.cases, self.terms, at, len(at))
        for counter in benefit.visits:
            number = self.usage.get(counter, at) + 1
            part.extra.setdefault("visit", number)
            if self.terms.counters[counter].by == HOSPITAL:
                part.extra["visit_here"] = number
                if not self.usage.is_told(self.terms.counters[counter], at):
                    raise CaseError("hospital", f"{benefit.name}按医院计次，请填写就诊的医院")
        if self.plan.amounts:
            part.extra |= {"total": self.bills.allowed[at], "in_scope": self.bills.in_scope[at]}
        return part

    def _refuse_late(self, part: Part) -> Part:
        """Refusals by the number of the visit or the sorted bill; what is left of the claims.  A
        refused visit is not counted."""
        for number, rule in self.plan.late:
            asked = part
            if rule.visits is not None:
                count = self.usage.get(rule.visits, part.claims) + 1
                asked = replace(part, extra=part.extra | {"visit": count})
            refused = asked.matches(rule.condition)
            if refused.any():
                at = part.claims[refused]
                self.refusal[at], self.benefit[at] = number, NOBODY
                _note_refusal(self.trace, rule, asked.narrowed(refused), at, self.bills.total[at])
                part = part.narrowed(~refused)
        return part

    def _left(self, at: NDArray[np.int64]) -> Fen:
        """What nobody has paid yet of claims ``at``."""
        left: Fen = self.bills.total[at] - self.fund[at] - self.institution[at] + self.beyond[at]
        return left

    def _payable(self, at: NDArray[np.int64]) -> Fen:
        """What of that may be paid at all: not what a reviewer left to the patient."""
        payable: Fen = np.maximum(self._left(at) - self.bills.cut_patient[at], 0)
        return payable

    def _work(self, part: Part, at: NDArray[np.int64], rule: Benefit | Layer, most: Fen) -> Work:
        allowed = self.bills.allowed[at]
        return Work(
            part=part,
            at=at,
            usage=self.usage,
            trace=self.trace,
            label=rule.name,
            article=rule.article,
            total=allowed,
            cut=self.bills.total[at] - allowed,
            in_scope=self.bills.in_scope[at],
            scope_of={code: amount[at] for code, amount in self.bills.scope_of.items()},
            most=most,
        )

    def _pay_base(self, part: Part, at: NDArray[np.int64], benefit: Benefit) -> None:
        left = self._payable(at)
        granted = benefit.flat is not None and benefit.flat.base == "none"
        most = np.full(len(at), UNBOUNDED, dtype=np.int64) if granted else left
        work = self._work(part, at, benefit, most)
        fees = pay_fees(work, benefit)
        work.most = work.most - fees
        if benefit.wallet is not None:
            balance = np.maximum(self.usage.get(benefit.wallet, at), 0)
            work.most = np.minimum(work.most, balance)
            work.balance, work.balance_name = balance, self.terms.counters[benefit.wallet].title
        rules = benefit.scheme or benefit.flat or benefit.package
        caps = rules.caps if rules else ()
        was = counted_by(work, caps)
        if benefit.flat is not None:
            paid = pay_flat(work, benefit.flat)
        elif benefit.package is not None:
            cut = self.bills.cut_institution[at]  # beside the price, as it is beside the bill
            borne = self.institution[at] - cut
            paid, excess = pay_package(work, benefit.package, borne)
            self.institution[at] = np.maximum(borne, excess) + cut
        else:
            paid = self._pay_scheme(work, benefit)
        if benefit.wallet is not None:
            pay_from_wallet(work, benefit.wallet, paid)
        tell_room(work, caps, was)
        self.layers[self.terms.base_layer.code][at] = paid + fees
        if granted:
            self.beyond[at] = np.maximum(paid + fees - self._left(at), 0)
        self.fund[at] += paid + fees

    def _pay_scheme(self, work: Work, benefit: Benefit) -> Fen:
        assert benefit.scheme is not None
        base = work.in_scope
        for fee in benefit.fees:
            base = base - work.scope_of[fee.bill_class]
        if benefit.days_limit is not None:
            base = limit_days(work, benefit.days_limit, base)
        work.asks_unreferred = "unreferred" in self.plan.left_out
        paid = apply_scheme(work, benefit.scheme, base)
        self.unreferred[work.at] = paid.unreferred
        self.deductible[work.at] = paid.deductible
        self.ratio[work.at] = paid.ratio
        return paid.amount

    def _pay_layer(self, part: Part, at: NDArray[np.int64], layer: Layer) -> None:
        fits = part.matches(layer.condition)
        if self.trace.keep and layer.condition.unless:
            _note_excluded(self.trace, layer, part, at, self._left(at))
        if not fits.any():
            return
        narrowed = part if fits.all() else part.narrowed(fits)
        chosen = narrowed.claims
        work = self._work(narrowed, chosen, layer, self._payable(chosen))
        base = layer_base(work, layer, self.so_far)
        if layer.accumulates is not None:
            work.earlier = self.usage.get(layer.accumulates, chosen)
            tell_earlier(work, layer.accumulates, base)
            self.usage.add(layer.accumulates, chosen, base)
        if self.plan.amounts:
            summed = base if work.earlier is None else work.earlier + base
            narrowed.extra = narrowed.extra | {"base": summed}
        rules = layer.scheme or layer.flat or layer.top_up
        caps = rules.caps if rules else ()
        was = counted_by(work, caps)
        if layer.top_up is not None:
            paid = top_up(work, layer.top_up, self.so_far)
        elif layer.flat is not None:
            paid = pay_flat_layer(work, layer.flat, base)
        else:
            assert layer.scheme is not None
            paid = apply_scheme(work, layer.scheme, base).amount
        tell_room(work, caps, was)
        self.layers[layer.code][chosen] = paid
        self.fund[chosen] += paid
        if layer.base == "outside_rest":
            self.outside[chosen] += paid

    def _pay_wallet(self, part: Part, at: NDArray[np.int64], wallet: Wallet) -> None:
        fits = part.matches(wallet.condition)
        spent = self.wallets["account"][at] + self.wallets["credit"][at]
        left = self._left(at) - spent
        balance = np.maximum(self.usage.get(wallet.counter, at), 0)
        taken = np.where(fits, np.minimum(left, balance), 0)
        self.usage.add(wallet.counter, at, taken)
        self.wallets[wallet.code][at] += taken
        self.trace.note(
            at,
            Told(wallet.code, wallet.name, wallet.article, left, left - taken, balance),
            lambda i: (
                f"{wallet.name}有{yuan(int(balance[i]))}，抵付个人负担{yuan(int(taken[i]))}，"
                f"余{yuan(int(balance[i] - taken[i]))}"
            ),
            when=taken > 0,
        )

    def decisions(self) -> Decisions:
        """The outcome, with cash as what nobody else has paid."""
        personal = self.bills.total - self.fund - self.institution + self.beyond
        cash = personal - self.wallets["account"] - self.wallets["credit"]
        everyone = np.arange(len(self.cases))
        self.trace.note(
            everyone,
            Told("cash", "个人支付", "", self.bills.total, cash, cash),
            lambda i: self._in_short(i, int(personal[i]), int(cash[i])),
        )
        return Decisions(
            cases=self.cases,
            terms=self.terms,
            benefit=self.benefit,
            refusal=self.refusal,
            total=self.bills.total,
            full_self_pay=self.bills.full_self_pay,
            borne=self.bills.institution,
            over_limit=self.bills.over_limit,
            first_self_pay=self.bills.first_self_pay,
            in_scope=self.bills.in_scope,
            deductible=self.deductible,
            ratio=self.ratio,
            layers=self.layers,
            fund_pay=self.fund,
            hospital_part=self.institution,
            beyond=self.beyond,
            personal=personal,
            account=self.wallets["account"],
            credit=self.wallets["credit"],
            cash=cash,
            usage=self.usage,
            steps=self.trace.steps,
        )

    def _in_short(self, i: int, personal: int, cash: int) -> str:
        """Who pays the bill, to the fen: the layers, the institution, balances, cash."""
        names = self.terms.layer_names
        paid = {names[code]: int(amount[i]) for code, amount in self.layers.items() if amount[i]}
        layers = "、".join(f"{name}{yuan(each)}" for name, each in paid.items())
        hospital, beyond = int(self.institution[i]), int(self.beyond[i])
        said = [
            f"总费用{yuan(int(self.bills.total[i]))}",
            f"基金支付{yuan(int(self.fund[i]))}{aside(layers if len(paid) > 1 else '')}",
            f"医疗机构负担{yuan(hospital)}" if hospital else "",
            f"补助超过费用的{yuan(beyond)}付给个人" if beyond else "",
            f"个人负担{yuan(personal)}",
        ]
        if personal:
            balances = {each.name: int(self.wallets[each.code][i]) for each in self.terms.wallets}
            parts = [f"{name}抵付{yuan(each)}" for name, each in balances.items() if each]
            said.append("其中" + "、".join([*parts, f"现金{yuan(cash)}"]))
        return "，".join(filter(None, said))


def _note_observed(whole: Part, trace: Trace) -> None:
    """急诊留观并入: the bill of the observation that led to the stay is part of it."""
    observed, rule = whole.cases.observed, whole.terms.bill.observation
    if not trace.keep or observed is None:
        return
    total = whole.cases.total
    trace.note(
        np.arange(whole.size),
        Told(
            "observation",
            "急诊留观并入住院",
            rule.article if rule is not None else "",
            total - observed,
            total,
            observed,
        ),
        lambda i: (
            f"住院费用{yuan(int(total[i] - observed[i]))}，并入急诊留观费用"
            f"{yuan(int(observed[i]))}，总费用{yuan(int(total[i]))}"
        ),
        when=observed > 0,
    )


def _note_year(whole: Part, trace: Trace) -> None:
    """跨年度: a stay over the end of a year belongs to that of its discharge."""
    rule = whole.terms.year
    if not trace.keep or rule.by != "discharge":
        return
    ends = whole.cases.counted_on
    year = insurance_years(ends, whole.terms)
    total = whole.cases.total
    trace.note(
        np.arange(whole.size),
        Told("year", "跨年度", rule.article, total, total, lambda i: f"{int(year[i])}年度"),
        lambda i: f"跨年度住院按出院日期计入{int(year[i])}年度",
        when=insurance_years(ends - whole.number("days"), whole.terms) < year,
    )


def _refusals(whole: Part, plan: Plan) -> NDArray[np.int64]:
    """Number of the first refusal in ``refusal_rules`` that fits each claim, or ``NOBODY``."""
    found = np.where(whole.cases.in_cover, NOBODY, 0)
    for number, rule in plan.early:
        open_claims = found == NOBODY
        found[open_claims & whole.matches(rule.condition)] = number
    return found


def _note_refusal(
    trace: Trace, rule: RefusalRule, part: Part, at: NDArray[np.int64], total: Fen
) -> None:
    """Claims ``at``, which are ``part``, by the name of the rule and what was counted for it."""

    def why(i: int) -> list[str]:
        if rule.code == NO_BENEFIT:
            return [why_no_benefit(part, i)]
        return counted_words(part, rule.condition, i)

    trace.note(
        at,
        Told("refusal", "不予支付", rule.article, total, np.zeros_like(total), lambda _: rule.code),
        lambda i: f"{rule.name}{aside(*why(i))}，基金不予支付",
    )


def _note_excluded(
    trace: Trace, layer: Layer, part: Part, at: NDArray[np.int64], left: Fen
) -> None:
    """A layer that looks at such patients, and yet not at this visit, is not passed over."""
    condition = layer.condition
    meant = part.matches(replace(condition, unless=()))
    trace.note(
        at,
        Told("layer_none", layer.name, layer.article, left, left, lambda _: "不适用"),
        lambda i: f"{excluded(part, condition, i)}，{layer.name}不支付",
        when=meant & ~part.matches(condition) & (left > 0),
    )


def _choose(whole: Part, refusal: NDArray[np.int64], trace: Trace) -> NDArray[np.int64]:
    """Number of the first benefit that fits each claim; claims without one are refused."""
    found = np.full(whole.size, NOBODY, dtype=np.int64)
    for number in reversed(range(len(whole.terms.benefits))):
        found[whole.matches(whole.terms.benefits[number].condition)] = number
    rules = refusal_rules(whole.terms)
    refusal[(refusal == NOBODY) & (found == NOBODY)] = len(rules) - 1
    refused = refusal != NOBODY
    found[refused] = NOBODY
    if trace.keep and refused.any():
        total = whole.cases.total
        for number in np.unique(refusal[refused]):
            at = np.flatnonzero(refusal == number)
            _note_refusal(
                trace, rules[int(number)], whole.narrowed(refusal == number), at, total[at]
            )
    return found


def _rounds(cases: Cases, plan: Plan) -> NDArray[np.int64]:
    """Which of its owner's claims each claim is, counted from zero."""
    owner = _owners(cases, plan)
    order = stable_order(owner)
    first = np.flatnonzero(begins(owner[order]))
    lengths = np.diff(np.append(first, len(owner)))
    rounds = np.empty(len(owner), dtype=np.int64)
    rounds[order] = np.arange(len(owner)) - np.repeat(first, lengths)
    return rounds


def _owners(cases: Cases, plan: Plan) -> NDArray[np.int64]:
    """Who moves counters together: a person; or, as soon as the pack counts anything by
    household, a household and every other one that a member has moved to or come from."""
    if plan.owned_alone:
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

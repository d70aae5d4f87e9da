"""Settles claims: one at the counter or a county's year, by the same columns and the same fen.

The order is: refuse or choose the benefit, sort the bill, pay the basic benefit, then each
further layer of the pack, then the balances, and what is left is cash.  Claims of one owner are
settled in the order given: the batch is cut into rounds in which nobody occurs twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.billing import Sorted, sort_bills
from claims.adjudication.caps import cap_payment
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
    DaysLimit,
    Fee,
    Flat,
    Layer,
    Package,
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
        codes = ["basic", *(layer.code for layer in terms.layers)]
        zero = np.zeros(size, dtype=np.int64)
        return cls(
            cases=cases,
            terms=terms,
            trace=trace,
            usage=Usage.begin(cases, terms, used, keep),
            bills=bills,
            refusal=refusal,
            benefit=benefit,
            layers={code: zero.copy() for code in codes},
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
        self._pay_basic(part, at, benefit)
        for layer in self.terms.layers:
            self._pay_layer(part, at, layer)
        for wallet in self.terms.wallets:
            self._pay_wallet(part, at, wallet)

    def _work(self, part: Part, at: NDArray[np.int64], label: str, article: str) -> Work:
        return Work(
            part=part,
            at=at,
            usage=self.usage,
            trace=self.trace,
            label=label,
            article=article,
            total=self.bills.total[at],
            in_scope=self.bills.in_scope[at],
            scope_of={code: amount[at] for code, amount in self.bills.scope_of.items()},
        )

    def _pay_basic(self, part: Part, at: NDArray[np.int64], benefit: Benefit) -> None:
        work = self._work(part, at, benefit.name, benefit.article)
        if benefit.flat is not None:
            paid = _pay_flat(work, benefit.flat)
        elif benefit.package is not None:
            paid, excess = _pay_package(work, benefit.package)
            self.institution[at] = np.maximum(self.institution[at], excess)
        else:
            paid = self._pay_scheme(work, benefit)
        paid = np.minimum(paid, self.bills.total[at] - self.institution[at])
        if benefit.wallet is not None:
            paid = _limit_to_wallet(work, benefit.wallet, paid)
        paid = paid + _pay_fees(work, benefit)
        self.layers["basic"][at] = paid
        self.fund[at] += paid

    def _pay_scheme(self, work: Work, benefit: Benefit) -> Fen:
        assert benefit.scheme is not None
        base = work.in_scope
        for fee in benefit.fees:
            base = base - work.scope_of[fee.bill_class]
        if benefit.days_limit is not None:
            base = _limit_days(work, benefit.days_limit, base)
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
        work = self._work(narrowed, chosen, layer.name, layer.article)
        personal = self.bills.total[chosen] - self.fund[chosen] - self.institution[chosen]
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
        paid = np.minimum(paid, personal)
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
        missing = np.minimum(missing, work.total - paid_so_far - self.institution[work.at])
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
    """Which of its owner's claims each claim is, counted from zero.

    Members of one household are one owner as soon as the pack counts anything by household.
    """
    shared = any(counter.owner == "household" for counter in terms.counters.values())
    owner = cases.household if shared else cases.person
    order = np.argsort(owner, kind="stable")
    ordered = owner[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(first, len(ordered)))
    rounds = np.empty(len(ordered), dtype=np.int64)
    rounds[order] = np.arange(len(ordered)) - np.repeat(first, lengths)
    return rounds


def _limit_days(work: Work, rule: DaysLimit, base: Fen) -> Fen:
    """年住院天数限制: beyond the days that are left, the amount counts by its share of days."""
    fits = work.part.matches(rule.condition)
    days = work.part.number("days")
    left = np.maximum(rule.limit - work.usage.get(rule.counter, work.at), 0)
    counted = np.where(fits, np.minimum(days, left), days)
    work.usage.add(rule.counter, work.at, np.where(fits, counted, 0))
    limited = half_up(base * counted, days)
    work.trace.note(
        work.at,
        limited < base,
        "days_limit",
        name="年住院天数限制",
        article=rule.article,
        before=base,
        after=limited,
        parameter=lambda i: f"{rule.limit}天",
        sentence=lambda i: (
            f"本次{int(days[i])}天，年内还可计{int(left[i])}天，按天数计入{yuan(int(limited[i]))}"
        ),
    )
    return limited


def _pay_flat(work: Work, rule: Flat) -> Fen:
    """定额: a sum per visit, day or baby, never more than was really spent."""
    each = work.part.values(rule.amounts)
    times = {"visit": np.ones_like(each), "day": work.part.number("days")}.get(
        rule.per, work.part.number("babies")
    )
    spent = work.total if rule.base == "total" else work.in_scope
    paid = np.minimum(each * times, spent)
    work.trace.note(
        work.at,
        np.ones(len(work.at), dtype=bool),
        "flat",
        name=work.label,
        article=lambda i: work.part.article(rule.amounts, i),
        before=spent,
        after=paid,
        parameter=lambda i: yuan(int(each[i] * times[i])),
        sentence=lambda i: (
            f"{work.label}限额{yuan(int(each[i] * times[i]))}，实际{yuan(int(spent[i]))}，"
            f"支付{yuan(int(paid[i]))}"
        ),
    )
    return cap_payment(work, rule.caps, paid)


def _pay_package(work: Work, rule: Package) -> tuple[Fen, Fen]:
    """单病种定额: (fund payment, what the institution bears above the agreed price)."""
    price = work.part.values(rule.prices)
    ratio = work.part.values(rule.ratios)
    counted = np.minimum(price, work.total)
    paid = half_up(counted * ratio)
    excess = work.total - counted
    work.trace.note(
        work.at,
        np.ones(len(work.at), dtype=bool),
        "package",
        name=work.label,
        article=lambda i: work.part.article(rule.prices, i),
        before=work.total,
        after=paid,
        parameter=lambda i: yuan(int(price[i])),
        sentence=lambda i: (
            f"{work.label}定额{yuan(int(price[i]))}，基金支付{yuan(int(paid[i]))}，"
            f"超出定额的{yuan(int(excess[i]))}由医疗机构负担"
        ),
    )
    return cap_payment(work, rule.caps, paid), excess


def _pay_fees(work: Work, benefit: Benefit) -> Fen:
    """一般诊疗费: up to its fixed amount, outside deductible, ratio and caps."""
    total = work.zeros()
    for fee in benefit.fees:
        scope = work.scope_of[fee.bill_class]
        paid = np.minimum(scope, work.part.values(fee.amounts))
        _note_fee(work, fee, scope, paid)
        total = total + paid
    return total


def _note_fee(work: Work, fee: Fee, scope: Fen, paid: Fen) -> None:
    work.trace.note(
        work.at,
        scope > 0,
        "fee",
        name=fee.name,
        article=lambda i: work.part.article(fee.amounts, i),
        before=scope,
        after=paid,
        parameter=lambda i: yuan(int(work.part.values(fee.amounts)[i])),
        sentence=lambda i: f"{fee.name}{yuan(int(scope[i]))}，基金支付{yuan(int(paid[i]))}",
    )


def _limit_to_wallet(work: Work, counter: str, paid: Fen) -> Fen:
    """待遇从余额中支付: no more than the balance holds."""
    balance = np.maximum(work.usage.get(counter, work.at), 0)
    taken = np.minimum(paid, balance)
    work.usage.add(counter, work.at, taken)
    title = work.part.terms.counters[counter].title
    work.trace.note(
        work.at,
        paid > 0,
        "wallet",
        name=title,
        article=work.article,
        before=paid,
        after=taken,
        parameter=lambda i: yuan(int(balance[i])),
        sentence=lambda i: (
            f"{title}{yuan(int(balance[i]))}，支付{yuan(int(taken[i]))}，"
            f"余{yuan(int(balance[i] - taken[i]))}"
        ),
    )
    return taken

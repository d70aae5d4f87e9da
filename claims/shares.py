"""What a settlement draws from the funds, by layer and by the balances held for the patient."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from claims.adjudication import Decision
from claims.clearing.models import (
    Clearing,
    ClearingClaim,
    Deduction,
    DeductionQuerySet,
    DepositReturn,
    Prepayment,
)
from claims.clearing.standing import (
    RETURN_KEY,
    advance_key_of,
    back_key_of,
    key_of,
    unclaimed_key_of,
)
from claims.clearing.sums import shares_of
from claims.dependence.models import Supplement, SupplementPart
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryPart
from funds.models import Book
from funds.payments.models import PaymentKept, PaymentPart
from lib.money import split, to_fen, to_yuan
from policies.services import terms_of
from policies.terms import Terms

# What balances held for the patient pay (household account, credit) is booked as.
BALANCES = "other"
# Beside the codes of the measures' layers; no code of a pack has such a letter.
ACCOUNT, CREDIT = "@account", "@credit"
# What was paid beside the claim and rested on it (claims/recovery/resting.py).
AID, SECOND = "@aid", "@second"
OTHER_NAMES = {
    ACCOUNT: "家庭账户", CREDIT: "记账余额", AID: "医疗救助（申请）", SECOND: "年终二次补偿",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """Fen that one layer pays, of whose book and as what kind of expense."""

    book: str
    booked_as: str
    fen: int

    def columns(self) -> dict[str, Any]:
        """As a `LayerPart` keeps it, in yuan."""
        return {"book": self.book, "booked_as": self.booked_as, "amount": to_yuan(self.fen)}


Shares = dict[str, Share]


def purpose_of(care: str, terms: Terms) -> str:
    """The purpose under which a payment for this kind of care is booked, as the measures say."""
    return terms.cares[care].booked_as


def paid_shares(settlement: Settlement, terms: Terms) -> Shares:
    """As it was settled: sums to `payable_amount`."""
    purpose = purpose_of(settlement.visit.care, terms)
    found = {
        fund.layer: Share(fund.book, fund.booked_as or purpose, to_fen(fund.amount))
        for fund in settlement.funds.all()
    }
    return found | _balances(
        to_fen(settlement.account_amount), to_fen(settlement.credit_amount), terms
    )


def decided_shares(decision: Decision, care: str, terms: Terms) -> Shares:
    """As this decision would pay."""
    purpose = purpose_of(care, terms)
    found = {}
    for layer, fen in decision.layers.items():
        if fen:
            payer = terms.payer_of(layer, decision.benefit)
            found[layer] = Share(payer.book, payer.booked_as or purpose, fen)
    return found | _balances(decision.account, decision.credit, terms)


def _balances(account: int, credit: int, terms: Terms) -> Shares:
    """The book of the base layer bears what balances pay."""
    book = terms.base_layer.payer.book
    pair = {ACCOUNT: account, CREDIT: credit}
    return {code: Share(book, BALANCES, fen) for code, fen in pair.items() if fen}


def of_parts(parts: Iterable[RecoveryPart | SupplementPart]) -> Shares:
    """Rows of parts, summed by layer."""
    found: Shares = {}
    for part in parts:
        before = found[part.layer].fen if part.layer in found else 0
        found[part.layer] = Share(part.book, part.booked_as, before + to_fen(part.amount))
    return found


def plus(one: Shares, other: Shares, sign: int = 1) -> Shares:
    """Layer by layer; what comes to nothing is left out, what is negative stays."""
    found = {}
    for layer in [*one, *(code for code in other if code not in one)]:
        mine, yours = one.get(layer), other.get(layer)
        known = mine or yours
        assert known is not None
        fen = (mine.fen if mine else 0) + sign * (yours.fen if yours else 0)
        if fen:
            found[layer] = Share(known.book, known.booked_as, fen)
    return found


def total(shares: Shares) -> int:
    """Fen of all layers."""
    return sum(share.fen for share in shares.values())


def due_shares(settlement: Settlement, terms: Terms) -> Shares:
    """What the measures give on a paid settlement, as last computed: what was paid, with what is
    paid more and less what is asked back since an earlier settlement fell."""
    more = SupplementPart.objects.filter(supplement__settlement=settlement).exclude(
        supplement__status=Supplement.Status.REPLACED
    )
    less = RecoveryPart.objects.filter(
        recovery__settlement=settlement, recovery__dependent__isnull=False
    ).exclude(recovery__status__in=Recovery.GIVEN_UP)
    return plus(plus(paid_shares(settlement, terms), of_parts(more)), of_parts(less), -1)


def worth_shares(shares: Shares, gain: int, care: str, terms: Terms) -> Shares:
    """These with `gain` fen more or less of what the layers of the residents' fund pay, in
    proportion to them: what a payment method is about. Balances held for the patient and other
    funds pay as they were settled. Never below zero; where no layer pays, the base layer does."""
    if not gain:
        return shares
    pooled = {
        layer: share
        for layer, share in shares.items()
        if share.book == Book.FundType.RESIDENT and layer not in (ACCOUNT, CREDIT)
    }
    fen = max(0, total(pooled) + gain)
    if not total(pooled):
        base = terms.base_layer
        booked_as = base.payer.booked_as or purpose_of(care, terms)
        return shares | ({base.code: Share(base.payer.book, booked_as, fen)} if fen else {})
    parts = split(fen, [share.fen for share in pooled.values()])
    changed = {
        layer: Share(share.book, share.booked_as, part)
        for (layer, share), part in zip(pooled.items(), parts, strict=True)
    }
    return {layer: share for layer, share in (shares | changed).items() if share.fen}


def given_shares(shares: Shares, settlement: Settlement, terms: Terms) -> Shares:
    """These of a paid settlement as its institution's month gave them (claims/clearing/worth.py):
    the same where it was paid by item, or singly."""
    gain = _gain(settlement)
    if not gain:
        return shares
    care, paid = settlement.visit.care, paid_shares(settlement, terms)
    found = plus(shares, plus(worth_shares(paid, gain, care, terms), paid, -1))
    if all(share.fen > 0 for share in found.values()):
        return found
    return worth_shares(shares, gain, care, terms)


def _gain(settlement: Settlement) -> int:
    if settlement.pay_to != Settlement.PayTo.INSTITUTION:
        return 0
    rows = ClearingClaim.objects.live().filter(
        settlement=settlement, clearing__status=Clearing.Status.PAID
    )
    return to_fen(rows.values_list("gain", flat=True).first() or Decimal(0))


def standing_shares(settlement: Settlement, terms: Terms) -> Shares:
    """The same of what has left the fund, without what is asked back for reasons of its own: no
    more than this may still be asked back. Of a month by a payment method it is what the month gave
    for it. A supplement that is not paid yet nobody can return, nor
    the institution what was taken off its month."""
    own = RecoveryPart.objects.filter(
        recovery__settlement=settlement, recovery__dependent=None, recovery__payment_key=""
    ).exclude(recovery__status__in=Recovery.GIVEN_UP)
    gone = _gone(settlement, terms)
    gone = plus(gone, _unclaimed(settlement, terms, gone), -1)
    return plus(gone, of_parts(own), -1)


def never_claimed(settlement: Settlement, terms: Terms) -> Shares:
    """What of a paid settlement its institution never claimed, and the fund keeps since."""
    return _unclaimed(settlement, terms, _gone(settlement, terms))


def _gone(settlement: Settlement, terms: Terms) -> Shares:
    owed = SupplementPart.objects.filter(
        supplement__settlement=settlement, supplement__status__in=Supplement.OPEN
    )
    gone = plus(due_shares(settlement, terms), of_parts(owed), -1)
    gone = given_shares(gone, settlement, terms)
    return plus(gone, _deducted(settlement, terms), -1)


def all_asked_back(settlement: Settlement) -> list[Recovery]:
    """The debts by which all that was paid of it is asked back, whatever becomes of the year's
    usage; none while something of it is left to the payee, nor where an institution that closed
    never claimed something: nobody asked that back, and the insured had it off the bill."""
    debts = [
        debt
        for debt in settlement.recoveries.all()
        if debt.dependent_id is None and not debt.payment_key and not debt.is_given_up
    ]
    if not debts or any(debt.is_whole for debt in debts):
        return debts
    terms = terms_of(settlement.pack)
    if _unclaimed(settlement, terms, paid_shares(settlement, terms)):
        return []
    return [] if total(standing_shares(settlement, terms)) > 0 else debts


def is_wholly_back(settlement: Settlement) -> bool:
    """All that was paid of it was asked back, and came back."""
    debts = all_asked_back(settlement)
    return bool(debts) and all(debt.status == Recovery.Status.RECEIVED for debt in debts)


def _deducted(settlement: Settlement, terms: Terms) -> Shares:
    """What the institution was never paid of it: taken off its month and not given back since."""
    rows = list(_deductions(settlement))
    if not rows:
        return {}
    keys = {unclaimed_key_of(back_key_of(row)): row.pk for row in rows}
    back = PaymentKept.objects.filter(voucher__key__in=keys).values_list("voucher__key", flat=True)
    never = {keys[key] for key in back}  # given back, and never claimed
    kept = {row.pk for row in rows if row.paid_on is None or row.pk in never}
    return _taken_off(settlement, terms, rows, kept)


def _deductions(settlement: Settlement) -> DeductionQuerySet:
    return (
        Deduction.objects.counted()
        .filter(
            claim__settlement=settlement,
            claim__is_live=True,
            claim__clearing__status=Clearing.Status.PAID,
        )
        .order_by("pk")
    )


def _taken_off(
    settlement: Settlement, terms: Terms, rows: Sequence[Deduction], chosen: Collection[int]
) -> Shares:
    """What the chosen ones of all its deductions took, by book and kind of expense as the month was
    paid, within these in proportion to the layers."""
    groups: dict[tuple[str, str], Shares] = {}
    given = given_shares(paid_shares(settlement, terms), settlement, terms)
    for layer, share in given.items():
        groups.setdefault((share.book, share.booked_as), {})[layer] = share
    off = shares_of([total(one) for one in groups.values()], [to_fen(row.amount) for row in rows])
    kept = [one for row, one in zip(rows, off, strict=True) if row.pk in chosen]
    found: Shares = {}
    for at, group in enumerate(groups.values()):
        fen = split(sum(one[at] for one in kept), [share.fen for share in group.values()])
        for (layer, share), part in zip(group.items(), fen, strict=True):
            found[layer] = Share(share.book, share.booked_as, part)
    return found


def _unclaimed(settlement: Settlement, terms: Terms, gone: Shares) -> Shares:
    """What its institution never claimed of its payment and the fund keeps since: singly, or of the
    month, book by book, in proportion to what that agreed of the claim, the fen rounded in its
    favour. Of the layers that were paid so, no more than has gone: a supplement is a payment of its
    own, and so is what was deducted and given back later."""
    if settlement.pay_to != Settlement.PayTo.INSTITUTION:
        return {}
    rows = ClearingClaim.objects.live().filter(
        settlement=settlement, clearing__status=Clearing.Status.PAID
    )
    claim = rows.select_related("clearing").first()
    kept = _kept_of(claim, settlement)
    if not kept:
        return {}
    given = given_shares(paid_shares(settlement, terms), settlement, terms)
    if claim:
        off = list(_deductions(settlement))
        agreed = plus(given, _taken_off(settlement, terms, off, {one.pk for one in off}), -1)
        month = _agreed_of(claim.clearing)
        kept = {
            book: -(-total(_of_book(agreed, book)) * fen // month[book])
            for book, fen in kept.items()
        }
    found: Shares = {}
    for book, fen in kept.items():
        paid = {
            layer: Share(share.book, share.booked_as, min(share.fen, gone[layer].fen))
            for layer, share in _of_book(given, book).items()
            if layer in gone and gone[layer].fen > 0
        }
        parts = split(min(fen, total(paid)), [one.fen for one in paid.values()]) if paid else []
        for (layer, share), part in zip(paid.items(), parts, strict=True):
            if part:
                found[layer] = Share(share.book, share.booked_as, part)
    return found


def _of_book(shares: Shares, book: str) -> Shares:
    return {layer: share for layer, share in shares.items() if share.book == book}


def _kept_of(claim: ClearingClaim | None, settlement: Settlement) -> dict[str, int]:
    """Book → fen that the institution never claimed of its month, or of the claim paid singly."""
    keys = [f"settlement:{settlement.pk}"]
    if claim is not None:
        month = claim.clearing
        advances = Prepayment.objects.filter(institution=month.institution_id)
        keys = [key_of(month)]
        keys += [advance_key_of(month, pk) for pk in advances.values_list("pk", flat=True)]
    rows = PaymentKept.objects.filter(voucher__key__in=[unclaimed_key_of(key) for key in keys])
    sums = rows.order_by().values_list("part__fund_type").annotate(total=Sum("amount"))
    kept = {book: to_fen(amount) for book, amount in sums}
    if claim is not None and (lost := _lost_deposit(claim.clearing)):
        resident = Book.FundType.RESIDENT.value
        kept[resident] = kept.get(resident, 0) + lost
    return kept


def _agreed_of(month: Clearing) -> dict[str, int]:
    """Book → fen that a paid month agreed to: what its order paid and, of the residents' fund,
    what was kept back, set off and worked off."""
    parts = PaymentPart.objects.filter(order__key=key_of(month)).order_by()
    sums = parts.values_list("fund_type").annotate(total=Sum("amount"))
    found = {book: to_fen(amount) for book, amount in sums}
    beside = month.deposit_amount + month.set_off_amount + month.prepaid_amount
    resident = Book.FundType.RESIDENT.value
    return found | {resident: found.get(resident, 0) + to_fen(beside)}


def _lost_deposit(month: Clearing) -> int:
    """Fen of what the month kept back that an institution which closed never claimed, the fen
    rounded in its favour. What the assessment takes is its own loss and stays."""
    given = DepositReturn.objects.filter(
        institution=month.institution_id,
        year=month.month.year,
        status=DepositReturn.Status.APPROVED,
    ).order_by("pk")
    rows = list(given)
    if not rows:
        return 0
    keys = [unclaimed_key_of(f"{RETURN_KEY}{row.pk}") for row in rows]
    kept = PaymentKept.objects.filter(voucher__key__in=keys).aggregate(
        total=Sum("amount", default=Decimal(0))
    )
    # The first is of the whole deposit; a correction gives back some of what it took.
    return -(-to_fen(month.deposit_amount) * to_fen(kept["total"]) // to_fen(rows[0].kept_amount))


def layer_name(code: str, terms: Terms) -> str:
    """As people read it."""
    return OTHER_NAMES.get(code) or terms.layer_names.get(code, code)


def as_fen(shares: Mapping[str, Share]) -> dict[str, int]:
    """Layer → fen, for rows and comparisons."""
    return {layer: share.fen for layer, share in shares.items()}

"""The settlement rows in the order of their numbers, with the vouchers that paid them, and what
each layer pays of them."""

from collections.abc import Mapping, Sequence
from datetime import date

from accounts.roles import Role
from claims.models import Settlement, SettlementFund
from claims.services.settling import settlement_number
from demo.foundation import Foundation
from demo.loading import Table, stamp, yuan
from demo.plan import Plan
from demo.settling import Settled, progress_of
from funds.payments.models import account_index

# Columns of Settlement and the arrays they come from; `ratio` is no amount.
AMOUNT_COLUMNS = {
    "total_amount": "total",
    "full_self_pay_amount": "own",
    "borne_amount": "borne",
    "over_limit_amount": "over_limit",
    "first_self_pay_amount": "first_self_pay",
    "in_scope_amount": "in_scope",
    "deductible_amount": "deductible",
    "fund_amount": "fund_pay",
    "hospital_amount": "hospital_part",
    "personal_amount": "personal",
    "account_amount": "account",
    "credit_amount": "credit",
    "cash_amount": "cash",
}


class SettlementRows:
    """Ids are set aside before the claims are settled and filled at the end."""

    def __init__(self, plan: Plan, foundation: Foundation) -> None:
        self.plan = plan
        self.foundation = foundation
        self.table = Table(
            Settlement,
            *("visit", "number", "division", "policy_year", "pack", "tier", "status", "pay_to"),
            *("benefit", "ratio", *AMOUNT_COLUMNS, "refusal_code", "refusal"),
            *("entered_by", "entered_at", "settled_on", "submitted_at", "reviewed_by"),
            *("reviewed_at", "approved_by", "approved_at", "paid_by", "paid_at", "paid_on"),
            "voucher_number",
            *("payee_name", "payee_relation", "payee_person", "payee_account"),
            "payee_account_index",
        )
        self._account = Settlement._meta.get_field("payee_account").get_prep_value
        self.funds = Table(
            SettlementFund,
            *("settlement", "layer", "fund_pay_type", "book", "booked_as", "amount"),
            after=[self.table],
        )
        self.terms = foundation.terms
        self.benefits = [benefit.code for benefit in foundation.terms.benefits]
        self.reviewer = foundation.officer(Role.REVIEWER).pk
        self.approver = foundation.officer(Role.APPROVER).pk
        self.cashier = foundation.officer(Role.CASHIER).pk

    def write(
        self,
        settled: Sequence[Settled],
        visit_offset: int,
        vouchers: Mapping[tuple[int, date], str],
    ) -> None:
        """All claims day by day. A visit's id is its settlement's plus `visit_offset`."""
        places = [0] * len(settled)
        days = sorted({int(day) for township in settled for day in township.days})
        for day in days:
            for at, township in enumerate(settled):
                row_id = township.first_ids.get(day, 0)
                while places[at] < len(township) and township.days[places[at]] == day:
                    self._row(township, places[at], row_id, visit_offset, vouchers)
                    places[at] += 1
                    row_id += 1

    def _row(
        self,
        settled: Settled,
        at: int,
        row_id: int,
        visit_offset: int,
        vouchers: Mapping[tuple[int, date], str],
    ) -> None:
        settled_on = date.fromordinal(int(settled.days[at]))
        payable = bool(settled.payable[at])
        progress = progress_of(settled_on, self.plan.last_day, payable=payable)
        payee = settled.payees[at]
        benefit = int(settled.benefit[at])
        code, sentence = settled.refusals[at]
        voucher = ""
        if progress.paid_on:
            voucher = vouchers[settled.township.index, progress.paid_on]
        entered = stamp(settled_on, row_id * 7)
        self.table.add(
            row_id + visit_offset,
            settlement_number(self.foundation.county.code, self.plan.year, row_id),
            int(settled.divisions[at]),
            self.plan.year,
            self.foundation.pack.pk,
            "tier2" if settled.tier2[at] else "tier1",
            progress.status,
            "household" if settled.paper[at] else "institution",
            self.benefits[benefit] if benefit >= 0 else "",
            int(settled.amounts["ratio"][at]),
            *[yuan(int(settled.amounts[name][at])) for name in AMOUNT_COLUMNS.values()],
            code,
            sentence,
            int(settled.clerks[at]),
            entered,
            settled_on,
            entered,
            *_hand(self.reviewer, progress.reviewed_on, row_id * 3),
            *_hand(self.approver, progress.approved_on, row_id * 5),
            *_hand(self.cashier, progress.paid_on, 120),
            progress.paid_on,
            voucher,
            payee.name,
            payee.relation,
            payee.person,
            self._account(payee.account),
            account_index(payee.account),
            row_id=row_id,
        )
        for layer, paid in settled.layers.items():
            if paid[at]:
                payer = self.terms.payer_of(layer, self.benefits[benefit])
                self.funds.add(
                    row_id,
                    layer,
                    payer.fund_pay_type,
                    payer.book,
                    payer.booked_as,
                    yuan(int(paid[at])),
                )


def _hand(user_id: int, day: date | None, minutes: int) -> tuple[int | None, str | None]:
    """Who did it and when; nobody yet when the day has not come."""
    return (user_id, stamp(day, minutes)) if day else (None, None)

"""Whom a payment to an institution goes to."""

from datetime import date

from accounts.errors import Refusal
from funds.payments.services import Payee
from institutions.bank_accounts.models import BankAccount
from institutions.models import Institution


def institution_payee(institution: Institution, on: date) -> Payee:
    """The account that two people registered for the day; without one the bank knows it by its
    contract. Raises Refusal where the number was exchanged in the database."""
    held = BankAccount.objects.in_force(institution.pk, on)
    if held is None:
        return Payee(name=institution.name, code=institution.code)
    if held.is_exchanged:
        raise Refusal(
            f"{institution.name}的收款账户不是两人同意的那个账号，请核对后重新登记，再付款"
        )
    return Payee(name=held.holder, account=held.account, bank=held.bank, code=institution.code)

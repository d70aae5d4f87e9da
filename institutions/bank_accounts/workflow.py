"""An institution's bank account: put forward by one, decided by another."""

from desk.decisions import decision_flow
from institutions.bank_accounts.models import BankAccount

ASKS = "institutions.propose_bank_account"
ACCOUNTS = decision_flow(
    BankAccount, "institutions", "bank_account", related=("institution__division",)
)

"""Pages of the accounts to which institutions are paid."""

from accounts.clock import today
from desk.decision_pages import DecisionPages
from institutions.bank_accounts.forms import AccountForm
from institutions.bank_accounts.listings import ACCOUNT_LIST
from institutions.bank_accounts.services import decide_account, propose_account
from institutions.bank_accounts.workflow import ACCOUNTS, ASKS

ACCOUNT_PAGES = DecisionPages(
    "institutions", "bank_accounts", "bank_account", ACCOUNT_LIST,
    "institutions/bank_accounts/one.html",
    form=lambda user, data=None: AccountForm(user, data, initial={"first_day": today()}),
    way=ACCOUNTS, propose=propose_account, decide=decide_account, asks=ASKS,
    typed=("account",),
)  # fmt: skip

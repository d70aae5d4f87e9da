"""Statements of the accounts beside the collection account, read in the same way as its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import User
from desk.importing import Importing
from funds.banking.statements import LAYOUT, keep_new
from funds.reconciling.models import AccountLine, AccountStatement
from funds.reconciling.workflow import ACTS, STATEMENT_FLOW


class _Statements(Importing[AccountStatement]):
    """Keep the lines that are new; half a statement is none."""

    model = AccountStatement
    acts = ACTS
    flow = STATEMENT_FLOW
    same = ("account",)
    table = LAYOUT
    asks = False

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        """`about`: the `account` that it is of."""
        return {"area": about["account"].book.area, "account": about["account"]}

    def judge(self, upload: AccountStatement, on: date) -> Mapping[str, Any]:
        rows = upload.table(LAYOUT).rows
        return keep_new(upload, rows, AccountLine, on=on, account=upload.account)


STATEMENTS = _Statements()

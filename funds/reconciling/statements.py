"""Statements of the accounts beside the collection account, read in the same way as its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import User
from desk.importing import Importing
from funds.banking.statements import LAYOUT, read_movements, refuse_changed
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
        found = read_movements(upload.table(LAYOUT).rows, on)
        movements = found.taken
        serials = [movement.serial for movement in movements]
        lines = AccountLine.objects.filter(account=upload.account_id, serial__in=serials)
        known = {(line.booked_on, line.serial): line.amount for line in lines}
        refuse_changed(movements, known)
        fresh = [movement for movement in movements if movement.key not in known]
        AccountLine.objects.bulk_create(
            AccountLine(
                account_id=upload.account_id,
                statement=upload,
                serial=movement.serial,
                booked_on=movement.booked_on,
                amount=movement.amount,
                summary=movement.summary,
            )
            for movement in fresh
        )
        return {
            "line_count": len(movements),
            "known_count": len(movements) - len(fresh),
            "void_rows": [row | {"said": f"{row['said']}，没有入账"} for row in found.void],
        }


STATEMENTS = _Statements()

"""Every transaction of the interface that the portal answers, by its number (交易编号)."""

from collections.abc import Mapping

from gateway.asked import Transaction
from gateway.transactions import (
    departments,
    filings,
    inpatient,
    mapping,
    outpatient,
    reversing,
    sessions,
)

MODULES = (sessions, outpatient, inpatient, reversing, filings, mapping, departments)

TRANSACTIONS: Mapping[str, Transaction] = {
    infno: one for module in MODULES for infno, one in module.TRANSACTIONS.items()
}

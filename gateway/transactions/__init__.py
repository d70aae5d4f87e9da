"""Every transaction of the interface that the portal answers, by its number (交易编号)."""

from collections.abc import Mapping

from gateway.asked import Transaction
from gateway.transactions import (
    clearing,
    departments,
    entitlement,
    files,
    filings,
    inpatient,
    mapping,
    outpatient,
    people,
    queries,
    reconciling,
    reversing,
    sales,
    sessions,
    special,
)

MODULES = (
    sessions,
    outpatient,
    inpatient,
    reversing,
    filings,
    mapping,
    departments,
    people,
    entitlement,
    queries,
    files,
    reconciling,
    clearing,
    sales,
    special,
)

TRANSACTIONS: Mapping[str, Transaction] = {
    infno: one for module in MODULES for infno, one in module.TRANSACTIONS.items()
}

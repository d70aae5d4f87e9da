"""Every transaction of the interface that the portal answers, by its number (交易编号)."""

from collections.abc import Mapping

from gateway.asked import Transaction
from gateway.transactions import (
    catalogues,
    clearing,
    departments,
    entitlement,
    files,
    filings,
    inpatient,
    lists,
    mapping,
    outpatient,
    paged,
    people,
    prechecks,
    queries,
    reconciling,
    reversing,
    sales,
    sessions,
    special,
    staff,
    words,
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
    catalogues,
    paged,
    words,
    staff,
    prechecks,
    lists,
)

TRANSACTIONS: Mapping[str, Transaction] = {
    infno: one for module in MODULES for infno, one in module.TRANSACTIONS.items()
}

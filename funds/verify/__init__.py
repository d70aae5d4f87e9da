"""Checks an exported ledger by itself: standard library only, no portal, no database.

    python verify.py EXPORT.jsonl [WORKBOOK.xlsx] [--earlier EARLIER.jsonl] [--head DIGEST]

An export is JSON lines: the book with its accounts, months, balances kept at closing, vouchers with
postings, links of the seal chain, lines of the banks' statements with the reconciliation tables,
settlements with the sums of their months, the figures of each month's report, and counts. Every
finding names the voucher, the line, the settlement or the figure. Figures are worked out anew from
vouchers and settlements, as far as these say what they are made of; of how many people are covered
they say nothing. Of the banks' statements each line has a digest in the chain of its account; lines
and vouchers that are the same money sum to the same, none is so twice, an entry of the collection
account without a line is named, and the table of a closed month is worked out anew. With an earlier export it also tells what has changed since, which catches even somebody who
recomputed the whole chain; an end of the chain that was noted earlier tells that it was, without
saying where. With the workbook it compares each line of 序时账, 月报指标 and 银行流水 with the records,
amounts to the last digit that is written, adds up 明细账 anew, and names the first row that
differs. A posting names its account for ever; the code and name that people read depend on the chart that
the month keeps (`printed`), which changes at the opening of a year only and moves no balance. What
a book that moved in began with is one voucher of the day before its first month, the first of the
chain, and the only one of before. The digests that the portal writes are defined here and nowhere
else.
"""  # noqa: E501

from funds.verify.bank import GROUPED
from funds.verify.books import Outcome, verify
from funds.verify.figures import (
    ASSISTANCE,
    FIGURES,
    GRASSROOTS,
    PERIODS,
    PREMIUMS,
    RAISED,
    RECOVERED,
    RECOVERED_EARLIER,
    SERIOUS,
    SUBSIDIES,
    YEAR_END,
)
from funds.verify.records import (
    FIRST_LINK,
    FORMAT,
    Finding,
    Record,
    canonical,
    content_digest,
    line_digest,
    read_export,
    seal_digest,
    voucher_digest,
)
from funds.verify.run import main
from funds.verify.since import changes_since, head_missing
from funds.verify.workbook import (
    check_workbook,
    expected_rows,
    shared_texts,
    sheet_rows,
    sheets_of,
    shown,
)

__all__ = [
    "ASSISTANCE",
    "FIGURES",
    "FIRST_LINK",
    "FORMAT",
    "GRASSROOTS",
    "GROUPED",
    "PERIODS",
    "PREMIUMS",
    "RAISED",
    "RECOVERED",
    "RECOVERED_EARLIER",
    "SERIOUS",
    "SUBSIDIES",
    "YEAR_END",
    "Finding",
    "Outcome",
    "Record",
    "canonical",
    "changes_since",
    "check_workbook",
    "content_digest",
    "expected_rows",
    "head_missing",
    "line_digest",
    "main",
    "read_export",
    "seal_digest",
    "shared_texts",
    "sheet_rows",
    "sheets_of",
    "shown",
    "verify",
    "voucher_digest",
]

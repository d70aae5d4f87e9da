"""Where a figure leads: the list of claims or postings that it was summed from."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from lib.periods import Month

NONE = "none"  # in an address: of those that say nothing of it
# The days and months of a period of a report.
Span = tuple[Month, Month]


def spans(month: Month) -> dict[str, Span]:
    """Period → its first and last month."""
    before, last_year = month.previous(), Month(month.year - 1, month.month)
    return {
        "month": (month, month),
        "previous": (before, before),
        "year": (Month(month.year, 1), month),
        "last_year": (last_year, last_year),
    }


def claims(span: Span, **asked: Any) -> str:
    """Settlements of these months, narrowed by fields of `reports.listings.ClaimsFilter`."""
    first, last = span
    query = {"since": first.first.isoformat(), "until": last.last.isoformat()} | _given(asked)
    return f"{reverse('reports:claims')}?{urlencode(query)}"


def postings(span: Span, **asked: Any) -> str:
    """Postings of these months, narrowed by fields of `PostingsFilter`."""
    return _postings({"since": str(span[0]), "until": str(span[1])}, asked)


def postings_up_to(month: Month, **asked: Any) -> str:
    """All postings up to the end of a month."""
    return _postings({"until": str(month)}, asked)


def covers(month: Month, *, policy_year: int, **asked: Any) -> str:
    """Covers of an insurance year that had begun by the end of a month, narrowed by fields of
    `CoversFilter`."""
    query = {"year": str(policy_year), "until": month.last.isoformat()} | _given(asked)
    return f"{reverse('reports:covers')}?{urlencode(query)}"


def account_use(month: Month, *, policy_year: int, **asked: Any) -> str:
    """What the household accounts of an insurance year paid up to the end of a month, narrowed by
    fields of `AccountUseFilter`."""
    query = {"year": str(policy_year), "until": month.last.isoformat()} | _given(asked)
    return f"{reverse('reports:account_use')}?{urlencode(query)}"


def statement(code: str, month: Month) -> str:
    """One of `reports.statements.catalogue`, as of the end of a month."""
    return f"{reverse('reports:statement', args=[code])}?month={month}"


def _postings(months: dict[str, str], asked: dict[str, Any]) -> str:
    return f"{reverse('reports:postings')}?{urlencode(months | _given(asked))}"


def _given(asked: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in asked.items() if value not in (None, "")}

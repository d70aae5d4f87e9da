"""What of claims stands open before a month of a book is closed (settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Sum

from accounts.errors import Refusal
from claims.clearing.models import Clearing
from claims.quotas.models import Allotment
from funds.closing.found import Found, page_of
from funds.law.working import rules_of
from funds.models import ZERO, Book
from lib.money import told
from lib.periods import Month

Status = Clearing.Status


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    """The residents' book alone: other funds pay through it, or by their own lists."""
    if book.fund_type != Book.FundType.RESIDENT:
        return
    yield _clearings(book, month)
    yield from _quotas(book, month)


def _clearings(book: Book, month: Month) -> Found:
    """Months of institutions, up to this one, that nobody has confirmed."""
    rows = Clearing.objects.filter(
        institution__division__code__startswith=book.area.code,
        month__lte=month.last,
        status__in=(Status.DECLARED, Status.CHECKED, Status.ISSUED),
    )
    found = rows.aggregate(count=Count("pk"), amount=Sum("claimed_amount"))
    count, amount = found["count"], found["amount"] or ZERO
    return Found(
        what="机构月结已确认",
        count=count,
        unit="家次",
        amount=amount if count else None,
        words=f"{count} 家次机构月结没有核对、签发、确认，申报 {told(amount)} 元" if count else "",
        address=page_of("claims:clearings"),
    )


def _quotas(book: Book, month: Month) -> Iterator[Found]:
    """Where the measures share the pool out over the townships."""
    try:
        terms, rules = rules_of(book, month.year)
    except Refusal:
        return
    if not rules.quota_article:
        return
    is_missing = Allotment.objects.in_force(book.area, month.year) is None
    yield Found(
        what="街镇额度已分配",
        count=int(is_missing),
        unit="项",
        words=f"{month.year}年度统筹额度还没有分到街镇（《{terms.title}》{rules.quota_article}）"
        if is_missing
        else "",
        address=page_of("claims:quotas"),
    )

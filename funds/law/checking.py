"""Whether what the measures ask stands in the books as it was worked out, for `verify_books`."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, Q, Sum

from accounts.models import Division
from funds.events import EVENTS
from funds.models import MANUAL_KEY, ZERO, Posting, Voucher
from lib.money import told

BY_LAW = tuple(name for name, event in EVENTS.items() if event.by_law)
# Keys of before they went through three hands (decision 0029).
OLDER = ("reserve:", "surplus:", "advance:")


def book_problems(area: Division) -> Iterator[str]:
    """Each voucher by law came through a draft with its working, whose lines sum to it; what others
    owe of overspends stands on both sides, by township and institution."""
    older = Q()
    for prefix in OLDER:
        older |= Q(key__startswith=prefix)
    vouchers = Voucher.objects.filter(book__area=area, event__in=BY_LAW, reversal_of=None)
    for one in vouchers.exclude(older).select_related("draft", "book").order_by("pk"):
        draft = getattr(one, "draft", None)
        if not one.key.startswith(MANUAL_KEY) or draft is None or not draft.working:
            yield f"凭证 {one.label}（{one.event_title}）没有经计算、复核的手工凭证"
        elif sum((Decimal(line["amount"]) for line in draft.lines), ZERO) != one.amount:
            yield f"凭证 {one.label}（{one.event_title}）与{draft}计算的金额不符"
    yield from _one_sided(area)


def _one_sided(area: Division) -> Iterator[str]:
    sums = (
        Posting.objects.filter(
            voucher__book__area=area, account__code__in=("1101-overspend", "2001-overspend")
        )
        .order_by("township__name", "funding_level", "institution_code", "policy_year")
        .values_list("township__name", "funding_level", "institution_code", "policy_year")
        .annotate(left=Sum(F("debit") - F("credit")))
    )
    for town, level, code, year, left in sums:
        if left:
            who = "、".join(str(each) for each in (town, level, code, year) if each)
            yield f"应收、待收超支分担不一致（{who}），相差 {told(left)} 元"

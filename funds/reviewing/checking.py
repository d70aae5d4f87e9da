"""What the vouchers and their reviews say otherwise (settings.ROOMS_OF_BOOKS)."""

from collections.abc import Iterator

from django.db.models import F

from accounts.models import Division
from funds.reviewing.models import VoucherReview


def book_problems(area: Division) -> Iterator[str]:
    """Reviews by the maker, and of vouchers by hand, which have theirs on their draft."""
    rows = VoucherReview.objects.filter(voucher__book__area=area).select_related("voucher")
    for one in rows.filter(reviewed_by=F("voucher__prepared_by")).order_by("pk")[:20]:
        yield f"凭证 {one.voucher.label}：由制单人自己复核"
    for one in rows.exclude(voucher__draft=None).order_by("pk")[:20]:
        yield f"凭证 {one.voucher.label}：手工凭证另有一份业务凭证的复核"

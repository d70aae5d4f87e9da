"""What is worked out from the measures, through three hands."""

from datetime import date
from types import SimpleNamespace

from funds.law.services import make_by_law
from funds.models import Book, Voucher
from tests.funds.conftest import through_all_hands


def by_law(cast: SimpleNamespace, book: Book, event: str, year: int, on: date) -> Voucher:
    """郑淑芬 makes it, 蒋正平 reviews, 唐玉梅 enters."""
    draft = make_by_law(actor=cast.accountant, event=event, book=book, year=year, on=on, today=on)
    return through_all_hands(draft, cast, on)

"""Sealing: each voucher becomes a link of the book's hash chain, off the path of posting."""

from django.db import transaction

from desk.locks import lock_name, try_lock_name
from funds.models import Book, Seal, Voucher
from funds.records import voucher_record
from funds.verify import FIRST_LINK, seal_digest, voucher_digest

# Vouchers sealed in one transaction: the book's lock is held for a fraction of a second.
BATCH = 500


def seal_vouchers(*, book: Book) -> int:
    """Seal what was posted since the last time; returns how many vouchers were sealed.

    One sealer per book: a second one returns 0 at once. Works in batches, so a crash loses nothing.
    """
    sealed = 0
    while True:
        with transaction.atomic():
            if not try_lock_name(book.area.code, f"funds.seal:{book.pk}"):
                return sealed
            count = seal_batch(book)
        sealed += count
        if count < BATCH:
            return sealed


def seal_all(book: Book) -> int:
    """Seal everything now, waiting for a running sealer. Must be called inside a transaction."""
    lock_name(book.area.code, f"funds.seal:{book.pk}")
    sealed = 0
    while count := seal_batch(book):
        sealed += count
    return sealed


def seal_batch(book: Book) -> int:
    """Append the next links. The caller holds the book's seal lock."""
    last = Seal.objects.filter(book=book).order_by("sequence").last()
    previous, sequence = (last.digest, last.sequence) if last else (FIRST_LINK, 0)
    links = []
    vouchers = Voucher.objects.filter(book=book).with_postings().unsealed()
    for voucher in vouchers[:BATCH]:
        sequence += 1
        digest = seal_digest(previous, sequence, voucher_digest(voucher_record(voucher)))
        links.append(
            Seal(book=book, sequence=sequence, voucher=voucher, previous=previous, digest=digest)
        )
        previous = digest
    Seal.objects.bulk_create(links)
    return len(links)

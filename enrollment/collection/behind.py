"""What of collection is behind a voucher (funds/ledgers/behind.py): receipts of a remittance, rows
of a tax file, a sponsor's money, refunds."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from enrollment.collection.models import (
    Receipt,
    Refund,
    Remittance,
    SponsorFund,
    TaxFile,
)
from funds.ledgers.behind import Behind
from funds.models import Voucher


def behind(user: User, voucher: Voucher) -> Iterator[Behind]:
    kind, _, rest = voucher.key.partition(":")
    number = rest.partition(":")[0]
    if not (number.isascii() and number.isdecimal()):
        return
    if kind == "remittance":
        yield from _remitted(user, int(number))
    elif kind.startswith("tax"):
        yield from _taxed(user, int(number), voucher.label)
    elif kind in {"sponsor-money", "sponsor-uses"}:
        yield from _sponsored(user, kind, int(number), voucher.label)
    elif kind.startswith("refund"):
        yield from _refunded(user, int(number), voucher.label)


def _receipts(rows: object) -> Iterator[Behind]:
    for row in rows:  # type: ignore[attr-defined]
        address = reverse("enrollment:receipt", args=[row.pk])
        yield Behind("收据", row.full_number, f"{row.issued_on:%Y-%m-%d}", row.amount, address)


def _remitted(user: User, pk: int) -> Iterator[Behind]:
    for row in Remittance.objects.visible_to(user).filter(pk=pk).select_related("township"):
        address = reverse("enrollment:remittance", args=[row.pk])
        yield Behind("缴款单", row.slip_number, row.township.name, row.amount, address)
        receipts = Receipt.objects.visible_to(user).filter(remittance=row)
        yield from _receipts(receipts.select_related("book", "campaign").order_by("pk"))


def _taxed(user: User, pk: int, label: str) -> Iterator[Behind]:
    for file in TaxFile.objects.visible_to(user).filter(pk=pk):
        address = reverse("enrollment:tax", args=[file.pk])
        rows = file.rows.filter(Q(voucher_number=label) | Q(suspense_voucher=label))
        told = f"{rows.count()} 笔记入本凭证"
        yield Behind("税务征收文件", file.file_name, told, None, address)


def _sponsored(user: User, kind: str, pk: int, label: str) -> Iterator[Behind]:
    rows = SponsorFund.objects.visible_to(user)
    rows = rows.filter(**{"money__pk" if kind == "sponsor-money" else "pk": pk})
    for fund in rows:
        address = reverse("enrollment:sponsor", args=[fund.pk])
        yield Behind("资助方", str(fund), "", None, address)
        if kind == "sponsor-uses":
            paid = Receipt.objects.visible_to(user).filter(
                sponsor_uses__fund=fund, sponsor_uses__voucher_number=label
            )
            yield from _receipts(paid.select_related("book", "campaign").order_by("pk").distinct())


def _refunded(user: User, pk: int, label: str) -> Iterator[Behind]:
    rows = Refund.objects.visible_to(user).filter(pk=pk, voucher_number__contains=label)
    for row in rows.select_related("enrollment__household"):
        address = reverse("enrollment:household_refunds", args=[row.enrollment.household_id])
        yield Behind("退费", f"退费申请 {row.pk} 号", row.get_ground_display(), row.amount, address)

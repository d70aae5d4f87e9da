"""What of claims is behind a voucher that no order of payment made (funds/ledgers/behind.py):
debts that came back, clearings settled within themselves."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import User
from claims.clearing.models import Clearing
from claims.clearing.standing import KEY as CLEARING
from claims.recovery.models import Recovery
from claims.recovery.receiving import KEY as RECOVERY
from funds.ledgers.behind import Behind
from funds.models import Voucher


def behind(user: User, voucher: Voucher) -> Iterator[Behind]:
    kind, _, rest = voucher.key.partition(":")
    number = rest.partition(":")[0]
    if not (number.isascii() and number.isdecimal()):
        return
    if f"{kind}:" == RECOVERY:
        for row in Recovery.objects.visible_to(user).filter(pk=int(number)):
            address = reverse("claims:recovery", args=[row.pk])
            yield Behind("追回单", row.number, row.get_status_display(), row.amount, address)
    elif f"{kind}:" == CLEARING:
        for one in Clearing.objects.visible_to(user).filter(pk=int(number)):
            address = reverse("claims:clearing", args=[one.pk])
            yield Behind("月结清算单", one.number, one.get_status_display(), None, address)

"""What clearings say on an institution's page (settings.ROOMS_BESIDE_INSTITUTIONS)."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Max, Q
from django.urls import reverse

from accounts.models import User
from claims.clearing.models import Clearing
from institutions.beside import Beside
from institutions.models import Institution

VIEW = "claims.view_clearings"


def beside(institution: Institution, user: User, on: date) -> Iterator[Beside]:
    """How many months were declared, the last one, and how many wait to be paid."""
    if not user.may(VIEW):
        return
    rows = Clearing.objects.visible_to(user).filter(institution=institution).order_by()
    waiting = Q(status__in=Clearing.OPEN)
    found = rows.aggregate(all=Count("pk"), open=Count("pk", filter=waiting), last=Max("month"))
    if not found["all"]:
        yield Beside("月结", "没有申报")
        return
    query = urlencode({"institution": institution.name})
    yield Beside(
        "月结",
        f"{found['all']} 份，最近 {found['last']:%Y-%m}，未支付 {found['open']} 份",
        f"{reverse('claims:clearings')}?{query}",
    )

"""What supervision says on an institution's page (settings.ROOMS_BESIDE_INSTITUTIONS)."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from accounts.models import User
from institutions.beside import Beside
from institutions.models import Institution
from supervision.models import Alert


def beside(institution: Institution, user: User, on: date) -> Iterator[Beside]:
    """How many of its claims an alert is open about; an accused institution is not told so."""
    if not user.may("supervision.view"):
        return
    rows = Alert.objects.visible_to(user).open().leading()
    number = rows.filter(settlement__visit__institution=institution).count()
    if user.may("supervision.profiles"):
        address = reverse("supervision:profile", args=[institution.pk])
        yield Beside("费用指标", "与同级机构比较", address)
    yield Beside("疑点", f"待核查 {number} 条", reverse("supervision:alerts"))

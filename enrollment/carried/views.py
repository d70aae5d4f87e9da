"""Pages of what is brought from the old system."""

from collections.abc import Mapping
from typing import Any

from accounts.permissions import Request
from desk.carried_pages import CarriedPages, carried_form
from desk.import_pages import two_steps
from enrollment.carried import columns
from enrollment.carried.listings import CARRIED_LIST, CARRIED_ROWS
from enrollment.carried.models import CarriedTable
from enrollment.carried.services import CARRIED
from lib.tables.layout import Layout


class _Pages(CarriedPages[CarriedTable]):
    importing = CARRIED
    room = "enrollment"
    paths = two_steps("carried/", "carried", take="verdict")
    view, load = "enrollment.view_carried", "enrollment.carry_in"
    form = carried_form(CarriedTable.Kind)
    blanks: Mapping[str, Layout] = {
        "历年参保": columns.COVERS,
        "人员身份": columns.STATUSES,
        "家庭账户余额": columns.ACCOUNTS,
    }
    listing = CARRIED_LIST
    judged = CARRIED_ROWS
    trail = "carried_verdict"

    def detail_context(self, request: Request, upload: CarriedTable) -> dict[str, Any]:
        """And where what came in wrong is put right."""
        told = super().detail_context(request, upload)
        return told | {"mending_route": "enrollment:mendings"}


CARRIED_PAGES = _Pages()

"""The list of divisions with the form that loads them."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.clock import today
from accounts.forms import DivisionUploadForm
from accounts.permissions import Request, require
from desk.administration.listings import DIVISIONS
from desk.listing import listing_page


@require("accounts.view_divisions")
@require_GET
def divisions(request: Request) -> HttpResponse:
    form = DivisionUploadForm(initial={"first_day": today()})
    return listing_page(request, DIVISIONS, {"form": form})

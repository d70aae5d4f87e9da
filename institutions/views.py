"""Designated institutions with their agreements, and the search in the three catalogues."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.clock import today
from accounts.models import User
from accounts.permissions import require
from institutions.models import Agreement, CatalogueItem, Institution, Level


@require("institutions.view")
@require_GET
def list_institutions(request: HttpRequest) -> HttpResponse:
    day = today()
    level, contract = request.GET.get("level", ""), request.GET.get("contract", "")
    rows = (
        Institution.objects.visible_to(request.user)
        .select_related("division")
        .prefetch_related(Prefetch("agreements", Agreement.objects.order_by("-first_day")))
        .order_by("division__code", "code")
    )
    if level in Level.values:
        rows = rows.filter(level=level)
    if contract == "yes":
        rows = rows.filter(pk__in=Institution.objects.contracted_on(day).values("pk"))
    elif contract == "no":
        rows = rows.exclude(pk__in=Institution.objects.contracted_on(day).values("pk"))
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, *_standing(one, day)) for one in page],
        "levels": Level.choices,
        "level": level,
        "contract": contract,
    }
    return render(request, "institutions/list.html", context)

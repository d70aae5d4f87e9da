"""Pages of one item of the catalogue, and of one of an institution's own codes, through time."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.clock import today
from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from institutions.history import versions_of
from institutions.listings import area_of_user
from institutions.models import CatalogueItem
from institutions.sent_models import CodeMapping

VIEW = "institutions.view"


@shows(VIEW)
def item(request: Request, pk: int) -> HttpResponse:
    """The item with all its versions: days, price limit, payment class, where each came from."""
    rows = CatalogueItem.objects.filter(area__code=area_of_user(request.user))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    context = {
        "row": row,
        "versions": versions_of(row.area.code, [row.code]),
        "today": today(),
        "mappings": CodeMapping.objects.visible_to(request.user)
        .filter(code=row.code, status=CodeMapping.Status.AGREED)
        .select_related("institution")
        .order_by("institution__code", "own_code")[:30],
    }
    return render(request, "institutions/item.html", context)


@shows(VIEW)
def mapping(request: Request, pk: int) -> HttpResponse:
    """All that an institution's own code has meant, with the prices of what it meant."""
    row = get_visible(CodeMapping, request.user, "institution__division", pk=pk)
    others = CodeMapping.objects.visible_to(request.user).filter(
        institution=row.institution, own_code=row.own_code
    )
    meanings = list(others.order_by("-first_day", "-pk"))
    area = row.institution.division.county_code
    context = {
        "row": row,
        "meanings": meanings,
        "versions": versions_of(area, sorted({one.code for one in meanings})),
        "today": today(),
    }
    return render(request, "institutions/mapping.html", context)

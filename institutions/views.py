"""Designated institutions with their agreements, and the search in the three catalogues."""

from datetime import date

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.clock import today
from accounts.permissions import Request, require
from institutions.models import Agreement, CatalogueItem, Institution, Level


@require("institutions.view")
@require_GET
def list_institutions(request: Request) -> HttpResponse:
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


def _standing(one: Institution, day: date) -> tuple[Agreement | None, str, str]:
    """The agreement to show, what it means on the day, and the tone of that."""
    agreements = list(one.agreements.all())
    for agreement in agreements:
        if agreement.first_day <= day <= agreement.last_day:
            signed = agreement.status == Agreement.Status.SIGNED
            return agreement, agreement.get_status_display(), "good" if signed else "bad"
    if not agreements:
        return None, "无协议", "idle"
    latest = agreements[0]
    return latest, "未生效" if latest.first_day > day else "已到期", "bad"


@require("institutions.view")
@require_GET
def catalogue(request: Request) -> HttpResponse:
    """What is listed today, by code, part of the name, or pinyin initials."""
    text = request.GET.get("text", "").strip()
    kind, payment = request.GET.get("catalogue", ""), request.GET.get("payment", "")
    rows = CatalogueItem.objects.valid_on(today()).filter(area__code=request.user.county_code)
    if text:
        rows = rows.matching(text)
    if kind in CatalogueItem.Catalogue.values:
        rows = rows.filter(catalogue=kind)
    if payment in CatalogueItem.PaymentClass.values:
        rows = rows.filter(payment_class=payment)
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "text": text,
        "catalogues": CatalogueItem.Catalogue.choices,
        "catalogue": kind,
        "payments": CatalogueItem.PaymentClass.choices,
        "payment": payment,
    }
    return render(request, "institutions/catalogue.html", context)

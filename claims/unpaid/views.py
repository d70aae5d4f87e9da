"""Pages of what the old system left unpaid: files, the list, one claim."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.unpaid.carried import LAYOUT, OLD_CLAIMS
from claims.unpaid.listings import OLD_CLAIM_FILE_LIST, OLD_CLAIM_LINES
from claims.unpaid.models import KEY, OldClaim, OldClaimFile
from claims.unpaid.services import withdraw_old_claim
from desk.carried_pages import CarriedPages, carried_form
from desk.import_pages import two_steps
from funds.payments.services import order_of
from lib.tables.layout import Layout
from policies.services import Measures


class _Pages(CarriedPages[OldClaimFile]):
    importing = OLD_CLAIMS
    room = "claims"
    paths = two_steps("files/", "old_claim_file", take="verdict")
    view, load = "claims.view_carried", "claims.load_carried"
    form = carried_form(OldClaimFile.Kind)
    blanks: Mapping[str, Layout] = {"未付报销单": LAYOUT}
    listing = OLD_CLAIM_FILE_LIST
    judged = OLD_CLAIM_LINES
    trail = "old_claims_verdict"


PAGES = _Pages()


def one_claim(request: Request, pk: int) -> OldClaim:
    rows = OldClaim.objects.with_entered().select_related(
        "person", "division__parent", "area", "file__requested_by", "file__confirmed_by",
        "withdrawn_by",
    ).defer("file__content")  # fmt: skip
    return get_visible(rows, request.user, pk=pk)


@shows("claims.view_old_claims")
def show(request: Request, pk: int) -> HttpResponse:
    row = one_claim(request, pk)
    measures = Measures.on(area_code=row.area.code, day=row.starts)
    context = {
        "row": row,
        "care": measures.terms.vocabulary["care"].get(row.care, row.care),
        "order": order_of(f"{KEY}{row.pk}") if row.was_decided else None,
    }
    return render(request, "claims/unpaid/show.html", context)


@acts("claims.withdraw_old_claim")
def withdraw(request: Request, pk: int) -> HttpResponse:
    row = one_claim(request, pk)
    with refusals_as_messages(request, "已撤回"):
        withdraw_old_claim(actor=request.user, claim=row, reason=request.POST.get("reason", ""))
    return redirect("claims:old_claim", pk)

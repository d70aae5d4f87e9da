"""Before the clerks can start: the year's campaign, and receipt books in their hands."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.listing import Table
from desk.master_pages import MasterPages
from enrollment.collection.books import issue_book
from enrollment.collection.forms import BookForm, CampaignForm
from enrollment.collection.listings import ISSUED
from enrollment.collection.resources import ReceiptBookResource
from enrollment.cover.campaigns import latest_year, open_campaign
from enrollment.cover.models import Campaign

BOOK_PAGES = MasterPages(
    ReceiptBookResource, "enrollment", "prepare/books/load", "load_books", "enrollment:prepare"
)


def _page(request: Request, **extra: Any) -> HttpResponse:
    county = request.user.county_code
    year = latest_year(area_code=county, day=today())
    context = {
        "campaigns": Campaign.objects.visible_to(request.user),
        "books": Table(ISSUED, request),
        "campaign_form": CampaignForm(prefix="campaign"),
        "book_form": BookForm(prefix="book", county_code=county, initial={"year": year}),
    }
    return render(request, "enrollment/collection/prepare.html", context | extra)


@shows("enrollment.prepare")
def prepare(request: Request) -> HttpResponse:
    return _page(request)


@acts("enrollment.prepare")
def campaign_new(request: Request) -> HttpResponse:
    form = CampaignForm(request.POST, prefix="campaign")
    if form.is_valid():
        area = get_visible(Division, request.user, code=request.user.county_code)
        with form.refusals():
            campaign = open_campaign(actor=request.user, area=area, year=form.cleaned_data["year"])
            messages.success(
                request,
                f"{campaign.year} 年度征缴已设立：{campaign.first_day:%Y-%m-%d} 至 "
                f"{campaign.last_day:%Y-%m-%d}",
            )
            return redirect("enrollment:prepare")
    return _page(request, campaign_form=form)


@acts("enrollment.prepare")
def book_new(request: Request) -> HttpResponse:
    form = BookForm(request.POST, prefix="book", county_code=request.user.county_code)
    if form.is_valid():
        with form.refusals():
            book = issue_book(actor=request.user, **form.cleaned_data)
            messages.success(request, f"票据本 {book.code} 已发给 {book.clerk.name}")
            return redirect("enrollment:prepare")
    return _page(request, book_form=form)

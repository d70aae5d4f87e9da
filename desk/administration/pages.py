"""The pages that load the tables of divisions, days off and accounts; roles as they were asked for
are given here, and the letters with the first passwords printed."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import passwords, services
from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks
from desk.administration.access import close_access, keep_access
from desk.administration.listings import LETTERS
from desk.administration.resources import AccountResource, CalendarResource, DivisionResource
from desk.listing import listing_page
from desk.master_pages import MasterPages, MasterUploadForm
from desk.seen import asked_seen
from desk.ticks import ticked_ids


class DivisionUploadForm(MasterUploadForm):
    first_day = forms.DateField(
        label="新增区划的启用日期",
        initial=today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


DIVISION_PAGES = MasterPages(
    DivisionResource,
    space="accounts",
    route="accounts/divisions/load",
    name="load_divisions",
    back="accounts:divisions",
    form=DivisionUploadForm,
)
CALENDAR_PAGES = MasterPages(
    CalendarResource,
    space="accounts",
    route="accounts/calendar/load",
    name="load_calendar",
    back="accounts:calendar",
)
ACCOUNT_PAGES = MasterPages(
    AccountResource,
    space="accounts",
    route="accounts/users/load",
    name="load_users",
    back="accounts:users",
)


@acts("accounts.assign_roles")
def grant(request: Request) -> HttpResponse:
    """The ticked accounts get the roles that were asked for them."""
    with refusals_as_messages(request):
        users = services.grant_asked(
            actor=request.user,
            accounts=ticked_ids(request.POST.getlist("accounts")),
            seen=asked_seen(request),
        )
        messages.success(request, f"已授权 {len(users)} 个账号，请打印密码信函交给本人")
    return redirect("accounts:asked")


@asks("accounts.reset_passwords")
def letters(request: Request) -> HttpResponse:
    """GET lists whose people have never come in; POST gives the ticked ones new passwords, which
    stand on the answer alone: nothing keeps them."""
    if request.method == "POST":
        with refusals_as_messages(request):
            found = passwords.hand_out(
                actor=request.user, accounts=ticked_ids(request.POST.getlist("accounts"))
            )
            context = {
                "letters": [{"user": user, "password": password} for user, password in found],
                "address": settings.BASE_URL or request.build_absolute_uri("/"),
                "at": timezone.now(),
            }
            return render(request, "desk/administration/letters.html", context)
        return redirect("accounts:letters")
    return listing_page(request, LETTERS, {})


@acts("accounts.check_access")
def keep(request: Request) -> HttpResponse:
    """The ticked accounts go on."""
    with refusals_as_messages(request):
        number = keep_access(
            actor=request.user,
            accounts=ticked_ids(request.POST.getlist("accounts")),
            on=today(),
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, f"已复核 {number} 个账号，继续使用")
    return redirect("accounts:access")


@acts("accounts.assign_roles")
def close(request: Request) -> HttpResponse:
    """The ticked accounts are closed."""
    with refusals_as_messages(request):
        number = close_access(
            actor=request.user,
            accounts=ticked_ids(request.POST.getlist("accounts")),
            on=today(),
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, f"已停用 {number} 个账号")
    return redirect("accounts:access")

"""Clients as the security administrator keeps them, and as their institution sees its own."""

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from gateway.clients import services
from gateway.clients.forms import ClientForm, RotationForm, TermsForm
from gateway.clients.listings import access_of, with_secrets
from gateway.clients.models import Client, FailedTry, Secret
from institutions.models import Institution

MANAGE = "gateway.manage_clients"
LATELY = timedelta(days=7)
LATEST = 10  # failed tries of a client's page


@asks(MANAGE)
def new(request: Request) -> HttpResponse:
    """The first secret stands on the answer alone: nothing keeps it."""
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals(institution={}):
            issued = services.open_client(
                actor=request.user,
                institution=form.cleaned_data["institution_code"],
                terms=form.typed(services.Terms),
                at=timezone.now(),
            )
            return _handed_out(request, issued)
    institutions = Institution.objects.filter(is_active=True).order_by("code")
    return render(request, "gateway/new.html", {"form": form, "institutions": institutions})


@shows(MANAGE)
def client(request: Request, pk: int) -> HttpResponse:
    """One client with its secrets (never their text) and what failed of late."""
    row = get_object_or_404(with_secrets(Client.objects.all()), pk=pk)
    return render(request, "gateway/client.html", _told(row) | {"form": RotationForm()})


@shows("gateway.view_own")
def own_client(request: Request, pk: int) -> HttpResponse:
    """The same, as the institution sees it."""
    row = get_visible(with_secrets(Client.objects.visible_to(request.user)), request.user, pk=pk)
    return render(request, "gateway/client.html", _told(row) | {"is_own": True})


def _told(row: Client) -> dict[str, Any]:
    failures = FailedTry.objects.filter(client=row, at__gt=timezone.now() - LATELY)
    secrets = Secret.objects.filter(client=row).select_related("made_by", "revoked_by")
    now = timezone.now()
    return {
        "row": row,
        "state": access_of(row),
        "secrets": [{"row": one, "holds": one.holds(now)} for one in secrets],
        "failures": failures[:LATEST],
        "failed": failures.count(),
        "days": LATELY.days,
    }


@asks(MANAGE)
def change(request: Request, pk: int) -> HttpResponse:
    """Other addresses, limits, or another way of signing."""
    row = get_object_or_404(Client.objects.select_related("institution"), pk=pk)
    form = TermsForm(request.POST or None, initial=TermsForm.said(row))
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            terms = form.typed(services.Terms)
            services.change_client(actor=request.user, client=row, terms=terms)
            messages.success(request, "已保存，从下一笔报文起按此办理")
            return redirect("gateway:client", pk)
    return render(request, "gateway/change.html", {"row": row, "form": form})


@acts(MANAGE)
def rotate(request: Request, pk: int) -> HttpResponse:
    """The new secret stands on the answer alone."""
    row = get_object_or_404(with_secrets(Client.objects.all()), pk=pk)
    form = RotationForm(request.POST)
    if form.is_valid():
        with form.refusals():
            issued = services.rotate_secret(
                actor=request.user,
                client=row,
                old_until=_end_of(form.cleaned_data["old_until"]),
                at=timezone.now(),
            )
            return _handed_out(request, issued)
    return render(request, "gateway/client.html", _told(row) | {"form": form})


@acts(MANAGE)
def switch(request: Request, pk: int, event: str) -> HttpResponse:
    """Shut it out at once, or let it in again."""
    row = get_object_or_404(Client, pk=pk)
    is_active = event == "start"
    with refusals_as_messages(request, "客户端已重新启用" if is_active else "客户端已停用"):
        services.switch_client(
            actor=request.user,
            client=row,
            is_active=is_active,
            reason=request.POST.get("reason", ""),
        )
    return redirect("gateway:client", pk)


@acts(MANAGE)
def revoke(request: Request, pk: int) -> HttpResponse:
    """A secret that holds no longer, from this moment."""
    row = get_object_or_404(Secret, pk=pk)
    with refusals_as_messages(request, "密钥已作废，用它的报文从现在起不再受理"):
        services.revoke_secret(
            actor=request.user,
            secret=row,
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
    return redirect("gateway:client", row.client_id)


def _end_of(day: Any) -> datetime:
    """The last moment of a day that a secret still holds."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _handed_out(request: Request, issued: services.Issued) -> HttpResponse:
    context = {
        "row": issued.client,
        "secret": issued.text,
        "address": settings.BASE_URL or request.build_absolute_uri("/").rstrip("/"),
        "at": timezone.now(),
    }
    return render(request, "gateway/secret.html", context)

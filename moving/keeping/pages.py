"""The page of the deployment's health."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.permissions import Request, shows
from moving.keeping.health import GOOD, signs
from moving.keeping.models import KeepingNote

SHOWN = 20


@shows("accounts.view_health")
def health(request: Request) -> HttpResponse:
    """What is well and what is not, and what was done at the server lately."""
    found = signs()
    return render(
        request,
        "moving/health.html",
        {
            "signs": found,
            "unwell": sum(one.status != GOOD for one in found),
            "notes": KeepingNote.objects.all()[:SHOWN],
            "at": timezone.now(),
        },
    )

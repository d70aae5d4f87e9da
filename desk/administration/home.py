"""The first page of every role, and the one search box of all pages."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, asks, shows
from desk import searches, worklist
from desk.navigation import pages_named, quick_ways
from desk.worklist import Hit

MAX_TYPED = 40
MAX_HITS = 10  # of each kind: whoever needs more asks the room's own list


@shows("accounts.home")
def home(request: Request) -> HttpResponse:
    """What waits for the role, in pieces, money and days."""
    found = worklist.tiles(request.user)
    tiles = [one for one in found if one.number]
    return render(
        request,
        "desk/home.html",
        {
            "tiles": tiles,
            "done": [one.work.title for one in found if not one.number and not one.work.is_rare],
            "first": worklist.first_rows(request, tiles),
            "notes": worklist.notes(request.user),
            "trend": worklist.trend(request.user),
            "quick": quick_ways(request.user),
            "day": today(),
        },
    )


@asks("accounts.home")
def find(request: Request) -> HttpResponse:
    """POST searches, as names and numbers must not stand in an address; one hit opens itself."""
    if request.method == "POST":
        text = request.POST.get("text", "").strip()[:MAX_TYPED]
        if not text:
            return redirect("accounts:find")
        hits = _found(request, text, 2)
        if len(hits) == 1:
            return redirect(hits[0].address)
        return searches.lead_to(request, request.path, text)
    text = searches.asked_for(request)
    hits = _found(request, text, MAX_HITS) if text else []
    return render(request, "desk/find.html", {"text": text, "hits": hits})


def _found(request: Request, text: str, at_most: int) -> list[Hit]:
    """Pages by their name, then what the rooms know by this name or number."""
    pages = pages_named(request.user, text, at_most)
    return [*pages, *worklist.find(request.user, text, at_most)]

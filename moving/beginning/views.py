"""The page of the opening list."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from accounts.roles import ADMINISTRATORS, INSTITUTION_ROLES, ROLE_NAMES
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from desk.columns import is_open
from moving.beginning import services
from moving.beginning.forms import DeclareForm
from moving.beginning.models import MovedIn
from moving.beginning.steps import Standing, standing
from moving.beginning.workflow import ENDS

# The administrators touch no business, and a hospital does one step of the county's.
OWN_ALONE = ADMINISTRATORS | INSTITUTION_ROLES


def area_of(request: Request) -> Division:
    """The user's county; of an administrator, who has none, the one that moves in, or the first."""
    counties = Division.objects.filter(level=Division.Level.COUNTY).order_by("code")
    if request.user.role in ADMINISTRATORS:
        area = services.moving().order_by("code").first() or counties.first()
    else:
        area = counties.filter(code=request.user.county_code).first()
    if area is None:
        raise Http404
    return area


def _shown(request: Request, one: Standing) -> dict[str, Any]:
    """A step with the ways that are open to who looks; none before it may begin."""
    links = [
        (link, link.url)
        for link in one.step.links
        if (link.is_file or not one.stops) and is_open(link.url, request.user)
    ]
    return {
        "step": one.step,
        "standing": one,
        "who": "、".join(ROLE_NAMES[role] for role in one.step.roles),
        "is_mine": request.user.role in one.step.roles,
        "ways": [(link.title, url) for link, url in links if not link.is_file],
        "files": [(link.title, url) for link, url in links if link.is_file],
    }


def _page(request: Request, area: Division, form: DeclareForm | None = None) -> HttpResponse:
    found = standing(area, today())
    rows = [_shown(request, one) for one in found]
    is_whole = request.user.role not in OWN_ALONE
    if not is_whole:
        rows = [row for row in rows if row["is_mine"]]
    ends = list(MovedIn.objects.of_area(area).order_by("-pk"))
    proposal = next((one for one in ends if one.status == MovedIn.Status.PROPOSED), None)
    is_over = services.is_over(area)
    context = {
        "area": area,
        "rows": rows,
        "is_whole": is_whole,
        "mine": [row for row in rows if row["is_mine"] and not row["standing"].is_done],
        "done": sum(one.is_done for one in found),
        "all": len(found),
        "left": [one.step.title for one in found if not one.is_done],
        "is_over": is_over,
        "end": next((one for one in ends if one.status == MovedIn.Status.APPROVED), None),
        "proposal": proposal,
        "steps": ENDS.open_to(proposal, request.user) if proposal else [],
        "may_declare": request.user.may("moving.declare") and not proposal and not is_over,
        "form": form or DeclareForm(),
    }
    return render(request, "moving/beginning.html", context)


@shows("accounts.view_beginning")
def beginning(request: Request) -> HttpResponse:
    return _page(request, area_of(request))


@acts("moving.declare")
def declare(request: Request) -> HttpResponse:
    area, form = area_of(request), DeclareForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.declare(actor=request.user, area=area, on=today(), **form.cleaned_data)
            messages.success(request, "启用办结已提出，由复核岗另一人同意后各人首页不再显示")
            return redirect("moving:beginning")
    return _page(request, area, form)


@acts("accounts.view_beginning")
def end_act(request: Request, pk: int, event: str) -> HttpResponse:
    row = get_visible(MovedIn, request.user, "area", pk=pk)
    decide_asked(request, ENDS, event, services.decide_moved_in, row=row)
    return redirect("moving:beginning")

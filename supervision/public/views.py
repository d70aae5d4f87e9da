"""Pages of what is put up in public."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import asked_step, take_asked
from desk.models import Paper
from desk.workflow import START
from supervision.inspections.forms import read_all
from supervision.notices import NOTICE_CODE, claims_on
from supervision.public import services
from supervision.public.forms import (
    ContactForm,
    ObjectionForm,
    PhotosForm,
    PutUpForm,
    TakeDownForm,
    put_up_today,
)
from supervision.public.listings import contact_places
from supervision.public.models import Objection, Posting
from supervision.public.notices import CODES, ENROLLED
from supervision.public.posted import TITLE_OF, issued, paper_address, span_words
from supervision.public.services import Hung, Said
from supervision.public.workflow import OBJECTIONS, POST, POSTINGS

VIEW = "supervision.notices"
BUTTONS = {step.event for step in OBJECTIONS.steps if START not in step.sources}


@asks("supervision.set_contact")
def contact(request: Request, code: str) -> HttpResponse:
    place = get_visible(contact_places(request.user), request.user, code=code)
    row = getattr(place, "notice_contact", None)
    known = {name: getattr(row, name) for name in ContactForm.base_fields} if row else {}
    form = ContactForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.set_contact(actor=request.user, place=place, **form.cleaned_data)
            messages.success(request, f"已登记{place.name}的异议受理点")
            return redirect("supervision:contacts")
    context = {"form": form, "title": f"异议受理点：{place.name}", "back": "supervision:contacts"}
    return render(request, "supervision/public/ask.html", context)


def _paper(request: Request, pk: int) -> Paper:
    """An issued notice, or 404."""
    found: Paper = get_visible(issued(request.user), request.user, pk=pk)
    return found


@shows(VIEW)
def posted_one(request: Request, pk: int) -> HttpResponse:
    return _shown(request, _paper(request, pk))


def _posting(row: Paper) -> Posting | None:
    """What holds of the notice."""
    found: Posting | None = row.postings.valid().first()
    return found


def _shown(request: Request, row: Paper, **forms: Any) -> HttpResponse:
    posting = _posting(row)
    may = request.user.may(POST)
    is_up = posting is not None and not POSTINGS.problem(posting, "take_down_notice", request.user)
    context = {
        "paper": row,
        "title": TITLE_OF[row.kind],
        "place": Division.objects.select_related("parent").get(code=row.division_code).place,
        "words": span_words(row),
        "address": paper_address(row),
        "posting": posting,
        "photos": list(posting.photos.all()) if posting else [],
        "objections": list(row.objections.order_by("pk")),
        "put_up": forms.get("put_up") or PutUpForm(initial=put_up_today()),
        "more": forms.get("more") or PhotosForm(),
        "down": forms.get("down") or TakeDownForm(initial={"day": today()}),
        "may_put_up": may and posting is None,
        "may_add": is_up,
        "may_take_down": is_up and posting is not None and posting.is_over(today()),
        "may_void": may and posting is not None,
        "void": list(row.postings.filter(status=Posting.Status.VOID).order_by("pk")),
    }
    return render(request, "supervision/public/posted.html", context)


@acts(POST)
def put_up(request: Request, pk: int) -> HttpResponse:
    row = _paper(request, pk)
    form = PutUpForm(request.POST, request.FILES)
    if form.is_valid():
        with form.refusals():
            told = form.cleaned_data
            hung = Hung(**{**told, "photos": read_all(told["photos"])})
            services.put_up(actor=request.user, paper=row, hung=hung, on=today())
            messages.success(request, "已登记张贴")
            return redirect("supervision:posted_one", pk)
    return _shown(request, row, put_up=form)


@acts(POST)
def prove(request: Request, pk: int) -> HttpResponse:
    row = _paper(request, pk)
    form = PhotosForm(request.POST, request.FILES)
    if form.is_valid() and (posting := _posting(row)):
        with form.refusals():
            photos = read_all(form.cleaned_data["photos"])
            services.add_photos(actor=request.user, row=posting, photos=photos)
            messages.success(request, "已上传照片")
            return redirect("supervision:posted_one", pk)
    return _shown(request, row, more=form)


@acts(POST)
def take_down(request: Request, pk: int) -> HttpResponse:
    row = _paper(request, pk)
    form = TakeDownForm(request.POST)
    if form.is_valid() and (posting := _posting(row)):
        with form.refusals():
            day = form.cleaned_data["day"]
            services.take_down(actor=request.user, row=posting, day=day, on=today())
            messages.success(request, "已登记撤下")
            return redirect("supervision:posted_one", pk)
    return _shown(request, row, down=form)


@acts(POST)
def skip(request: Request, pk: int) -> HttpResponse:
    row = _paper(request, pk)
    with refusals_as_messages(request):
        services.skip_notice(actor=request.user, paper=row, reason=request.POST.get("reason", ""))
        messages.success(request, "已登记不张贴")
    return redirect("supervision:posted_one", pk)


@acts(POST)
def void(request: Request, pk: int) -> HttpResponse:
    posting = _posting(_paper(request, pk))
    if posting is None:
        raise Http404
    with refusals_as_messages(request):
        services.void_posting(
            actor=request.user, row=posting, reason=request.POST.get("reason", "")
        )
        messages.success(request, "已作废，请重新登记")
    return redirect("supervision:posted_one", pk)


@asks(POST)
def object_to(request: Request, pk: int) -> HttpResponse:
    """An objection to this notice, as somebody told it."""
    row = _paper(request, pk)
    form = ObjectionForm(request.POST or None, initial=ObjectionForm.usual(today()))
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            said = Said(**form.cleaned_data)
            made = services.take_objection(actor=request.user, paper=row, said=said, on=today())
            messages.success(request, f"已登记{made}")
            return redirect("supervision:objection", made.pk)
    title = f"登记异议：{TITLE_OF[row.kind]} {span_words(row)}"
    context = {"form": form, "title": title, "back": "supervision:posted"}
    return render(request, "supervision/public/ask.html", context)


def _one(request: Request, pk: int) -> Objection:
    related = ("paper", "division__parent", *OBJECTIONS.hands)
    return get_visible(Objection, request.user, *related, pk=pk)


def _objection(request: Request, row: Objection, objector: str = "") -> HttpResponse:
    context = {
        "objection": row,
        "title": TITLE_OF[row.paper.kind],
        "words": span_words(row.paper),
        "address": paper_address(row.paper),
        "objector": objector,
        "is_enrolled": row.paper.kind == CODES[ENROLLED],
        "tells_each": row.paper.kind == NOTICE_CODE,
        "claims": claims_on(row.paper, request.user) if request.user.may("claims.view") else None,
        "steps": [one for one in OBJECTIONS.open_to(row, request.user) if one.event in BUTTONS],
    }
    return render(request, "supervision/public/objection.html", context)


@shows(VIEW)
def objection(request: Request, pk: int) -> HttpResponse:
    return _objection(request, _one(request, pk))


@acts("supervision.reveal_objector")
def reveal(request: Request, pk: int) -> HttpResponse:
    row, objector = _one(request, pk), ""
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        objector = services.reveal_objector(actor=request.user, row=row, reason=reason)
    return _objection(request, row, objector)


@acts(VIEW)
def step(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, OBJECTIONS, event, BUTTONS)
    row = _one(request, pk)
    take_asked(request, OBJECTIONS, event, services.step_objection, row=row)
    return redirect("supervision:objection", pk)

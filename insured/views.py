"""Pages of the insured: open to everyone up to the door, which is their own (`insured/door.py`)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.audit import record
from accounts.clock import today
from accounts.permissions import public
from insured import door
from insured.forms import AskForm, CodeForm, VoucherForm
from insured.shown import shown_to


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            known = request.COOKIES.get(door.KNOWN, "")
            asked = door.ask_code(**form.cleaned_data, known=known, on=today())
            response = redirect("me:code")
            door.keep_asked(response, asked)
            return response
    context = {
        "form": form,
        "is_open": door.is_open(),
        "closed": door.CLOSED,
        "reads_vouchers": door.reads_vouchers(),
    }
    return render(request, "insured/ask.html", context)


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            asked, known = (request.COOKIES.get(one, "") for one in (door.ASKED, door.KNOWN))
            entered = door.enter(asked=asked, code=form.cleaned_data["code"], known=known)
            response = redirect("me:page")
            door.let_in(response, entered)
            return response
    return render(request, "insured/code.html", {"form": form})


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def voucher(request: HttpRequest) -> HttpResponse:
    form = VoucherForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            known = request.COOKIES.get(door.KNOWN, "")
            token = form.cleaned_data["token"]
            entered = door.enter_by_voucher(token=token, known=known, on=today())
            response = redirect("me:page")
            door.let_in(response, entered)
            return response
    context = {"form": form, "is_open": door.reads_vouchers(), "closed": door.NO_VOUCHERS}
    return render(request, "insured/voucher.html", context)


@public
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    person = door.who(request)
    if person is None:
        return redirect("me:ask")
    record(actor=None, action="insured.look", subject=person)
    return render(request, "insured/page.html", {"shown": shown_to(person, today())})


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    response = redirect("me:ask")
    door.let_out(request, response)
    return response

"""Receipt books: the clerk's own, the accountant's all; loss, hand-over, check-off, the sheet."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import PlainForm, refusals_as_messages
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from enrollment.collection.books import (
    book_figures,
    check_off_book,
    check_off_problems,
    hand_back_book,
    report_loss,
    transfer_book,
)
from enrollment.collection.forms import FoundForm, HandBackForm, LossForm, TransferForm
from enrollment.collection.found import ask_found, confirm_found, refuse_found
from enrollment.collection.guards import next_free_number
from enrollment.collection.listings import books_of
from enrollment.collection.models import FoundNumbers, ReceiptBook


def one_book(request: Request, pk: int) -> ReceiptBook:
    """The book when the user may see it, else 404."""
    return get_visible(books_of(request.user), request.user, pk=pk)


def _detail(request: Request, book: ReceiptBook, **forms: PlainForm) -> HttpResponse:
    figures = book_figures(book)
    context = {
        "book": book,
        "figures": figures,
        "next_number": next_free_number(book),
        "problems": check_off_problems(book, figures),
        "events": book.events.select_related("holder", "new_holder", "recorded_by", "village"),
        "loss_form": LossForm(prefix="loss", township=book.township, initial={"lost_on": today()}),
        "finds": book.finds.select_related("asked_by", "decided_by"),
        "found_form": FoundForm(prefix="found", initial={"found_on": today()}),
        "hand_back_form": HandBackForm(prefix="back"),
        "transfer_form": TransferForm(prefix="transfer", township=book.township),
    }
    return render(request, "enrollment/collection/book.html", context | forms)


@shows("enrollment.view_books")
def book_detail(request: Request, pk: int) -> HttpResponse:
    return _detail(request, one_book(request, pk))


def _act(
    request: Request,
    book: ReceiptBook,
    form: PlainForm,
    *,
    name: str,
    service: Callable[..., object],
    done: str,
) -> HttpResponse:
    """`service(actor=, book=, on=, …)` of what the form holds; `name`: of the form on the page."""
    if form.is_valid():
        with form.refusals():
            service(actor=request.user, book=book, on=today(), **form.cleaned_data)
            messages.success(request, f"票据本 {book.code} {done}")
            return redirect("enrollment:book", pk=book.pk)
    return _detail(request, book, **{name: form})


@acts("enrollment.keep_books")
def loss(request: Request, pk: int) -> HttpResponse:
    book = one_book(request, pk)
    form = LossForm(request.POST, prefix="loss", township=book.township)
    lost = f"{form['first_number'].value()} 至 {form['last_number'].value()} 号"
    done = f"{lost}已登记挂失，不能再使用"
    return _act(request, book, form, name="loss_form", service=report_loss, done=done)


@acts("enrollment.keep_books")
def found(request: Request, pk: int) -> HttpResponse:
    book, form = one_book(request, pk), FoundForm(request.POST, prefix="found")
    done = "找回的号码已申报，经会计确认后恢复使用"
    return _act(request, book, form, name="found_form", service=ask_found, done=done)


def _one_find(request: Request, pk: int) -> FoundNumbers:
    return get_visible(FoundNumbers, request.user, pk=pk)


@acts("enrollment.prepare")
def found_confirm(request: Request, pk: int) -> HttpResponse:
    one = _one_find(request, pk)
    with refusals_as_messages(
        request, f"{one.first_number} 至 {one.last_number} 号已恢复，可以开票"
    ):
        confirm_found(actor=request.user, found=one)
    return redirect("enrollment:book", pk=one.book_id)


@acts("enrollment.prepare")
def found_refuse(request: Request, pk: int) -> HttpResponse:
    one = _one_find(request, pk)
    with refusals_as_messages(request, f"{one.first_number} 至 {one.last_number} 号仍为挂失"):
        refuse_found(actor=request.user, found=one, reason=request.POST.get("reason", ""))
    return redirect("enrollment:book", pk=one.book_id)


@acts("enrollment.keep_books")
def hand_back(request: Request, pk: int) -> HttpResponse:
    book, form = one_book(request, pk), HandBackForm(request.POST, prefix="back")
    done = "的空白收据已交回"
    return _act(request, book, form, name="hand_back_form", service=hand_back_book, done=done)


@acts("enrollment.prepare")
def transfer(request: Request, pk: int) -> HttpResponse:
    book = one_book(request, pk)
    form = TransferForm(request.POST, prefix="transfer", township=book.township)
    return _act(request, book, form, name="transfer_form", service=transfer_book, done="已转交")


@acts("enrollment.prepare")
def check_off(request: Request, pk: int) -> HttpResponse:
    book = one_book(request, pk)
    with refusals_as_messages(request, f"票据本 {book.code} 已核销，请打印核销单存档"):
        check_off_book(actor=request.user, book=book, on=today())
    return redirect("enrollment:book", pk=pk)

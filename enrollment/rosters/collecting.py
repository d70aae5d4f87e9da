"""Collective payment: the households that wait, of a roster or of a village, and their receipts."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.models import Division, User
from accounts.permissions import Request, acts, shows
from desk.filters import FilterForm, chosen
from desk.listing import Column, Listing, attr, listing_page
from desk.papers import paper_route
from desk.ticks import ticked_ids
from enrollment.collection.collective import MOST, take_collective
from enrollment.collection.forms import amount_field
from enrollment.collection.listings import RECEIPTS
from enrollment.collection.models import Receipt
from enrollment.collection.papers import RECEIPT
from enrollment.cover.models import Enrollment
from enrollment.people.models import Household, Person
from enrollment.rosters.models import RegisterImport, RegisterRow
from lib.money import told


def _waiting(user: User) -> QuerySet[Household]:
    """Who has something to pay, with the head's name, how many people and how much.

    Counted is the earliest year that waits: years are paid one after the other, each by a receipt.
    """
    pending = Enrollment.objects.filter(
        household=OuterRef("pk"), status=Enrollment.Status.PENDING
    ).order_by()
    by_year = pending.values("year").order_by("year")
    heads = Person.objects.filter(household=OuterRef("pk"), relationship="0").order_by("pk")
    return (
        Household.objects.visible_to(user)
        .filter(Exists(pending))
        .annotate(
            head=Subquery(heads.values("name")[:1]),
            people=Subquery(by_year.annotate(n=Count("pk")).values("n")[:1]),
            due=Subquery(by_year.annotate(n=Sum("personal_amount")).values("n")[:1]),
        )
        .select_related("division__parent")
        .order_by("number")
    )


def _of_register(rows: Any, register: str) -> Any:
    """Households of which the roster names somebody; none once its rows are forgotten."""
    lines = RegisterRow.objects.filter(register_id=int(register))
    named = Q(pk__in=lines.filter(person__isnull=False).values("person"))
    fresh = lines.exclude(resident_id_index="").values("resident_id_index")
    people = Person.objects.filter(named | Q(resident_id_index__in=fresh))
    return rows.filter(pk__in=people.values("household"))


class CollectiveFilter(FilterForm):
    village = chosen("村", "division__code__startswith")
    register = chosen("名册", _of_register)

    def offer(self) -> None:
        places = Division.objects.visible_to(self.user).valid_on(today()).villages()
        self.choose("village", [("", "全部"), *places.values_list("code", "name")])
        rosters = RegisterImport.objects.visible_to(self.user).filter(
            status=RegisterImport.Status.DONE, forgotten=False
        )
        named = rosters.values_list("pk", "file_name")
        self.choose("register", [("", "全部"), *((str(pk), name) for pk, name in named)])


COLLECTIVE = Listing(
    "集中缴费",
    "enrollment.take_payment",
    _waiting,
    (
        Column(
            "户编号",
            attr("number"),
            "code",
            link="enrollment:payment",
            link_to=attr("pk"),
            sort=True,
        ),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("户主", attr("head")),
        Column("待缴人数", attr("people"), "whole", total="people"),
        Column("应收", attr("due"), "yuan", total="due"),
    ),
    CollectiveFilter,
    empty="没有待缴费的户",
    hint="名册导入或窗口登记后、还没有收款的户列在这里。",
    tick="households",
    is_ticked=True,
    size=MOST,
    template="enrollment/rosters/collective.html",
    route="enrollment:collective",
)


class CashForm(PlainForm):
    received = amount_field("清点现金（元）")


def _page(request: Request, form: CashForm) -> HttpResponse:
    visible = Household.objects.visible_to(request.user)
    pending = Enrollment.objects.filter(household__in=visible, status=Enrollment.Status.PENDING)
    context = {"form": form, "most": MOST, "year": pending.aggregate(Min("year"))["year__min"]}
    return listing_page(request, COLLECTIVE, context)


@shows("enrollment.take_payment")
def collective(request: Request) -> HttpResponse:
    return _page(request, CashForm())


@acts("enrollment.take_payment")
def collective_pay(request: Request) -> HttpResponse:
    """Receipts for the ticked households, in one act."""
    form = CashForm(request.POST)
    picked = ticked_ids(request.POST.getlist("households"))
    if form.is_valid():
        with form.refusals():
            receipts = take_collective(
                actor=request.user,
                households=list(Household.objects.ticked(request.user, picked[: MOST + 1])),
                received=form.cleaned_data["received"],
                on=today(),
            )
            total = form.cleaned_data["received"]
            messages.success(
                request, f"已收 {len(receipts)} 户 {told(total)} 元，请打印收据交给各户"
            )
            return redirect("enrollment:receipt_run", receipts[0].pk, receipts[-1].pk)
    return _page(request, form)


def _run(user: User, first: int, last: int) -> QuerySet[Receipt]:
    """The clerk's own receipts of one act: written one after the other."""
    rows = Receipt.objects.visible_to(user).filter(issued_by=user, pk__range=(first, last))
    return rows.select_related(
        "book", "household", "division__parent__parent", "campaign", "issued_by", "voided_by"
    ).order_by("pk")


def _printed(request: Request, first: int, last: int) -> list[Receipt]:
    found = list(_run(request.user, first, last)[:MOST])
    if not found:
        raise Http404
    return found


ROLL = Listing(
    "集中缴费花名册",
    "enrollment.take_payment",
    lambda user: Receipt.objects.none(),  # the page gives those of one act
    RECEIPTS.columns,
    size=MOST,
    template="enrollment/rosters/receipt_run.html",
)


@shows("enrollment.take_payment")
def receipt_run(request: Request, first: int, last: int) -> HttpResponse:
    """The roll of one act: who paid how much by which number."""
    rows = _run(request.user, first, last)
    if not rows:
        raise Http404
    return listing_page(request, ROLL, {"first": first, "last": last}, rows=rows)


ROUTE = paper_route(
    "receipts/run/<int:first>-<int:last>/papers", RECEIPT, _printed, name="receipt_run_papers"
)

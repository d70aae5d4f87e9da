"""What the fund owes and has not paid, by kinds, and how long it can pay: each room names its own
in a module of `settings.ROOMS_THAT_OWE`, as `OWED`, a tuple of `desk.worklist.Work`; with
`borne_beside(user)`, the yuan of these that other funds bear than the residents'; as `GOING_BACK`
what the expenditure account is to give back that is no benefit (退保费)."""

from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module

from django.conf import settings
from django.db.models import Sum

from accounts.clock import today
from accounts.models import Division, User
from desk.worklist import Tile, Work, tile
from funds.models import ZERO, Book
from funds.named import fund_position
from funds.payments.lasting import Lasting, lasting
from funds.payments.models import PaymentOrder, PaymentPart
from funds.payments.work import OWED
from lib.periods import Month


def _named(name: str) -> list[Work]:
    """Every kind, in the order of the rooms."""
    rooms = [import_module(path) for path in settings.ROOMS_THAT_OWE]
    return [one for room in rooms for one in getattr(room, name, ())]


def owed(user: User) -> list[Tile]:
    """How much of each kind is owed within the user's scope, and since when; empty kinds are left
    out. One statement a kind."""
    return _tiles(_named("OWED"), user)


def going_back(user: User) -> list[Tile]:
    """Premiums that were granted back and have not been paid: money that the expenditure account
    has to have, and no benefit, against which `lasting_of` would set the fund."""
    return _tiles(_named("GOING_BACK"), user)


def _tiles(works: Sequence[Work], user: User) -> list[Tile]:
    found = [tile(one, user, today()) for one in works if user.may(one.permission)]
    return [one for one in found if one.number]


def borne_by_others(user: User) -> Decimal:
    """Yuan of what rooms owe without an order that other funds bear than the residents'."""
    above = [import_module(path) for path in settings.ROOMS_THAT_OWE]
    return sum((one.borne_beside(user) for one in above if hasattr(one, "borne_beside")), ZERO)


def lasting_of(area: Division, tiles: Sequence[Tile], user: User) -> Lasting:
    """How long the residents' fund of the area can pay, with everything of `tiles` paid first.

    Of the orders what is no expense in the books yet: what came back from the bank and deposits
    are debts there already. What the rooms above owe without an order is taken with all that the
    residents' fund bears of it. `user`: whose tiles these are.
    """
    spending = ("claim_paid", "recovery_returned")
    orders = PaymentOrder.objects.filter(area=area, event__in=spending, bounces=0).owed()
    parts = PaymentPart.objects.filter(fund_type=Book.FundType.RESIDENT, order__in=orders)
    asked = parts.aggregate(total=Sum("amount", default=ZERO))["total"]
    mine = {one.title for one in OWED}
    beside = sum((one.amount or ZERO for one in tiles if one.work.title not in mine), ZERO)
    beside -= borne_by_others(user)
    return lasting(fund_position(area, today()), asked + beside, Month.of(today()))

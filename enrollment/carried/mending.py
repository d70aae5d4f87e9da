"""The way back for what was carried in and is wrong: a cover ends, a household's opening balance
becomes another. Asked for by one, agreed to by another, until the books are closed for the first
time; what was carried in stays to be read."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from enrollment.carried.mending_models import CarriedMending
from enrollment.carried.workflow import MENDINGS
from enrollment.cover.models import AccountOpening, Enrollment
from enrollment.cover.workflow import COVERS
from enrollment.people.models import Household
from enrollment.people.rooms import refuse_by_rooms
from funds.models import ZERO, Book, Period
from lib.money import told

PAPER = "更正的依据"


@all_or_nothing()
def propose_cover_mending(
    *, actor: User, cover: Enrollment, evidence: str, reason: str, on: date
) -> CarriedMending:
    """Ask that a carried cover be taken back. Raises Refusal."""
    _refuse_closed(cover.division.county_code)
    _refuse_ended(cover)
    refuse_by_rooms("cover_used", cover)
    return MENDINGS.propose(
        Asked(actor, on, evidence, reason, PAPER), cover=cover, division=cover.division
    )


@all_or_nothing()
def propose_account_mending(
    *, actor: User, household: Household, amount: Decimal, evidence: str, reason: str, on: date
) -> CarriedMending:
    """Ask that a household's opening balance be another. Raises Refusal."""
    first = _first(household)
    _refuse_closed(first.division.county_code)
    if amount < 0:
        raise Refusal("余额不能小于 0", "amount")
    if amount == opening_of(household):
        raise Refusal(f"期初转入现在就是 {told(amount)} 元，不用更正", "amount")
    return MENDINGS.propose(
        Asked(actor, on, evidence, reason, PAPER),
        household=household,
        division=first.division,
        was=opening_of(household),
        amount=amount,
    )


@all_or_nothing()
def decide_mending(
    *, actor: User, row: CarriedMending, event: str, on: date, reason: str = ""
) -> CarriedMending:
    """Agree, refuse or take back. Agreed to, the cover ends and may be carried in anew; of a
    balance the difference is added. Raises Refusal where it was used or closed meanwhile."""
    row = MENDINGS.lock(row.pk)
    MENDINGS.check(row, event, actor, reason)
    if event != "approve_mending":
        return MENDINGS.decided(row, event, actor=actor, on=on, reason=reason)
    _refuse_closed(row.division.county_code)
    if row.cover_id is not None:
        cover = COVERS.lock(row.cover_id)
        _refuse_ended(cover)
        refuse_by_rooms("cover_used", cover)
        done = MENDINGS.decided(row, event, actor=actor, on=on, reason=reason)
        COVERS.take(cover, "end_carried_cover", actor=actor)
        return done
    done = MENDINGS.decided(row, event, actor=actor, on=on, reason=reason)
    _correct(done)
    return done


def opening_of(household: Household) -> Decimal:
    """Yuan that its account began with, as it stands now."""
    rows = AccountOpening.objects.filter(household=household)
    found: Decimal = rows.aggregate(total=Sum("amount", default=ZERO))["total"]
    return found


def _correct(row: CarriedMending) -> None:
    assert row.household is not None and row.amount is not None
    shared = Household.objects.sharing_account_with(row.household).order_by("pk")
    held = list(shared.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    first, now = _first(row.household), opening_of(row.household)
    if now != row.was:
        raise Refusal(f"期初转入已变为 {told(now)} 元，请刷新后重新提出")
    AccountOpening.objects.create(
        household=row.household, division=first.division, year=first.year, mending=row,
        amount=row.amount - now, opened_on=first.opened_on, carried=first.carried,
    )  # fmt: skip
    refuse_by_rooms("account_overdrawn", held)


def _first(household: Household) -> AccountOpening:
    found = AccountOpening.objects.filter(household=household, mending=None).first()
    if found is None:
        raise Refusal("这一户没有转入过账户余额，请用文件转入")
    return found


def _refuse_ended(cover: Enrollment) -> None:
    if cover.carried_id is None:
        raise Refusal("这一年的参保不是原系统转入的，请按退费办理")
    if cover.status != Enrollment.Status.ACTIVE:
        raise Refusal("这一年的参保已经终止，请刷新")
    if cover.drawn_claims:
        raise Refusal(
            f"此人 {cover.year} 年度已报销 {cover.drawn_claims} 笔"
            f"（结算单 {cover.drawn_first}），请先撤回"
        )


def _refuse_closed(county: str) -> None:
    area = Division.objects.get(code=county)
    closed = Period.objects.of_business().filter(
        book__area=area, book__fund_type=Book.FundType.RESIDENT, status=Period.Status.CLOSED
    )
    if (month := closed.order_by("year", "month").first()) is not None:
        raise Refusal(f"{month}已结账，原系统转入的内容不能再更正")

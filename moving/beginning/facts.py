"""How far each step of the opening is: counted, never ticked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum

from accounts.models import Division, User
from accounts.roles import ROLE_NAMES, Role
from claims.carried.models import BedFile, CarriedFile, OldSettlement, Recount
from claims.filings.models import Filing
from claims.unpaid.models import OldClaim
from enrollment.models import (
    AccountOpening,
    Campaign,
    Enrollment,
    Household,
    IdentityStatus,
    Person,
    ReceiptBook,
)
from funds.budget.models import Budget
from funds.models import ZERO, Book
from funds.named import household_accounts_in_books
from funds.opening.models import Opening
from institutions.models import Agreement, CatalogueItem, Institution, Practitioner
from lib.money import told
from moving.totals.models import Comparison
from policies.models import Pack


@dataclass(frozen=True, slots=True)
class Fact:
    """`words`: what is there, with its number. `stands`: nothing more is needed of it."""

    words: str
    stands: bool


Facts = Iterable[Fact]


def counted(number: int, unit: str, what: str = "", *, least: int = 1) -> Fact:
    return Fact(f"{what}{number} {unit}", number >= least)


def divisions(area: Division, on: date) -> Facts:
    rows = Division.objects.valid_on(on).filter(code__startswith=area.code)
    found = dict(rows.order_by().values_list("level").annotate(Count("pk")))
    yield counted(found.get("township", 0), "个乡镇")
    yield counted(found.get("village", 0), "个村")
    yield Fact(f"{found.get('group', 0)} 个组", stands=True)


# Without one of each nobody could pay a claim that another reviewed.
NEEDED = (
    Role.TOWNSHIP_CLERK,
    Role.REVIEWER,
    Role.APPROVER,
    Role.ACCOUNTANT,
    Role.CASHIER,
    Role.SUPERVISOR,
)


def users(area: Division, on: date) -> Facts:
    here = Q(division__code__startswith=area.code) | Q(institution_code__startswith=f"H{area.code}")
    rows = User.objects.filter(here, is_active=True)
    found = dict(rows.order_by().values_list("role").annotate(Count("pk")))
    yield counted(sum(found.values()), "个授权的账号")
    missing = [ROLE_NAMES[role] for role in NEEDED if not found.get(role)]
    if missing:
        yield Fact(f"还没有{'、'.join(missing)}", stands=False)
    if asking := User.objects.asking().count():
        yield Fact(f"{asking} 个账号待授权", stands=False)


def measures(area: Division, on: date) -> Facts:
    rows = Pack.objects.filter(area=area).adopted()
    yield counted(rows.count(), "个采用的办法")


def _books(area: Division) -> list[Book]:
    return list(Book.objects.filter(area=area).order_by("-fund_type"))


def books(area: Division, on: date) -> Facts:
    rows = _books(area)
    yield Fact(f"{len(rows)} 个账套", any(row.fund_type == "resident" for row in rows))
    for row in rows:
        yield Fact(f"{row.get_fund_type_display()}自 {row.first_month:%Y年%-m月} 启用", stands=True)


def opening_balances(area: Division, on: date) -> Facts:
    rows = _books(area)
    entered = Opening.objects.filter(book__in=rows).in_force().select_related("voucher")
    there = {row.book_id: row for row in entered}
    waiting = set(Opening.objects.filter(book__in=rows).proposed().values_list("book", flat=True))
    for book in rows:
        name, row = book.get_fund_type_display(), there.get(book.pk)
        if row is not None:
            yield Fact(f"{name} {told(row.total)} 元（{row.voucher}）", stands=True)
        else:
            yield Fact(f"{name}{'待审批' if book.pk in waiting else '没有登记'}", stands=False)
    if not rows:
        yield Fact("还没有账套", stands=False)


def budgets(area: Division, on: date) -> Facts:
    rows = Budget.objects.filter(book__area=area, status=Budget.Status.APPROVED)
    yield counted(rows.filter(year__gte=on.year - 1).count(), "份批准的预算")


def institutions(area: Division, on: date) -> Facts:
    yield counted(
        Institution.objects.filter(division__code__startswith=area.code).count(), "家机构"
    )


def agreements(area: Division, on: date) -> Facts:
    rows = Agreement.objects.filter(institution__division__code__startswith=area.code)
    yield counted(rows.holding(on).count(), "份有效的协议")


def practitioners(area: Division, on: date) -> Facts:
    rows = Practitioner.objects.filter(institution__division__code__startswith=area.code)
    yield counted(rows.count(), "名医师")


def catalogues(area: Division, on: date) -> Facts:
    rows = CatalogueItem.objects.filter(area=area).order_by()
    # A code counts once, however often its price changed.
    found = dict(rows.values_list("catalogue").annotate(Count("code", distinct=True)))
    for code, name in CatalogueItem.Catalogue.choices:
        yield counted(found.get(code, 0), "项", f"{name} ")


def people(area: Division, on: date) -> Facts:
    homes = Household.objects.within(area.code).standing()
    yield counted(homes.count(), "户")
    here = Person.objects.present().filter(household__division__code__startswith=area.code)
    yield counted(here.count(), "人")


def covers(area: Division, on: date) -> Facts:
    rows = Enrollment.objects.filter(division__code__startswith=area.code).covering(on)
    yield counted(rows.count(), "人今天有有效参保")


def statuses(area: Division, on: date) -> Facts:
    here = IdentityStatus.objects.filter(
        person__household__division__code__startswith=area.code, first_day__lte=on
    ).exclude(last_day__lt=on)
    yield counted(here.values("person").distinct().count(), "人有特殊身份")


def accounts(area: Division, on: date) -> Facts:
    """What the registers hold for the households, beside what the books began with for them."""
    rows = AccountOpening.objects.filter(division__code__startswith=area.code)
    found = rows.aggregate(
        count=Count("household", distinct=True), amount=Sum("amount", default=ZERO)
    )
    yield counted(found["count"], f"户 {told(found['amount'])} 元")
    if Book.objects.of_residents(area).exists():
        held = household_accounts_in_books(area)
        words = "与账上相等" if held == found["amount"] else f"账上门诊账户结余 {told(held)} 元"
        # Beside it only: from the first year's end on the books go their own way.
        yield Fact(words, stands=True)


def approvals(area: Division, on: date) -> Facts:
    rows = Filing.objects.filter(division__code__startswith=area.code)
    yield counted(rows.filter(status=Filing.Status.APPROVED).count(), "份有效的备案、认定")


def usage(area: Division, on: date) -> Facts:
    rows = CarriedFile.objects.filter(area=area)
    done = rows.filter(status=CarriedFile.Status.DONE)
    yield counted(done.count(), "份已转入")
    if waiting := rows.filter(status__in=("waiting", "checked", "applying")).count():
        yield Fact(f"{waiting} 份没有办完", stands=False)


def old_settlements(area: Division, on: date) -> Facts:
    yield counted(OldSettlement.objects.live().filter(area=area).count(), "张原系统结算")
    signed = Recount.objects.filter(area=area, signed_by__isnull=False)
    yield counted(signed.count(), "次重算核对两人已签")


def unpaid(area: Division, on: date) -> Facts:
    rows = OldClaim.objects.filter(area=area)
    yield counted(rows.exclude(status=OldClaim.Status.WITHDRAWN).count(), "张已转入")
    if waiting := rows.to_enter().count():
        yield Fact(f"{waiting} 张待审的还没有录入", stands=False)


def beds(area: Division, on: date) -> Facts:
    rows = BedFile.objects.filter(area=area, status=BedFile.Status.DONE)
    yield counted(rows.values("institution").distinct().count(), "家机构已转入")


def receipt_books(area: Division, on: date) -> Facts:
    rows = ReceiptBook.objects.filter(township__code__startswith=area.code)
    yield counted(rows.filter(status=ReceiptBook.Status.IN_USE).count(), "本在用的票据本")


def campaign(area: Division, on: date) -> Facts:
    """What is collected now or comes next; years before came in with their covers."""
    rows = Campaign.objects.filter(area=area, last_day__gte=on).order_by("year")
    years = list(rows.values_list("year", flat=True))
    told = "、".join(map(str, years)) + " 年度" if years else "还没有设立正在缴费或将要缴费的年度"
    yield Fact(told, bool(years))


def totals(area: Division, on: date) -> Facts:
    rows = Comparison.objects.filter(area=area)
    yield counted(rows.filter(status=Comparison.Status.APPROVED).count(), "份双方签认")
    if waiting := rows.filter(status=Comparison.Status.PROPOSED).count():
        yield Fact(f"{waiting} 份待签认", stands=False)

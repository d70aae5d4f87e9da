"""Three campaigns: receipts, cover and remittances as the township clerks would have left them.

The year before the plan's is history that was taken over when the portal began: its receipts count
as booked in the old books. The plan's year was paid for last autumn. Of the next year's campaign
there is as much as has happened: nothing before its window, everything after it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.roles import Role
from demo.families import Family, Resident
from demo.foundation import Foundation
from demo.loading import Table, stamp, yuan
from demo.places import Township
from demo.plan import Plan, Wheel
from demo.register import Register
from enrollment.collection.models import BookCheckOff, BookEvent
from enrollment.cover.assessing import Assessment, assess_person, read_payer
from enrollment.cover.premiums import cover
from enrollment.models import Enrollment, IdentityStatus, Receipt, ReceiptBook, Remittance
from lib.periods import age_on

BOOK_SIZE = 500
OLD_BOOKS = "旧账结转"
# Slips are confirmed three days after they were paid in, books checked off the week after that.
DAYS_TO_CONFIRM, DAYS_TO_CHECK_OFF = 3, 10
FRIDAY = 4
COLUMNS = (
    "premium_amount",
    "personal_amount",
    "central_amount",
    "provincial_amount",
    "city_amount",
    "county_amount",
    "other_amount",
    "credit_amount",
)


@dataclass(frozen=True)
class Season:
    """One campaign as the demo knows it: nothing after `until`."""

    year: int
    campaign_id: int
    first_day: date
    last_day: date
    remit_by: date
    until: date
    cover_first_day: date
    cover_last_day: date
    is_history: bool

    def checked_off_on(self, last_day: date) -> date | None:
        """When the campaign's books were checked off; None when that is after `last_day`."""
        day = self.remit_by + timedelta(days=DAYS_TO_CHECK_OFF)
        return day if day <= last_day else None


@dataclass
class Counterfoils:
    """What a book's check-off counts; the amount in fen."""

    book_id: int
    first_number: int
    next_number: int
    last_number: int
    people: int = 0
    payers: int = 0
    wubao_dibao: int = 0
    amount: int = 0

    def count(self, priced: "Sequence[_Priced]") -> None:
        """One receipt more."""
        self.people += len(priced)
        self.payers += sum(one.assessment.personal > 0 for one in priced)
        self.wubao_dibao += sum(one.status in IdentityStatus.WUBAO_DIBAO for one in priced)
        self.amount += sum(one.assessment.personal for one in priced)


@dataclass
class Takings:
    """A remittance to be written once the ledger has given its voucher; amounts in fen."""

    row_id: int
    township: Township
    season: Season
    clerk_id: int
    slip_number: str
    slip_date: date
    confirmed_on: date | None
    by_tier: dict[str, int]
    count: int = 0

    @property
    def amount(self) -> int:
        return sum(self.by_tier.values())


class Cover:
    """Writes the campaigns township by township; remittances wait in `takings`."""

    def __init__(self, plan: Plan, foundation: Foundation, register: Register) -> None:
        self.plan = plan
        self.foundation = foundation
        self.divisions = {code: row.pk for code, row in foundation.divisions.items()}
        self.seasons = [self._season(year) for year in self._years()]
        self.books = Table(
            ReceiptBook,
            *("township", "clerk", "year", "code", "first_number", "last_number", "next_number"),
            "issued_at",
        )
        self.receipts = Table(
            Receipt,
            *("book", "number", "household", "division", "campaign", "channel", "amount"),
            *("payer_name", "issued_by", "issued_on", "issued_at", "remittance"),
            after=[self.books, register.households],
        )
        self.enrollments = Table(
            Enrollment,
            *("person", "household", "division", "campaign", "year", "pack", "tier", "status"),
            *("premium_status", *COLUMNS, "account_amount", "consecutive_years"),
            *("cover_first_day", "cover_last_day", "receipt", "entered_by", "entered_at"),
            after=[self.receipts, register.people],
        )
        self.remittances = Table(
            Remittance,
            *("township", "campaign", "clerk", "slip_number", "slip_date", "receipt_count"),
            *("amount", "status", "submitted_at", "confirmed_by", "confirmed_at"),
            "voucher_number",
        )
        self.book_events = Table(
            BookEvent,
            *("book", "kind", "first_number", "last_number", "holder", "on", "reason"),
            *("recorded_by", "recorded_at"),
            after=[self.books],
        )
        self.check_offs = Table(
            BookCheckOff,
            *("book", "people", "payers", "wubao_dibao", "sponsored", "amount"),
            *("sponsored_amount", "valid", "void", "lost", "unused", "checked_by", "checked_on"),
            after=[self.books],
        )
        self.tables = (
            self.books,
            self.receipts,
            self.enrollments,
            self.remittances,
            self.book_events,
            self.check_offs,
        )
        self.checked_off: list[int] = []
        self.takings: list[Takings] = []
        # Subsidies due for the plan's year: (funding level, tier) → fen.
        self.subsidies: dict[tuple[str, str], int] = defaultdict(int)
        self._assessed: dict[tuple[int, str, str, str, tuple[str, ...], int], _Priced] = {}

    def write(self, township: Township, families: Sequence[Family]) -> None:
        clerk = self.foundation.users[self.foundation.staff.clerks[township.index].username]
        for season in self.seasons:
            _TownshipSeason(self, season, township, clerk.pk).write(families)

    def finish_remittances(self, vouchers: dict[int, str]) -> None:
        """Write the remittances. `vouchers`: remittance id → number of its voucher."""
        accountant = self.foundation.officer(Role.ACCOUNTANT).pk
        for taking in self.takings:
            done = taking.confirmed_on is not None
            self.remittances.add(
                self.divisions[taking.township.code],
                taking.season.campaign_id,
                taking.clerk_id,
                taking.slip_number,
                taking.slip_date,
                taking.count,
                yuan(taking.amount),
                "confirmed" if done else "submitted",
                stamp(taking.slip_date, 450),
                accountant if done else None,
                stamp(taking.confirmed_on, 60) if taking.confirmed_on else None,
                vouchers.get(taking.row_id, OLD_BOOKS) if done else "",
                row_id=taking.row_id,
            )
        # Last, for nothing is written on a book that is checked off.
        ReceiptBook.objects.filter(pk__in=self.checked_off).update(
            status=ReceiptBook.Status.CHECKED_OFF
        )

    def check_off(self, book: Counterfoils, holder: int, day: date) -> None:
        """Count a finished book; its empty rest was handed back the day before."""
        accountant = self.foundation.officer(Role.ACCOUNTANT).pk
        unused = book.last_number - book.next_number + 1
        if unused:
            self.book_events.add(
                book.book_id,
                "hand_back",
                book.next_number,
                book.last_number,
                holder,
                day - timedelta(days=1),
                "征缴结束，交回空白收据",
                holder,
                stamp(day - timedelta(days=1), 30),
            )
        self.check_offs.add(
            book.book_id,
            book.people,
            book.payers,
            book.wubao_dibao,
            0,
            yuan(book.amount),
            yuan(0),
            book.next_number - book.first_number,
            0,
            0,
            unused,
            accountant,
            day,
        )
        self.checked_off.append(book.book_id)

    def assess(self, season: Season, family: Family, resident: Resident) -> "_Priced":
        """The premium; worked out once for all who are alike to the measures."""
        age = age_on(resident.birth_date, season.cover_first_day)
        sex, residence = resident.sex, resident.residence
        key = (season.year, family.tier, sex, residence, resident.statuses, age)
        if key not in self._assessed:
            payer = read_payer(
                birth_date=resident.birth_date,
                sex=sex,
                residence=residence,
                tier=family.tier,
                statuses=frozenset(resident.statuses),
                terms=self.foundation.terms,
            )
            self._assessed[key] = _Priced(
                assess_person(payer, self.foundation.terms, year=season.year)
            )
        return self._assessed[key]

    def _years(self) -> list[int]:
        """The next year counts as soon as its window has opened."""
        year = self.plan.year
        begun = self.foundation.campaigns[year + 1].first_day < self.plan.through
        return [year - 1, year, year + 1] if begun else [year - 1, year]

    def _season(self, year: int) -> Season:
        campaign = self.foundation.campaigns[year]
        first_day, last_day = cover(self.foundation.terms, year=year)
        return Season(
            year=year,
            campaign_id=campaign.pk,
            first_day=campaign.first_day,
            last_day=campaign.last_day,
            remit_by=campaign.remit_by,
            until=min(campaign.last_day, self.plan.through - timedelta(days=1)),
            cover_first_day=first_day,
            cover_last_day=last_day,
            is_history=year < self.plan.year,
        )


class _Priced:
    """An assessment with its columns spelled out once."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        columns = assessment.columns()
        self.status = columns["premium_status"]
        self.columns = [columns[name] for name in COLUMNS]


class _TownshipSeason:
    """One township's campaign: who comes when, on which receipt, with which remittance."""

    def __init__(self, cover: Cover, season: Season, township: Township, clerk_id: int) -> None:
        self.cover = cover
        self.season = season
        self.township = township
        self.clerk_id = clerk_id
        self.chance = cover.plan.chance(f"campaign {season.year}", township.index)
        self.takings: dict[date, Takings] = {}

    def write(self, families: Sequence[Family]) -> None:
        visits = sorted(self._visits(families), key=lambda visit: visit[0])
        books = self._books(len(visits))
        for at, (day, family, members) in enumerate(visits):
            self._household(day, family, members, books[at // BOOK_SIZE], at + 1)
        self.cover.takings += self.takings.values()
        checked_on = self.season.checked_off_on(self.cover.plan.last_day)
        if checked_on is not None:
            for book in books:
                self.cover.check_off(book, self.clerk_id, checked_on)

    def _visits(self, families: Sequence[Family]) -> Iterator[tuple[date, Family, list[Resident]]]:
        season, plan = self.season, self.cover.plan
        days = _paydays(season)
        for family in families:
            day, again = days.spin(self.chance), self.chance.random()
            if season.year == plan.year - 1:
                members = [r for r in family.members if r.covered_before]
            elif season.year == plan.year:
                members = [r for r in family.members if r.years]
            else:
                members = [r for r in family.members if r.years and not r.dead_by(day)]
                members = members if again < 0.985 else []
            if members and day <= season.until:
                yield day, family, members

    def _books(self, receipts: int) -> list[Counterfoils]:
        """Books for that many receipts, and a fresh one as long as the campaign may go on."""
        books = []
        season = self.season
        going_on = self.cover.plan.through <= season.last_day
        for number in range(-(-receipts // BOOK_SIZE) + going_on):
            first = number * BOOK_SIZE + 1
            used = min(max(receipts - first + 1, 0), BOOK_SIZE)
            last = first + BOOK_SIZE - 1
            book_id = self.cover.books.add(
                self.cover.divisions[self.township.code],
                self.clerk_id,
                season.year,
                f"{season.year}{self.township.code[6:]}{number + 1:03d}",
                first,
                last,
                first + used,
                stamp(min(season.first_day, self.cover.plan.last_day), 0),
            )
            books.append(Counterfoils(book_id, first, first + used, last))
        return books

    def _household(
        self, day: date, family: Family, members: list[Resident], book: Counterfoils, number: int
    ) -> None:
        priced = [self.cover.assess(self.season, family, resident) for resident in members]
        book.count(priced)
        amount = sum(one.assessment.personal for one in priced)
        receipt = self.cover.receipts.add(
            book.book_id,
            number,
            family.row_id,
            self.cover.divisions[family.group_code],
            self.season.campaign_id,
            "cash" if amount else "aid",
            yuan(amount),
            members[0].name,
            self.clerk_id,
            day,
            stamp(day, number * 7),
            self._remit(day, family.tier, amount) if amount else None,
        )
        left = self.chance.random() * 0.8
        for resident, one in zip(members, priced, strict=True):
            self._person(day, family, resident, priced=one, receipt=receipt, left=left)

    def _person(
        self,
        day: date,
        family: Family,
        resident: Resident,
        *,
        priced: _Priced,
        receipt: int,
        left: float,
    ) -> None:
        season, assessment = self.season, priced.assessment
        # Of the old year's account only what was left of it was taken over.
        account = round(assessment.account * left) if season.is_history else assessment.account
        row_id = self.cover.enrollments.add(
            resident.row_id,
            family.row_id,
            self.cover.divisions[family.group_code],
            season.campaign_id,
            season.year,
            self.cover.foundation.pack.pk,
            family.tier,
            "active",
            priced.status,
            *priced.columns,
            yuan(account),
            self._years_in_a_row(resident),
            season.cover_first_day,
            season.cover_last_day,
            receipt,
            self.clerk_id,
            stamp(day, receipt % 480),
        )
        if season.year <= self.cover.plan.year:
            family.account += account
        if season.year == self.cover.plan.year:
            resident.cover_id, resident.credit = row_id, assessment.credit
            for level, fen in assessment.shares.items():
                if fen:
                    self.cover.subsidies[level, family.tier] += fen

    def _years_in_a_row(self, resident: Resident) -> int:
        if self.season.year == self.cover.plan.year:
            return resident.years
        if self.season.year > self.cover.plan.year:
            return resident.years + 1
        return max(resident.years - 1, 1)

    def _remit(self, day: date, tier: str, amount: int) -> int | None:
        """The remittance of the Friday after; None while the money is still with the clerk."""
        slip_date = day + timedelta(days=(FRIDAY - day.weekday()) % 7)
        slip_date = min(slip_date, self.season.remit_by)
        if slip_date > self.cover.plan.last_day:
            return None
        taking = self.takings.get(slip_date)
        if taking is None:
            confirmed_on = slip_date + timedelta(days=DAYS_TO_CONFIRM)
            taking = self.takings[slip_date] = Takings(
                row_id=self.cover.remittances.reserve(1),
                township=self.township,
                season=self.season,
                clerk_id=self.clerk_id,
                slip_number=f"JK{slip_date:%Y%m%d}{self.township.code[6:]}",
                slip_date=slip_date,
                confirmed_on=confirmed_on if confirmed_on <= self.cover.plan.last_day else None,
                by_tier={},
            )
        taking.count += 1
        taking.by_tier[tier] = taking.by_tier.get(tier, 0) + amount
        return taking.row_id


def _paydays(season: Season) -> Wheel[date]:
    """Days of the window: slow at first, a rush before the end."""
    span = (season.last_day - season.first_day).days
    days = [season.first_day + timedelta(days=at) for at in range(span + 1)]
    weights = [1 + 2.5 * at / span + (2 if span - at < 7 else 0) for at in range(span + 1)]
    return Wheel(days, weights)

"""A household joins for a year: enrolment, and withdrawal before payment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Q, QuerySet

from accounts.audit import audited, record, snapshot
from accounts.errors import Place, Refusal
from accounts.models import Division, User
from accounts.new_rows import insert
from desk.changes import all_or_nothing
from desk.kept import Kept, among, given
from enrollment.cover.assessing import as_payer, assess_person
from enrollment.cover.campaigns import campaign_on, measures_of_year
from enrollment.cover.covering import CoverDays, cover_days, histories_of
from enrollment.cover.models import Campaign, Enrollment
from enrollment.cover.premiums import Payer, household_problem, tier_change_problem
from enrollment.cover.reassessing import assess_pending
from enrollment.cover.workflow import COVERS
from enrollment.people.checking import as_member, refuse_odd, refuse_unseen
from enrollment.people.elsewhere import cover_elsewhere, elsewhere_refusal
from enrollment.people.listed import take_up
from enrollment.people.models import Household, Person
from enrollment.people.register import (
    MemberEntry,
    check_head,
    check_member,
    insert_household,
    insert_people,
    lock_household,
    next_member_number,
    read_members,
    refuse_closed,
    statuses_on,
)
from enrollment.people.registered import place_of
from lib.spelling import spell
from policies.services import Measures


@dataclass(frozen=True)
class Season:
    """A campaign and the measures of its year."""

    campaign: Campaign
    measures: Measures

    @property
    def year(self) -> int:
        return self.campaign.year

    @property
    def tiers(self) -> Mapping[str, str]:
        """Code → name; empty where the measures know only one standard."""
        return self.measures.terms.vocabulary.get("tier", {})


def season_on(*, area_code: str, day: date) -> Season:
    """What enrolment on the day is judged by. Raises Refusal outside the window."""
    campaign = campaign_on(area_code=area_code, day=day)
    return Season(campaign, measures_of_year(area_code=area_code, year=campaign.year))


def check_tier(tier: str, season: Season) -> None:
    """Raises Refusal for a tier that the measures do not know."""
    if tier not in (season.tiers or {""}):
        raise Refusal("请选择缴费档次", "tier")


def tier_refusal(
    *, season: Season, tier: str, joining: int, covers: Iterable[tuple[int, str, bool]]
) -> str | None:
    """Why the household cannot take this tier: another one this year, or changed too early.

    `covers`: year, tier and whether it is paid, of the household's enrolments up to this year.
    """
    covers = list(covers)
    tiers = [taken for year, taken, _ in covers if year == season.year]
    problem = household_problem([*tiers, *[tier] * joining], season.measures.terms)
    if problem:
        return problem
    by_year = {year: taken for year, taken, paid in covers if year < season.year and paid}
    if not by_year:
        return None
    chosen_year = max(by_year)
    while by_year.get(chosen_year - 1) == by_year[chosen_year]:
        chosen_year -= 1
    return tier_change_problem(
        season.measures.terms,
        year=season.year,
        tier=tier,
        chosen_year=chosen_year,
        chosen_tier=by_year[chosen_year],
    )


def _refuse_tier(
    *, season: Season, household: Household, tier: str, earlier: Sequence[Enrollment], joining: int
) -> None:
    """Same tier in the household, and no change before the measures allow it."""
    covers = [
        (row.year, row.tier, row.status == Enrollment.Status.ACTIVE)
        for row in earlier
        if row.household_id == household.pk
    ]
    problem = tier_refusal(season=season, tier=tier, joining=joining, covers=covers)
    if problem:
        raise Refusal(problem, "tier")


def death_refusal(name: str, death_date: date | None, on: date) -> str | None:
    """Why somebody registered as dead cannot join."""
    if death_date is None or death_date > on:
        return None
    return f"{name}已登记死亡（{death_date:%Y-%m-%d}），不能参保；登记有误的先在“变动记录”中撤销"


def departure_refusal(name: str, departure_date: date | None) -> str | None:
    """Why somebody who has left the county cannot join."""
    if departure_date is None:
        return None
    return f"{name}已登记迁出（{departure_date:%Y-%m-%d}），不能参保；已回来的先在家庭页办理迁回"


def twice_refusal(name: str, place: str, year: int, status: str) -> str:
    """Why somebody who is enrolled already cannot join again. `status`: as it is shown."""
    return f"{name}已在{place}办理 {year} 年度参保（{status}），不能重复参保"


def _refuse_person(
    person: Person, at: Place, *, season: Season, on: date, earlier: Sequence[Enrollment]
) -> None:
    problem = death_refusal(person.name, person.death_date, on)
    problem = problem or departure_refusal(person.name, person.departure_date)
    if problem:
        raise Refusal(problem, at=at)
    for row in earlier:
        if row.person_id == person.pk and row.year == season.year:
            place, status = place_of(row.division), row.get_status_display()
            raise Refusal(twice_refusal(person.name, place, season.year, status), at=at)


def _refuse_insured_elsewhere(members: Mapping[Person, Place], on: date) -> None:
    covers = cover_elsewhere([person.resident_id_index for person in members], on)
    for person, at in members.items():
        cover_there = covers.get(person.resident_id_index)
        if cover_there:
            raise Refusal(elsewhere_refusal(person.name, cover_there), at=at)


def _earlier(household: Household, people: Sequence[Person], season: Season) -> list[Enrollment]:
    """This year's and earlier enrolments of the household and of each person, in one statement."""
    return EARLIER(
        household=household.pk, people=[person.pk for person in people], year=season.year
    )


def _earlier_covers() -> QuerySet[Enrollment]:
    whose = Q(household=given("household")) | Q(among("person_id", given("people")))
    rows = Enrollment.objects.filter(whose, year__lte=given("year"))
    rows = rows.exclude(status=Enrollment.Status.CANCELLED)
    return rows.select_related("division__parent__parent", "late_entry")


EARLIER = Kept(_earlier_covers)


def insert_enrollments(
    *,
    actor: User,
    season: Season,
    household: Household,
    members: Mapping[Person, Place],
    statuses: Mapping[int, frozenset[str]],
    tier: str,
    on: date,
    fresh: bool = False,
    covers: Mapping[int, CoverDays] | None = None,
) -> list[Enrollment]:
    """Check and write. `members`: person → input to blame. `fresh`: nobody was here before.

    `covers`: person id → days of cover, where they are not as for who comes in time.
    """
    check_tier(tier, season)
    if not members:
        raise Refusal("没有选择参保成员，请至少登记一人", "members")
    earlier = [] if fresh else _earlier(household, list(members), season)
    for person, at in members.items():
        _refuse_person(person, at, season=season, on=on, earlier=earlier)
    _refuse_insured_elsewhere(members, on)
    _refuse_tier(
        season=season, household=household, tier=tier, earlier=earlier, joining=len(members)
    )
    years = {
        row.person_id: row.consecutive_years
        for row in earlier
        # A newborn's two years are entered at once; the earlier one is paid first.
        if row.year == season.year - 1
        and (row.status == Enrollment.Status.ACTIVE or hasattr(row, "late_entry"))
    }
    nothing: frozenset[str] = frozenset()
    payers = {
        person.pk: as_payer(
            person,
            tier=tier,
            statuses=statuses.get(person.pk, nothing),
            terms=season.measures.terms,
        )
        for person in members
    }
    covers = covers or _covers(members, payers, season=season, earlier=earlier, on=on)
    rows = []
    for person in members:
        assessment = assess_person(payers[person.pk], season.measures.terms, year=season.year)
        rows.append(
            Enrollment(
                person=person,
                household=household,
                division_id=household.division_id,
                campaign=season.campaign,
                year=season.year,
                pack=season.measures.pack,
                tier=tier,
                consecutive_years=years.get(person.pk, 0) + 1,
                cover_first_day=covers[person.pk].first_day,
                cover_last_day=covers[person.pk].last_day,
                entered_by=actor,
                **assessment.columns(),
            )
        )
    insert(rows)
    return rows


def _covers(
    members: Mapping[Person, Place],
    payers: Mapping[int, Payer],
    *,
    season: Season,
    earlier: Sequence[Enrollment],
    on: date,
) -> dict[int, CoverDays]:
    """Person id → cover of who enrols in the window: a gap may ask for a waiting period."""
    histories = histories_of(earlier, [person.pk for person in members], season.year)
    found = {}
    for person, at in members.items():
        try:
            found[person.pk] = cover_days(
                payers[person.pk],
                season.measures.terms,
                year=season.year,
                on=on,
                history=histories[person.pk],
                name=person.name,
            )
        except Refusal as refusal:
            raise Refusal(refusal.message, at=at) from None
    return found


def _told(rows: Sequence[Enrollment]) -> list[dict[str, Any]]:
    wanted = ("id", "person_id", "year", "tier", "status", "personal_amount", "premium_status")
    return [snapshot(row, wanted) for row in rows]


@all_or_nothing()
def enroll_household(
    *, actor: User, household: Household, members: Sequence[Person], tier: str, on: date
) -> list[Enrollment]:
    """Enrol members of one household for the year whose campaign is open on `on`.

    Raises Refusal; then nothing is written. Each row waits for payment (take_payment).
    """
    household = lock_household(household)
    refuse_closed(household)
    season = season_on(area_code=household.division.county_code, day=on)
    known = {person.pk: person for person in household.members.all()}  # as they are now
    if any(person.pk not in known for person in members):
        raise Refusal("所选成员不在本户，请重新查询", "members")
    rows = insert_enrollments(
        actor=actor,
        season=season,
        household=household,
        members={known[one.pk]: ("members", i, "name") for i, one in enumerate(members)},
        statuses=statuses_on(known, on),
        tier=tier,
        on=on,
    )
    record(
        actor=actor,
        action="enrollment.enroll_household",
        subject=household,
        after={"enrollments": _told(rows)},
    )
    return rows


@dataclass(frozen=True, kw_only=True)
class HouseholdEntry:
    """The whole window form. `household` None: a new one in `division`."""

    division: Division
    members: Sequence[MemberEntry]
    tier: str
    address: str = ""
    phone: str | None = None
    household: Household | None = None
    # Why an improbable relation is true (people.relations).
    explained: str = ""


@dataclass(frozen=True)
class SavedEntry:
    household: Household
    enrollments: Sequence[Enrollment]

    @property
    def personal(self) -> Any:
        """Yuan that the household owes."""
        return sum(row.personal_amount for row in self.enrollments)


@all_or_nothing()
def save_entry(*, actor: User, entry: HouseholdEntry, on: date) -> SavedEntry:
    """Register or correct a household and its members and enrol them, in one transaction."""
    if not entry.members:
        raise Refusal("请至少录入一人", "members")
    season = season_on(area_code=entry.division.county_code, day=on)
    identities = read_members(entry.members, on=on)
    if entry.household is None:
        household = insert_household(
            division=entry.division, on=on, address=entry.address, phone=entry.phone or ""
        )
        existing: dict[int, Person] = {}
        before: dict[str, Any] = {}
        odd: set[object] = set()
    else:
        household = lock_household(entry.household)
        refuse_closed(household)
        existing = {person.pk: person for person in household.members.all()}
        before = audited(household) | {"members": [audited(p) for p in existing.values()]}
        odd = _correct(actor, household, entry, existing, on)
    _check_head(entry.members, existing)
    new = insert_people(
        household=household,
        entries=entry.members,
        identities=identities,
        first_number=_first_number(household, entry, existing),
        actor=actor,
    )
    arrivals = iter(new)
    people = {
        member: existing[member.person_id] if member.person_id else next(arrivals)
        for member in entry.members
    }
    fresh = {person.pk for person in new}
    odd |= fresh
    _refuse_odd(entry, people, existing, odd, on)
    statuses = _statuses(household, new, existing, on)
    rows = insert_enrollments(
        actor=actor,
        season=season,
        household=household,
        members={person: m.at("name") for m, person in people.items() if m.joins},
        statuses=statuses,
        tier=entry.tier,
        on=on,
        fresh=entry.household is None,
    )
    record(
        actor=actor,
        action="enrollment.save_entry",
        subject=household,
        division_code=entry.division.code,
        before=before or None,
        after=audited(household)
        | {"members": [audited(person) for person in people.values()]}
        | {"statuses": {pk: {"added": sorted(statuses[pk])} for pk in fresh if pk in statuses}}
        | {"enrollments": _told(rows)},
        reason=entry.explained,
    )
    return SavedEntry(household, rows)


def _first_number(
    household: Household, entry: HouseholdEntry, existing: Mapping[int, Person]
) -> int:
    if not existing or all(member.person_id for member in entry.members):
        return 1  # a new household, or nobody new
    return next_member_number(household, existing.values())


def _check_head(members: Sequence[MemberEntry], existing: Mapping[int, Person]) -> None:
    """One head among the rows of the form and the living who are not on it."""
    on_form = {member.person_id for member in members}
    others = [p for p in existing.values() if p.pk not in on_form and p.is_present]
    relationships = [m.relationship for m in members] + [p.relationship for p in others]
    check_head(relationships, *members[0].at("relationship"), least=1)


def _refuse_odd(
    entry: HouseholdEntry,
    people: Mapping[MemberEntry, Person],
    existing: Mapping[int, Person],
    asked: set[object],
    on: date,
) -> None:
    """New members and changed relations must be possible, with the household as it will be."""
    rows = {person.pk: member for member, person in people.items()}
    others = [person for person in existing.values() if person.pk not in rows]
    refuse_odd(
        map(as_member, [*others, *people.values()]),
        on=on,
        asked=asked,
        at=lambda key, field: rows[cast(int, key)].at(field),
        explained=entry.explained,
    )


def _statuses(
    household: Household, new: Sequence[Person], existing: Mapping[int, Person], on: date
) -> dict[int, frozenset[str]]:
    """What lists and approvals say of everybody: new members take up what waited for them."""
    held = statuses_on(existing, on) if existing else {}
    numbers = [person.resident_id_index for person in new]
    given = take_up(numbers, area_code=household.division.county_code) if new else []
    for one in given:
        if one.holds(on):
            held[one.person_id] = held.get(one.person_id, frozenset()) | {one.code}
    return held


def _refuse_renamed(person: Person, member: MemberEntry, on: date) -> None:
    try:
        refuse_unseen(person, on, at="name")
    except Refusal as refusal:
        raise Refusal(refusal.message, at=member.at("name")) from None


def _correct(
    actor: User,
    household: Household,
    entry: HouseholdEntry,
    existing: Mapping[int, Person],
    on: date,
) -> set[object]:
    """Take over what the form says about a household and people already registered.

    Returns the ids of those whose relation changed; everybody on the form under a new head.
    """
    moved: set[object] = set()
    if household.address != entry.address or entry.phone:
        household.address = entry.address
        household.phone = entry.phone or household.phone
        household.save(update_fields=["address", "phone"])
    corrected = []
    for member in entry.members:
        if member.person_id is None:
            continue
        person = existing.get(member.person_id)
        if person is None:
            raise Refusal("这位成员不在本户，请重新查询", at=member.at("name"))
        check_member(member, person.sex)
        facts = (member.name, member.relationship, member.residence)
        if facts != (person.name, person.relationship, person.residence):
            if member.name != person.name:
                _refuse_renamed(person, member, on)
            if member.relationship != person.relationship:
                moved.add(person.pk)
            spelling = spell(member.name)
            person.name, person.relationship, person.residence = facts
            person.pinyin, person.initials = spelling.pinyin, spelling.initials
            corrected.append(person)
    if corrected:
        Person.objects.bulk_update(
            corrected, ["name", "relationship", "residence", "pinyin", "initials"]
        )
        numbers = [person.resident_id_index for person in corrected]
        given = take_up(numbers, area_code=household.division.county_code)
        if given:
            assess_pending(actor, {one.person_id for one in given}, on)
    if any(existing[pk].relationship == Person.Relationship.HEAD for pk in existing if pk in moved):
        moved |= {member.person_id for member in entry.members if member.person_id}
    return moved


@all_or_nothing()
def cancel_pending(*, actor: User, household: Household, year: int, reason: str) -> int:
    """Withdraw what is entered but not paid, e.g. a wrong tier. Returns how many rows."""
    household = lock_household(household)
    rows = list(
        Enrollment.objects.select_for_update(no_key=True)
        .filter(household=household, year=year, status=Enrollment.Status.PENDING)
        .order_by("pk")
    )
    if not rows:
        raise Refusal("本户没有待缴费的参保登记；已缴费的须先作废收据")
    before = _told(rows)
    reason = COVERS.take_many(rows, "cancel_pending", actor=actor, reason=reason)
    record(
        actor=actor,
        action="enrollment.cancel_pending",
        subject=household,
        before={"enrollments": before},
        after={"status": Enrollment.Status.CANCELLED},
        reason=reason,
    )
    return len(rows)

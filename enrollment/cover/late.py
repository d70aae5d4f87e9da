"""Enrolment after the window: newborns, children entered before birth, and who may wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing, change
from desk.reasons import given_reason
from enrollment.cover.assessing import as_payer
from enrollment.cover.campaigns import measures_of_year
from enrollment.cover.covering import CoverDays, cover_days, cover_histories
from enrollment.cover.enrolling import Season, insert_enrollments
from enrollment.cover.models import Campaign, Enrollment, ExpectedChild, LateEntry, NewbornRule
from enrollment.people.lifecycle import Newcomer, record_newcomer
from enrollment.people.models import Household, Person, RegisterEvent
from enrollment.people.register import lock_household, statuses_on

Ground = LateEntry.Ground
EXPECTED = ExpectedChild.objects.select_related("household__division")
# How many closed years are looked at: rules for newborns name days, of which a year holds all.
NEWBORN_YEARS = 3
MAX_NEWBORN = 366  # days: no rule lets a child in later (`set_newborn_rule`)
MIN_SOURCE = 4  # characters: no document is named in fewer
EXPECTED_SOURCE = "乡镇新型农村合作医疗筹资实施方案 四3：孕妇可先给小孩取名参合"


def late_season(*, area_code: str, day: date) -> Season:
    """The latest campaign whose window is over while its year is not. Raises Refusal."""
    closed = Campaign.objects.filter(area__code=area_code, last_day__lt=day)
    campaign = closed.select_related("area").order_by("-year").first()
    if campaign is None:
        raise Refusal("缴费期还没有过，请按正常参保办理")
    season = Season(campaign, measures_of_year(area_code=area_code, year=campaign.year))
    if day > season.measures.terms.year.bounds(campaign.year)[1]:
        raise Refusal(f"{campaign.year} 年度已经结束，请在下一年度缴费期办理")
    return season


@dataclass(frozen=True)
class Admission:
    """Why and from when somebody may still join."""

    ground: str
    source: str
    days: CoverDays


@dataclass(frozen=True)
class Offer:
    """A year that somebody may still join. A newborn of December has two: that year and this."""

    season: Season
    admission: Admission


def closed_seasons(area_code: str, on: date) -> list[Season]:
    """Seasons whose window is over, the latest first."""
    closed = Campaign.objects.filter(area__code=area_code, last_day__lt=on).select_related("area")
    return [
        Season(one, measures_of_year(area_code=area_code, year=one.year))
        for one in closed.order_by("-year")[:NEWBORN_YEARS]
    ]


def _open_seasons(person: Person, area_code: str, on: date) -> list[Season]:
    """The years that the person may still ask for, the latest first. Raises Refusal: none.

    A newborn who comes in time is covered from birth, also over the end of a year: each year that
    the child has seen, at that year's premium.
    """
    closed = closed_seasons(area_code, on)
    days = max((_newborn_rule(one)[0] for one in closed), default=0)
    if not 0 <= (on - person.birth_date).days <= days:
        return [late_season(area_code=area_code, day=on)]
    lived = [
        one for one in closed if one.measures.terms.year.bounds(one.year)[1] >= person.birth_date
    ]
    return lived or [late_season(area_code=area_code, day=on)]


def newborn_years(
    people: Iterable[Person], *, area_code: str, on: date
) -> list[tuple[Person, int]]:
    """Newborns who may still join a year whose window is over, with that year, the earliest first.

    The open campaign asks for the next year alone; a household without a baby costs no statement.
    """
    babies = [
        one for one in people if one.is_present and 0 <= (on - one.birth_date).days <= MAX_NEWBORN
    ]
    if not babies:
        return []
    taken = set(
        Enrollment.objects.filter(person__in=babies)
        .exclude(status=Enrollment.Status.CANCELLED)
        .values_list("person", "year")
    )
    return [
        (baby, season.year)
        for season in reversed(closed_seasons(area_code, on))
        for baby in babies
        if (baby.pk, season.year) not in taken
        and season.measures.terms.year.bounds(season.year)[1] >= baby.birth_date
        and (on - baby.birth_date).days <= _newborn_rule(season)[0]
    ]


def offers(
    person: Person, *, area_code: str, tier: str, statuses: frozenset[str], on: date
) -> list[Offer]:
    """The years that a rule lets the person join on the day, the earliest first.

    Years with a live enrolment are left out, unless there is no other. Raises Refusal.
    """
    seasons = _open_seasons(person, area_code, on)
    live = Enrollment.objects.filter(person=person, year__in=[one.year for one in seasons])
    taken = set(live.exclude(status=Enrollment.Status.CANCELLED).values_list("year", flat=True))
    fresh = [one for one in seasons if one.year not in taken]
    if not fresh and not _lets_late_people_in(seasons[0]):
        raise Refusal(f"{person.name}已办理 {seasons[0].year} 年度参保，不需要再办")
    fresh = fresh or seasons[:1]
    return [
        Offer(one, admission(person, season=one, tier=tier, statuses=statuses, on=on))
        for one in reversed(fresh)
    ]


def _lets_late_people_in(season: Season) -> bool:
    """Whether anybody may come late, or newborns at least; else nothing can be offered."""
    premium = season.measures.terms.premium
    return bool(premium and premium.waiting) or _newborn_rule(season)[0] > 0


def _newborn_rule(season: Season) -> tuple[int, str]:
    """Days after birth and where they stand; 0 days when nothing lets newborns in."""
    waiting = season.measures.terms.premium.waiting if season.measures.terms.premium else None
    if waiting is not None and waiting.newborn_days:
        return waiting.newborn_days, waiting.article
    # A rule that names a child's first days holds over the end of a year: the latest one.
    rules = NewbornRule.objects.filter(campaign__area=season.campaign.area_id)
    rule = rules.filter(campaign__year__gte=season.year).order_by("campaign__year").first()
    return (rule.days, rule.source) if rule else (0, "")


def admission(
    person: Person, *, season: Season, tier: str, statuses: frozenset[str], on: date
) -> Admission:
    """Raises Refusal when no rule lets the person in after the window."""
    year_first, year_last = season.measures.terms.year.bounds(season.year)
    from_birth = CoverDays(max(year_first, person.birth_date), year_last)
    expected = ExpectedChild.objects.filter(child=person, campaign=season.campaign)
    if expected.exists():
        return Admission(Ground.EXPECTED, EXPECTED_SOURCE, from_birth)
    days, source = _newborn_rule(season)
    if days and 0 <= (on - person.birth_date).days <= days:
        return Admission(
            Ground.NEWBORN, _newborn_source(days, source, from_birth, person), from_birth
        )
    waiting = season.measures.terms.premium.waiting if season.measures.terms.premium else None
    if waiting is None:
        last_day, area = season.campaign.last_day, season.campaign.area
        running = Campaign.objects.filter(area=area, first_day__lte=on, last_day__gte=on).first()
        now = f"请按“参保、续保”办理 {running.year} 年度" if running else ""
        raise Refusal(
            f"{season.year} 年度缴费期已于 {last_day:%Y-%m-%d} 截止，"
            f"{person.name}不属于可以在缴费期外参保的人员，"
            f"{now or '请在下一年度缴费期办理'}"
        )
    payer = as_payer(person, tier=tier, statuses=statuses, terms=season.measures.terms)
    late = cover_days(
        payer, season.measures.terms, year=season.year, on=on, name=person.name, in_window=False,
        history=cover_histories([person.pk], season.year)[person.pk],
    )  # fmt: skip
    return Admission(Ground.LATE, waiting.article, late)


def _newborn_source(days: int, source: str, cover: CoverDays, person: Person) -> str:
    begins = "自出生起享受"
    if cover.first_day > person.birth_date:
        begins = f"本年度自 {cover.first_day:%Y-%m-%d} 起享受，此前属上一年度"
    return f"{source}：出生 {days} 日内参保，{begins}"


@all_or_nothing()
def enroll_late(
    *, actor: User, household: Household, members: Sequence[Person], tier: str, on: date
) -> list[Enrollment]:
    """Enrol members after the window, each by the rule that lets them in. Raises Refusal.

    A newborn of the year that is over joins for both years; each year is paid by itself.
    """
    household = lock_household(household)
    area_code = household.division.county_code
    known = {person.pk: person for person in household.members.present()}
    if not members or any(person.pk not in known for person in members):
        raise Refusal("请选择本户在册的成员", "members")
    people = [known[person.pk] for person in members]
    statuses = statuses_on(known, on)
    joining: dict[int, dict[Person, Offer]] = {}
    for person in people:
        held = statuses[person.pk]
        for offer in offers(person, area_code=area_code, tier=tier, statuses=held, on=on):
            joining.setdefault(offer.season.year, {})[person] = offer
    rows: list[Enrollment] = []
    for _, chosen in sorted(joining.items()):
        rows += _join(actor, household, chosen, tier=tier, statuses=statuses, on=on)
    record(
        actor=actor,
        action="enrollment.enroll_late",
        subject=household,
        after={
            "enrollments": [
                snapshot(row, ("id", "person_id", "year", "personal_amount", "cover_first_day"))
                | {"ground": joining[row.year][row.person].admission.ground}
                for row in rows
            ]
        },
    )
    return rows


def _join(
    actor: User,
    household: Household,
    chosen: Mapping[Person, Offer],
    *,
    tier: str,
    statuses: Mapping[int, frozenset[str]],
    on: date,
) -> list[Enrollment]:
    """The enrolments of one year, each with the rule that lets it in."""
    rows = insert_enrollments(
        actor=actor,
        season=next(iter(chosen.values())).season,
        household=household,
        members={person: ("members",) for person in chosen},
        statuses=statuses,
        tier=tier,
        on=on,
        covers={person.pk: offer.admission.days for person, offer in chosen.items()},
    )
    LateEntry.objects.bulk_create(
        LateEntry(
            enrollment=row,
            ground=chosen[row.person].admission.ground,
            source=chosen[row.person].admission.source[:200],
            waiting_until=row.cover_first_day if row.cover_first_day > on else None,
        )
        for row in rows
    )
    return rows


@all_or_nothing()
def set_newborn_rule(*, actor: User, campaign: Campaign, days: int, source: str) -> NewbornRule:
    """A rule beside the measures for newborns of the campaign's year. Raises Refusal."""
    if not 1 <= days <= MAX_NEWBORN:
        raise Refusal(f"天数应为 1 至 {MAX_NEWBORN}", "days")
    source = given_reason(
        source, asks="依据的文件，如“赣医保发〔2025〕3号第五条”", least=MIN_SOURCE, at=("source",)
    )
    # One rule in force for a campaign; its row stands for the one that is not there yet.
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    rule = NewbornRule.objects.filter(campaign=campaign).first()
    before = snapshot(rule) if rule else None
    rule = rule or NewbornRule(campaign=campaign)
    rule.days, rule.source = days, source[:100]
    rule.save()
    record(
        actor=actor,
        action="enrollment.set_newborn_rule",
        subject=rule,
        before=before,
        after=snapshot(rule),
    )
    return rule


@all_or_nothing()
def expect_child(
    *,
    actor: User,
    mother: Person,
    campaign: Campaign,
    working_name: str,
    permit_number: str,
    due_on: date,
    on: date,
) -> ExpectedChild:
    """Enter an unborn child in the window, so that it can be enrolled from birth."""
    household = lock_household(mother.household)
    if not campaign.first_day <= on <= campaign.last_day:
        raise Refusal(
            f"只在缴费期（{campaign.first_day:%Y-%m-%d} 至 {campaign.last_day:%Y-%m-%d}）"
            "内为未出生的孩子先登记"
        )
    if mother.sex != Person.Sex.FEMALE or not mother.is_present:
        raise Refusal("请选择本户在册的母亲", "mother")
    if not on <= due_on <= date(campaign.year, 12, 31):
        raise Refusal(f"预产期应在今天之后、{campaign.year} 年底之前", "due_on")
    if len(working_name.strip()) < 2 or len(permit_number.strip()) < 4:
        raise Refusal("请填写暂用名和准生证（生育登记）号", "working_name")
    if ExpectedChild.objects.waiting().filter(mother=mother, working_name=working_name).exists():
        raise Refusal("这个孩子已经登记过", "working_name")
    row = ExpectedChild.objects.create(
        household=household,
        mother=mother,
        campaign=campaign,
        working_name=working_name.strip(),
        permit_number=permit_number.strip(),
        due_on=due_on,
        entered_by=actor,
        entered_on=on,
    )
    record(
        actor=actor,
        action="enrollment.expect_child",
        subject=row,
        after=snapshot(row, ("id", "household_id", "mother_id", "due_on")),
    )
    return row


@all_or_nothing()
def complete_child(*, actor: User, expected: ExpectedChild, newcomer: Newcomer, on: date) -> Person:
    """The child is born: a member with its real name, number and birthday. Raises Refusal."""
    with change(EXPECTED, expected.pk, actor=actor, action="enrollment.complete_child") as row:
        _refuse_settled(row)
        person = record_newcomer(
            actor=actor,
            household=row.household,
            newcomer=newcomer,
            kind=RegisterEvent.Kind.BIRTH,
            on=on,
            reason="出生前登记的孩子",
        )
        if person.birth_date < row.entered_on:
            raise Refusal("出生日期早于出生前登记的日期，请按新生儿办理", "birth_date")
        row.child = person
    return person


def _refuse_settled(expected: ExpectedChild) -> None:
    if expected.child_id is not None or expected.dropped_on is not None:
        raise Refusal("这个孩子已经补登或撤销")


@all_or_nothing()
def drop_child(*, actor: User, expected: ExpectedChild, reason: str, on: date) -> None:
    """No child will come of it. Raises Refusal without a reason."""
    reason = given_reason(reason, asks="撤销原因")
    with change(
        EXPECTED, expected.pk, actor=actor, action="enrollment.drop_child", reason=reason
    ) as row:
        _refuse_settled(row)
        row.dropped_on = on

"""The yearly campaign."""

from datetime import date

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing, change
from desk.kept import Kept, given
from enrollment.cover.models import Campaign
from enrollment.cover.premiums import PremiumError, enrolment_window, remittance_deadline
from policies.models import Pack
from policies.services import Measures
from policies.terms import Terms

NO_CAMPAIGN = "还没有设立年度征缴，请先在“征缴与票据”中设立"


def measures_of_year(*, area_code: str, year: int) -> Measures:
    """Those in force on the first day of insurance year `year`. Raises Refusal.

    A year is named after the calendar year it starts in, so 31 December always lies inside it.
    """
    measures = Measures.on(area_code=area_code, day=date(year, 12, 31))
    first_day, _ = measures.terms.year.bounds(year)
    if measures.pack.first_day <= first_day:
        return measures
    return Measures.on(area_code=area_code, day=first_day)


def latest_year(*, area_code: str, day: date) -> int:
    """The year of the latest campaign that has begun, else the day's: what pages show unasked."""
    campaign = Campaign.objects.begun(area_code, day).first()
    return campaign.year if campaign else day.year


BEGUN = Kept(lambda: Campaign.objects.begun(given("area"), given("day"))[:1])


def campaign_on(*, area_code: str, day: date) -> Campaign:
    """The campaign that takes enrolments on the day. Raises Refusal outside the window."""
    latest = BEGUN.first(area=area_code, day=day)
    if latest is None:
        raise Refusal("现在不在缴费期：还没有到缴费期，或本年度征缴尚未设立，请与县经办中心联系")
    if day > latest.last_day:
        coming = Campaign.objects.filter(area__code=area_code, first_day__gt=day)
        following = coming.order_by("first_day").first()
        when = f"（{following.year} 年度自 {following.first_day} 起）" if following else ""
        raise Refusal(
            f"现在不在缴费期：{latest.year} 年度缴费期为 {latest.first_day:%Y-%m-%d} 至 "
            f"{latest.last_day:%Y-%m-%d}，过期不再收取，请在下一年度缴费期办理{when}"
        )
    return latest


@all_or_nothing()
def open_campaign(*, actor: User | None, area: Division, year: int) -> Campaign:
    """Set up the collection for insurance year `year`; the measures say from when to when."""
    terms = measures_of_year(area_code=area.code, year=year).terms
    return _new_campaign(actor, area, year, terms)


def _new_campaign(actor: User | None, area: Division, year: int, terms: Terms) -> Campaign:
    try:
        first_day, last_day = enrolment_window(terms, year=year)
    except PremiumError as error:
        raise Refusal(str(error), "year") from None
    campaign = Campaign.objects.create(
        area=area,
        year=year,
        first_day=first_day,
        last_day=last_day,
        remit_by=remittance_deadline(terms, year=year) or last_day,
    )
    record(
        actor=actor, action="enrollment.open_campaign", subject=campaign, after=snapshot(campaign)
    )
    return campaign


def measures_of_carried(*, area_code: str, year: int) -> Measures:
    """By which a year is read that the old system kept: its own measures where they are adopted,
    else the earliest that are, which tell tiers and days. Raises Refusal where none are."""
    try:
        return measures_of_year(area_code=area_code, year=year)
    except Refusal:
        packs = Pack.objects.filter(area__code=area_code, status=Pack.Status.ADOPTED)
        first = packs.order_by("first_day", "pk").first()
        if first is None:
            raise Refusal("还没有采用本县的办法，请先在“政策办法”中采用") from None
        return Measures.of(first)


@all_or_nothing()
def campaign_of_carried(*, actor: User | None, area: Division, year: int) -> Campaign:
    """The campaign that covers of the old system hang on; made where there is none."""
    Division.objects.select_for_update(no_key=True).get(pk=area.pk)  # two files of one year
    found = Campaign.objects.filter(area=area, year=year).first()
    if found is not None:
        return found
    terms = measures_of_carried(area_code=area.code, year=year).terms
    return _new_campaign(actor, area, year, terms)


@all_or_nothing()
def set_cash_days(*, actor: User, campaign: Campaign, days: int) -> Campaign:
    """How many days a clerk may keep cash before it must be paid in (现金缴存时限)."""
    if not 0 <= days <= 60:
        raise Refusal("现金缴存时限为 0 至 60 天", "cash_days")
    rows = Campaign.objects.select_related("area")
    with change(rows, campaign.pk, actor=actor, action="enrollment.set_cash_days") as row:
        row.cash_days = days
    return row

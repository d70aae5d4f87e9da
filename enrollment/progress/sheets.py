"""The twice-weekly progress sheet: taken once a day, kept, and compared with the last one."""

from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date, timedelta
from decimal import Decimal

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from enrollment.cover.models import Campaign
from enrollment.progress.figures import Figures, PlaceRow, villages
from enrollment.progress.models import ProgressLine, ProgressSheet
from enrollment.progress.scales import report_days

DAYS_OF_WEEK = 7
KEPT = tuple(one.name for one in fields_of(Figures))


@all_or_nothing()
def take_sheet(*, actor: User | None, campaign: Campaign, on: date) -> ProgressSheet:
    """Keep how every village stands on the day. `actor` None: the timetable. Raises Refusal."""
    if not campaign.first_day <= on:
        raise Refusal(f"{campaign} 征缴 {campaign.first_day:%Y-%m-%d} 才开始，还没有进度可报")
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # one sheet at a time
    if ProgressSheet.objects.filter(campaign=campaign, day=on).exists():
        raise Refusal(f"{on:%Y-%m-%d} 的进度表已经生成，不能重复生成")
    rows = villages(code=campaign.area.code, campaign=campaign, day=on)
    places = Division.objects.in_bulk(list(rows), field_name="code")
    sheet = ProgressSheet.objects.create(
        area=campaign.area, campaign=campaign, day=on, taken_by=actor
    )
    ProgressLine.objects.bulk_create(
        ProgressLine(
            sheet=sheet,
            division=places[code],
            cadres=row.cadres,
            target=row.target,
            **{name: getattr(row, name) for name in KEPT},
        )
        for code, row in sorted(rows.items())
    )
    record(
        actor=actor,
        action="enrollment.take_sheet",
        subject=sheet,
        after=snapshot(sheet) | {"villages": len(rows)},
    )
    return sheet


def take_due_sheets(*, on: date) -> int:
    """A sheet of each open campaign that has none since its last reporting day (周一、周四 unless
    the measures differ). Where the portal did not run on that day, the sheet is taken late and
    bears the day on which it was taken.

    Returns how many were taken. A sheet that is there already stays as it is.
    """
    taken = 0
    for campaign in Campaign.objects.open_on(on).select_related("area"):
        due = _last_due(campaign, on)
        if due and not ProgressSheet.objects.filter(campaign=campaign, day__gte=due).exists():
            take_sheet(actor=None, campaign=campaign, on=on)
            taken += 1
    return taken


def _last_due(campaign: Campaign, on: date) -> date | None:
    """The last reporting day of the campaign up to `on`."""
    days = report_days(campaign)
    week = (on - timedelta(days=back) for back in range(DAYS_OF_WEEK))
    return next(
        (one for one in week if one.isoweekday() in days and one >= campaign.first_day), None
    )


@dataclass
class SheetRow(PlaceRow):
    """A line of a sheet and what came since the sheet before. None: there was none before."""

    more_people: int | None = None
    more_households: int | None = None
    more_personal: Decimal | None = None


def earlier_sheet(sheet: ProgressSheet) -> ProgressSheet | None:
    """The sheet of the same campaign right before this one."""
    rows = ProgressSheet.objects.filter(campaign=sheet.campaign_id, day__lt=sheet.day)
    return rows.order_by("-day").first()


def _kept_rows(sheet: ProgressSheet, user: User) -> dict[str, SheetRow]:
    lines = ProgressLine.objects.visible_to(user).filter(sheet=sheet).select_related("division")
    rows = {}
    for line in lines:
        row = SheetRow(
            code=line.division.code,
            name=line.division.name,
            cadres=line.cadres,
            **{name: getattr(line, name) for name in KEPT},
        )
        row.aim(line.target)
        rows[row.code] = row
    return rows


@dataclass(frozen=True)
class Sheet:
    """A kept sheet as the user may see it: townships or villages, their sum, and the last one."""

    sheet: ProgressSheet
    before: ProgressSheet | None
    rows: list[SheetRow]
    total: SheetRow


def read_sheet(*, sheet: ProgressSheet, user: User, by_township: bool) -> Sheet:
    """The user's lines with the change since the sheet before. Four statements at most."""
    before = earlier_sheet(sheet)
    now = _kept_rows(sheet, user)
    past = _kept_rows(before, user) if before else {}
    if by_township:
        now, past = _townships(now), _townships(past)
    total = SheetRow(name="合计")
    old_total = SheetRow()
    for code, row in now.items():
        total.take_in(row)
        if before:
            _compare(row, past.get(code, SheetRow()))
    for row in past.values():
        old_total.take_in(row)
    if before:
        _compare(total, old_total)
    return Sheet(sheet, before, list(now.values()), total)


def _compare(row: SheetRow, old: SheetRow) -> None:
    row.more_people = row.enrolled - old.enrolled
    row.more_households = row.enrolled_households - old.enrolled_households
    row.more_personal = row.personal - old.personal


def _townships(rows: dict[str, SheetRow]) -> dict[str, SheetRow]:
    codes = {code[:9] for code in rows}
    names = dict(Division.objects.filter(code__in=codes).values_list("code", "name"))
    found: dict[str, SheetRow] = {}
    for code, row in rows.items():
        town = code[:9]
        found.setdefault(town, SheetRow(code=town, name=names.get(town, town))).take_in(row)
    return found

"""The sheet of Monday and Thursday is kept as it was and compared with the last one."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.receipts import take_payment
from enrollment.progress.models import ProgressLine, ProgressSheet
from enrollment.progress.sheets import read_sheet, take_due_sheets, take_sheet
from enrollment.progress.tasks import take_progress_sheets
from tests.conftest import table_in
from tests.enrollment.conftest import OCTOBER, text_of

pytestmark = pytest.mark.django_db
MONDAY, THURSDAY = date(2025, 10, 13), date(2025, 10, 16)


def test_what_came_since_the_last_sheet(autumn, campaign, cast):
    first = take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    take_payment(actor=cast.clerk_a, household=autumn.zhous, received=Decimal(240), on=THURSDAY)
    second = take_sheet(actor=None, campaign=campaign, on=THURSDAY)

    shown = read_sheet(sheet=second, user=cast.supervisor, by_township=True)
    a, b = shown.rows
    assert (a.name, a.enrolled, a.personal, a.rate) == ("龙水镇", 6, Decimal(690), 6667)
    assert (a.more_people, a.more_households, a.more_personal) == (2, 1, Decimal(240))
    assert (b.name, b.enrolled, b.more_people, b.more_personal) == ("万古镇", 1, 0, Decimal(0))
    assert (shown.total.enrolled, shown.total.more_people) == (7, 2)
    assert shown.before == first

    old = read_sheet(sheet=first, user=cast.supervisor, by_township=True)
    assert old.before is None
    assert (old.rows[0].enrolled, old.rows[0].more_people) == (4, None)  # as it was reported


def test_a_township_reads_its_own_lines(autumn, campaign, cast, as_user):
    sheet = take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    rows = read_sheet(sheet=sheet, user=cast.clerk_b, by_township=False).rows
    assert [(row.name, row.people, row.enrolled) for row in rows] == [("万古镇石庙村", 2, 1)]
    paper = text_of(as_user(cast.clerk_b).get(f"/enrollment/watch/sheets/{sheet.pk}"))
    assert "万古镇石庙村" in paper and "桥亭村" not in paper and "首次报表" in paper
    foreign = as_user(cast.other_officer).get(f"/enrollment/watch/sheets/{sheet.pk}")
    assert foreign.status_code == 404


def test_a_day_has_one_sheet_and_it_stays(autumn, campaign, cast):
    sheet = take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    with pytest.raises(Refusal, match="已经生成"):
        take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    with pytest.raises(Refusal, match="还没有进度"):
        take_sheet(actor=None, campaign=campaign, on=date(2025, 9, 30))
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        ProgressLine.objects.filter(sheet=sheet).update(enrolled=99)
    assert AuditLine.objects.get(action="enrollment.take_sheet").after["villages"] == 2


def test_the_timetable_takes_sheets_on_mondays_and_thursdays(autumn, campaign, settings):
    assert take_due_sheets(on=MONDAY) == 1
    assert take_due_sheets(on=MONDAY) == 0
    assert take_due_sheets(on=OCTOBER) == 0  # a Wednesday
    assert take_due_sheets(on=date(2025, 12, 1)) == 0  # the window is closed
    settings.TODAY = THURSDAY
    take_progress_sheets()
    assert [row.day for row in ProgressSheet.objects.all()] == [THURSDAY, MONDAY]


def test_a_sheet_whose_day_was_missed_is_taken_late(autumn, campaign, cast):
    """Nobody was there on Monday: the first day on which the portal runs takes it."""
    assert take_due_sheets(on=OCTOBER) == 1
    assert take_due_sheets(on=OCTOBER) == 0
    assert take_due_sheets(on=THURSDAY) == 1  # due itself
    take_sheet(actor=cast.accountant, campaign=campaign, on=date(2025, 10, 21))
    assert take_due_sheets(on=date(2025, 10, 22)) == 0  # an officer took Monday's late by hand
    assert [row.day for row in ProgressSheet.objects.order_by("day")] == [
        OCTOBER,
        THURSDAY,
        date(2025, 10, 21),
    ]


def test_no_sheet_is_due_before_the_campaign_has_had_a_reporting_day(campaign):
    begins = campaign.first_day
    while begins.isoweekday() != 2:
        begins += timedelta(days=1)
    type(campaign).objects.filter(pk=campaign.pk).update(first_day=begins)
    assert take_due_sheets(on=begins) == 0
    assert take_due_sheets(on=begins + timedelta(days=2)) == 1


def test_the_accountant_takes_one_and_exports_it(autumn, campaign, cast, as_user):
    accountant = as_user(cast.accountant)
    assert as_user(cast.clerk_a).post("/enrollment/watch/sheets/new").status_code == 403
    page = accountant.post("/enrollment/watch/sheets/new", follow=True)
    assert "2025-10-15 进度表已生成" in text_of(page)
    assert "已经生成" in text_of(accountant.post("/enrollment/watch/sheets/new", follow=True))
    sheet = ProgressSheet.objects.get()
    assert "2025-10-15" in text_of(accountant.get("/enrollment/watch/sheets"))
    by_village = text_of(accountant.get(f"/enrollment/watch/sheets/{sheet.pk}?by=village"))
    assert "龙水镇桥亭村" in by_village
    content = accountant.post(f"/enrollment/watch/sheets/{sheet.pk}/workbook").getvalue()
    rows = table_in(content)
    assert [row[1] for row in rows[1:]] == ["龙水镇", "万古镇", "合计"]
    assert rows[1][5:8] == ["9", "4", "0.4444"]
    assert rows[3][15] == "570"
    line = AuditLine.objects.get(action="export")
    assert (line.after["what"], line.after["rows"]) == ("progress_sheet", 2)


def test_a_sheet_has_one_door(autumn, cast, campaign):
    """Whoever sees a line of it sees the sheet; nobody else."""
    sheet = take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    for user in (cast.accountant, cast.clerk_a, cast.clerk_b, cast.cadre_a):
        assert list(ProgressSheet.objects.visible_to(user)) == [sheet], user.name
    stranger = cast.clerk_a
    stranger.role = "visitor"  # not in the table of roles
    for user in (cast.other_officer, cast.hospital_clerk, cast.sysadmin, stranger):
        assert not ProgressSheet.objects.visible_to(user).exists(), user.name

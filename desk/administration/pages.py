"""The pages that load the table of divisions."""

from django import forms

from accounts.clock import today
from desk.administration.resources import CalendarResource, DivisionResource
from desk.master_pages import MasterPages, MasterUploadForm


class DivisionUploadForm(MasterUploadForm):
    first_day = forms.DateField(
        label="新增区划的启用日期",
        initial=today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


DIVISION_PAGES = MasterPages(
    DivisionResource,
    space="accounts",
    route="accounts/divisions/load",
    name="load_divisions",
    back="accounts:divisions",
    form=DivisionUploadForm,
)
CALENDAR_PAGES = MasterPages(
    CalendarResource,
    space="accounts",
    route="accounts/calendar/load",
    name="load_calendar",
    back="accounts:calendar",
)

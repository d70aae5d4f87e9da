"""What is typed in about notices."""

from datetime import date
from typing import Any

from django import forms

from accounts.clock import today
from accounts.forms import PlainForm
from desk.reasons import ReasonField
from desk.workdays import calendar
from supervision.inspections.forms import ManyFilesField, ManyFilesInput

# No norm that we hold says within which time an objection is answered: the form begins with these.
USUAL_WORKDAYS = 10


def day_field(label: str, help_text: str = "") -> Any:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, help_text=help_text)


def photos_field(*, required: bool, shows: str = "看得出公示栏和公示内容") -> Any:
    return ManyFilesField(
        label="照片（JPEG、PNG，可多选）",
        required=required,
        widget=ManyFilesInput(attrs={"accept": "image/jpeg,image/png"}),
        help_text=shows,
    )


class ContactForm(PlainForm):
    office = forms.CharField(
        label="受理单位",
        max_length=60,
        help_text="如：龙水镇医保办",
        widget=forms.TextInput(attrs={"size": 30}),
    )
    phone = forms.CharField(label="受理电话", max_length=20, help_text="如：023-43722345")
    address = forms.CharField(
        label="地址", max_length=100, required=False, widget=forms.TextInput(attrs={"size": 40})
    )


class PutUpForm(PlainForm):
    where = forms.CharField(
        label="张贴地点",
        max_length=60,
        help_text="如：村委会公示栏",
        widget=forms.TextInput(attrs={"size": 30}),
    )
    put_up_by = forms.CharField(label="张贴人", max_length=40)
    put_up_on = day_field("张贴日期")
    photos = photos_field(required=False)


class PhotosForm(PlainForm):
    photos = photos_field(required=True)


class TakeDownForm(PlainForm):
    day = day_field("撤下日期")


class ObjectionForm(PlainForm):
    told = ReasonField(
        label="异议内容", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    objector = forms.CharField(
        label="异议人姓名、联系方式",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 36}),
        help_text="匿名的不填；加密保存，查看须有理由并留痕",
    )
    due_on = day_field("答复期限")

    @staticmethod
    def usual(on: date) -> dict[str, date]:
        return {"due_on": calendar(on).after(on, USUAL_WORKDAYS)}


def put_up_today() -> dict[str, date]:
    return {"put_up_on": today()}

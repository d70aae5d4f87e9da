"""What the pages of usage ask for."""

from django import forms

from accounts.forms import PlainForm
from claims.carried.models import OldFile
from desk.import_pages import UploadForm
from enrollment.people.forms import date_input


class CarriedForm(UploadForm):
    noun = "已用情况"
    system = forms.CharField(label="原系统名称", max_length=60)
    document = forms.CharField(label="交接单据（名称、编号）", max_length=100)
    counted_to = forms.DateField(label="算到哪一天（含）", widget=date_input())
    correction = forms.CharField(label="更正原因（首次转入留空）", max_length=200, required=False)
    field_order = ("system", "document", "counted_to", "correction", "file")


class OldForm(UploadForm):
    noun = "原系统结算"
    max_bytes = 60 * 1024 * 1024
    kind = forms.ChoiceField(label="种类", choices=OldFile.Kind.choices)
    system = forms.CharField(label="原系统名称", max_length=60)
    field_order = ("kind", "system", "file")


class RecountForm(PlainForm):
    """Of which year the old settlements are computed anew."""

    year = forms.IntegerField(label="待遇年度", min_value=2003, max_value=2100)

"""What is planned, and what is reported."""

from django import forms

from accounts.forms import PlainForm
from supervision.public.forms import day_field, photos_field
from supervision.publicity.models import PublicityMeasure

SHOWS = "看得出地点和宣传的内容"


class MeasureForm(PlainForm):
    what = forms.CharField(
        label="宣传内容",
        max_length=100,
        widget=forms.TextInput(attrs={"size": 40}),
        help_text="如：2027 年度参保缴费政策",
    )
    form = forms.ChoiceField(label="形式", choices=PublicityMeasure.Form.choices)
    reach = forms.ChoiceField(
        label="范围",
        choices=PublicityMeasure.Reach.choices,
        help_text="选各乡镇、各村的，每个地方各列一项任务",
    )
    charged = forms.CharField(
        label="责任人或单位", max_length=60, help_text="如：各乡镇医保办、县合管办宣传股"
    )
    due_on = day_field("完成期限")


class ReportForm(PlainForm):
    done_on = day_field("完成日期")
    count = forms.IntegerField(
        label="数量（份、人次、户）", min_value=1, max_value=9_999_999,
        help_text="宣传单填份数，会议填人次，入户填户数，其他填次数",
    )  # fmt: skip
    note = forms.CharField(
        label="完成情况",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    photos = photos_field(required=False, shows=SHOWS)


class MorePhotosForm(PlainForm):
    photos = photos_field(required=True, shows=SHOWS)

"""Forms of the room."""

from django import forms

from accounts.forms import PlainForm


class ConclusionForm(PlainForm):
    """What the supervisor found out about an alert."""

    outcome = forms.ChoiceField(
        label="核查结果",
        choices=[("confirmed", "属实"), ("dismissed", "排除")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择属实或排除"},
    )
    conclusion = forms.CharField(
        label="核查结论",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="查了什么、结果如何、如何处理；保存后不能再改",
        error_messages={"required": "请写明核查结论：查了什么、结果如何、如何处理"},
    )

"""What is typed about a clearing, and about money of an institution."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.models import User
from claims.clearing.models import ClearingClaim, Deduction, PaymentMethod
from claims.clearing.money import cares_of
from claims.cuts import INSTITUTION, REASONS
from claims.recovery.forms import date_field, money_field
from desk.filters import MonthField
from institutions.models import Institution

MAX_REASON = 200


class DeclareForm(PlainForm):
    month = MonthField(label="申报月份")


class DeductForm(PlainForm):
    """One deduction of a claim; the claims are those that stand in the clearing."""

    claim = forms.ChoiceField(label="结算单", widget=forms.Select(attrs={"data-wide": True}))
    code = forms.ChoiceField(
        label="扣减原因",
        choices=[(one.code, one.name) for one in REASONS if one.bearer == INSTITUTION],
    )
    words = forms.CharField(label="说明", max_length=60, required=False)
    amount = money_field("扣减金额（元）")

    def __init__(self, claims: Sequence[ClearingClaim], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["claim"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.settlement.number}（{one.worth:,.2f}）") for one in claims
        ]


class ConfirmForm(PlainForm):
    """A field for each deduction: what is written there is an objection."""

    def __init__(self, deductions: Sequence[Deduction], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in deductions:
            self.fields[f"dispute-{one.pk}"] = forms.CharField(
                label=f"对“{one.words}” {one.amount:,.2f} 元的异议",
                max_length=MAX_REASON,
                required=False,
                widget=forms.TextInput(attrs={"size": 50}),
            )

    def disputes(self) -> dict[int, str]:
        """Deduction → reason, of those that are objected to."""
        return {
            int(name.removeprefix("dispute-")): text
            for name, text in self.cleaned_data.items()
            if name.startswith("dispute-") and text
        }


class AnswerForm(PlainForm):
    gives_back = forms.ChoiceField(
        label="答复意见", choices=[("no", "维持扣减"), ("yes", "退还机构")]
    )
    answer = forms.CharField(
        label="理由",
        max_length=MAX_REASON,
        widget=forms.TextInput(attrs={"size": 40, "placeholder": "答复的理由"}),
    )


class PaidForm(PlainForm):
    paid_on = date_field("办理日期")


def _papers(form: PlainForm) -> None:
    wide = forms.TextInput(attrs={"size": 40})
    form.fields["evidence"] = forms.CharField(label="依据文件", max_length=100, widget=wide)
    form.fields["reason"] = forms.CharField(label="事由", max_length=MAX_REASON, widget=wide)


class RuleForm(PlainForm):
    first_month = MonthField(label="自哪个月起")
    deposit_percent = forms.IntegerField(label="质量保证金（%）", min_value=0, max_value=30)
    full_score = forms.IntegerField(
        label="全额返还的考核分", min_value=1, max_value=100, initial=95
    )
    days_to_answer = forms.IntegerField(label="机构确认期限（天）", min_value=1, max_value=30)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _papers(self)

    def entry(self) -> dict[str, Any]:
        return {**self.cleaned_data, "first_month": self.cleaned_data["first_month"].first}


class _InstitutionForm(PlainForm):
    institution = forms.ModelChoiceField(
        label="定点机构", queryset=Institution.objects.none(), empty_label=None
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Institution.objects.visible_to(user).filter(is_active=True)
        self.fields["institution"].queryset = mine  # type: ignore[attr-defined]
        _papers(self)

    def entry(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class MethodForm(_InstitutionForm):
    care = forms.ChoiceField(label="就医类别")
    way = forms.ChoiceField(label="付费方式", choices=PaymentMethod.Way.choices)
    first_month = MonthField(label="自哪个月起")
    rate = money_field("标准（元）", required=False)
    heads = forms.IntegerField(label="人数", min_value=1, required=False)
    budget = money_field("年度总额（元）", required=False)
    prices = forms.CharField(
        label="编码和金额（分值）",
        help_text="按病种、按分值填写：每行一个编码、一个数，用空格隔开，如 K35 900.00",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 40}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["evidence"].label = "协议编号"
        self.fields["rate"].help_text = "按人头每人每月、按床日每床日、按分值每一分"
        self.fields["care"].choices = list(  # type: ignore[attr-defined]
            cares_of(user.county_code, today()).items()
        )

    def clean_prices(self) -> dict[str, str]:
        """Code → number as typed; a code that stands twice is refused."""
        found: dict[str, str] = {}
        for line in self.cleaned_data["prices"].splitlines():
            if not (words := line.split()):
                continue
            code = words[0].upper()
            if len(words) != 2 or code in found:
                raise forms.ValidationError(
                    f"“{line.strip()}”不对：每行一个编码、一个数，用空格隔开，编码不重复"
                )
            found[code] = words[1]
        return found

    def entry(self) -> dict[str, Any]:
        return {**self.cleaned_data, "first_month": self.cleaned_data["first_month"].first}


class PrepaymentForm(_InstitutionForm):
    amount = money_field("预付金额（元）")


class ReturnForm(_InstitutionForm):
    year = forms.IntegerField(label="考核年度", min_value=2000, max_value=2100)
    score = forms.IntegerField(label="考核得分", min_value=0, max_value=100)

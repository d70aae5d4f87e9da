"""Opening balances typed at the page: a row for each account, and what it is about."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory

from accounts.errors import Refusal
from accounts.forms import PlainForm
from desk.master_pages import MasterUploadForm
from funds.chart import BANK_ACCOUNTS
from funds.events import FUNDING_LEVELS
from funds.models import ZERO, Book
from funds.opening.models import OpeningLine
from funds.opening.outstanding import BANK, SIDES, Outstanding, check_outstanding
from funds.opening.rules import COLUMNS, Rules, twins
from funds.opening.services import check

MAX_ROWS = 400  # a county's townships times the accounts that ask for them
MORE_ROWS = 10
BLANK = 6


def _amount(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=14,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 14}),
        error_messages={
            "invalid": "请填写金额，如 1200.50",
            "max_decimal_places": "小数最多两位（到分）",
        },
    )


class LineForm(PlainForm):
    account = forms.ChoiceField(label="科目", required=False)
    debit = _amount("借方余额")
    credit = _amount("贷方余额")
    tier = forms.ChoiceField(label="档次", required=False)
    township = forms.ChoiceField(label="乡镇", required=False)
    institution_code = forms.CharField(
        label="机构代码",
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"size": 12}),
    )
    funding_level = forms.ChoiceField(
        label="资金来源", required=False, choices=[("", ""), *FUNDING_LEVELS.items()]
    )
    policy_year = forms.IntegerField(
        label="保险年度",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 5}),
    )

    def __init__(self, rules: Rules, tiers: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        self.choose("account", [(one.code, rules.told_of(one.code)) for one in rules.opened])
        self.choose("tier", list(tiers.items()))
        self.choose("township", [(one.code, one.name) for one in rules.townships.values()])

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [("", ""), *choices]

    @property
    def is_filled(self) -> bool:
        """An account without anything beside it is a row that was offered and not used."""
        return any(self[name].data for name in COLUMNS)

    def line(self) -> OpeningLine:
        data = self.cleaned_data
        return OpeningLine(
            account=data["account"],
            debit=data["debit"] or ZERO,
            credit=data["credit"] or ZERO,
            tier=data["tier"],
            township=self.rules.townships.get(data["township"]),
            institution_code=data["institution_code"],
            funding_level=data["funding_level"],
            policy_year=data["policy_year"],
        )


class LineSet(BaseFormSet):  # type: ignore[type-arg]
    """Every fault of every row stands beside its input."""

    def add_fields(self, form: LineForm, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            row = "" if index is None else f"第 {index + 1} 行"
            field.widget.attrs.setdefault("aria-label", f"{row}{field.label}")

    def filled(self) -> list[LineForm]:
        return [form for form in self.forms if form.is_filled]

    def lines(self, rules: Rules) -> list[OpeningLine] | None:
        """The rows, or None where some are wrong."""
        filled = self.filled()
        if any(form.errors for form in filled):
            return None
        lines = [form.line() for form in filled]
        places = {id(form): at for at, form in enumerate(self.forms, start=1)}
        for form, line in zip(filled, lines, strict=True):
            for column, words in rules.faults(line).items():
                form.add_error(column, words)
        for at, first in twins(lines).items():
            words = f"与第 {places[id(filled[first])]} 行的科目和辅助核算相同，请合并成一行"
            filled[at].add_error("account", words)
        return None if any(form.errors for form in filled) else lines


class OutstandingForm(PlainForm):
    account = forms.ChoiceField(label="银行账户")
    side = forms.ChoiceField(label="项目", choices=list(SIDES.items()))
    day = forms.DateField(
        label="日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    number = forms.CharField(
        label="流水号或凭证号", max_length=40, required=False,
        widget=forms.TextInput(attrs={"size": 16}),
    )  # fmt: skip
    amount = _amount("金额")

    def __init__(self, rules: Rules, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        banks = [one for one in rules.opened if one.code in BANK_ACCOUNTS]
        choices = [(one.code, rules.told_of(one.code)) for one in banks]
        cast(forms.ChoiceField, self.fields["account"]).choices = choices
        self.on = rules.on

    @property
    def is_filled(self) -> bool:
        return any(self[name].data for name in ("day", "number", "amount"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "amount" in data and data["amount"] is None:
            self.add_error("amount", "请填写金额，如 1200.50")
        if data.get("side") != BANK and "day" in data and data["day"] is None:
            self.add_error("day", "请填写日期")
        return data

    def row(self) -> Outstanding:
        data = self.cleaned_data
        day = data["day"] or self.on
        return Outstanding(data["account"], data["side"], day, data["number"], data["amount"])


class OutstandingSet(BaseFormSet):  # type: ignore[type-arg]
    def add_fields(self, form: OutstandingForm, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            row = "" if index is None else f"未达账项第 {index + 1} 行"
            field.widget.attrs.setdefault("aria-label", f"{row}{field.label}")

    def rows(self) -> list[Outstanding] | None:
        """What is filled in, or None where some is wrong."""
        filled = [form for form in self.forms if form.is_filled]
        if not all(form.is_valid() for form in filled):
            return None
        return [form.row() for form in filled]


ITEMS: Any = formset_factory(
    OutstandingForm, formset=OutstandingSet, extra=BLANK, max_num=MAX_ROWS, absolute_max=MAX_ROWS
)
LINES: Any = formset_factory(
    LineForm, formset=LineSet, extra=0, max_num=MAX_ROWS, absolute_max=MAX_ROWS
)


class OpeningForm(PlainForm):
    evidence = forms.CharField(label="依据（原账套的余额表、移交清册）", max_length=100)
    reason = forms.CharField(label="说明", max_length=200, initial="账套启用，转入原账余额")

    def check(
        self, rules: Rules, lines: Sequence[OpeningLine], outstanding: Sequence[Outstanding]
    ) -> bool:
        """Whether the rows fit together; what is wrong stands on top."""
        try:
            check(rules, lines)
            check_outstanding(rules, lines, outstanding)
        except Refusal as refusal:
            self.add_error(None, refusal.message)
        return self.is_valid()


class OpeningUploadForm(MasterUploadForm):
    fund_type = forms.ChoiceField(label="账套", choices=Book.FundType.choices)
    evidence = forms.CharField(label="依据（原账套的余额表、移交清册）", max_length=100)
    reason = forms.CharField(label="说明", max_length=200, initial="账套启用，转入原账余额")
    corrects = forms.BooleanField(label="更正已登记的期初余额", required=False)

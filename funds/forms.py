"""Forms of the ledger. They read input; what is allowed is said by the services."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

from django import forms

from accounts.forms import PlainForm
from accounts.models import Division
from funds.account_uses import options_of
from funds.chart import printed_chart
from funds.drafts.services import used_before
from funds.events import FUNDING_LEVELS, PURPOSES, Event
from funds.models import Book, Period
from funds.services import EventLine
from lib.periods import Month

ANY = ("", "全部")
YEARS_AROUND = 3  # how far from today a book may begin


def day_field(label: str) -> forms.DateField:
    # A date input only takes the ISO form, whatever the language of the page.
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget)


def month_choices(book: Book) -> list[tuple[str, str]]:
    """The book's months, latest first."""
    periods = Period.objects.filter(book=book).of_business().order_by("-year", "-month")
    return [(str(period.as_month), str(period)) for period in periods]


def account_choices(book: Book, version: str = "") -> list[tuple[str, str]]:
    """General accounts, each followed by its own accounts, as an address names them and the chart
    prints them. Without `version` as the book's latest chart prints them, and below them what only
    an earlier one of the book had."""
    if version:
        return list(_choices(book, version).items())
    used = book.periods.order_by("-year", "-month").values_list("chart", flat=True)
    latest, *earlier = dict.fromkeys(used)
    choices = _choices(book, latest)
    for one in earlier:
        for address, label in _choices(book, one).items():
            choices.setdefault(address, f"{label}（{one} 年科目表）")
    return list(choices.items())


def _choices(book: Book, version: str) -> dict[str, str]:
    choices = {}
    for general in printed_chart(version, book.roles):
        is_mixed = any(not one.printed.mark for one in general.accounts) and not general.is_alone
        told = f"{general.code} {general.name}"
        choices[general.address] = f"{told}（含下级）" if is_mixed else told
        for one in general.accounts:
            if not general.is_alone:
                alone = is_mixed and not one.printed.mark
                choices[one.address] = f"{one.printed}（不含下级）" if alone else str(one.printed)
    return choices


def _choose(form: PlainForm, name: str, choices: list[tuple[str, str]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


class MonthsForm(PlainForm):
    """A range of months for balances."""

    first = forms.ChoiceField(label="自")
    last = forms.ChoiceField(label="至")

    def __init__(self, book: Book, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            _choose(self, name, month_choices(book))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            data |= {name: Month.parse(data[name]) for name in ("first", "last")}
            if data["first"] > data["last"]:
                self.add_error("first", "起始月份晚于截止月份，请调换")
        return data


def yuan_field(label: str, required: bool, least: str = "0.01") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        max_digits=14,
        decimal_places=2,
        min_value=Decimal(least),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={
            "invalid": "请填写金额，如 1200.50",
            "max_decimal_places": "小数最多两位（到分）",
            "min_value": "金额应大于零" if Decimal(least) else "金额不能小于零",
        },
    )


class ManualEventForm(PlainForm):
    """One event from a bank slip: an amount, or one per choice, and the dimensions it asks for."""

    on = day_field("日期")
    document = forms.CharField(
        label="单据号",
        max_length=60,
        help_text="银行回单或批复文号",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    township = forms.ModelChoiceField(Division.objects.none(), label="乡镇", required=False)
    funding_level = forms.ChoiceField(
        label="资金来源", required=False, choices=[("", "—"), *FUNDING_LEVELS.items()]
    )
    tier = forms.ChoiceField(label="档次", required=False)
    policy_year = forms.IntegerField(
        label="保险年度", required=False, min_value=2000, max_value=2100
    )
    institution_code = forms.RegexField(
        label="机构代码",
        regex=r"^H[0-9]{11}$",
        required=False,
        error_messages={"invalid": "机构代码应为 H 加 11 位数字"},
    )
    summary = forms.CharField(label="摘要", max_length=200, required=False)
    again = forms.BooleanField(label="单据号相同，确是另一笔", required=False)
    same_document = forms.CharField(label="另一笔的说明", max_length=100, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(
        self, what: Event, book: Book, tiers: Mapping[str, str], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.what = what
        towns = cast("forms.ModelChoiceField[Division]", self.fields["township"])
        towns.queryset = Division.objects.townships().filter(parent=book.area)
        _choose(self, "tier", [("", "不分档"), *tiers.items()])
        for name in ("township", "funding_level", "tier", "policy_year", "institution_code"):
            if name not in what.asks:
                del self.fields[name]
            elif name in what.needs:
                self.fields[name].required = True
        # Asked only where the number of the document was used before.
        document = self.data.get("document", "").strip()
        if not (document and used_before(book, document)):
            del self.fields["again"], self.fields["same_document"]
        self.amounts = {"": "金额（元）"}
        if what.choice is not None:
            names = PURPOSES if what.choice.by == "purpose" else FUNDING_LEVELS
            self.amounts = {option: f"{names[option]}（元）" for option in options_of(what)}
        first = {"on": self.fields.pop("on"), "document": self.fields.pop("document")}
        fields = {
            f"amount_{option}": yuan_field(label, required=what.choice is None)
            for option, label in self.amounts.items()
        }
        for field in fields.values():
            field.widget.attrs["class"] = "form-control form-control-sm num"
        self.fields = {**first, **fields, **self.fields}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.what.choice is not None and not self.errors and not self.lines():
            self.add_error(None, "请至少填写一项金额")
        if data.get("again") and not data.get("same_document"):
            self.add_error("same_document", "请写明为什么单据号相同")
        return data

    def same_as_another(self) -> str:
        """Why the number of the document is on another voucher as well; "" when it is not said."""
        ticked = self.cleaned_data.get("again")
        return self.cleaned_data["same_document"] if ticked else ""

    def lines(self) -> list[EventLine]:
        """One line per amount that was filled in."""
        data = self.cleaned_data
        common = {name: data[name] for name in self.what.asks if data.get(name)}
        lines = []
        for option in self.amounts:
            if amount := data.get(f"amount_{option}"):
                chosen: dict[str, Any] = {}
                if self.what.choice is not None:
                    chosen[self.what.choice.by] = option
                lines.append(EventLine(amount=amount, **common, **chosen))
        return lines


class ReverseForm(PlainForm):
    on = day_field("红冲日期")
    reason = forms.CharField(
        label="原因", max_length=100, widget=forms.TextInput(attrs={"autofocus": True})
    )


class YearForm(PlainForm):
    """An insurance year and the day to book on."""

    year = forms.IntegerField(label="保险年度", min_value=2000, max_value=2100)
    on = day_field("日期")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError("日期不能晚于今天")
        return day


class OpenBookForm(PlainForm):
    first_month = forms.RegexField(
        label="启用月份",
        regex=r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        widget=forms.TextInput(attrs={"placeholder": "2026-01"}),
        error_messages={"invalid": "月份应为 年-月，如 2026-01"},
    )
    fund_type = forms.ChoiceField(label="基金", choices=Book.FundType.choices)
    chart = forms.ChoiceField(
        label="科目表",
        choices=Book.Chart.choices,
        initial=Book.Chart.Y2026,
        required=False,
        help_text="仍按原新农合制度记账的选 2008；以后可在“科目表”自某年年初改用新科目表",
    )
    defers_advance_premium = forms.BooleanField(
        label="以后年度保费先挂预收",
        required=False,
        initial=True,
        help_text="2026 年起按补充规定挂预收，受益年度首月转收入；不勾选则收到时确认收入",
    )

    def __init__(
        self,
        *args: Any,
        today: date,
        funds: list[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if funds is not None:
            _choose(self, "fund_type", funds)

    def clean_chart(self) -> str:
        return self.cleaned_data["chart"] or Book.Chart.Y2026

    def clean_first_month(self) -> Month:
        """A slip of the pen here would stay: a book is never taken away, nor opened twice."""
        year, _, month = self.cleaned_data["first_month"].partition("-")
        if abs(int(year) - self.today.year) > YEARS_AROUND:
            raise forms.ValidationError(f"启用月份应在前后 {YEARS_AROUND} 年之内，请核对")
        return Month(int(year), int(month))


class ExportForm(PlainForm):
    """What leaves and why; the reason goes into the audit trail."""

    month = forms.ChoiceField(label="月份")
    reason = forms.CharField(label="用途", max_length=100)

    def __init__(self, book: Book, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "month", month_choices(book))

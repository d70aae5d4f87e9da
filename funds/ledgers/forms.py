"""What the account books are asked for."""

from typing import Any

from django import forms

from accounts.forms import PlainForm
from accounts.models import Division
from funds.chart import printed_chart
from funds.events import FUNDING_LEVELS
from funds.forms import MonthsForm, account_choices, month_choices
from funds.ledgers.reading import BY, NONE
from funds.models import Book
from funds.papers import tier_names
from lib.periods import Month

ANY, UNNAMED = ("", "全部"), (NONE, "未注明")


class AccountForm(MonthsForm):
    """An account over some months."""

    account = forms.ChoiceField(label="科目")
    field_order: tuple[str, ...] = ("account", "first", "last")

    def __init__(self, book: Book, *args: Any, **kwargs: Any) -> None:
        super().__init__(book, *args, **kwargs)
        # As the last month prints them.
        asked = str(self.data.get("last", ""))
        months = (month for month, _ in month_choices(book))
        last = next((Month.parse(one) for one in months if one == asked), None)
        version = book.chart_at(last) if last else ""
        self._choose("account", account_choices(book, version))

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class DetailForm(AccountForm):
    """明细账, narrowed by dimensions."""

    township = forms.ChoiceField(label="乡镇", required=False)
    tier = forms.ChoiceField(label="档次", required=False)
    funding_level = forms.ChoiceField(label="资金来源", required=False)
    institution_code = forms.CharField(
        label="机构代码", required=False, max_length=12, widget=forms.TextInput(attrs={"size": 10})
    )
    policy_year = forms.CharField(
        label="保险年度", required=False, max_length=4, widget=forms.TextInput(attrs={"size": 4})
    )

    def __init__(self, book: Book, *args: Any, **kwargs: Any) -> None:
        super().__init__(book, *args, **kwargs)
        towns = Division.objects.townships().filter(parent=book.area)
        self._choose("township", [ANY, *towns.values_list("code", "name"), UNNAMED])
        self._choose("tier", [ANY, *tier_names(book).items(), UNNAMED])
        self._choose("funding_level", [ANY, *FUNDING_LEVELS.items(), UNNAMED])

    def clean_policy_year(self) -> str:
        text: str = self.cleaned_data["policy_year"].strip()
        if text and text != NONE and not (len(text) == 4 and text.isascii() and text.isdecimal()):
            raise forms.ValidationError("年度写四位数字，如 2026")
        return text

    @property
    def narrowed(self) -> dict[str, str]:
        """The dimensions that were filled in."""
        return {name: self.cleaned_data[name] for name in BY if self.cleaned_data[name]}


class ShareForm(AccountForm):
    """辅助账: by which dimension."""

    by = forms.ChoiceField(label="按", choices=list(BY.items()))
    field_order = ("account", "by", "first", "last")


class GeneralForm(PlainForm):
    """总账 of a year."""

    year = forms.ChoiceField(label="年度")
    account = forms.ChoiceField(label="总账科目", required=False)

    def __init__(self, book: Book, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = dict.fromkeys(month[:4] for month, _ in month_choices(book))
        self.fields["year"].choices = [(year, f"{year}年") for year in years]  # type: ignore[attr-defined]
        asked = self.data.get("year", "")
        december = Month(int(asked if asked in years else next(iter(years))), 12)
        self.fields["account"].choices = [  # type: ignore[attr-defined]
            ANY,
            *(
                (one.address, f"{one.code} {one.name}")
                for one in printed_chart(book.chart_at(december), book.roles)
            ),
        ]

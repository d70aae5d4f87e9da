"""What an analysis is asked by. Nothing personal: it stands in the address."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.models import Division
from desk.filters import ANY, FilterForm, MonthField
from institutions.models import Institution
from lib.periods import Month
from reports.analysis.asked import Against, Asked
from reports.analysis.dimensions import DIMENSIONS
from reports.analysis.measures import MEASURES
from reports.analysis.months import MAX_MONTHS, Months, last_months

SPANS = [
    ("month", "一个月"),
    ("year", "本年累计"),
    ("twelve", "最近 12 个月"),
    ("free", "自选起止月份"),
]
AGAINST: list[tuple[Against, str]] = [
    ("none", "不对比"),
    ("last_year", "上年同期"),
    ("previous", "上期（之前同样长）"),
    ("peers", "同级机构中位数"),
]


def _picked(label: str, choices: Iterable[Any], initial: str) -> Any:
    return forms.ChoiceField(label=label, required=False, choices=list(choices), initial=initial)


def _grouped() -> list[Any]:
    """The measures under their headings."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, one in MEASURES.items():
        found.setdefault(one.group, []).append((key, one.indicator.name))
    return list(found.items())


class AnalysisForm(FilterForm):
    measure = _picked("指标", _grouped(), "cost")
    by = _picked("维度", [(key, one.title) for key, one in DIMENSIONS.items()], "month")
    span = _picked("期间", SPANS, "year")
    since = MonthField(label="自（自选时）", required=False)
    until = MonthField(label="至", required=False, initial=lambda: str(Month.of(today())))
    against = _picked("对比", AGAINST, "none")
    township = forms.ChoiceField(label="乡镇", required=False)
    institution = forms.ChoiceField(label="医疗机构", required=False)

    def offer(self) -> None:
        towns = Division.objects.visible_to(self.user).townships().order_by("code")
        self.choose("township", [ANY, *towns.values_list("code", "name")])
        # Where the people of a township go, lies in the whole county.
        inside = Institution.objects.filter(division__code__startswith=self.user.county_code)
        names = inside.order_by("code").values_list("code", "name")
        self.choose("institution", [ANY, *names])

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        for name in ("measure", "by", "span", "against"):
            given[name] = given.get(name) or self.fields[name].initial
        given["until"] = given.get("until") or Month.of(today())
        if not self.errors:
            self._check_span(given)
            self._check_fit(given)
        return given

    def _check_span(self, given: dict[str, Any]) -> None:
        if given["span"] != "free":
            return
        if not given.get("since"):
            self.add_error("since", "请选择起始月份")
        elif given["since"] > given["until"]:
            self.add_error("since", "起始月份在截止月份之后")
        elif len(Months(given["since"], given["until"])) > MAX_MONTHS:
            self.add_error("since", f"一次最多 {MAX_MONTHS} 个月")

    def _check_fit(self, given: dict[str, Any]) -> None:
        measure, dimension = MEASURES[given["measure"]], DIMENSIONS[given["by"]]
        name = measure.indicator.name
        if not dimension.fits(measure):
            fitting = "、".join(one.title for one in DIMENSIONS.values() if one.fits(measure))
            self.add_error("by", f"“{name}”不能按{dimension.title}分，可按{fitting}")
        if given.get("institution") and measure.reads != {"care"}:
            self.add_error("institution", f"“{name}”不分医疗机构，请选“全部”")
        if given["against"] == "peers" and given["by"] != "institution":
            self.add_error("against", "与同级机构比，请把维度选为“医疗机构”")

    @property
    def query(self) -> str:
        """What is asked for, for a named view: without the month where it is the present one, so
        that the view goes on with time."""
        now = str(Month.of(today()))
        given = {name: str(value) for name, value in self.filled().items()}
        return urlencode(
            {name: one for name, one in given.items() if (name, one) != ("until", now)}
        )

    def analysis(self, area: Division) -> Asked:
        """Wants a form without errors."""
        given = self.cleaned_data
        return Asked(
            user=self.user,
            area=area,
            measure=MEASURES[given["measure"]],
            dimension=DIMENSIONS[given["by"]],
            months=_months(given),
            against=given["against"],
            place=given.get("township") or self.user.division_code,
            institution=given.get("institution", ""),
        )


def _months(given: dict[str, Any]) -> Months:
    until: Month = given["until"]
    match given["span"]:
        case "month":
            return Months(until, until)
        case "twelve":
            return last_months(until, 12)
        case "free":
            return Months(given["since"], until)
    return Months(Month(until.year, 1), until)


class NameForm(PlainForm):
    """A name for an analysis."""

    name = forms.CharField(label="视图名称", max_length=40)
    is_shared = forms.BooleanField(label="全县共用", required=False)

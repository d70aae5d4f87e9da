"""Between which values an indicator is in order: three colours for the report (正常, 预警, 超限).

National and published bounds, in the unit of the indicator. The limits of surplus that a county's
measures name (`surplus_limits`; 浏阳 has 8 %, 乡镇方案 10 %) take the place of the national ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from policies.terms import Terms

Standing = Literal["", "good", "wait", "bad"]
STANDINGS: Mapping[str, str] = {"": "", "good": "正常", "wait": "预警", "bad": "超限"}


@dataclass(frozen=True, slots=True)
class Bound:
    """`limit`: what must not be passed, upwards where `is_most`; from `warning` on it is told that
    the limit is near. `since`: the first month in which a yearly figure says something."""

    limit: int
    warning: int
    is_most: bool
    source: str
    since: int = 1

    def told(self, unit: str) -> str:
        """（≤25.00%） or （≥3.00）."""
        sign = "≤" if self.is_most else "≥"
        return f"（{sign}{self.limit / 100:.2f}{'%' if unit == 'ratio' else ''}）"

    def standing(self, value: int | None, month: int) -> Standing:
        if value is None or month < self.since:
            return ""
        over, near = value - self.limit, value - self.warning
        if not self.is_most:
            over, near = -over, -near
        return "bad" if over > 0 else "wait" if near > 0 else "good"


SURPLUS = "卫农卫发〔2009〕68号"
BOUNDS: Mapping[str, Bound] = {
    # 2021 district review: 面上参保率不低于97%; the district stood at 99.35 %.
    "enrollment_rate": Bound(9_700, 9_800, False, "某区 2021 年度审查"),
    "special_group_rate": Bound(9_900, 10_000, False, "资助参保对象应保尽保（目标 100%）"),
    # At the year's end; before that the year's funds are there and not yet spent.
    "surplus_rate": Bound(1_500, 1_000, True, SURPLUS, since=12),
    # In the first months all of the year's funds stand in the balance.
    "balance_rate": Bound(2_500, 2_000, True, SURPLUS, since=12),
    # No norm: spending more than ten points ahead of the calendar runs dry before November.
    "pace_deviation": Bound(1_000, 500, True, "设计值：支出不快于日历十个百分点"),
    # No norm for residents: a quarter's payments is what the trade keeps at the least.
    "months_payable": Bound(300, 600, False, "设计值：不少于三个月"),
    "in_place_rate": Bound(9_000, 10_000, False, "设计值：下半年应到位筹资基本到位", since=7),
}


# Which limit of the measures bounds which indicator.
OF_MEASURES = {"surplus_rate": "annual", "balance_rate": "cumulative"}


def bounds(terms: Terms) -> dict[str, Bound]:
    """Those of the county: its measures, and the rest as everywhere."""
    found = dict(BOUNDS)
    limits = terms.fund.surplus_limits if terms.fund is not None else {}
    for key, name in OF_MEASURES.items():
        if limit := limits.get(name):
            warning = limit.most if limit.warn is None else limit.warn
            found[key] = replace(
                found[key], limit=limit.most, warning=warning, source=limit.article
            )
    return found

"""Two visits of one person for each kind of care, and what is due on them, by hand to the fen.

大足 unless said: at the county hospital 200 yuan are borne, the fund pays 50 % of the second tier,
40 % of the first (第二十三条(一)2、(二)2), at most 60 000 a year, of the first tier 30 000.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.claims.conftest import TODAY
from tests.conftest import PACKS

Days = tuple[date, date]
CLINIC: tuple[Days, Days] = (
    (date(2026, 2, 3), date(2026, 2, 3)),
    (date(2026, 2, 4), date(2026, 2, 4)),
)
WARD: tuple[Days, Days] = (
    (date(2026, 2, 1), date(2026, 2, 9)),
    (date(2026, 2, 20), date(2026, 3, 1)),
)
OUTPATIENT, INPATIENT = "5001-outpatient", "5001-inpatient"


@dataclass(frozen=True, kw_only=True)
class Life:
    """`door`: counter, ward (a registered visit) or paper. `bills`: totals of the two visits.

    `pays`: what the fund pays for each in their order. `alone`: for the second where the first does
    not count. `cut`: the first bill as the reviewer leaves it, then what both are paid.
    """

    name: str
    bills: tuple[str, str]
    pays: tuple[str, str]
    alone: str
    cut: tuple[str, str, str]
    visits: tuple[Mapping[str, Any], Mapping[str, Any]]
    accounts: tuple[str, str]
    days: tuple[Days, Days] = WARD
    door: str = "counter"
    level: str = "county"
    measures: str = "dazu"
    who: Mapping[str, Any] = field(default_factory=dict)
    on: date = TODAY


def both(**facts: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return facts, facts


LIVES = [
    # 第二十三条(二)1: 40 a year and person; 25 of the first bill, so 15 of the second's 30.
    Life(
        name="household account",
        bills=("25.00", "30.00"),
        pays=("25.00", "15.00"),
        alone="30.00",
        cut=("10.00", "10.00", "30.00"),
        visits=both(care="outpatient", diagnosis="感冒"),
        accounts=(OUTPATIENT, OUTPATIENT),
        days=CLINIC,
        door="ward",
    ),
    # 居民医保样本, at a township hospital: 60 %, 120 a year. 150 × 60 % = 90, 100.01 × 60 % 60.01,
    # of which 30 are left; after the cut to 100.00 (60.00) 60 are left of 60.01.
    Life(
        name="general outpatient",
        bills=("150.00", "100.01"),
        pays=("90.00", "30.00"),
        alone="60.01",
        cut=("100.00", "60.00", "60.00"),
        visits=both(care="outpatient", diagnosis="感冒"),
        accounts=(OUTPATIENT, OUTPATIENT),
        days=CLINIC,
        level="township",
        measures="resident",
    ),
    # 第二十三条(四)1: 50 %, 700 a year. 1000 × 50 % = 500; 600 × 50 % = 300, of which 200 are left.
    Life(
        name="chronic disease",
        bills=("1000.00", "600.00"),
        pays=("500.00", "200.00"),
        alone="300.00",
        cut=("700.00", "350.00", "300.00"),
        visits=both(care="chronic", diseases={"diabetes"}, facts={"chronic_certified"}),
        accounts=(OUTPATIENT, OUTPATIENT),
        days=CLINIC,
    ),
    # 第二十三条(二)3: 200 once a year, then 50 %. (500 − 200) × 50 % = 150; 333.33 × 50 % 166.665;
    # alone (333.33 − 200) × 50 % = 66.665. Cut to 100.00 nothing is paid and 100 are left to bear:
    # (333.33 − 100) × 50 % = 116.665.
    Life(
        name="special disease",
        bills=("500.00", "333.33"),
        pays=("150.00", "166.67"),
        alone="66.67",
        cut=("100.00", "0.00", "116.67"),
        visits=both(care="special", diseases={"dialysis"}),
        accounts=(OUTPATIENT, OUTPATIENT),
        days=CLINIC,
        door="ward",
    ),
    # The same of a child: 55 %. 300 × 55 % = 165; 300.03 × 55 % = 165.0165; alone 100.03 × 55 % =
    # 55.0165; after the cut 200.03 × 55 % = 110.0165.
    Life(
        name="special disease of a child",
        bills=("500.00", "300.03"),
        pays=("165.00", "165.02"),
        alone="55.02",
        cut=("100.00", "0.00", "110.02"),
        visits=both(care="special", diseases={"leukemia"}),
        accounts=(OUTPATIENT, OUTPATIENT),
        days=CLINIC,
        who={"born": date(2015, 6, 1)},
    ),
    # (100 200 − 200) × 50 % = 50 000; 30 000.10 × 50 % = 15 000.05, of them 10 000 left. Cut to
    # 80 200: 40 000, so that 20 000 are left.
    Life(
        name="inpatient",
        bills=("100200.00", "30200.10"),
        pays=("50000.00", "10000.00"),
        alone="15000.05",
        cut=("80200.00", "40000.00", "15000.05"),
        visits=both(care="inpatient"),
        accounts=(INPATIENT, INPATIENT),
        door="ward",
    ),
    # 第二十三条(二)2、(七): referred elsewhere: 1 000, then 35 %: 150 000 × 35 % = 52 500, 30 000 ×
    # 35 % = 10 500, of which 7 500 are left. Cut to 101 000: 35 000.
    Life(
        name="inpatient elsewhere, on paper",
        bills=("151000.00", "31000.00"),
        pays=("52500.00", "7500.00"),
        alone="10500.00",
        cut=("101000.00", "35000.00", "10500.00"),
        visits=both(care="inpatient", referral="referred"),
        accounts=(INPATIENT, INPATIENT),
        # 第二十三条(七): within 30 days after the discharge.
        days=(
            (date(2026, 2, 21), date(2026, 3, 1)),
            (date(2026, 3, 2), date(2026, 3, 12)),
        ),
        door="paper",
    ),
    # 第二十三条(六): at most 100 for the examinations, at most 400 for the delivery, what was spent
    # if less; neither counts toward the year.
    Life(
        name="maternity",
        bills=("163.00", "380.50"),
        pays=("100.00", "380.50"),
        alone="380.50",
        cut=("80.00", "80.00", "380.50"),
        visits=(
            {
                "care": "prenatal",
                "diagnosis": "孕期检查",
                "facts": {"family_planning_ok", "prenatal_complete"},
            },
            {"care": "delivery", "diagnosis": "顺产", "facts": {"family_planning_ok"}},
        ),
        accounts=(OUTPATIENT, INPATIENT),
        days=(CLINIC[0], WARD[1]),
        who={"sequence": 2, "born": date(1998, 2, 1)},  # an even number is a woman's
    ),
    # 南京 二(一)7: 4 000 for an appendectomy, of which 75 %; 1 200 are the hospital's. Then
    # 2 000.10 × 75 % = 1 500.075. Cut to 3 000: 2 250.
    Life(
        name="single disease",
        bills=("5200.00", "2000.10"),
        pays=("3000.00", "1500.08"),
        alone="1500.08",
        cut=("3000.00", "2250.00", "1500.08"),
        visits=(
            {"care": "inpatient", "procedures": {"appendectomy"}, "diagnosis": "阑尾炎"},
            {"care": "inpatient"},
        ),
        accounts=(INPATIENT, INPATIENT),
        measures="nanjing",
    ),
    # As a stay, in the day: 90 000 × 50 % = 45 000; 40 000 × 50 % = 20 000, of them 15 000 left.
    Life(
        name="day surgery",
        bills=("90200.00", "40200.00"),
        pays=("45000.00", "15000.00"),
        alone="20000.00",
        cut=("60200.00", "30000.00", "20000.00"),
        visits=both(care="day_surgery", diagnosis="腹股沟疝"),
        accounts=(INPATIENT, INPATIENT),
        days=CLINIC,
        measures="day surgery",
    ),
    # 第二十三条(五), first tier: 60 000 × 40 % = 24 000; 20 000 × 40 % = 8 000, of which 6 000 are
    # left. Cut to 50 200: 20 000.
    Life(
        name="accident",
        bills=("60200.00", "20200.00"),
        pays=("24000.00", "6000.00"),
        alone="8000.00",
        cut=("50200.00", "20000.00", "8000.00"),
        visits=both(care="inpatient", facts={"trauma", "trauma_certified"}, diagnosis="股骨骨折"),
        accounts=(INPATIENT, INPATIENT),
        who={"tier": "tier1"},
    ),
    # 第二十三条(四)2: 90 days a year. 59 days: 5 900 × 50 % = 2 950; of 50 days 31 are left:
    # 5 000.10 × 31 / 50 = 3 100.062, (3 100.06 − 200) × 50 % = 1 450.03; alone 2 400.05. A cut
    # leaves the days: 4 900 × 50 % = 2 450.
    Life(
        name="psychiatric",
        bills=("6100.00", "5000.10"),
        pays=("2950.00", "1450.03"),
        alone="2400.05",
        cut=("5100.00", "2450.00", "1450.03"),
        visits=both(care="inpatient", facts={"psychiatric"}, diagnosis="精神分裂症"),
        accounts=(INPATIENT, INPATIENT),
        days=(
            (date(2026, 1, 1), date(2026, 3, 1)),
            (date(2026, 3, 2), date(2026, 4, 21)),
        ),
        door="ward",
        on=date(2026, 4, 25),
    ),
    # 第二十三条(四)3: 500 a year, of which 179.50 are left after 320.50.
    Life(
        name="tuberculosis",
        bills=("320.50", "300.00"),
        pays=("320.50", "179.50"),
        alone="300.00",
        cut=("100.25", "100.25", "300.00"),
        visits=both(care="tuberculosis", facts={"tb_registered"}, diagnosis="肺结核"),
        accounts=(OUTPATIENT, OUTPATIENT),
        days=CLINIC,
    ),
]


def source_of(measures: str) -> str:
    """The measures' text for the county of the stories and its year; otherwise as shipped."""
    return SOURCES[measures]()


def _shipped(name: str) -> str:
    return (PACKS / f"{name}.yaml").read_text("utf-8")


def _here(text: str) -> str:
    text = re.sub(r'area: \{code: "\d+", name: \S+\}', 'area: {code: "500225", name: 大足县}', text)
    return re.sub(
        r"valid: \{from: \S+, to: \S+(,|\})", r"valid: {from: 2025-01-01, to: 2026-12-31\1", text
    )


def _resident() -> str:
    """Its grades of hospitals as the levels that the portal's institutions have."""
    text = _here(_shipped("resident-2025"))
    for grade, level in (("grade1", "township"), ("grade2", "county"), ("grade3", "city")):
        text = text.replace(grade, level)
    return text


def _nanjing() -> str:
    """Its two schemes as the two tiers."""
    return (
        re.sub(r"(?<=tier: )ncms|(?<=\{)ncms", "tier2", _here(_shipped("nanjing-2012")))
        .replace("tier: resident", "tier: tier1")
        .replace("resident: 居民医保", "tier1: 居民医保")
    )


def _day_surgery() -> str:
    """大足 with a care of its own, that is paid as a stay."""
    inpatient = "    inpatient: {name: 住院,"
    care = "    day_surgery: {name: 日间手术, bed: no, counts_as_stay: no, booked_as: inpatient, "
    return (
        _shipped("dazu")
        .replace(inpatient, f'{care}med_type: "26"}}\n{inpatient}')
        .replace("when: {care: inpatient, tier:", "when: {care: [inpatient, day_surgery], tier:")
    )


SOURCES = {
    "dazu": lambda: _shipped("dazu"),
    "resident": _resident,
    "nanjing": _nanjing,
    "day surgery": _day_surgery,
}

"""The thresholds of the screening rules: what each counts, its default, how far a county may go.

Where a norm gives the figure, the card says which; most have none, and then that is said. A
county's own figures are dated data (supervision/thresholds); rules take them as `Bounds`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

NO_NORM = "没有规范给出数值"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Whole numbers in the unit of the card; shares in per cent, money in yuan."""

    split_days: int = 10
    group_persons: int = 3
    far_persons: int = 3
    far_days: int = 180
    like_lines: int = 3
    like_share: int = 80
    serial_gap: int = 5
    serial_days: int = 20
    empty_days: int = 2
    short_days: int = 3
    test_share: int = 80
    large_total: int = 50_000
    paid_share: int = 95
    paid_total: int = 5_000
    hand_days: int = 30
    shops: int = 3
    packs: int = 30
    same_sum_persons: int = 5


DEFAULT_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCard:
    """Which rule asks, what the number counts, and the range within which a county sets it."""

    rule: str
    name: str
    unit: str
    least: int
    most: int
    source: str = NO_NORM


CARDS: Mapping[str, BoundCard] = {
    "split_days": BoundCard(
        rule="A05", name="出院后再入院的间隔不超过", unit="天", least=1, most=30,
        source="各地核查多取 10 至 15 天；取低值，误报较少",
    ),
    "group_persons": BoundCard(
        rule="A12", name="同村同日同院入院的人数达到", unit="人", least=2, most=20,
        source="没有规范给出数值；夫妻同时患病常见，三人少见",
    ),
    "far_persons": BoundCard(
        rule="A19", name="同村持同一外地医院发票的人数达到", unit="人", least=2, most=20,
    ),
    "far_days": BoundCard(
        rule="A19", name="在多少天以内", unit="天", least=30, most=366,
    ),
    "like_lines": BoundCard(
        rule="A20", name="相同的明细至少", unit="行", least=2, most=50,
    ),
    "like_share": BoundCard(
        rule="A20", name="相同的明细占较长一张的比例达到", unit="%", least=50, most=100,
    ),
    "serial_gap": BoundCard(
        rule="A21", name="相近的发票号相差不超过", unit="号", least=1, most=100,
    ),
    "serial_days": BoundCard(
        rule="A21", name="而开票日期相隔达到", unit="天", least=5, most=366,
    ),
    "empty_days": BoundCard(
        rule="A06", name="除床位、护理、诊察外没有费用的天数达到", unit="天", least=1, most=30,
    ),
    "short_days": BoundCard(
        rule="A07", name="住院天数不超过", unit="天", least=1, most=10,
    ),
    "test_share": BoundCard(
        rule="A07", name="检查化验费用的占比达到", unit="%", least=50, most=100,
    ),
    "large_total": BoundCard(
        rule="A13", name="医疗费总额达到", unit="元", least=5_000, most=1_000_000,
    ),
    "paid_share": BoundCard(
        rule="A13", name="基金支付占总额的比例超过", unit="%", least=50, most=100,
    ),
    "paid_total": BoundCard(
        rule="A13", name="按比例抽审的总额不低于", unit="元", least=100, most=1_000_000,
    ),
    "hand_days": BoundCard(
        rule="A26", name="变更登记后录入报销的间隔不超过", unit="天", least=1, most=90,
    ),
    "shops": BoundCard(
        rule="A27", name="同月购买同一药品的机构达到", unit="家", least=2, most=20,
    ),
    "packs": BoundCard(
        rule="A27", name="同月同一药品的数量超过", unit="单位", least=5, most=1_000,
    ),
    "same_sum_persons": BoundCard(
        rule="A29", name="同村同日同一机构金额相同的人数达到", unit="人", least=3, most=50,
    ),
}  # fmt: skip

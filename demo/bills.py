"""Bills that look like a county's: what stands on them follows the care, the level and the cost.

Amounts in fen. A bill aims at a cost and comes near it; its lines always add up exactly. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from claims.classification import classify
from demo.catalogue import Catalogue, Item
from demo.illnesses import Illness

LOW_LEVELS = frozenset({"village", "township", "central"})
# Share of stays with a CT, an ultrasound or the like, and of what the catalogue does not pay.
IMAGING = {"township": 0.06, "central": 0.22, "county": 0.55, "city": 0.8, "province": 0.85}
OUTSIDE_SHARE = {"township": 0.02, "central": 0.03, "county": 0.028, "city": 0.06, "province": 0.07}
# Prescription limits of 第三十一条 in fen; a few prescriptions go over.
PRESCRIPTION = {"village": 1500, "township": 2500, "central": 2500, "county": 4000}
PAPER_NAMES = {
    "in_scope": (("western_drug", "西药费"), ("treatment", "治疗费"), ("bed", "床位费")),
    "special_exam": (("special_examination", "特殊检查费"),),
    "off_catalogue": (("material", "目录外材料及药品"),),
}


@dataclass(slots=True)
class Line:
    """One line. `limit`: fen payable at most; `item` None on paper bills, which give subtotals."""

    item: Item | None
    name: str
    category: str
    bill_class: str
    quantity: int
    unit_price: int
    limit: int | None

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


class BillMaker:
    """Draws bills. One per township, with a stream of chance of its own."""

    def __init__(self, chance: Random, goods: Catalogue) -> None:
        self.chance = chance
        self.goods = goods

    def bill(self, illness: Illness, level: str, days: int, target: int) -> list[Line]:
        """Lines of a counter bill of about `target` fen."""
        lines = _Lines(self.chance)
        if illness.kind in {"stay", "birth"}:
            self._stay(lines, illness, level, days, target)
        elif illness.kind == "clinic":
            self._prescription(lines, illness, level, target)
        elif illness.kind == "infusion":
            self._course(lines, illness, target)
        elif illness.kind == "check":
            self._tests(lines, ("examination/prenatal", "laboratory/prenatal"), 2, target)
        else:
            self._drugs(lines, illness.drugs, target, 3, most=60)
        return lines.drawn

    def paper_bill(self, illness: Illness, level: str, target: int) -> list[Line]:
        """Subtotals as a clerk reads them off a hospital's receipt."""
        chance = self.chance
        outside = round(target * OUTSIDE_SHARE.get(level, 0.1) * chance.uniform(0.4, 1.8))
        special = round(target * 0.09 * chance.uniform(0.3, 1.6))
        amounts = {"special_exam": special, "off_catalogue": outside}
        amounts["in_scope"] = max(target - special - outside, 10_000)
        lines = []
        for bill_class, names in PAPER_NAMES.items():
            left = amounts[bill_class]
            for place, (category, name) in enumerate(names, start=1):
                share = left if place == len(names) else round(left * chance.uniform(0.35, 0.7))
                left -= share
                if share > 0:
                    lines.append(Line(None, name, category, bill_class, 1, share, None))
        return lines

    # -- inside the hospital ---------------------------------------------------------------

    def _stay(self, lines: "_Lines", illness: Illness, level: str, days: int, target: int) -> None:
        chance, payable = self.chance, self.goods.payable
        low = level in LOW_LEVELS
        beds = payable["bed/bed_low" if low else "bed/bed"]
        lines.add(chance.choice(beds), days)
        lines.add(payable["consultation/stay"][0], days)
        lines.add(chance.choice(payable["nursing/basic"]), days)
        lines.add(payable["treatment/ward"][2], days)
        lines.add(payable["material/basic"][1], days)
        if illness.surgery and chance.random() < illness.surgery_share:
            self._operation(lines, illness.surgery, target)
        if illness.kind == "birth":
            at = "剖宫产术" if illness.code.startswith("O82") else "单胎顺产接生"
            lines.add(self.goods.named(at), 1)
            lines.add(payable["nursing/baby"][0], days)
        self._tests(lines, ("laboratory/lab",), 2 if low else 5, target // 8)
        self._tests(lines, ("examination/exam",), 1 if low else 2, target // 8)
        if not low:
            self._tests(lines, ("laboratory/lab_more",), 1, target // 8)
        if chance.random() < IMAGING.get(level, 0.5):
            self._imaging(lines, target)
        if chance.random() < 0.012 * illness.severity and not low:
            lines.add(chance.choice(payable["blood/blood"]), chance.randint(1, 4))
        self._outside(lines, level, target)
        left = target - lines.total
        if left > 0:
            self._drugs(lines, (*illness.drugs, "fluid"), left, 3 if low else 5, most=5 * days)

    def _operation(self, lines: "_Lines", group: str, target: int) -> None:
        payable, chance = self.goods.payable, self.chance
        lines.add(chance.choice(payable[f"surgery/{group}"]), 1)
        lines.add(chance.choice(payable["surgery/anaesthesia"]), 1)
        lines.add(payable["material/surgical"][0], chance.randint(1, 4))
        affordable = [i for i in payable["material/surgical"] if i.price < (target - lines.total)]
        if affordable:
            lines.add(affordable[-1], 1)

    def _tests(self, lines: "_Lines", groups: Sequence[str], count: int, most: int) -> None:
        """`count` different tests of each group, none dearer than `most`."""
        for group in groups:
            items = [item for item in self.goods.payable[group] if item.price <= most]
            for item in self.chance.sample(items, min(count, len(items))):
                lines.add(item, 1)

    def _imaging(self, lines: "_Lines", target: int) -> None:
        group = "imaging_more" if self.chance.random() < 0.2 else "imaging"
        items = self.goods.payable[f"special_examination/{group}"]
        affordable = [item for item in items if item.price * 2 < target]
        if affordable:
            lines.add(self.chance.choice(affordable), 1)

    def _outside(self, lines: "_Lines", level: str, target: int) -> None:
        """What the catalogue does not pay: with the patient's signature, or without (2 %)."""
        budget = target * OUTSIDE_SHARE.get(level, 0.1) * self.chance.uniform(0.2, 1.6)
        signed = self.chance.random() > 0.02
        pools = ("fluid", "antibiotic", "analgesic", "material/surgical", "other/facility")
        for _ in range(3):
            items = [i for i in self.goods.outside[self.chance.choice(pools)] if i.price <= budget]
            if not items:
                continue
            item = items[-1]
            count = max(1, min(10, int(budget * 0.6 // item.price)))
            lines.add(item, count, signed=signed)
            budget -= count * item.price

    def _course(self, lines: "_Lines", illness: Illness, target: int) -> None:
        payable = self.goods.payable
        if "dialysis" in illness.drugs:
            lines.add(payable["treatment/dialysis"][0], max(1, round(target * 0.7 / 40_000)))
        elif "oncology" in illness.drugs:
            lines.add(payable["treatment/oncology"][0], 1)
        self._drugs(lines, illness.drugs, max(0, target - lines.total), 3, most=30)

    # -- drugs ------------------------------------------------------------------------------

    def _drugs(
        self, lines: "_Lines", groups: Sequence[str], budget: int, count: int, most: int
    ) -> None:
        """`count` drugs of the groups for about `budget`, at most `most` packs of each."""
        chance = self.chance
        weights = [chance.random() + 0.25 for _ in range(count)]
        whole = sum(weights)
        for weight in weights:
            share = budget * weight / whole
            items = self.goods.payable[groups[int(chance.random() * len(groups))]]
            # Cheap ampoules do not add up to a dear stay: take a drug whose price fits the share.
            fitting = [item for item in items if share / most <= item.price <= share]
            if fitting:
                item = fitting[int(chance.random() * len(fitting))]
            else:
                item = items[-1] if items[-1].price <= share else items[0]
            lines.add(item, max(1, min(most, round(share / item.price))))

    def _prescription(self, lines: "_Lines", illness: Illness, level: str, target: int) -> None:
        payable, chance = self.goods.payable, self.chance
        if level == "county":
            lines.add(payable["consultation/visit"][0], 1)
        else:
            lines.add(payable[f"general/{'clinic' if level == 'village' else 'township'}"][0], 1)
        over = chance.random() < 0.01
        budget = (target if over else min(target, PRESCRIPTION[level])) - lines.total
        group = illness.drugs[int(chance.random() * len(illness.drugs))]
        for _ in range(1 if level == "village" else 2):
            items = [item for item in self.goods.payable[group] if item.price <= budget]
            if not items:
                break
            item = items[int(chance.random() * len(items))]
            lines.add(item, 1 if item.price > 300 else min(3, budget // item.price))
            budget -= lines.drawn[-1].amount
            group = illness.drugs[int(chance.random() * len(illness.drugs))]
        if level != "village" and chance.random() < (0.45 if level == "county" else 0.15):
            self._tests(lines, ("laboratory/lab",), 1, 5000)


class _Lines:
    """The bill so far; an item stands on it once."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.drawn: list[Line] = []
        self.total = 0
        self._places: dict[int, Line] = {}

    def add(self, item: Item, quantity: int, *, signed: bool = True) -> None:
        line = self._places.get(item.position)
        if line is None:
            bill_class = classify(
                payment_class=item.payment_class, category=item.category, consent_signed=signed
            )
            # One line in a hundred is charged above the limit.
            price = item.price * 13 // 10 if self.chance.random() < 0.01 else item.price
            line = Line(item, item.name, item.category, bill_class, 0, price, None)
            self._places[item.position] = line
            self.drawn.append(line)
        line.quantity += quantity
        self.total += quantity * line.unit_price
        if item.limit is not None:
            line.limit = line.quantity * item.limit

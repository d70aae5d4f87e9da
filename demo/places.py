"""The county's townships, villages and groups: as many as the people need, names our own. Pure."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from demo.plan import Plan
from lib.money import split

COUNTY_CODE = "500225"
COUNTY_NAME = "大足县"
# Where hospitals outside the county stand: (code, name).
OUTSIDE = (("500103", "渝中区"), ("510104", "锦江区"))

STEM_FIRST = "龙凤金玉石清双云高宝回古新天铁邮中季珠国智雍拾万三"
STEM_SECOND = "溪滩岭桥坪垭坝山龙门井台兴佛观隆梁驿"
STREET_NAMES = ("棠城街道", "海棠街道", "濑溪街道")
VILLAGE_FAMILIES = "李王张刘陈杨罗周唐胡邓蒋夏廖谭覃龚黎贺孙"
VILLAGE_TERRAIN = ("家湾", "家坝", "家沟", "家坪", "家院", "家店")
VILLAGE_FIRST = "红大长青团水凉石柏桂梨桃楠响"
VILLAGE_SECOND = "岩林河塘峰坡井堡桅庙滩梁"
COMMUNITY_FIRST = "东西南北文广学迎翠和安昌福顺"
COMMUNITY_SECOND = "门关庙坪宾屏苑府街桥园"
GROUP_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Group:
    code: str
    name: str
    persons: int


@dataclass(frozen=True)
class Village:
    code: str
    name: str
    is_urban: bool
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Township:
    index: int
    code: str
    name: str
    villages: tuple[Village, ...]

    @property
    def persons(self) -> int:
        return sum(group.persons for village in self.villages for group in village.groups)


def lay_out(plan: Plan) -> tuple[Township, ...]:
    """Townships in code order; the first one is the county seat. Persons sum to the plan's."""
    chance = plan.chance("places")
    count = _between(round(2.4 + 0.0246 * plan.persons**0.5), 3, 27)
    weights = [1300, *(round(1000 * chance.lognormvariate(0, 0.35)) for _ in range(count - 1))]
    names = _township_names(chance, count)
    village_names = _village_names(chance)
    community_names = _community_names(chance)
    return tuple(
        _township(
            chance,
            index,
            name,
            persons=persons,
            village_names=village_names,
            community_names=community_names,
        )
        for index, (name, persons) in enumerate(
            zip(names, split(plan.persons, weights), strict=True)
        )
    )


def _township(
    chance: Random,
    index: int,
    name: str,
    *,
    persons: int,
    village_names: Iterator[str],
    community_names: Iterator[str],
) -> Township:
    # The last two digits differ between townships and between villages: household numbers have
    # no room for the first one.
    code = f"{COUNTY_CODE}{index + 1 if index == 0 else 100 + index + 1:03d}"
    count = _between(round(persons / 1500), 3, 25)
    sizes = split(persons, [round(1000 * chance.lognormvariate(0, 0.3)) for _ in range(count)])
    villages = []
    for number, size in enumerate(sizes):
        # The seat is mostly town; elsewhere only the market community is.
        urban = number == 0 or (index == 0 and number * 3 < count * 2)
        village_code = f"{code}{number + 1 if urban else 200 + number + 1:03d}"
        village_name = next(community_names if urban else village_names)
        villages.append(
            Village(village_code, village_name, urban, _groups(chance, village_code, size))
        )
    return Township(index, code, name, tuple(villages))


def _groups(chance: Random, village_code: str, persons: int) -> tuple[Group, ...]:
    count = _between(round(persons / 150), 2, 20)
    sizes = split(persons, [round(1000 * chance.lognormvariate(0, 0.25)) for _ in range(count)])
    return tuple(
        Group(f"{village_code}{number:02d}", f"{_numeral(number)}组", size)
        for number, size in enumerate(sizes, start=1)
    )


def _township_names(chance: Random, count: int) -> list[str]:
    stems = [first + second for first in STEM_FIRST for second in STEM_SECOND if first != second]
    chance.shuffle(stems)
    kinds = ("镇", "镇", "镇", "乡")
    towns = [stem + kinds[place % 4] for place, stem in enumerate(stems[: count - 1])]
    return [chance.choice(STREET_NAMES), *towns]


def _village_names(chance: Random) -> Iterator[str]:
    stems = [a + b for a in VILLAGE_FAMILIES for b in VILLAGE_TERRAIN]
    stems += [a + b for a in VILLAGE_FIRST for b in VILLAGE_SECOND]
    chance.shuffle(stems)
    # The largest county has more villages than stems: then some have a "new" neighbour.
    return (f"{stem}{new}村" for new in ("", "新", "上") for stem in stems)


def _community_names(chance: Random) -> Iterator[str]:
    names = [f"{a}{b}社区" for a, b in itertools.product(COMMUNITY_FIRST, COMMUNITY_SECOND)]
    chance.shuffle(names)
    return iter(names)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    if number <= 10:
        return GROUP_NUMERALS[number - 1]
    return ("十" if tens == 1 else GROUP_NUMERALS[tens - 1] + "十") + (
        GROUP_NUMERALS[ones - 1] if ones else ""
    )


def _between(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))

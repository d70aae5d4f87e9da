"""Clinics and hospitals of every level, inside the county and outside. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demo.places import COUNTY_CODE, COUNTY_NAME, OUTSIDE, Township

COUNTY_HOSPITALS = (
    ("general", f"{COUNTY_NAME}人民医院"),
    ("general", f"{COUNTY_NAME}中医医院"),
    ("general", f"{COUNTY_NAME}第二人民医院"),
    ("maternity", f"{COUNTY_NAME}妇幼保健院"),
    ("psychiatric", f"{COUNTY_NAME}精神卫生中心"),
)
# Outside the county: (place in OUTSIDE, level, name).
OUTSIDE_HOSPITALS = (
    (0, "city", "巴渝市立综合医院"),
    (0, "city", "巴渝市立肿瘤医院"),
    (0, "province", "巴渝医科大学附属医院"),
    (1, "province", "蓉江省立医院"),
)
# Where people who work away fall ill; these have no agreement and stand in no register of ours.
AWAY_HOSPITALS = (
    ("county", "珠海区港湾人民医院"),
    ("county", "甬东县第一人民医院"),
    ("city", "莞城市东江医院"),
    ("city", "昆山市玉峰医院"),
    ("province", "滇池省第二人民医院"),
)


@dataclass(frozen=True)
class Provider:
    """One institution. `township`: index of the township it serves, None for all of them."""

    position: int
    code: str
    name: str
    level: str
    kind: str
    division_code: str
    township: int | None
    practitioners: int

    @property
    def is_outside(self) -> bool:
        return not self.division_code.startswith(COUNTY_CODE)


@dataclass(frozen=True)
class Providers:
    everyone: Sequence[Provider]
    clinics: Mapping[str, Provider]  # by village code
    hospitals: Mapping[int, Provider]  # the township's own hospital, by township index
    central: Sequence[Provider]
    county: Mapping[str, Sequence[Provider]]  # by kind
    outside: Mapping[str, Sequence[Provider]]  # by level


def providers_of(townships: Sequence[Township]) -> Providers:
    """A clinic a village, a hospital a township, every fourth of these a central one."""
    found: list[Provider] = []
    clinics: dict[str, Provider] = {}
    hospitals: dict[int, Provider] = {}
    serials: dict[str, int] = defaultdict(int)

    def add(name: str, level: str, kind: str, *, place: str, at: int | None, staff: int) -> None:
        serials[place[:6]] += 1
        code = f"H{place[:6]}{serials[place[:6]]:05d}"
        found.append(Provider(len(found), code, name, level, kind, place, at, staff))

    for kind, name in COUNTY_HOSPITALS:
        staff = 12 if kind == "psychiatric" else 30
        add(name, "county", kind, place=COUNTY_CODE, at=None, staff=staff)
    for township in townships:
        level = "central" if township.index % 4 == 1 else "township"
        name = "社区卫生服务中心" if township.index == 0 else "卫生院"
        name = f"{township.name}{'中心' if level == 'central' else ''}{name}"
        add(name, level, "general", place=township.code, at=township.index, staff=8)
        hospitals[township.index] = found[-1]
    for township in townships:
        for village in township.villages:
            name = f"{village.name}卫生{'服务站' if village.is_urban else '室'}"
            add(name, "village", "clinic", place=village.code, at=township.index, staff=1)
            clinics[village.code] = found[-1]
    for number, level, name in OUTSIDE_HOSPITALS:
        add(name, level, "general", place=OUTSIDE[number][0], at=None, staff=10)
    county: dict[str, list[Provider]] = defaultdict(list)
    outside: dict[str, list[Provider]] = defaultdict(list)
    for provider in found:
        if provider.is_outside:
            outside[provider.level].append(provider)
        elif provider.level == "county":
            county[provider.kind].append(provider)
    central = [provider for provider in found if provider.level == "central"]
    return Providers(found, clinics, hospitals, central, county, outside)

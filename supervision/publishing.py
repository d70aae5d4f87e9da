"""Under which names a public notice says who was paid, so that nobody is known by it: pure.

Whoever reads a village's notice knows the village: 桥*亭 is one man where only one has such a name.
So each of the village belongs to a name that at least three of it bear: the masked name (王*国),
else the surname (王某), else that of all others (其余村民). They are three of those who are
enrolled: who is not can have been paid nothing, and the notice of enrolment says who is. Which name
it is, follows from who is enrolled alone and never from who was paid: what is not said tells
nothing either. That each line is a payment and no person keeps it open whether all of a name were
paid, or one of them often. A payment stands on one notice: the village's people change, and two
names of the same payment would leave those who bore both.

No hospital, no day and no total beside what the fund paid: the hospital may tell an illness, the
day who lay in bed then, and the two sums together the level of the hospital. Three are a custom of
statistics offices for small counts; the measures give no figure.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MIN_ALIKE = 3
OTHERS = "其余村民"


@dataclass(frozen=True)
class Payment:
    """One payment to who bears the name, in fen. `key`: which one it is."""

    name: str
    fund: int
    key: int = 0


@dataclass(frozen=True, order=True)
class Line:
    """One payment as it is put up. `key`: which one it is, for what is put up later; no paper shows
    it, and no order follows it."""

    name: str
    fund: int
    key: int = field(default=0, compare=False)


def surname(name: str) -> str:
    """王某; of a double surname (欧阳) the first character, which more bear."""
    return f"{name[:1]}某"


def names_of(register: Sequence[str], mask: Callable[[str], str]) -> Mapping[str, str]:
    """Name → the name under which a notice says it. `register`: of all who are enrolled in the
    village; of fewer than three in all there is but one name. That of all others always has its
    three: it takes in whoever is paid and on no list any more."""
    found: dict[str, str] = {}
    for label in (mask, surname):
        left = [name for name in register if name not in found]
        alike = Counter(label(name) for name in left)
        found |= {name: label(name) for name in left if alike[label(name)] >= MIN_ALIKE}
    found = {name: found.get(name, OTHERS) for name in register}
    borne = Counter(found[name] for name in register)
    # One or two who are left over would be known by that: the rarest name goes with them.
    while borne[OTHERS] < MIN_ALIKE and any(name != OTHERS for name in borne):
        rarest = min((count, name) for name, count in borne.items() if name != OTHERS)[1]
        found = {name: OTHERS if said == rarest else said for name, said in found.items()}
        borne[OTHERS] += borne.pop(rarest)
    return found


def public_lines(
    payments: Iterable[Payment], register: Sequence[str], mask: Callable[[str], str]
) -> list[Line]:
    """The lines of a notice, by name and sum: their order tells no days."""
    names = names_of(register, mask)
    return sorted(Line(names.get(one.name, OTHERS), one.fund, one.key) for one in payments)


def late_lines(lines: Sequence[Line], put_up: Sequence[tuple[int, int]]) -> list[Line]:
    """What of a month's lines is on no notice of it yet. `put_up`: sum in fen and key of what is;
    the key is 0 on notices that kept none, whose lines are known by their sums alone.

    A payment that came back frees no place: another of the same sum is told beside it. Which of two
    equal sums is the new one nobody is told: unless all bear one name now, it stands with all
    others.
    """
    keys = {key for _, key in put_up if key}
    unkeyed = Counter(fund for fund, key in put_up if not key)
    names: dict[int, set[str]] = {}
    for line in lines:
        names.setdefault(line.fund, set()).add(line.name)
    seen = {fund for fund, _ in put_up}
    late = []
    for line in lines:
        if line.key and line.key in keys:
            continue
        if unkeyed[line.fund]:
            unkeyed[line.fund] -= 1
            continue
        is_shared = line.fund in seen or len(names[line.fund]) > 1
        late.append(Line(OTHERS if is_shared else line.name, line.fund, line.key))
    return sorted(late)

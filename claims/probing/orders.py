"""What a law means to be better: the only place that says so.

Codes and names are a county's own, so ranks are read from its words; a word that says nothing of
rank takes no part in a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise, permutations

from policies.terms import Subject, Terms

Ranked = tuple[tuple[tuple[str, ...], int], ...]

# Level of a hospital by what its name says, the first word that fits; lower is nearer to home.
LEVELS: Ranked = (
    (("市级以上", "省", "三级"), 5),
    (("县", "二级", "人民医院"), 3),
    (("市级", "市"), 4),
    (("中心卫生院",), 2),
    (("乡", "镇", "社区", "一级"), 1),
    (("村", "站"), 0),
)
# Whose need is greatest (国办发〔2021〕42号: 特困、孤儿 before 低保 before 低保边缘); nobody's
# status is 0, other statuses say nothing of need.
NEEDS: Ranked = (
    (("特困", "五保", "孤儿"), 3),
    (("低保边缘", "低收入", "因病致贫"), 1),
    (("低保", "监测"), 2),
)
# At home before elsewhere; sent by a doctor before gone by oneself.
PLACES = ("local",)
SENT, NOT_SENT = ("referred",), ("none", "unreferred", "unfiled")
# Longer cover, more years without a claim, a further stay: never worse than the less.
MORE_IS_BETTER = ("years", "claim_free", "visit")

Pair = tuple[str, object, object]


def rank(name: str, ranked: Ranked) -> int | None:
    """The rank of the first entry of which a word stands in ``name``."""
    return next((value for words, value in ranked if any(each in name for each in words)), None)


def better_pairs(terms: Terms, options: Mapping[str, set[object]]) -> list[Pair]:
    """(dimension, better value, worse value) among the values that occur in the grid."""
    vocabulary = terms.vocabulary
    found: list[Pair] = []
    levels = {
        code: place
        for code, name in vocabulary.get("level", {}).items()
        if (place := rank(name, LEVELS)) is not None
    }
    codes = [code for code in levels if code in options.get("level", ())]
    found += [("level", a, b) for a, b in permutations(codes, 2) if levels[a] < levels[b]]
    found += [("status", a, b) for a, b in _needier(terms, options.get("status", set()))]
    for dimension, goods, poors in (("place", PLACES, ()), ("referral", SENT, NOT_SENT)):
        held = options.get(dimension, set())
        for good in goods:
            others = [each for each in held if each != good and (not poors or each in poors)]
            found += [(dimension, good, each) for each in others] if good in held else []
    for dimension in MORE_IS_BETTER:
        numbers = sorted(each for each in options.get(dimension, ()) if isinstance(each, int))
        found += [(dimension, more, less) for less, more in pairwise(numbers)]
    tiers = [each for each in options.get("tier", ()) if isinstance(each, str)]
    prices = {code: _price(terms, code) for code in tiers}
    for dear, cheap in permutations(sorted(tiers), 2):
        if (prices[dear] or 0) > (prices[cheap] or 0) > 0:
            found.append(("tier", dear, cheap))
    return found


def _needier(terms: Terms, held: set[object]) -> list[tuple[object, object]]:
    names = terms.vocabulary.get("status", {})
    needs: dict[object, int] = {}
    for each in held:
        assert isinstance(each, frozenset)
        ranks = [rank(names[code], NEEDS) for code in each]
        if all(value is not None for value in ranks):
            needs[each] = max((value for value in ranks if value is not None), default=0)
    return [(a, b) for a, b in permutations(needs, 2) if needs[a] > needs[b]]


def _price(terms: Terms, tier: str) -> int | None:
    """What the tier costs a year in fen, where the tier alone says it."""
    if terms.premium is None:
        return None
    table = terms.premium.standards
    if table.dimensions() - {"tier"}:
        return None
    row = table.find(Subject(categories={"tier": tier}))
    return row.value if row else None

"""K01 to K10: the national rule library (两库), a rule for each kind of its points.

The points are data (supervision/library/), here is what each kind means. One hit for a claim and
kind, that names the points it is about; what a bill does not tell is not guessed (`gaps`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from supervision.rules.facts import BOTH, Certainty, ClaimFacts, Hit, Known, Need, Rule
from supervision.rules.library.judged import Bill, Found, Verdict
from supervision.rules.library.often import course, cycle, frequency
from supervision.rules.library.patient import age, care_kind, institution_level, insurance, sex
from supervision.rules.library.together import duplicate, same_incision
from supervision.rules.points import SURE, Kind, Missing, Point

Judge = Callable[[Point, Sequence[int], Bill], Verdict]
JUDGES: Mapping[Kind, Judge] = {
    Kind.SEX: sex,
    Kind.AGE: age,
    Kind.SAME_INCISION: same_incision,
    Kind.INSURANCE: insurance,
    Kind.CARE_KIND: care_kind,
    Kind.INSTITUTION_LEVEL: institution_level,
    Kind.COURSE: course,
    Kind.DUPLICATE: duplicate,
    Kind.FREQUENCY: frequency,
    Kind.CYCLE: cycle,
}


def _card(number: int, kind: Kind, title: str) -> tuple[Kind, Rule]:
    return kind, Rule(
        code=f"K{number:02d}",
        title=title,
        source=SOURCE,
        needs=frozenset({Need.CHARGES, Need.LIBRARY}),
        moments=BOTH,
        certainty=Certainty.CERTAIN if kind in SURE else Certainty.SUSPECT,
    )


SOURCE = "国家医保局医保基金智能监管规则库、知识库（两库）公开知识点，及县自定知识点"
RULE_OF: Mapping[Kind, Rule] = dict(
    [
        _card(1, Kind.SEX, "超出性别限定"),
        _card(2, Kind.AGE, "超出年龄限定"),
        _card(3, Kind.SAME_INCISION, "同一切口手术重复计费"),
        _card(4, Kind.INSURANCE, "超出险种限定"),
        _card(5, Kind.CARE_KIND, "超出就医方式限定"),
        _card(6, Kind.INSTITUTION_LEVEL, "超出机构级别限定"),
        _card(7, Kind.COURSE, "超出疗程限定"),
        _card(8, Kind.DUPLICATE, "包含项目重复收费"),
        _card(9, Kind.FREQUENCY, "超出每日频次限定"),
        _card(10, Kind.CYCLE, "超出周期频次限定"),
    ]
)
KIND_OF: Mapping[str, Kind] = {rule.code: kind for kind, rule in RULE_OF.items()}
TOLD = 3  # points in the words of one hit
MAX_WORDS = 300  # what an alert holds


def verdicts(kind: Kind, bill: Bill) -> Iterator[tuple[Point, Verdict]]:
    """What each point of the kind that speaks of the bill says."""
    judge, points = JUDGES[kind], bill.library.by_code
    for code, places in bill.by_code.items():
        for point in points.get(code, ()):
            if point.kind == kind and point.holds(bill.claim.starts):
                yield point, judge(point, places, bill)


def find(kind: Kind, new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """One hit for a claim. The library is the nation's: hospitals elsewhere are judged as well, as
    far as their bills bear codes."""
    for claim in new if known.library.by_code else ():
        bill = Bill(claim, known.charges.get(claim.settlement, ()), known.library)
        found = [said for _, said in verdicts(kind, bill) if isinstance(said, Found)]
        if found:
            yield _hit(kind, bill, found)


def _hit(kind: Kind, bill: Bill, found: Sequence[Found]) -> Hit:
    """The certain ones are named first."""
    found = sorted(found, key=lambda one: (not one.is_certain, one.lines))
    lines = tuple(sorted({place for one in found for place in one.lines}))
    told = list(dict.fromkeys(f"{one.words}{_ground(one.point)}" for one in found))
    more = f"；等 {len(told)} 项" if len(told) > TOLD else ""
    words = "；".join(told[:TOLD])[: MAX_WORDS - len(more)] + more
    certain = any(one.is_certain for one in found)
    return Hit(
        rule=RULE_OF[kind].code,
        certainty=Certainty.CERTAIN if certain else Certainty.SUSPECT,
        settlement=bill.claim.settlement,
        finding=words,
        lines=lines,
        amount=bill.amount(lines),
        points=tuple(sorted({one.point.pk for one in found})),
    )


def _ground(point: Point) -> str:
    return f"（{point.ground}）" if point.ground else ""


def gaps(new: Sequence[ClaimFacts], known: Known) -> Counter[tuple[int, Kind, Missing]]:
    """(Settlement, kind, what the bill does not carry) → points that were not judged for it."""
    found: Counter[tuple[int, Kind, Missing]] = Counter()
    for claim in new if known.library.by_code else ():
        bill = Bill(claim, known.charges.get(claim.settlement, ()), known.library)
        for kind in Kind:
            for _, said in verdicts(kind, bill):
                if isinstance(said, Missing):
                    found[claim.settlement, kind, said] += 1
    return found


SCREENED = tuple((rule, partial(find, kind)) for kind, rule in RULE_OF.items())

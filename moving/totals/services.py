"""Setting the old system's totals beside ours, and signing that."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from funds.models import ZERO
from lib.money import told
from moving.totals.kinds import BY_KEY, Kind, Ours
from moving.totals.models import Comparison, ComparisonLine
from moving.totals.workflow import COMPARISONS


def difference(kind: Kind, line: ComparisonLine) -> str:
    """How both differ, in words; "" where they do not."""
    found = []
    if line.theirs != line.ours:
        found.append(
            f"原系统 {line.theirs} {kind.unit}，本系统 {line.ours} {kind.unit}，"
            f"差 {abs(line.theirs - line.ours)} {kind.unit}"
        )
    their, our = line.their_amount or ZERO, line.our_amount or ZERO
    if their != our:
        found.append(
            f"{kind.amount}原系统 {told(their)} 元，本系统 {told(our)} 元，"
            f"差 {told(abs(their - our))} 元"
        )
    return "；".join(found)


def faults(kind: Kind, line: ComparisonLine) -> dict[str, str]:
    """Column → what is wrong with one place: a difference has to say why it is there."""
    if line.their_amount is not None and not kind.amount:
        return {"their_amount": f"“{kind.title}”没有金额，请留空"}
    if (words := difference(kind, line)) and not line.note:
        return {"note": f"{words}；请写明差异的原因"}
    return {}


def filled(kind: Kind, line: ComparisonLine, ours: Ours) -> ComparisonLine:
    """The line with what is counted here."""
    count, amount = ours.get(line.place.code, (0, ZERO))
    line.ours = count
    if kind.amount:
        line.our_amount = amount
        line.their_amount = line.their_amount or ZERO
    return line


def missing(kind: Kind, area: Division, ours: Ours, named: Sequence[str]) -> str:
    """Places that have something here and stand in no line, in words; "" when none is."""
    left = [one for one in kind.places(area) if one.code in ours and one.code not in named]
    if not left:
        return ""
    names = "、".join(f"{one.place} {ours[one.code][0]} {kind.unit}" for one in left[:5])
    more = f" 等 {len(left)} 处" if len(left) > 5 else ""
    return f"缺少本系统有数的地方：{names}{more}；原系统没有的请填 0 并写明原因"


@all_or_nothing()
def compare(
    *,
    actor: User,
    area: Division,
    kind: str,
    lines: Sequence[ComparisonLine],
    evidence: str,
    reason: str,
    on: date,
) -> Comparison:
    """Put a comparison forward. `lines`: unsaved, one for each place, with theirs and the note;
    ours is counted now. Raises Refusal at `("lines", place, column)` for a place that is unknown,
    stands twice, or differs without saying why."""
    if not actor.may("moving.compare"):
        raise Refusal("移交核对由初审或会计编制")
    what = BY_KEY.get(kind)
    if what is None:
        raise Refusal("请选择核对的内容", "kind")
    ours = what.ours(area, on)
    known = {one.pk for one in what.places(area)}
    seen: set[int] = set()
    for at, line in enumerate(lines):
        if line.place_id not in known:
            raise Refusal(f"{line.place.name}不是本县的村、乡镇", at=("lines", at, "place"))
        if line.place_id in seen:
            raise Refusal(f"{line.place.place}写了两行", at=("lines", at, "place"))
        seen.add(line.place_id)
        for column, words in faults(what, filled(what, line, ours)).items():
            raise Refusal(f"{line.place.place}：{words}", at=("lines", at, column))
    if not lines:
        raise Refusal("没有填写任何合计", "lines")
    if words := missing(what, area, ours, [line.place.code for line in lines]):
        raise Refusal(words, "lines")
    row = COMPARISONS.propose(
        Asked(actor, on, evidence, reason, "原系统的合计表", "说明"),
        area=area,
        kind=kind,
        theirs=sum(line.theirs for line in lines),
        ours=sum(line.ours for line in lines),
        their_amount=_sum(what, [line.their_amount for line in lines]),
        our_amount=_sum(what, [line.our_amount for line in lines]),
        differing=sum(line.differs for line in lines),
    )
    for line in lines:
        line.comparison = row
    ComparisonLine.objects.bulk_create(lines)
    return row


def _sum(kind: Kind, amounts: Sequence[Decimal | None]) -> Decimal | None:
    return sum((one or ZERO for one in amounts), ZERO) if kind.amount else None


@all_or_nothing()
def decide_comparison(
    *, actor: User, row: Comparison, event: str, on: date, reason: str = ""
) -> Comparison:
    """Sign, refuse or take back (an event of `COMPARISONS`). Signed is what is counted now: where
    that changed meanwhile it is compared anew."""
    if event == "approve_comparison":
        kind = BY_KEY[row.kind]
        # Counted by the day on which it was made, so that time alone changes nothing.
        ours = kind.ours(row.area, row.proposed_on)
        for line in row.lines.select_related("place__parent"):
            count, amount = ours.get(line.place.code, (0, ZERO))
            if count != line.ours or (kind.amount and amount != line.our_amount):
                raise Refusal(
                    f"{line.place.place}的数字在编制以后变了（现为 {count} {kind.unit}），"
                    "请撤回后重新核对"
                )
    return COMPARISONS.decide(row, event, actor=actor, on=on, reason=reason)

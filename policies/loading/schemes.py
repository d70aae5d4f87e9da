"""Deductibles, ratios, bonuses, floors and caps, as they are written in a pack."""

from __future__ import annotations

from typing import Literal, cast

from policies import checker
from policies.loading.tables import Words, read_condition, read_table
from policies.reading import Block
from policies.terms import (
    ALWAYS,
    BillShare,
    Bonus,
    Cap,
    Ceiling,
    Condition,
    Deductible,
    DeductibleChange,
    Floor,
    Further,
    Growth,
    Ratio,
    Rounding,
    Scheme,
    Segment,
    Stream,
    Unreferred,
)
from policies.terms.schemes import FloorBase


def read_scheme(
    block: Block, words: Words, domain: Condition, bill_classes: frozenset[str]
) -> Scheme:
    """The payment rules of a benefit or layer; its keys stand in the block itself."""
    unreferred = block.block("unreferred")
    ceiling = None
    if block.has("ratio_ceiling"):
        ceiling = read_table(block, "ratio_ceiling", "ratio", words, domain)
    deductible = block.block("deductible")
    return Scheme(
        ratio=_ratio(block, words, domain),
        unreferred=_unreferred(unreferred, words, domain) if unreferred else None,
        deductible=_deductible(deductible, words, domain) if deductible else None,
        bonuses=tuple(_bonus(each, words, bill_classes) for each in block.blocks("bonuses")),
        stacking=cast(
            Literal["sum", "highest"], block.choice("stacking", ("sum", "highest"), "sum")
        ),
        ratio_ceiling=ceiling,
        streams=tuple(
            _stream(each, words, domain, bill_classes) for each in block.blocks("streams")
        ),
        floor=_floor(block, words, domain),
        caps=read_caps(block, words, domain),
        rounding=read_rounding(block),
    )


def _ratio(block: Block, words: Words, domain: Condition) -> Ratio:
    nested = block.blocks("segments") if block.has("segments") else []
    if not nested:
        return Ratio(segments=(Segment(None, read_table(block, "ratio", "ratio", words, domain)),))
    if block.has("ratio"):
        block.complain("ratio", "ratio 与 segments 只能写一个", "不分段写 ratio，分段写 segments")
        block.text("ratio", "")
    segments = []
    for each in nested:
        up_to = each.fen("up_to") if each.has("up_to") else None
        segments.append(Segment(up_to, read_table(each, "ratio", "ratio", words, domain)))
        each.done()
    checker.check_segments(
        block.reader, segments, block.line_of("segments"), f"{block.where}.segments"
    )
    band = block.choice("band", ("marginal", "whole"))
    thresholds = block.choice("thresholds", ("net", "gross"))
    return Ratio(segments=tuple(segments), marginal=band == "marginal", gross=thresholds == "gross")


def _unreferred(block: Block, words: Words, domain: Condition) -> Unreferred:
    form = block.choice("form", ("points", "factor", "self_pay"))
    values = read_table(block, "ratio", "ratio", words, domain, complete=False)
    article = block.article
    block.done()
    return Unreferred(
        form=cast(Literal["points", "factor", "self_pay"], form), values=values, article=article
    )


def _deductible(block: Block, words: Words, domain: Condition) -> Deductible:
    share = block.block("share")
    ceiling = block.block("ceiling")
    prior = block.block("credit_prior")
    article = block.article
    deductible = Deductible(
        amounts=read_table(block, "amounts", "fen", words, domain),
        article=article,
        changes=tuple(_change(each, words) for each in block.blocks("changes")),
        combine=cast(Literal["first", "all"], block.choice("combine", ("all", "first"), "all")),
        share=_bill_share(share) if share else None,
        counter=words.optional_counter(block, "counter"),
        ceiling=_ceiling(ceiling, words, domain) if ceiling else None,
        credit_prior=_only_condition(prior, words) if prior else None,
    )
    block.done()
    return deductible


def _only_condition(block: Block, words: Words) -> Condition:
    condition = read_condition(block, words)
    block.done()
    return condition


def _change(block: Block, words: Words) -> DeductibleChange:
    forms = [key for key in ("factor", "amount", "minus") if block.has(key)]
    if len(forms) != 1:
        block.complain("", "factor、amount、minus 要写且只写一个", "留下其中一个")
    change = DeductibleChange(
        name=block.text("name"),
        article=block.article,
        condition=read_condition(block, words),
        factor=_factor(block) if "factor" in forms else None,
        amount=block.fen("amount") if "amount" in forms else None,
        minus=block.fen("minus") if "minus" in forms else None,
        per_visit=block.yes("per_visit", False),
        least=block.fen("least") if block.has("least") else 0,
    )
    block.done()
    return change


def _factor(block: Block) -> int:
    """A factor may exceed one (doubled out of the area), so it is a percentage up to 1000%."""
    text = block.text("factor")
    number = text[:-1]
    if not (text.endswith("%") and number.isdigit() and int(number) <= 1000):
        block.complain("factor", f"“{text}”不是倍数", "写百分数，例如 50% 或 200%，不超过 1000%")
        return 10_000
    return int(number) * 100


def _bill_share(block: Block) -> BillShare:
    share = BillShare(
        base=cast(
            Literal["in_scope", "total"],
            block.choice("base", ("in_scope", "total"), "in_scope"),
        ),
        ratio=block.ratio("ratio"),
        least=block.fen("least") if block.has("least") else 0,
        most=block.fen("most") if block.has("most") else None,
        article=block.article,
    )
    if share.most is not None and share.most < share.least:
        block.complain("most", "最高额小于最低额", "核对 least 与 most")
    block.done()
    return share


def _ceiling(block: Block, words: Words, domain: Condition) -> Ceiling:
    ceiling = Ceiling(
        counter=words.counter(block, "counter"),
        limits=read_table(block, "limits", "fen", words, domain),
    )
    block.done()
    return ceiling


def _bonus(block: Block, words: Words, bill_classes: frozenset[str]) -> Bonus:
    growth = block.block("growth")
    points = None
    condition = read_condition(block, words)
    if block.has("points"):
        points = read_table(block, "points", "ratio", words, condition, complete=False)
    if (growth is None) == (points is None):
        block.complain(
            "", "points 与 growth 要写且只写一个", "按表加点写 points，按年数加点写 growth"
        )
    classes = frozenset(block.values("classes")) if block.has("classes") else frozenset()
    for unknown in sorted(classes - bill_classes):
        block.complain("classes", f"没有费用类别“{unknown}”", "改为 bill.classes 中的代码")
    bonus = Bonus(
        code=block.code("code"),
        name=block.text("name"),
        article=block.article,
        condition=condition,
        points=points,
        growth=read_growth(growth, "ratio") if growth else None,
        classes=classes,
    )
    block.done()
    return bonus


def read_growth(block: Block, unit: str) -> Growth:
    """``step`` and ``ceiling`` are percentages for ratios and yuan for caps."""
    value = block.ratio if unit == "ratio" else block.fen
    growth = Growth(
        field=cast(
            Literal["years", "claim_free", "age"],
            block.choice("by", ("years", "claim_free", "age"), "years"),
        ),
        start=block.whole("start"),
        every=block.whole("every", 1),
        step=value("step"),
        ceiling=value("ceiling"),
        article=block.article,
    )
    if growth.every < 1:
        block.complain("every", "间隔年数不能为零", "写 1 表示每年")
    block.done()
    return growth


def _stream(block: Block, words: Words, domain: Condition, bill_classes: frozenset[str]) -> Stream:
    classes = frozenset(block.values("classes"))
    for unknown in sorted(classes - bill_classes):
        block.complain("classes", f"没有费用类别“{unknown}”", "改为 bill.classes 中的代码")
    stream = Stream(
        code=block.code("code"),
        name=block.text("name"),
        classes=classes,
        ratios=read_table(block, "ratio", "ratio", words, domain),
        after_deductible=block.yes("after_deductible", False),
    )
    block.done()
    return stream


def _floor(block: Block, words: Words, domain: Condition) -> Floor | None:
    nested = block.block("floor")
    if nested is None:
        return None
    if nested.has("ratio") and nested.has("amounts"):
        nested.complain("", "ratio 与 amounts 只能写一个", "按比例保底写 ratio，按金额写 amounts")
    amounts = ratios = None
    base = "in_scope"
    by_ratio = nested.has("base") or nested.has("ratio")
    if by_ratio:
        base = nested.choice("base", ("in_scope", "total", "payable", "total_less_deductible"))
        ratios = read_table(nested, "ratio", "ratio", words, domain, complete=False)
    if nested.has("amounts") or not by_ratio:
        amounts = read_table(nested, "amounts", "fen", words, domain, complete=False)
    nested.done()
    return Floor(base=cast(FloorBase, base), ratios=ratios, amounts=amounts)


def read_rounding(block: Block) -> Rounding | None:
    """``rounding``: what is paid in whole yuan or jiao; one word, or unit and way."""
    if not block.has("rounding"):
        return None
    units = {"yuan": 100, "jiao": 10}
    if block.is_scalar("rounding"):
        unit = block.choice("rounding", tuple(units))
        return Rounding(unit=units[unit], way="half_up", article=block.article)
    nested = block.block("rounding")
    if nested is None:
        return None
    found = Rounding(
        unit=units[nested.choice("to", tuple(units))],
        way=cast(
            Literal["half_up", "down", "up"],
            nested.choice("way", ("half_up", "down", "up"), "half_up"),
        ),
        article=nested.article,
    )
    nested.done()
    return found


def read_caps(block: Block, words: Words, domain: Condition) -> tuple[Cap, ...]:
    """Every cap listed under ``caps``, in the order in which they bind."""
    return tuple(_cap(each, words, domain) for each in block.blocks("caps"))


def _cap(block: Block, words: Words, domain: Condition) -> Cap:
    further = block.block("further")
    condition = read_condition(block, words)
    if condition != ALWAYS:
        domain = condition
    growth_ceiling = block.ratio("growth_ceiling") if block.has("growth_ceiling") else None
    cap = Cap(
        code=block.code("code"),
        name=block.text("name"),
        on=cast(
            Literal["payment", "eligible"], block.choice("on", ("payment", "eligible"), "payment")
        ),
        limits=read_table(block, "limits", "fen", words, domain),
        condition=condition,
        counter=words.optional_counter(block, "counter"),
        per_day=block.yes("per_day", False),
        growths=tuple(read_growth(each, "fen") for each in block.blocks("growths")),
        growth_ceiling=growth_ceiling,
        further=read_further(further, words, "disease") if further else None,
        carried=words.optional_counter(block, "carried", "balance"),
    )
    if cap.per_day and cap.counter:
        block.complain("per_day", "按日限额不能同时按期累计", "删去 counter 或 per_day")
    block.done()
    return cap


def read_further(block: Block, words: Words, usual: str) -> Further:
    """What every one after the first adds; ``usual``: what is counted when ``per`` is not said."""
    of = block.choice("per", ("disease", "baby", "day"), usual)
    further = Further(
        of=cast(Literal["disease", "baby", "day"], of),
        amount=block.fen("amount"),
        ceiling=block.fen("ceiling") if block.has("ceiling") else None,
        diseases=_diseases(block, words) if of == "disease" else frozenset(),
    )
    block.done()
    return further


def _diseases(block: Block, words: Words) -> frozenset[str]:
    found = frozenset(block.values("diseases"))
    for unknown in sorted(found - words.vocabulary.get("disease", {}).keys()):
        block.complain("diseases", f"病种没有“{unknown}”", "在 vocabulary.disease 中声明")
    return found

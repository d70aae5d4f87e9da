"""``assistance``: medical assistance that is applied for, as it is written in a pack."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, cast

from policies.loading.tables import Words
from policies.reading import Block
from policies.terms import LAYER_BOOKED_AS, AidKind, AidRate, AidRules, AidWarning
from policies.written import one_of


def read_assistance(block: Block, words: Words) -> AidRules:
    """Kinds with their rates, how long it is made public, and which own pay is pointed out."""
    kinds = tuple(_kind(each, words) for each in block.blocks("kinds"))
    codes = [kind.code for kind in kinds]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        block.complain("kinds", f"救助种类“{code}”重名", "改名")
    rules = AidRules(
        kinds=kinds,
        publicity_days=block.whole("publicity_days"),
        task_days=block.whole("task_days"),
        warnings=tuple(_warning(each) for each in block.blocks("warnings")),
        article=block.article,
    )
    heights = [each.above for each in rules.warnings]
    if heights != sorted(set(heights)):
        block.complain("warnings", "预警线没有从低到高排列", "按金额从低到高写")
    block.done()
    return rules


def _kind(block: Block, words: Words) -> AidKind:
    base = block.choice("base", ("own_pay", "premium"), "own_pay")
    kind = AidKind(
        code=block.code("code"),
        name=block.text("name"),
        base=cast(Literal["own_pay", "premium"], base),
        care=declared(block, "care", words.vocabulary.get("care", {}), "就医类别"),
        booked_as=block.choice("booked_as", tuple(LAYER_BOOKED_AS["assistance"])),
        rates=tuple(_rate(each, words) for each in block.blocks("rates")),
        cap=block.fen("cap"),
        counter=words.optional_counter(block, "counter") or "",
        article=block.article,
    )
    if not kind.rates:
        block.complain("rates", "没有写明各类对象的救助比例", "写 rates: [{status, floor, ratio}]")
    spec = words.counters.get(kind.counter)
    if spec is not None and (spec.owner, spec.period, spec.by) != ("person", "year", ""):
        remedy = "改用按人、按年、不分级别的计数"
        block.complain("counter", f"救助与“{kind.counter}”不能共用限额", remedy)
    block.done()
    return kind


def _rate(block: Block, words: Words) -> AidRate:
    statuses = declared(block, "status", words.vocabulary.get("status", {}), "身份")
    if not statuses:
        block.complain("status", "没有写明是哪些救助对象", "写 status: 身份代码")
    rate = AidRate(
        statuses=statuses,
        floor=block.fen("floor"),
        ratio=block.ratio("ratio"),
        article=block.article,
    )
    block.done()
    return rate


def declared(block: Block, key: str, known: Collection[str], called: str) -> tuple[str, ...]:
    """Codes of the vocabulary under `key`; what is not declared there is a problem."""
    found = block.values(key) if block.has(key) else ()
    for code in found:
        if code not in known:
            remedy = one_of(code, known, f"在 vocabulary.{key} 中声明")
            block.complain(key, f"{called}没有“{code}”", remedy)
    return found


def _warning(block: Block) -> AidWarning:
    warning = AidWarning(block.code("code"), block.text("name"), block.fen("above"))
    block.done()
    return warning

"""``second``: the year-end second compensation, as it is written in a pack."""

from __future__ import annotations

from policies.loading.aid import declared
from policies.loading.tables import Words
from policies.reading import Block
from policies.terms import LAYER_BOOKED_AS, SecondRule


def read_second(block: Block, words: Words) -> SecondRule:
    """Care, floor, ratio and cap; paid by the residents' fund."""
    rule = SecondRule(
        care=declared(block, "care", words.vocabulary.get("care", {}), "就医类别"),
        floor=block.fen("floor"),
        ratio=block.ratio("ratio"),
        cap=block.fen("cap"),
        booked_as=block.choice("booked_as", tuple(LAYER_BOOKED_AS["resident"])),
        article=block.article,
    )
    if not rule.care:
        block.complain("care", "没有写明看哪些就医类别的自付", "写 care: [inpatient]")
    block.done()
    return rule

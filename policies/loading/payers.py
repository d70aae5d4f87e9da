"""Who pays each layer (``base_layer``, ``layers``), as it is written in a pack."""

from __future__ import annotations

from policies.reading import Block
from policies.terms import BOOKS, FUND_PAY_TYPES, LAYER_BOOKED_AS, BaseLayer, Payer

EXAMPLE = '{code: base, name: 基本医疗统筹, book: resident, fund_pay_type: "390100"}'
EXAMPLES = ("390100", "390102", "390200", "610100")
NONE = BaseLayer(code="", name="", payer=Payer(book="", fund_pay_type=""))


def read_base_layer(block: Block) -> BaseLayer:
    """``base_layer``: the layer that benefits pay.  Measures without benefits need none."""
    if not block.has("benefits") and not block.has("base_layer"):
        return NONE
    section = block.block("base_layer")
    if section is None:
        if not block.has("base_layer"):
            remedy = f"补上 base_layer: {EXAMPLE}"
            block.complain("base_layer", "没有写明基本待遇由哪个账套支付", remedy)
        return NONE
    layer = BaseLayer(code=section.code("code"), name=section.text("name"), payer=payer(section))
    section.done()
    return layer


def payer(block: Block) -> Payer:
    """The book, the national code and, where it is not that of the care, the kind of expense."""
    if block.has("book"):
        book = block.choice("book", tuple(BOOKS))
    else:
        told = "或 ".join(f"{code}（{name}）" for code, name in BOOKS.items())
        block.complain("book", "没有写明由哪个账套支付", f"写上 book: {told}")
        book = next(iter(BOOKS))
    kinds = LAYER_BOOKED_AS[book]
    return Payer(
        book=book,
        fund_pay_type=fund_pay_type(block),
        booked_as=block.choice("booked_as", tuple(kinds)) if block.has("booked_as") else "",
    )


def fund_pay_type(block: Block) -> str:
    """The national code of the fund, which has to be in the dictionary."""
    known = "、".join(f"{code} {FUND_PAY_TYPES[code]}" for code in EXAMPLES)
    if not block.has("fund_pay_type"):
        remedy = f'写上 fund_pay_type: "代码"，例如 {known}'
        block.complain("fund_pay_type", "没有写明国家基金支付类型", remedy)
        return ""
    code = block.text("fund_pay_type")
    if code and code not in FUND_PAY_TYPES:
        remedy = f"查国家接口字典 fund_pay_type，例如 {known}"
        block.complain("fund_pay_type", f"“{code}”不是国家基金支付类型代码", remedy)
    return code

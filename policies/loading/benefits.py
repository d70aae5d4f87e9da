"""Bill classes, refusals, benefits, layers and wallets, as they are written in a pack."""

from __future__ import annotations

from typing import Literal, cast, get_args

from policies import checker
from policies.loading.payers import fund_pay_type, payer
from policies.loading.schemes import read_caps, read_further, read_rounding, read_scheme
from policies.loading.tables import Words, read_condition, read_table
from policies.reading import Block
from policies.terms import (
    ALWAYS,
    ORIGINS,
    BaseLayer,
    Benefit,
    BillClass,
    BillRules,
    Condition,
    ConsentLimit,
    DaysLimit,
    Fee,
    Flat,
    Layer,
    LineShare,
    Observation,
    Package,
    RefusalRule,
    Row,
    TopUp,
    Wallet,
    build_table,
)
from policies.terms.schemes import LEFT_OUT, LayerBase


def read_bill(block: Block, words: Words) -> BillRules:
    """``bill``: what each class of lines means."""
    classes: dict[str, BillClass] = {}
    for each in block.blocks("classes"):
        found = _bill_class(each, words)
        if found.code in classes:
            each.complain("code", f"费用类别“{found.code}”写了两次", "删去或改名")
        classes[found.code] = found
    if not any(found.kind == "covered" for found in classes.values()):
        block.complain("classes", "没有一类费用可以报销", "至少写一个 kind: covered 的类别")
    consent = block.block("consent_limit")
    limit = None
    if consent:
        limit = ConsentLimit(
            ratios=read_table(consent, "ratio", "ratio", words),
            effect=cast(
                Literal["institution", "notice"],
                consent.choice("effect", ("institution", "notice")),
            ),
        )
        consent.done()
    watch = block.block("observation")
    observation = None
    if watch:
        observation = Observation(within_days=watch.whole("within_days"), article=watch.article)
        watch.done()
    block.done()
    return BillRules(classes=classes, consent_limit=limit, observation=observation)


def _bill_class(block: Block, words: Words) -> BillClass:
    kind = block.choice("kind", ("covered", "self_pay", "institution"))
    billed = kind == "covered" and block.has_word("first_self_pay", "billed")
    shares = None
    if billed:
        block.text("first_self_pay")
        shares = build_table(block.where, "ratio", (Row(ALWAYS, 0, block.article, block.line),), {})
    elif kind == "covered":
        shares = read_table(block, "first_self_pay", "ratio", words)
    found = BillClass(
        code=block.code("code"),
        name=block.text("name"),
        article=block.article,
        kind=cast(Literal["covered", "self_pay", "institution"], kind),
        shares=shares,
        line_shares=tuple(_line_share(each) for each in block.blocks("line_shares")),
        unit_limits=(
            read_table(block, "unit_limits", "fen", words, complete=False)
            if block.has("unit_limits")
            else None
        ),
        billed=billed,
    )
    if billed and found.line_shares:
        block.complain("line_shares", "先自付按票据所列，不能再按单价或产地", "留下其中一种")
    block.done()
    return found


def _line_share(block: Block) -> LineShare:
    rule = LineShare(
        above=block.fen("above") if block.has("above") else -1,
        up_to=block.fen("up_to") if block.has("up_to") else None,
        origins=frozenset(block.values("origin")) if block.has("origin") else frozenset(),
        share=block.ratio("ratio"),
        article=block.article,
    )
    if rule.up_to is not None and rule.up_to <= rule.above:
        block.complain("up_to", "上限不大于下限", "核对 above 与 up_to")
    for unknown in sorted(rule.origins - ORIGINS.keys()):
        known = "、".join(f"{code}（{name}）" for code, name in ORIGINS.items())
        block.complain("origin", f"不认识的产地“{unknown}”", f"改为 {known} 之一")
    block.done()
    return rule


def read_refusals(block: Block, words: Words) -> tuple[RefusalRule, ...]:
    """``refusals``: what is not paid, first match named."""
    rules = []
    for each in block.blocks("refusals"):
        condition = read_condition(each, words)
        if not condition.when:
            each.complain("when", "没有写明什么情形不予支付", "补上 when")
        rule = RefusalRule(
            code=each.code("code"),
            name=each.text("name"),
            article=each.article,
            condition=condition,
            visits=words.optional_counter(each, "visits", unit="count"),
        )
        each.done()
        rules.append(rule)
    return tuple(rules)


def read_benefits(block: Block, words: Words, bill_classes: frozenset[str]) -> tuple[Benefit, ...]:
    """``benefits``: first match pays."""
    benefits: list[Benefit] = []
    lines: list[int] = []
    for each in block.blocks("benefits"):
        benefit = _benefit(each, words, bill_classes)
        at = each.line, each.where
        checker.check_known(each.reader, at, benefit, [benefit], words.counters)
        checker.check_amounts(each.reader, at, benefit.condition, {"total"})
        checker.check_amounts(each.reader, at, benefit, {"total", "in_scope"})
        if any(benefit.code == earlier.code for earlier in benefits):
            each.complain("code", f"待遇“{benefit.code}”写了两次", "改名")
        benefits.append(benefit)
        lines.append(each.line)
    if not benefits and not block.has("premium"):
        block.complain("benefits", "没有任何待遇", "至少写一项待遇，或写筹资 premium")
    checker.check_benefits(block.reader, benefits, lines, words.vocabulary)
    return tuple(benefits)


def _benefit(block: Block, words: Words, bill_classes: frozenset[str]) -> Benefit:
    condition = read_condition(block, words)
    kind = block.choice("kind", ("scheme", "flat", "package"))
    days = block.block("days_limit")
    benefit = Benefit(
        code=block.code("code"),
        name=block.text("name"),
        article=block.article,
        condition=condition,
        scheme=read_scheme(block, words, condition, bill_classes) if kind == "scheme" else None,
        flat=_flat(block, words, condition) if kind == "flat" else None,
        package=_package(block, words, condition) if kind == "package" else None,
        days_limit=_days_limit(days, words) if days else None,
        fees=tuple(_fee(each, words, condition, bill_classes) for each in block.blocks("fees")),
        wallet=words.optional_counter(block, "wallet", "balance"),
        visits=words.counters_of(block, "visits", unit="count"),
        fund_pay_type=fund_pay_type(block) if block.has("fund_pay_type") else "",
    )
    block.done()
    return benefit


def _fee(block: Block, words: Words, domain: Condition, bill_classes: frozenset[str]) -> Fee:
    fee = Fee(
        code=block.code("code"),
        name=block.text("name"),
        bill_class=block.text("class"),
        amounts=read_table(block, "amounts", "fen", words, domain),
    )
    if fee.bill_class not in bill_classes:
        block.complain("class", f"没有费用类别“{fee.bill_class}”", "改为 bill.classes 中的代码")
    block.done()
    return fee


def _flat(block: Block, words: Words, domain: Condition) -> Flat:
    further = block.block("further")
    return Flat(
        amounts=read_table(block, "amounts", "fen", words, domain),
        per=cast(
            Literal["visit", "day", "baby"],
            block.choice("per", ("visit", "day", "baby"), "visit"),
        ),
        base=cast(
            Literal["total", "in_scope", "none"],
            block.choice("base", ("in_scope", "total", "none")),
        ),
        further=read_further(further, words, "baby") if further else None,
        caps=read_caps(block, words, domain),
        rounding=read_rounding(block),
    )


def _package(block: Block, words: Words, domain: Condition) -> Package:
    return Package(
        prices=read_table(block, "prices", "fen", words, domain),
        ratios=read_table(block, "ratio", "ratio", words, domain),
        per=cast(Literal["visit", "day"], block.choice("per", ("visit", "day"), "visit")),
        caps=read_caps(block, words, domain),
        rounding=read_rounding(block),
    )


def _days_limit(block: Block, words: Words) -> DaysLimit:
    limit = DaysLimit(
        condition=read_condition(block, words),
        limit=block.whole("limit"),
        counter=words.counter(block, "counter", unit="days"),
        article=block.article,
    )
    block.done()
    return limit


def read_layers(block: Block, words: Words, base: BaseLayer) -> tuple[Layer, ...]:
    """``layers``: what pays after the base layer, in this order."""
    layers: list[Layer] = []
    for each in block.blocks("layers"):
        layer = _layer(each, words)
        if layer.code in (base.code, *(earlier.code for earlier in layers)):
            each.complain("code", f"层次“{layer.code}”重名", "改名，与 base_layer 和前面各层都不同")
        layers.append(layer)
    return tuple(layers)


def _layer(block: Block, words: Words) -> Layer:
    condition = read_condition(block, words)
    top_up = block.block("top_up")
    kind = "top_up" if top_up else block.choice("kind", ("scheme", "flat"), "scheme")
    layer = Layer(
        code=block.code("code"),
        name=block.text("name"),
        article=block.article,
        condition=condition,
        payer=payer(block),
        base=cast(LayerBase, block.choice("base", get_args(LayerBase))),
        without=_without(block),
        scheme=read_scheme(block, words, condition, frozenset()) if kind == "scheme" else None,
        flat=_layer_flat(block, words, condition) if kind == "flat" else None,
        top_up=_top_up(top_up, words, condition) if top_up else None,
        accumulates=words.optional_counter(block, "accumulates"),
    )
    block.done()
    return layer


def _layer_flat(block: Block, words: Words, domain: Condition) -> Flat:
    """``base`` stands in the layer itself; it is what the amount is never more than."""
    if block.has("deductible"):
        block.block("deductible")
        remedy = (
            "写在金额表里：amounts: [{when: {base: {above: 起付线}}, amount: 定额}, {amount: 0}]"
        )
        block.complain("deductible", "定额的一层没有起付线", remedy)
    return Flat(
        amounts=read_table(block, "amounts", "fen", words, domain),
        per="visit",
        base="in_scope",
        caps=read_caps(block, words, domain),
        rounding=read_rounding(block),
    )


def _without(block: Block) -> frozenset[str]:
    found = frozenset(block.values("without")) if block.has("without") else frozenset()
    for unknown in sorted(found - LEFT_OUT):
        known = "、".join(sorted(LEFT_OUT))
        block.complain("without", f"不认识“{unknown}”", f"改为 {known} 中的一项或几项")
    return found


def _top_up(block: Block, words: Words, domain: Condition) -> TopUp:
    top_up = TopUp(
        base=cast(
            Literal["total", "in_scope", "compliant"],
            block.choice("base", ("total", "in_scope", "compliant")),
        ),
        ratios=read_table(block, "ratio", "ratio", words, domain),
        caps=read_caps(block, words, domain),
        rounding=read_rounding(block),
    )
    block.done()
    return top_up


def read_wallets(block: Block, words: Words) -> tuple[Wallet, ...]:
    """``wallets``: balances that pay the patient's own part."""
    wallets = []
    for each in block.blocks("wallets"):
        wallet = Wallet(
            code=cast(Literal["account", "credit"], each.choice("code", ("account", "credit"))),
            name=each.text("name"),
            article=each.article,
            counter=words.counter(each, "counter", "balance"),
            condition=read_condition(each, words),
        )
        each.done()
        wallets.append(wallet)
    return tuple(wallets)

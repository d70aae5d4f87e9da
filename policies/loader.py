"""Reads a policy pack file into ``Terms``, or says in Chinese everything that is wrong with it.

``load_pack(path)`` reads a file, ``load_text(text, name)`` a text in the present format, and
``load_adopted(text, name)`` also one that was adopted in an earlier format.  All raise
``PackError``, whose problems name file, line, what is wrong and the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

from lib.encodings import decoded
from policies import checker
from policies.loading.aid import read_assistance
from policies.loading.benefits import (
    read_benefits,
    read_bill,
    read_layers,
    read_refusals,
    read_wallets,
)
from policies.loading.care import read_cares
from policies.loading.format_one import lifted
from policies.loading.money_in import (
    read_deadlines,
    read_filings,
    read_fund,
    read_papers,
    read_premium,
    read_prescriptions,
    read_texts,
)
from policies.loading.payers import read_base_layer
from policies.loading.second import read_second
from policies.loading.tables import Words
from policies.problems import PackError, Problem
from policies.reading import Block, open_block
from policies.terms import (
    ALWAYS,
    ASKED_FIELDS,
    CATEGORIES,
    FLAGS,
    AgeGroup,
    Area,
    Benefit,
    BillRules,
    Care,
    Condition,
    Counter,
    CoverRule,
    InsuranceYear,
    MonthDay,
    Otherwise,
    Terms,
    dimensions_of,
)
from policies.terms.care import FIELD_NAMES
from policies.terms.pack import HOSPITAL, Period

__all__ = ["PackError", "Problem", "load_adopted", "load_pack", "load_text"]

FORMAT = "2"
MAX_CODES = 200
MAX_FLAGS = 60  # one bit each in a 64-bit column
REFERRALS = {"none": "无需转诊", "referred": "已转诊", "unreferred": "未经转诊"}
NOTHING_COUNTED = (Benefit(code="", name="", article="", condition=ALWAYS),)
SEXES = {"male": "男", "female": "女"}


def load_pack(path: Path) -> Terms:
    """The terms in a file.  Raises ``PackError``, and ``OSError`` when it cannot be read."""
    try:
        text = decoded(path.read_bytes())
    except ValueError as error:
        problem = Problem(path.name, 1, "文件", str(error), "用记事本另存为 UTF-8")
        raise PackError((problem,)) from None
    return load_text(text, path.name)


@lru_cache(maxsize=32)  # a text is read when proposed, adopted, tried out: terms never change
def load_text(text: str, name: str) -> Terms:
    """The terms in ``text``; ``name`` is what problems call the file.  Raises ``PackError``."""
    block = open_block(text, name)
    if block.text("format") != FORMAT:
        remedy = (
            f"写 format: {FORMAT}，格式 1 的文件还要逐项写明就医类别和各层由谁付款（见政策包说明）"
        )
        block.complain("format", "不认识的格式版本", remedy)
    terms = _terms(block)
    block.done()
    block.reader.raise_problems()
    return terms


def load_adopted(text: str, name: str) -> Terms:
    """The terms of a text that passed the checks of its day, in whatever format that was."""
    return load_text(lifted(text), name)


def _terms(block: Block) -> Terms:
    vocabulary, cares = _vocabulary(block)
    words = Words(vocabulary, _counters(block, vocabulary))
    area, valid = _section(block, "area"), _section(block, "valid")
    bill_block, premium = block.block("bill"), block.block("premium")
    fund, prescriptions = block.block("fund"), block.block("prescriptions")
    assistance, second = block.block("assistance"), block.block("second")
    bill = read_bill(bill_block, words) if bill_block else BillRules(classes={})
    if bill_block is None and block.has("benefits"):
        block.complain("bill", "缺少费用归类", "补上 bill.classes")
    classes, base = frozenset(bill.classes), read_base_layer(block)
    first, last = valid.day("from"), valid.day("to")
    if first > last and not block.reader.problems:
        valid.complain("from", "有效期的开始晚于结束", "核对 from 与 to")
    terms = Terms(
        area=Area(area.text("code"), area.text("name")),
        title=block.text("title"),
        version=block.whole("version"),
        source=block.text("source"),
        valid_from=first,
        valid_to=last,
        year=_year(_section(block, "year")),
        vocabulary=words.vocabulary,
        cares=cares,
        age_groups=_age_groups(block),
        counters=words.counters,
        cover=CoverRule(_section(block, "cover").article),
        bill=bill,
        refusals=read_refusals(block, words),
        benefits=read_benefits(block, words, classes),
        otherwise=_otherwise(_section(block, "otherwise")),
        base_layer=base,
        layers=read_layers(block, words, base),
        wallets=read_wallets(block, words),
        premium=read_premium(premium, words) if premium else None,
        fund=read_fund(fund) if fund else None,
        prescriptions=read_prescriptions(prescriptions, words) if prescriptions else None,
        assistance=read_assistance(assistance, words) if assistance else None,
        second=read_second(second, words) if second else None,
        deadlines=read_deadlines(block),
        papers=read_papers(block, words),
        filings=read_filings(block, words),
        texts=read_texts(block),
        assumptions=(),
    )
    _check_asked(block, terms)
    _check_known(block, terms)
    for section in (area, valid):
        section.done()
    return _with_assumptions(terms, block)


def _check_known(block: Block, terms: Terms) -> None:
    """Rules beside a benefit ask only what is known of every claim that they may see."""
    reader, counted = block.reader, {name for each in terms.benefits for name in each.visits}
    for rule in terms.refusals:
        at = block.line_of("refusals"), f"refusals.{rule.code}"
        if rule.visits and rule.visits not in counted:
            wrong = f"没有一项待遇用“{rule.visits}”计次"
            reader.problem(*at, wrong, f"在待遇的 visits 中写上 {rule.visits}")
        seen = () if rule.visits else _seen_by(rule.condition, terms)
        checker.check_known(reader, at, rule, seen, terms.counters)
        checker.check_amounts(reader, at, rule, {"total", "in_scope"})
    for layer in terms.layers:
        at = block.line_of("layers"), f"layers.{layer.code}"
        seen = _seen_by(layer.condition, terms)
        checker.check_known(reader, at, layer, seen, terms.counters)
        checker.check_amounts(reader, at, layer.condition, {"total", "in_scope"})
    for wallet in terms.wallets:
        at = block.line_of("wallets"), f"wallets.{wallet.code}"
        checker.check_known(reader, at, wallet, _seen_by(wallet.condition, terms), terms.counters)
        checker.check_amounts(reader, at, wallet, {"total", "in_scope"})
    before = {
        "bill": terms.bill,
        "premium": terms.premium,
        "prescriptions": terms.prescriptions,
        "papers": terms.papers,
    }
    for key, rules in before.items():
        at = block.line_of(key), key
        checker.check_known(reader, at, rules, NOTHING_COUNTED, terms.counters)
        checker.check_amounts(reader, at, rules, ())


def _seen_by(condition: Condition, terms: Terms) -> list[Benefit]:
    """The benefits whose claims a rule with this condition may see."""
    return [each for each in terms.benefits if checker.may_meet(condition, each.condition)]


def _with_assumptions(terms: Terms, block: Block) -> Terms:
    """Assumptions stand anywhere in a file, so they are known only when all of it is read."""
    return replace(terms, assumptions=tuple(block.reader.assumptions))


def _section(block: Block, key: str) -> Block:
    found = block.block(key)
    if found is not None:
        return found
    block.complain(key, f"缺少“{key}”", f"补上 {key}")
    return block.empty(key)


def _year(block: Block) -> InsuranceYear:
    year = InsuranceYear(
        starts=block.month_day("starts") if block.has("starts") else MonthDay(1, 1),
        article=block.article,
        by=cast(
            Literal["admission", "discharge"],
            block.choice("by", ("admission", "discharge"), "admission"),
        ),
    )
    block.done()
    return year


def _check_asked(block: Block, terms: Terms) -> None:
    """What some rule reads and no kind of care asks for would never be entered."""
    read = dimensions_of((terms.bill, terms.refusals, terms.benefits, terms.layers, terms.wallets))
    for field, dimension in ASKED_FIELDS.items():
        if dimension in read and not any(field in care.asks for care in terms.cares.values()):
            name = FIELD_NAMES[field]
            block.complain(
                "vocabulary",
                f"待遇按{name}计算，却没有一种就医类别录入它",
                f"在用到它的就医类别上写 asks: [{field}]",
            )


def _vocabulary(
    block: Block,
) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Care]]:
    nested = _section(block, "vocabulary")
    cares = read_cares(nested)
    allowed = (*CATEGORIES, *FLAGS, "payer")
    found: dict[str, Mapping[str, str]] = {"referral": REFERRALS, "sex": SEXES}
    for dimension in nested.keys:
        if dimension not in allowed or dimension == "age_group":
            nested.complain(dimension, f"没有“{dimension}”这一类", "可用：" + "、".join(allowed))
            continue
        if dimension == "care":
            found[dimension] = {code: care.name for code, care in cares.items()}
            continue
        found[dimension] = nested.names(dimension)
        most = MAX_FLAGS if dimension in FLAGS else MAX_CODES
        if len(found[dimension]) > most:
            nested.complain(dimension, f"超过 {most} 个代码", "合并少用的代码")
            block.reader.raise_problems()  # every table asks after every code
    for needed in ("care", "level"):
        if block.has("benefits") and not found.get(needed):
            nested.complain(needed, f"没有声明“{needed}”", "逐项写 代码: 名称")
    groups = {each.text("code"): each.text("name") for each in block.blocks("age_groups")}
    found["age_group"] = groups
    return found, cares


def _age_groups(block: Block) -> tuple[AgeGroup, ...]:
    groups = []
    for each in block.blocks("age_groups"):
        below = each.whole("below") if each.has("below") else None
        groups.append(AgeGroup(each.code("code"), below, each.article))
        each.text("name")
        if below is not None and any(g.below is None or g.below >= below for g in groups[:-1]):
            each.complain("below", "年龄组没有从小到大", "按 below 从小到大排列")
        each.done()
    if groups and groups[-1].below is not None:
        block.complain(
            "age_groups", "最后一个年龄组有上限，更年长的人没有归属", "最后一组不写 below"
        )
    return tuple(groups)


def _counters(block: Block, vocabulary: Mapping[str, Mapping[str, str]]) -> Mapping[str, Counter]:
    nested = block.block("counters")
    counters = {}
    for name in nested.keys if nested else []:
        each = nested.block(name) if nested else None
        if each is not None:
            counters[name] = found = _counter(name, each)
            if found.by and found.by != HOSPITAL and not vocabulary.get(found.by):
                each.complain("by", f"没有声明“{found.by}”", f"在 vocabulary.{found.by} 中声明")
            each.done()
    return counters


def _counter(name: str, block: Block) -> Counter:
    return Counter(
        name=name,
        title=block.text("title"),
        owner=cast(Literal["person", "household"], block.choice("owner", ("person", "household"))),
        unit=cast(
            Literal["fen", "days", "count"],
            block.choice("unit", ("fen", "days", "count"), "fen"),
        ),
        kind=cast(Literal["used", "balance"], block.choice("kind", ("used", "balance"), "used")),
        period=cast(Period, block.choice("period", get_args(Period), "year")),
        by=block.choice("by", ("", "level", "care", "place", HOSPITAL), ""),
    )


def _otherwise(block: Block) -> Otherwise:
    found = Otherwise(block.text("name"), block.article)
    block.done()
    return found

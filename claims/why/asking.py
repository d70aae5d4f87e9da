"""Why an item is not covered, or not whole: for a person, a day and an item, in words with the
article. Nothing is saved and no cap reserved: one unit of the item is settled by the engine alone,
as the only line of a visit of that day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import User
from claims.adjudication import Decision
from claims.computation import compute, usage_to_date
from claims.entries import CounterLine, VisitFacts
from claims.models import Visit
from claims.services.lines import bill_lines, class_of
from claims.services.patients import area_code_of, find_patients, workplace
from claims.services.visits import visit_row
from enrollment.cover.covering import cover_on
from enrollment.models import Enrollment, Person
from enrollment.people.search import Bearer
from institutions.catalogue import match_items
from institutions.models import CatalogueItem, Institution, Level
from institutions.registry.columns import Levels
from lib.money import to_yuan, told
from policies.services import Measures
from policies.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Question:
    """`who`: any number of the person's. `item`: a code of the catalogue, a name or its initials.
    `level`: of the hospital; one that asks for itself is judged by its own of the day, as its
    settlements are. `price`: of one unit, yuan; `signed`: the patient agreed to what is outside the
    catalogue."""

    who: str
    day: date
    item: str
    care: str
    level: str
    price: Decimal
    signed: bool = False


@dataclass(frozen=True)
class Said:
    """One thing that is so, where it is written, and whether it stands against paying."""

    title: str
    sentence: str
    article: str = ""
    against: bool = False


@dataclass
class Answer:
    """In the order in which it is decided; what stands against ends it. `people`, `candidates`:
    who or what of several is to be chosen first."""

    person: Person | None = None
    said: list[Said] = field(default_factory=list)
    decision: Decision | None = None
    people: list[Bearer] = field(default_factory=list)
    candidates: list[CatalogueItem] = field(default_factory=list)


def ask_why(question: Question, *, actor: User) -> Answer:
    """The answer, as far as it goes. Who is looked up is written down (`find_patients`, which
    refuses where nobody or too many are found). Raises Refusal where no measures are in force."""
    try:
        found = find_patients(actor=actor, text=question.who)
    except Refusal as refusal:
        raise Refusal(refusal.message, "who") from refusal
    if len(found) != 1:
        return Answer(people=found)
    area_code = area_code_of(actor)
    measures = Measures.on(area_code=area_code, day=question.day)
    person = found[0].person
    answer = Answer(person)
    cover = cover_on(person, question.day)
    answer.said.append(_cover(person, cover, question.day, measures.terms))
    item = _item(question, area_code, answer)
    if item is None:
        return answer
    answer.said.extend(_class(item, question, measures.terms))
    if cover is not None and not any(one.against for one in answer.said):
        here = workplace(actor, as_of=question.day) if actor.institution_code else None
        if here is not None and (levels := Levels.of(here)) != Levels(question.level):
            answer.said.append(_level(levels, question.day, measures.terms))
        _settle(answer, cover, item, question, measures, here=here)
    return answer


def _cover(person: Person, cover: Enrollment | None, day: date, terms: Terms) -> Said:
    article = terms.cover.article
    if person.death_date is not None and day > person.death_date:
        said = f"登记的死亡日期是 {person.death_date}，此后的费用不能结算"
        return Said("参保待遇", said, article, against=True)
    if cover is not None:
        tier = terms.vocabulary["tier"].get(cover.tier, cover.tier)
        said = f"{day} 在待遇期内（{cover.cover_first_day} 至 {cover.cover_last_day}，{tier}）"
        return Said("参保待遇", said, article)
    rows = Enrollment.objects.active().filter(person=person).order_by("cover_first_day")
    spans = "、".join(f"{row.cover_first_day} 至 {row.cover_last_day}" for row in rows)
    known = f"待遇期是 {spans}，不含这一天" if spans else "没有参保缴费的记录"
    return Said(
        "参保待遇", f"{day} 不在待遇期内：{known}，当天的费用不予支付", article, against=True
    )


def _item(question: Question, area_code: str, answer: Answer) -> CatalogueItem | None:
    text = question.item.strip()
    found = match_items(area_code, question.day, [text]).get(text, [])
    if len(found) == 1:
        return found[0]
    if found:
        answer.candidates = found
        return None
    other = CatalogueItem.objects.filter(area__code=area_code).matching(text)
    once = other.order_by("-first_day").first()
    said = f"{question.day} 的目录中没有“{text}”"
    if once is not None:
        until = f"至 {once.last_day}" if once.last_day else "起"
        said += f"；“{once.name}”在目录中的日期是 {once.first_day} {until}"
    answer.said.append(Said("目录", f"{said}，不能按目录内项目报销", against=True))
    return None


def _class(item: CatalogueItem, question: Question, terms: Terms) -> Iterator[Said]:
    said = f"{item.code} {item.name}，{item.get_payment_class_display()}"
    if item.price_limit is not None:
        said += f"，限价 {told(item.price_limit)} 元/{item.unit}"
    yield Said("目录", said)
    code = class_of(item, terms, consent_signed=question.signed)
    rule = terms.bill.classes.get(code)
    if rule is None:
        yield Said("费用类别", "现行办法没有接收这一项目的费用类别", against=True)
    elif rule.kind == "covered":
        yield Said("费用类别", f"按“{rule.name}”计入政策范围", rule.article)
    else:
        whose = "个人负担" if rule.kind == "self_pay" else "医疗机构负担，不得向患者收取"
        yield Said("费用类别", f"按“{rule.name}”全部由{whose}", rule.article, against=True)


def _level(levels: Levels, day: date, terms: Terms) -> Said:
    names = dict(Level.choices) | dict(terms.vocabulary["level"])
    said = f"本机构 {day} 登记的级别是{names.get(levels.own, levels.own)}"
    if levels.deductible:
        said += f"，起付线按{names.get(levels.deductible, levels.deductible)}"
    if levels.price:
        said += f"，限价按{names.get(levels.price, levels.price)}"
    return Said("机构级别", said)


def _settle(
    answer: Answer,
    cover: Enrollment,
    item: CatalogueItem,
    question: Question,
    measures: Measures,
    *,
    here: Institution | None,
) -> None:
    """What one unit comes to, with what the year has used so far."""
    assert answer.person is not None
    terms = measures.terms
    line = CounterLine(
        code=item.code, quantity=Decimal(1), unit_price=question.price, amount=question.price
    )
    try:
        lines = bill_lines(
            [line],
            area_code=terms.area.code,
            day=question.day,
            consent_signed=question.signed,
            terms=terms,
        )
        visit = visit_row(
            VisitFacts(
                care=question.care, starts=question.day, ends=question.day, diagnosis="试问"
            ),
            person=answer.person,
            source=Visit.Source.COUNTER,
            institution=None,
            name="试问",
            level=question.level if here is None else Levels.of(here).own,
            registered=here,
            place="local",
            facts=frozenset(),
            terms=terms,
            consent_signed=question.signed,
        )
        decision = compute(
            enrollment=cover,
            visit=visit,
            lines=lines,
            measures=measures,
            used=usage_to_date(cover, terms),
        )
    except Refusal as refusal:
        answer.said.append(Said("计算", refusal.message, against=True))
        return
    answer.decision = decision
    answer.said += [Said(step.name, step.sentence, step.article) for step in decision.steps]
    if decision.refusal is not None:
        refused = decision.refusal
        answer.said.append(Said("不予支付", refused.sentence, refused.article, against=True))
    elif decision.in_scope and decision.deductible == decision.in_scope:
        answer.said.append(
            Said(
                "说明",
                "这一项可以报：这里只算一个单位，不到起付线，所以基金支付为 0；"
                "一次就医的全部费用合起来扣一次起付线，超过的部分才按比例支付",
            )
        )
    answer.said.append(
        Said(
            "合计",
            f"{told(question.price)} 元中，政策范围内 {told(to_yuan(decision.in_scope))} 元，"
            f"基金支付 {told(to_yuan(decision.fund_pay))} 元，"
            f"个人负担 {told(to_yuan(decision.personal))} 元",
        )
    )

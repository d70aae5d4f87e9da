"""The documents of a case (执法文书): each with its number, kept as it was issued.

Two layouts: a letter to the party, and a form of the file. A document that comes again after the
case was sent back is another edition, with a number of its own.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.urls import URLPattern

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, spelled
from desk.models import Paper
from desk.papers import Facts, PaperKind, paper_route
from desk.workdays import calendar
from lib.money import told
from lib.typed_text import without_stop
from supervision.cases import clocks
from supervision.cases.delivering import CARRIED, last_delivery
from supervision.cases.delivery_models import Delivery
from supervision.cases.execution import fine_paid, recoveries_of
from supervision.cases.models import Case, CaseNote, Evidence
from supervision.cases.parties import address_of, particulars
from supervision.cases.services import officers_of
from supervision.cases.workflow import CASES
from supervision.words.contacts import where_to_answer

TITLES = {
    "条例": "医疗保障基金使用监督管理条例",
    "社会保险法": "中华人民共和国社会保险法",
}
LETTER, FORM = "supervision/cases/letter.html", "supervision/cases/form.html"
VIEW = "supervision.view_cases"
Rows = Sequence[tuple[str, str]]


def one_case(request: Request, pk: int) -> Case:
    """The case when the user may see it, else 404."""
    related = (
        "area",
        "institution__division",
        "person__household__division",
        "alert__settlement",
        "hand_over",
        *CASES.hands,
    )
    return get_visible(Case, request.user, *related, pk=pk)


def _facts(case: Case, heading: str, **more: Any) -> Facts:
    """What stands on every document."""
    return {
        "heading": heading,
        "area": case.area.name,
        "case": case.number,
        "party": case.party_name,
        **more,
    }


def _cause(case: Case) -> str:
    return f"{case.cause.name}（{_article(case)}）" if case.cause else ""


def _article(case: Case) -> str:
    """With the whole title of the law, as a document cites it."""
    law, _, article = case.cause.article.partition(" ") if case.cause else ("", "", "")
    return f"《{TITLES.get(law, law)}》{article}"


def _officers(case: Case) -> str:
    return "、".join(one.user.name for one in officers_of(case).select_related("user"))


def _sentence(words: str) -> str:
    return without_stop(words) + "。"


def _notes(case: Case, kind: str) -> str:
    """What was said since the party was told: not what it said to an earlier notice."""
    rows = case.notes.filter(kind=kind, happened_on__gte=case.notified_on)
    rows = rows.order_by("happened_on", "pk")
    return "；".join(f"{day(row.happened_on)} {row.words}" for row in rows)


def _money(case: Case) -> str:
    """What the decision orders, in a sentence."""
    back, fine = case.loss_amount, case.fine_amount
    said = [f"责令退回造成损失的医疗保障基金 {told(back)} 元（{spelled(back)}）"] if back else []
    if fine:
        times = f"处损失金额 {case.times_told} 倍罚款" if case.factor else "处罚款"
        said.append(f"{times} {told(fine)} 元（{spelled(fine)}），上缴国库")
    return "；".join(said)


def _measures(case: Case) -> list[str]:
    return [
        f"{one.get_kind_display()}：{one.target}"
        + (f"，记 {one.points} 分" if one.points else "")
        + (f"，{day(one.first_day)} 至 {day(one.last_day)}" if one.first_day else "")
        for one in case.measures.all()
    ]


def filing_facts(case: Case) -> Facts:
    rows: Rows = [
        ("当事人", f"{case.party_name}（{case.get_party_display()}）"),
        ("案件来源", f"{case.get_source_display()} {case.source_note}".strip()),
        ("线索日期", day(case.found_on)),
        ("案由", _cause(case)),
        ("线索内容", case.told),
        ("行为终了日期", day(case.act_ended_on)),
        ("办案人员", _officers(case)),
        ("呈报人", case.asked_by.name if case.asked_by else ""),
        ("批准立案日期", day(case.filed_on)),
    ]
    blanks = ["承办机构意见（签字、日期）", "负责人审批意见（签字、日期）"]
    return _facts(case, "立案审批表", rows=rows, blanks=blanks)


def inquiry_facts(case: Case) -> Facts:
    paragraphs = [
        f"我局对你（单位）涉嫌{_cause(case)}一案已于 {day(case.filed_on)} 立案调查。"
        f"现指派{_officers(case)}前来调查，请予配合。",
        "请如实提供有关的病历、医嘱、费用清单、药品耗材进销存账、财务凭证和信息系统数据，"
        "并安排有关人员接受询问。拒绝、阻碍调查或者提供虚假情况的，依法处理。",
        "你（单位）对调查人员有申请回避的权利。认为其与本案有直接利害关系的，"
        "可以在收到本通知之日起向我局提出。",
    ]
    signs = ["医疗保障行政部门（盖章）", "被通知人（签字）", "年　月　日"]
    return _facts(case, "调查通知书", paragraphs=paragraphs, signs=signs)


def talk_facts(case: Case) -> Facts:
    rows: Rows = [
        ("当事人", case.party_name),
        ("案由", _cause(case)),
        ("时间", "　　　年　　月　　日　　时　　分至　　时　　分"),
        ("地点", ""),
        ("询问人、执法证号", _officers(case)),
        ("记录人", ""),
        ("被询问人姓名、证件号", ""),
        ("单位、职务、电话", ""),
        (
            "告知",
            "我们是医疗保障行政执法人员，已出示证件。依法向你询问，你有如实回答的义务，"
            "也有申请回避和陈述申辩的权利。听清楚了吗？答：",
        ),
    ]
    blanks = ["问、答（可附页，逐页签字）", "被询问人核对：以上笔录我已看过（读给我听过），属实"]
    return _facts(case, "询问笔录", rows=rows, blanks=blanks, is_long=True)


def _held(case: Case) -> list[Evidence]:
    return list(case.evidence.exclude(hold="").order_by("pk"))


def register_facts(case: Case) -> Facts:
    held = _held(case)
    paragraphs = [
        f"因调查你（单位）涉嫌{_cause(case)}一案，下列证据可能灭失或者以后难以取得，"
        "依照《中华人民共和国行政处罚法》第五十六条，予以先行登记保存或者封存。",
        "保存期间不得销毁或者转移。登记保存的，七个工作日内作出处理决定；"
        "封存的，期限三十日，确需延长的不超过三十日。",
    ]
    table = [
        [one.get_hold_display(), one.title, one.origin, day(one.obtained_on), day(one.hold_due_on)]
        for one in held
    ]
    signs = ["医疗保障行政部门（盖章）", "执法人员（签字）", "证据持有人（签字）", "年　月　日"]
    return _facts(
        case,
        "证据先行登记保存通知书",
        paragraphs=paragraphs,
        titles=["措施", "名称、数量", "来源、持有人", "日期", "期限"],
        table=table,
        signs=signs,
    )


def notice_facts(case: Case) -> Facts:
    paragraphs = [
        f"你（单位）涉嫌{_cause(case)}一案，我局已调查终结。现将拟作出的处理告知如下。",
        f"查明的事实：{_sentence(case.facts)}"
        f"以上造成医疗保障基金损失 {told(case.loss_amount)} 元。",
        f"拟作出的处理：{case.get_outcome_display()}。{_money(case)}。",
        *([f"减轻处罚的理由：{_sentence(case.lighter)}"] if case.lighter else []),
        *(_sentence(one) for one in _measures(case)),
        "你（单位）可以在收到本告知书之日起五个工作日内陈述、申辩；属于听证范围的，"
        "可以在同一期限内书面申请听证。逾期不提出的，视为放弃。我局不因陈述、申辩加重处罚。",
        f"书面的陈述、申辩和听证申请，请送交或者寄交{where_to_answer(case.area)}，以收到日期为准；"
        "也可以到场口头提出，由我局记录、本人签字。没有异议的，也可以书面签字交回。",
    ]
    signs = ["医疗保障行政部门（盖章）", "年　月　日"]
    return _facts(
        case,
        "行政处理事先告知书",
        particulars=particulars(case),
        paragraphs=paragraphs,
        signs=signs,
    )


def decision_facts(case: Case) -> Facts:
    kinds = (CaseNote.Kind.STATEMENT, CaseNote.Kind.WAIVED)
    heard = next(filter(None, (_notes(case, kind) for kind in kinds)), "未提出")
    hearing = _notes(case, CaseNote.Kind.HEARING)
    bound = clocks.PAYING_DAYS
    paragraphs = [
        f"当事人涉嫌{_cause(case)}一案，我局于 {day(case.filed_on)} 立案，现已审理终结。",
        f"经查明：{_sentence(case.facts)}造成医疗保障基金损失 {told(case.loss_amount)} 元。"
        f"以上有{'、'.join(dict.fromkeys(one.get_kind_display() for one in case.evidence.all()))}"
        "等证据为证。",
        f"我局于 {day(case.notified_on)} 告知拟作出的处理和陈述、申辩、听证的权利。"
        f"当事人陈述申辩：{_sentence(heard)}" + (f"听证：{_sentence(hearing)}" if hearing else ""),
        f"依照{_article(case)}，决定：{case.get_outcome_display()}。{_money(case)}。",
        *([f"减轻处罚的理由：{_sentence(case.lighter)}"] if case.lighter else []),
        *(_sentence(one) for one in _measures(case)),
        *(
            [
                f"罚款自收到本决定之日起 {bound} 日内凭缴款书缴入国库；到期不缴的，"
                "每日按罚款数额的百分之三加处罚款。应退回的基金退回原基金账户。"
            ]
            if case.fine_amount
            else []
        ),
        "不服本决定的，可以自收到之日起六十日内申请行政复议，或者六个月内向人民法院起诉。"
        "复议、诉讼期间本决定不停止执行，法律另有规定的除外。",
    ]
    signs = ["医疗保障行政部门（盖章）", day(case.decided_on)]
    return _facts(
        case,
        "行政处理决定书",
        particulars=particulars(case),
        paragraphs=paragraphs,
        signs=signs,
    )


def delivery_facts(case: Case) -> Facts:
    """Of the decision."""
    due = (
        clocks.delivery_due(case.decided_on, calendar(case.decided_on)) if case.decided_on else None
    )
    done = last_delivery(case, Delivery.Document.DECISION)
    return _delivered(case, Delivery.Document.DECISION, CASE_DECISION, done, due)


def notice_delivery_facts(case: Case) -> Facts:
    """Of what was told before the decision."""
    done = last_delivery(case, Delivery.Document.NOTICE) if case.status in TOLD else None
    return _delivered(case, Delivery.Document.NOTICE, CASE_NOTICE, done)


def printed_number(kind: PaperKind, row: Any) -> str:
    """The number under which the document was printed, of the edition that holds now."""
    printed = Paper.objects.filter(
        kind=kind.code,
        subject_type=row._meta.label_lower,
        subject_id=str(row.pk),
        edition=kind.edition(row),
        copy=0,
    )
    return printed.values_list("number", flat=True).first() or ""


def _delivered(
    case: Case,
    document: Delivery.Document,
    kind: PaperKind,
    done: Delivery | None,
    due: date | None = None,
) -> Facts:
    rows = [
        ("受送达人", case.party_name),
        ("地址", address_of(case)),
        ("案由", _cause(case)),
        ("送达文书、文号", f"{document.label}　{printed_number(kind, case)}".strip()),
        *([("送达期限", day(due))] if due else []),
    ]
    return _facts(case, "送达回证", **receipt_of(rows, done))


def receipt_of(rows: Rows, done: Delivery | None) -> Facts:
    """The rows of a 送达回证 after those of what is served: filled in from the act of service;
    before that by hand. Signatures stay open."""
    every = "　".join(f"□ {label.removesuffix('送达')}" for _, label in CARRIED)
    filled: list[tuple[str, str]] = [
        ("送达方式", done.get_way_display() if done else every),
        ("送达地点", done.place if done else ""),
        ("送达日期", day(done.served_on) if done else "　　　年　　月　　日"),
    ]
    if done is None:
        filled.append(("送达人（二人姓名）", ""))
        filled.append(("代收人、代收理由；拒收的理由、见证人", ""))
    else:
        said = (
            ("送达人", "、".join(filter(None, (done.server, done.other_server)))),
            ("签收人", done.receiver),
            ("与受送达人的关系", done.relation),
            ("拒收的理由", done.refusal),
            ("见证人及单位", done.witness),
            ("邮件号、函号、公告载体", done.reference),
        )
        filled += [(title, words) for title, words in said if words]
    blanks = ["受送达人或代收人（签字、盖章、日期）", "送达人（二人签字）"]
    if done and done.witness:
        blanks.append("见证人（签字）")
    # The institution's account says who opened it: nobody signs.
    is_signed = done is None or done.way != Delivery.Way.ONLINE
    return {"rows": [*rows, *filled], "blanks": blanks if is_signed else []}


def closing_facts(case: Case) -> Facts:
    debts = [
        f"追回单 {one.number} 应追回 {told(one.amount)} 元，已收回 {told(one.back)} 元"
        for one in recoveries_of(case)
    ]
    fines = [
        f"{day(one.paid_on)} {one.get_kind_display()} {told(one.amount)} 元，{one.treasury_number}"
        for one in case.fines.all()
    ]
    done = [
        f"{one.get_kind_display()}（{one.target}）：{day(one.done_on)} {one.done_note}"
        for one in case.measures.all()
    ]
    rows: Rows = [
        ("当事人", case.party_name),
        ("案由", _cause(case)),
        ("立案、决定、送达", f"{day(case.filed_on)}、{day(case.decided_on)}、"
         f"{day(case.delivered_on)}"),
        ("查明的事实", case.facts),
        ("处理决定", f"{case.get_outcome_display()}。{_money(case)}"),
        ("基金追回", "；".join(debts) or "无"),
        ("罚款缴库", "；".join(fines) or "无"),
        ("已缴国库合计", f"{told(fine_paid(case))} 元"),
        ("其他措施", "；".join(done) or "无"),
        ("办案人员", _officers(case)),
        ("结案日期", day(case.closed_on)),
    ]  # fmt: skip
    blanks = ["承办人意见（签字、日期）", "负责人审批意见（签字、日期）"]
    return _facts(case, "结案报告", rows=rows, blanks=blanks)


def _marks(case: Case) -> list[str]:
    return ["处理决定已撤销"] if case.status == Case.Status.REVOKED else []


TOLD = (Case.Status.NOTIFIED, *Case.DECISION_STANDS, Case.Status.REVOKED)
CHECKED = (Case.Status.CHECKED, *TOLD)


def _kind(
    code: str,
    title: str,
    template: str,
    facts: Callable[[Case], Facts],
    is_final: Callable[[Case], bool],
    **more: Any,
) -> PaperKind:
    return PaperKind(
        f"supervision.{code}",
        title,
        template,
        VIEW,
        facts,
        # What was not printed by then does not come into a file that was put away.
        is_final=lambda case: is_final(case) and not _is_away(case),
        marks=_marks,
        **more,
    )


def _is_away(case: Case) -> bool:
    return case.archives.filter(opened_at=None).exists()


def _is_filed(case: Case) -> bool:
    return case.filed_on is not None


CASE_FILING = _kind("case_filing", "立案审批表", FORM, filing_facts, _is_filed, series="医保立审")
CASE_INQUIRY = _kind(
    "case_inquiry", "调查通知书", LETTER, inquiry_facts, _is_filed, series="医保查通"
)
# Filled in by hand at the table, as often as somebody is asked.
CASE_TALK = _kind("case_talk", "询问笔录", FORM, talk_facts, _is_filed, kept=False)
CASE_REGISTER = _kind(
    *("case_register", "证据先行登记保存通知书", LETTER, register_facts),
    lambda case: bool(_held(case)),
    edition=lambda case: str(len(_held(case))),
    series="医保登存",
)
CASE_NOTICE = _kind(
    *("case_notice", "行政处理事先告知书", LETTER, notice_facts),
    lambda case: case.status in CHECKED,
    # What is proposed may change on the same day: an edition for each end of the investigation.
    edition=lambda case: f"{case.reported_at}",
    series="医保告",
)
CASE_DECISION = _kind(
    *("case_decision", "行政处理决定书", LETTER, decision_facts),
    lambda case: case.decided_on is not None,
    series="医保决",
)
CASE_DELIVERY = _kind(
    *("case_delivery", "送达回证", FORM, delivery_facts),
    lambda case: case.decided_on is not None,
    edition=lambda case: "served" if case.delivered_on else "",
)
CASE_NOTICE_DELIVERY = _kind(
    *("case_notice_delivery", "告知书送达回证", FORM, notice_delivery_facts),
    lambda case: case.status in TOLD,
    # Until it is told anew, a case that was sent back has another receipt than the first.
    edition=lambda case: f"{case.notified_at}" if case.status in TOLD else "",
)
CASE_CLOSING = _kind(
    *("case_closing", "结案报告", FORM, closing_facts),
    lambda case: case.closed_on is not None,
    series="医保结",
)
# In the order of a case, each with when the way to it is shown.
DOCUMENTS: Sequence[tuple[str, PaperKind, Callable[[Case], bool]]] = (
    ("filing", CASE_FILING, lambda case: bool(case.cause_code)),
    ("inquiry", CASE_INQUIRY, _is_filed),
    ("talk", CASE_TALK, _is_filed),
    ("register", CASE_REGISTER, lambda case: bool(_held(case))),
    ("notice", CASE_NOTICE, lambda case: case.status in CHECKED),
    ("notice_delivery", CASE_NOTICE_DELIVERY, lambda case: case.status in CHECKED),
    ("decision", CASE_DECISION, lambda case: case.decided_on is not None),
    ("delivery", CASE_DELIVERY, lambda case: case.decided_on is not None),
    ("closing", CASE_CLOSING, lambda case: case.delivered_on is not None),
)
ROUTES: list[URLPattern] = [
    paper_route(f"cases/<int:pk>/papers/{name}", kind, one_case, name=f"case_{name}")
    for name, kind, _ in DOCUMENTS
]

"""Filings that the old system had approved, brought in by two people (原系统转入)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from claims.filings.models import CarriedFiling, CarriedFilings, Filing
from claims.filings.workflow import CARRIED_ACTS, CARRIED_FLOW
from desk.carrying import Carried, CarriedImporting, Given, Said, run
from desk.numbers import next_numbers
from enrollment.people.old_numbers import Register
from lib import typed_text
from lib.tables.layout import Column, Layout
from policies.services import Measures
from policies.terms import Terms

Kind = Filing.Kind
# Of an accident two people decide who is liable, on papers: it is filed anew at the window.
CARRIED_KINDS = [kind for kind in Kind if kind != Kind.ACCIDENT]
WORDS = {typed_text.plain(word): kind for kind in CARRIED_KINDS for word in (
    kind.label, kind.label.removesuffix("审批"), kind.label.removesuffix("备案"))} | {
    typed_text.plain(word): kind for kind, words in {
        Kind.CHRONIC: ("慢性病", "特殊病", "特病", "慢特病", "门诊慢特病"),
        Kind.REFERRAL: ("转诊", "转院", "转诊备案"),
        Kind.AWAY: ("异地就医", "异地安置", "异地长期居住"),
    }.items() for word in words
}  # fmt: skip
LAYOUT = Layout(
    (
        Column("name", "姓名", ("参保人姓名", "人员姓名"), example="张三"),
        Column(
            "number", "证件号码", ("身份证号", "身份证号码", "公民身份号码"),
            example="11010519491231002X", note="与原个人编号至少填一个",
        ),
        Column("old", "原个人编号", ("个人编号", "人员编号")),
        Column(
            "kind", "种类", ("备案类型", "审批类型"), example="慢特病认定",
            note="、".join(kind.label for kind in CARRIED_KINDS),
        ),
        Column("about", "病种或项目", ("病种", "病种名称", "事项", "疾病名称"), example="糖尿病"),
        Column("place", "机构或就医地", ("机构", "定点机构", "就医地"), example="县人民医院"),
        Column("starts", "自", ("起始日期", "有效期起"), day=True, example="2025-01-01"),
        Column("ends", "至", ("截止日期", "有效期止"), day=True, note="慢特病认定必填"),
        Column("expert", "认定专家", ("专家",), note="慢特病认定必填"),
        Column("paper", "依据", ("证明材料", "批准文号"), example="慢特病认定表 12 号"),
    ),
    required=("name", "kind", "about", "starts", "paper"),
)  # fmt: skip

# Of one thing there is one filing at a time: what the window filed meanwhile stays alone.
FRESH = """
FROM claims_carriedfiling c
CROSS JOIN LATERAL (
    SELECT facts FROM claims_carriedfiling WHERE upload_id = %(upload)s AND line = c.says LIMIT 1
) s
JOIN enrollment_person p ON p.id = c.about AND p.same_as_id IS NULL
JOIN enrollment_household h ON h.id = p.household_id,
    jsonb_to_record(s.facts) AS x(
        kind text, about text, place text, starts date, ends date, expert text, evidence text)
WHERE c.upload_id = %(upload)s AND c.verdict = 'r' AND c.line BETWEEN %(first)s AND %(last)s
    AND NOT EXISTS (
        SELECT FROM claims_filing f
        WHERE f.person_id = c.about AND f.kind = x.kind AND f.status IN ('proposed', 'approved')
            AND (f.about = x.about OR f.kind = 'first')
            AND (f.ends IS NULL OR f.ends >= x.starts)
            AND (x.ends IS NULL OR f.starts <= x.ends)
            AND (f.ended_from IS NULL OR f.ended_from > x.starts))
"""
WRITE = f"""
INSERT INTO claims_filing (
    number, person_id, division_id, kind, about, place, starts, ends, expert, liable, proof,
    status, evidence, reason, proposed_by_id, proposed_on, decided_by_id, decided_on, decision,
    ending_reason, carried_id)
SELECT %(series)s || lpad((%(base)s + row_number() OVER (ORDER BY c.line))::text, 6, '0'),
    c.about, h.division_id, x.kind, x.about, x.place, x.starts, x.ends, x.expert, '', '',
    'approved', x.evidence, '原系统转入', %(sent_by)s, %(day)s, %(agreed_by)s, %(day)s, '', '',
    %(upload)s
{FRESH}
ORDER BY c.line
"""


class _Filings(Carried[CarriedFilings]):
    layout = LAYOUT
    unit = "件"
    told = "转入的备案即为已同意，上传人和确认人记为经手；到期、终止照常办理。"

    def begin(self, upload: CarriedFilings, on: date) -> tuple[Register, Terms]:
        terms = Measures.on(area_code=upload.area.code, day=on).terms
        return Register(upload.area), terms

    def read(self, upload: CarriedFilings, said: Said, known: tuple[Register, Terms]) -> None:
        _, terms = known
        kind = WORDS.get(typed_text.plain(said.cells["kind"]))
        if kind is None:
            told = "、".join(one.label for one in CARRIED_KINDS)
            said.blame(f"种类“{said.cells['kind'][:20]}”应为{told}；外伤备案请在窗口重新办理")
        elif kind not in terms.filings:
            said.blame(f"本县办法没有{kind.label}，不用转入")
        about = said.text("about", longest=200, needed=True)
        place = said.text("place", longest=100)
        expert = said.text("expert", longest=40)
        paper = said.text("paper", longest=90, needed=True)
        starts, ends = said.day("starts", needed=True), said.day("ends")
        if starts and starts > upload.as_of:
            said.blame(f"起日不能晚于数据截止日 {upload.as_of}，以后的请在窗口办理")
        if starts and ends and ends < starts:
            said.blame("止日早于起日，请核对")
        if kind == Kind.CHRONIC and not expert:
            said.blame("慢特病认定请填写认定专家")
        if kind == Kind.CHRONIC and not said.cells["ends"]:
            said.blame("慢特病认定请填写有效期止日")
        if kind is None or starts is None:
            return
        said.facts = {
            "kind": kind.value, "about": about, "place": place, "starts": starts, "ends": ends,
            "expert": expert, "evidence": f"{paper}（原系统）",
        }  # fmt: skip

    def judge(
        self, upload: CarriedFilings, rows: Sequence[Given], known: tuple[Register, Terms]
    ) -> None:
        register, _ = known
        for row, person in register.meet(rows):
            if row.facts:
                thing = (person.pk, row.facts["kind"], row.facts["about"])
                row.key = (*thing, row.facts["starts"])
        standing = _standing({row.about for row in rows if row.about})
        for row in rows:
            if row.key in standing or _same(row, standing):
                row.idle = "系统中已有这项备案，不再转入"

    def write(self, upload: CarriedFilings, span: Mapping[str, Any]) -> int:
        """Numbers of the series go on; where nothing is new none is drawn."""
        area, day = upload.area.code, upload.confirmed_on
        assert day is not None  # somebody confirmed it
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {FRESH}", span)
            (count,) = cursor.fetchone()
        if not count:
            return 0
        first = next_numbers("claims_filing", area, day.year, count)
        named = {"series": f"{area}{day.year}B", "base": first - 1, "day": day}
        hands = {"sent_by": upload.requested_by_id, "agreed_by": upload.confirmed_by_id}
        return run(WRITE, {**span, **named, **hands})


def _standing(people: Collection[int]) -> set[object]:
    """What is filed of these people: by kind, thing and first day, and by what runs on."""
    rows = Filing.objects.filter(
        Q(status=Filing.Status.APPROVED) | Q(status=Filing.Status.PROPOSED), person__in=people
    )
    found: set[object] = set()
    for person, kind, about, starts, ends, ended in rows.values_list(
        "person", "kind", "about", "starts", "ends", "ended_from"
    ):
        found.add((person, kind, about, starts))
        if ended is None:
            found.add((person, kind, about, "until", ends))
    return found


def _same(row: Given, standing: set[object]) -> bool:
    """Whether the same thing of the person stands to the same day already."""
    facts = row.facts
    if not facts:
        return False
    return (row.about, facts["kind"], facts["about"], "until", facts["ends"]) in standing


class _Carried(CarriedImporting[CarriedFilings]):
    model = CarriedFilings
    lines = CarriedFiling
    acts = CARRIED_ACTS
    flow = CARRIED_FLOW
    kinds = {CarriedFilings.Kind.FILINGS: _Filings()}


CARRIED = _Carried()

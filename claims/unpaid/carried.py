"""Claims that the old system had and did not pay, brought in by two people."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.carried.models import CarriedUsage, OldSettlement
from claims.models import Invoice
from claims.unpaid.models import KEY, OldClaim, OldClaimFile, OldClaimLine
from claims.unpaid.workflow import OLD_CLAIM_ACTS, OLD_CLAIM_FILES, OLD_CLAIM_FLOW
from desk.carrying import Carried, CarriedImporting, Given, Said
from enrollment.models import Enrollment
from enrollment.people.old_numbers import Register
from funds.models import ZERO
from funds.named import unpaid_before
from funds.payments.services import Part, Payee, checked_payee, order_payment
from lib import typed_text
from lib.money import to_yuan, told
from lib.tables.layout import Column, Layout
from policies.services import Measures
from policies.terms import Terms

Status = OldClaim.Status
DECIDED = {typed_text.plain(one) for one in ("已审未付", "已审核", "已审核未支付", "待支付")}
WAITING = {typed_text.plain(one) for one in ("待审", "未审", "未审核", "已录入", "待审核")}
SEPARATORS = re.compile(r"[、，,；;\s]+")
MAX_INVOICES = 50
LAYOUT = Layout(
    (
        Column("claim", "原单号", ("报销单号", "受理号", "结算单号"), example="BX2026060017"),
        Column("state", "状态", ("审核状态",), example="已审未付", note="已审未付、待审"),
        Column("name", "姓名", ("参保人姓名", "人员姓名"), example="张三"),
        Column(
            "number", "证件号码", ("身份证号", "身份证号码", "公民身份号码"),
            example="11010519491231002X", note="与原个人编号至少填一个",
        ),
        Column("old", "原个人编号", ("个人编号", "人员编号")),
        Column("place", "就诊机构", ("医院", "医院名称"), example="重庆市第三人民医院"),
        Column("care", "就医类别", ("类别",), example="住院", note="按本县办法的名称"),
        Column("starts", "入院日期", ("就诊日期", "开始日期"), day=True, example="2026-05-11"),
        Column("ends", "出院日期", ("结束日期",), day=True, note="门诊可以不填"),
        Column("invoices", "发票号", ("发票号码", "票据号"), example="08812345",
               note="几张的用顿号隔开"),
        Column("total", "总费用", ("费用总额", "发票金额"), example="8200.00"),
        Column("approved", "审定金额", ("报销金额", "基金支付"), example="4000.00",
               note="已审未付的必填，待审的不填"),
        Column("decided", "审定日期", ("审核日期", "结算日期"), day=True,
               note="已审未付的必填"),
        Column("payee", "收款人", ("户名", "开户名"), note="已审未付的必填"),
        Column("account", "收款账号", ("银行账号", "卡号"), note="已审未付的必填"),
        Column("bank", "开户行", ("开户银行",)),
    ),
    required=("claim", "state", "name", "place", "care", "starts", "invoices", "total"),
)  # fmt: skip


@dataclass
class _Known:
    """What all rows of a file are judged with."""

    register: Register
    terms: Terms


class _OldClaims(Carried[OldClaimFile]):
    layout = LAYOUT
    unit = "张"
    batch = 500
    told = (
        "已审未付的单记为应付，从期初余额的原系统应付待遇中支付，不再重算；"
        "待审的单由乡镇在手工报销中重新录入。"
    )

    def begin(self, upload: OldClaimFile, on: date) -> _Known:
        terms = Measures.on(area_code=upload.area.code, day=upload.as_of).terms
        return _Known(Register(upload.area), terms)

    def read(self, upload: OldClaimFile, said: Said, known: _Known) -> None:
        number = typed_text.number(said.text("claim", longest=40, needed=True))
        said.text("place", longest=100, needed=True)
        state = typed_text.plain(said.cells["state"])
        if state not in DECIDED | WAITING:
            said.blame(f"状态“{said.cells['state'][:20]}”应为已审未付或待审；已支付的不用转入")
        care = _care(said, known.terms)
        starts, ends = self._days(upload, said)
        papers = [one for one in SEPARATORS.split(said.cells["invoices"]) if one]
        invoices = [typed_text.number(one) for one in papers]
        if not invoices:
            said.blame("没有填写发票号，几张的用顿号隔开")
        if len(invoices) > MAX_INVOICES or any(len(one) > 40 for one in invoices):
            said.blame(f"发票号每个不超过 40 位、一单不超过 {MAX_INVOICES} 张，请核对")
        total = said.money("total", needed=True)
        if said.cells["total"] and not total:
            said.blame("总费用应大于 0")
        decided = self._decided(upload, said, total, starts) if state in DECIDED else {}
        if state in WAITING and (said.cells["approved"] or said.cells["decided"]):
            said.blame("待审的单不填审定金额、审定日期；已经审定的，状态改为已审未付")
        if starts is None or said.problems:
            return
        said.amount = decided.get("fen", 0)
        said.facts = decided | {
            "number": number, "care": care, "starts": str(starts), "ends": str(ends),
            "invoices": invoices, "total": total,
            "place": typed_text.words(said.cells["place"]),
            "year": known.terms.year.of(known.terms.year.day(starts, ends or starts)),
        }  # fmt: skip

    def judge(self, upload: OldClaimFile, rows: Sequence[Given], known: _Known) -> None:
        met = [row for row, _ in known.register.meet(rows) if row.facts]
        beside = _Beside(upload, met)
        for row in met:
            row.key = row.facts["number"]
            beside.judge(row)

    @staticmethod
    def _days(upload: OldClaimFile, said: Said) -> tuple[date | None, date | None]:
        starts = said.day("starts", needed=True)
        ends = said.day("ends") or starts
        if starts and ends and ends < starts:
            said.blame(f"出院日期 {ends} 早于入院日期 {starts}")
        if ends and ends > upload.as_of:
            said.blame(f"出院日期晚于数据截止日 {upload.as_of}，请在本系统办理")
        return starts, ends

    @staticmethod
    def _decided(
        upload: OldClaimFile, said: Said, total: int, starts: date | None
    ) -> dict[str, Any]:
        fen = said.money("approved", needed=True)
        if said.cells["approved"] and not fen:
            said.blame("审定金额应大于 0；审定不予支付的不用转入")
        if fen > total > 0:
            said.blame(f"审定金额 {told(to_yuan(fen))} 元大于总费用 {told(to_yuan(total))} 元")
        day = said.day("decided", needed=True)
        if day and (day > upload.as_of or (starts and day < starts)):
            said.blame(f"审定日期应在就诊以后、数据截止日 {upload.as_of} 以前")
        if not said.cells["account"]:
            said.blame("没有填写收款账号")
        try:
            checked_payee(said.cells["payee"], said.cells["account"], said.cells["bank"])
        except Refusal as refusal:
            said.blame(refusal.message)
        return {"fen": fen, "decided": str(day)}

    def ready(self, upload: OldClaimFile, actor: User, on: date) -> None:
        """The books began with so much that what is owed can be paid out of it."""
        left, owed = unpaid_before(upload.area), _owed(upload)
        if upload.amount and owed + upload.amount > left:
            raise Refusal(
                f"期初余额中的原系统应付待遇还有 {told(left)} 元，已转入待支付 {told(owed)} 元，"
                f"这份文件 {told(upload.amount)} 元，还差 {told(owed + upload.amount - left)} 元；"
                "请会计先更正期初余额（首月结账以前），或核对文件"
            )

    def compared(self, upload: OldClaimFile) -> Sequence[tuple[str, str]]:
        return (
            ("期初余额中的原系统应付待遇", f"{told(unpaid_before(upload.area))} 元"),
            ("已转入待支付", f"{told(_owed(upload))} 元"),
        )

    def write(self, upload: OldClaimFile, span: Mapping[str, Any]) -> int:
        lines = OldClaimLine.objects.filter(
            upload=upload, verdict="r", line__range=(span["first"], span["last"])
        )
        facts = {line.line: line.facts for line in lines}
        there = OldClaim.objects.exclude(status=Status.WITHDRAWN).filter(area=upload.area)
        numbers = [one["number"] for one in facts.values()]
        known = set(there.filter(number__in=numbers).values_list("number", flat=True))
        covers = Enrollment.objects.select_related("division__parent").in_bulk(
            [one["cover"] for one in facts.values()]
        )
        payees = _payees(upload, facts)
        new = [(line, one) for line, one in facts.items() if one["number"] not in known]
        towns = {one.code: one for one in Division.objects.townships().filter(
            code__startswith=upload.area.code)}  # fmt: skip
        for line, one in new:
            cover = covers[one["cover"]]
            _write(upload, one, cover, payees.get(line), towns[cover.division.township_code])
        return len(new)


def _care(said: Said, terms: Terms) -> str:
    names = terms.vocabulary["care"]
    wanted = typed_text.plain(said.cells["care"])
    for code, title in names.items():
        if wanted in {typed_text.plain(code), typed_text.plain(title)}:
            return code
    said.blame(f"就医类别没有“{said.cells['care'][:20]}”，可填：{'、'.join(names.values())}")
    return ""


class _Beside:
    def __init__(self, upload: OldClaimFile, rows: Sequence[Given]) -> None:
        people = {row.about for row in rows}
        papers = {one for row in rows for one in row.facts["invoices"]}
        here = Invoice.objects.filter(
            is_live=True, number__in=papers, visit__division__code__startswith=upload.area.code
        )
        self.here = set(here.values_list("number", flat=True))
        settled = OldSettlement.objects.live().filter(area=upload.area, invoice_number__in=papers)
        self.settled = dict(settled.values_list("invoice_number", "number"))
        there = OldClaim.objects.filter(area=upload.area).exclude(status=Status.WITHDRAWN)
        numbers = [row.facts["number"] for row in rows]
        self.there = set(there.filter(number__in=numbers).values_list("number", flat=True))
        self.covers: dict[tuple[int | None, int], int] = {
            (person, year): pk
            for person, year, pk in Enrollment.objects.active()
            .filter(person__in=people)
            .values_list("person", "year", "pk")
        }
        live = CarriedUsage.objects.filter(is_live=True, person__in=people)
        self.counted: dict[tuple[int | None, int], date] = {
            (person, year): day
            for person, year, day in live.values_list("person", "policy_year", "counted_to")
        }

    def judge(self, row: Given) -> None:
        facts = row.facts
        if facts["number"] in self.there:
            row.idle = "系统中已有这张未付单，不再转入；内容有变的先撤回"
            return
        for paper in facts["invoices"]:
            if paper in self.here:
                row.blame(f"发票 {paper} 已在本系统录入，不能再转入")
            elif "fen" not in facts and paper in self.settled:
                row.blame(
                    f"发票 {paper} 在原系统已结算（原结算单 {self.settled[paper]}），请核对状态"
                )
        cover = self.covers.get((row.about, facts["year"]))
        if cover is None:
            row.blame(f"此人没有 {facts['year']} 年度的有效参保，请先转入参保")
        row.differ(cover=cover, person=row.about)
        if "fen" in facts:
            self._counted(row)

    def _counted(self, row: Given) -> None:
        """What was decided there has been used: the person's usage to date has to say so, which
        alone counts it."""
        counted_to = self.counted.get((row.about, row.facts["year"]))
        if counted_to is None or str(counted_to) < row.facts["decided"]:
            row.blame(
                f"{row.facts['decided']} 审定的这张单还没有计入此人的已用情况，"
                "请先转入算到这一天以后的已用情况"
            )


def _owed(upload: OldClaimFile) -> Any:
    rows = OldClaim.objects.filter(area=upload.area, status=Status.OWED)
    return rows.aggregate(total=Sum("approved_amount", default=ZERO))["total"]


def _payees(upload: OldClaimFile, lines: Mapping[int, Any]) -> dict[int, Payee]:
    """Line → whom the file names. Read from the sealed file: what waits for a confirmation keeps no
    account in the clear."""
    found: dict[int, Payee] = {}
    with upload.opened(LAYOUT) as sheet:
        for chunk in sheet.rows:
            for line, texts in chunk:
                if "fen" in lines.get(line, ()):
                    cells = dict(zip(LAYOUT.names, texts, strict=True))
                    found[line] = checked_payee(cells["payee"], cells["account"], cells["bank"])
    return found


def _write(
    upload: OldClaimFile,
    facts: Mapping[str, Any],
    cover: Enrollment,
    payee: Payee | None,
    township: Division,
) -> None:
    assert upload.confirmed_on is not None
    columns: dict[str, Any] = {"status": Status.OPEN}
    if payee is not None:
        columns = {
            "status": Status.OWED,
            "approved_amount": to_yuan(facts["fen"]),
            "approved_on": date.fromisoformat(facts["decided"]),
        }  # fmt: skip
    row = OLD_CLAIM_FLOW.create(
        "carry_open_claim" if payee is None else "carry_owed_claim",
        actor=upload.confirmed_by,
        file=upload,
        area=upload.area,
        number=facts["number"],
        person_id=facts["person"],
        cover=cover,
        division=cover.division,
        policy_year=facts["year"],
        institution_name=facts["place"],
        care=facts["care"],
        starts=date.fromisoformat(facts["starts"]),
        ends=date.fromisoformat(facts["ends"]),
        invoices=facts["invoices"],
        total_amount=to_yuan(facts["total"]),
        **columns,
    )
    if payee is not None:
        order_payment(
            actor=upload.confirmed_by,
            area=upload.area,
            division=cover.division,
            township=township,
            key=f"{KEY}{row.pk}",
            event="old_benefit_paid",
            source=str(row),
            payee=payee,
            parts=[
                Part(amount=to_yuan(facts["fen"]), tier=cover.tier, policy_year=row.policy_year)
            ],
            on=upload.confirmed_on,
        )


class _Importing(CarriedImporting[OldClaimFile]):
    model = OldClaimFile
    lines = OldClaimLine
    acts = OLD_CLAIM_ACTS
    flow = OLD_CLAIM_FILES
    kinds = {OldClaimFile.Kind.CLAIMS: _OldClaims()}


OLD_CLAIMS = _Importing()

"""What a hospital files for a patient (人员备案), and how it takes that back.

A program asks as a clerk at the hospital's page does: what it sends waits for the county's
agreement, and what was agreed to ends by the county's agreement as well. The number of the filing
is the 待遇申报明细流水号.
"""

from datetime import date, timedelta
from typing import Any

from accounts.errors import Refusal
from claims.filings.models import Filing
from claims.filings.services import ask_end, decide_filing, propose_filing
from enrollment.models import Person
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.identifiers import person_of, visit_of
from gateway.places import told_at
from gateway.transactions.visits import check_card
from institutions.models import Institution

Kind, Status = Filing.Kind, Filing.Status
WAITS = "备案已提交，待医保经办机构同意后生效"
# 业务申请类型 (biz_appy_type).
FIXED_INSTITUTION = "03"
MAX_EVIDENCE = 100
DAYS_OF_AN_OPEN_END = 365
UNTOLD = "意外伤害，致伤原因未报"


def _propose(asked: Asked, node: str, person: Person, names: dict[str, str], **facts: Any) -> str:
    """The number of what was asked for; a refusal is told at the field of `names`."""
    with told_at(node, {"person": "psn_no"} | names):
        filing = propose_filing(actor=asked.actor, person=person, on=asked.on, **facts)
    asked.warn(WAITS)
    return filing.number


def _person(asked: Asked, node: str, row: Row) -> Person:
    with told_at(node, {}):
        return person_of(asked, row["psn_no"])


def refer(asked: Asked) -> Answer:
    """2501: the patient is to go to another hospital."""
    node = "refmedin"
    row = asked.row(node)
    person = _person(asked, node, row)
    if row.get("hosp_agre_refl_flag") == "0":
        raise Refusal("医院不同意转院的，不能申报转院备案", at=(node, "hosp_agre_refl_flag"))
    if before := row.get("refl_old_mdtrt_id"):
        with told_at(node, {"mdtrt_id": "refl_old_mdtrt_id"}):
            visit = visit_of(asked, before, node=node)
        if visit.person_id != person.pk:
            raise Refusal("转院前就诊不是此人的，请核对", at=(node, "refl_old_mdtrt_id"))
    names = {
        "about": "diag_name", "starts": "begndate" if row.get("begndate") else "refl_date",
        "ends": "enddate", "evidence": "refl_opnn",
    }  # fmt: skip
    number = _propose(
        asked, node, person, names,
        kind=Kind.REFERRAL,
        about=row["diag_name"],
        starts=row.get("begndate") or row["refl_date"],
        ends=row.get("enddate"),
        place=row["reflin_medins_name"][:100],
        code=row["reflin_medins_no"],
        evidence=f"转院意见：{row['refl_opnn']}"[:MAX_EVIDENCE],
        reason=row["refl_rea"],
    )  # fmt: skip
    return {"result": {"trt_dcla_detl_sn": number}}


def certify_disease(asked: Asked) -> Answer:
    """2503: the patient has a chronic or special disease (门慢门特)."""
    row = asked.row()
    names = {
        "about": "opsp_dise_name", "starts": "begndate", "ends": "enddate",
        "expert": "diag_dr_name", "evidence": "ide_fixmedins_name",
    }  # fmt: skip
    number = _propose(
        asked, "data", _person(asked, "data", row), names,
        kind=Kind.CHRONIC,
        about=row["opsp_dise_name"][:200],
        code=row["opsp_dise_code"],
        starts=row["begndate"],
        ends=_end_of_disease(asked, row),
        place=row["ide_fixmedins_name"][:100],
        expert=row["diag_dr_name"][:40],
        evidence=f"{row['ide_fixmedins_name'][:60]} {row['hosp_ide_date']} 鉴定",
        reason=row.get("memo", "")[:200],
    )  # fmt: skip
    return {"result": _with_extra(row, number)}


def _end_of_disease(asked: Asked, row: Row) -> date:
    """The interface may leave the end open, a filing may not: the county corrects a year."""
    end: date | None = row.get("enddate")
    if end is None:
        end = row["begndate"] + timedelta(days=DAYS_OF_AN_OPEN_END - 1)
        asked.warn(f"未填有效期止日，暂按一年登记到 {end}，由医保经办机构核定")
    return end


def choose_institution(asked: Asked) -> Answer:
    """2505: the patient chooses the first institution (大足办法 第二十一条)."""
    row = asked.row()
    if row["biz_appy_type"] != FIXED_INSTITUTION:
        raise Refusal(
            f"人员定点备案的业务申请类型应为 {FIXED_INSTITUTION}（就医定点医疗机构登记）；"
            "慢特病、转院、意外伤害请用各自的备案交易",
            at=("data", "biz_appy_type"),
        )
    chosen = _chosen(asked, row)
    names = {
        "about": "fixmedins_name", "starts": "begndate", "ends": "enddate", "evidence": "memo",
        "code": "fixmedins_code",
    }  # fmt: skip
    by = f"，代办人 {row['agnter_name']}" if row.get("agnter_name") else ""
    number = _propose(
        asked, "data", _person(asked, "data", row), names,
        kind=Kind.FIRST,
        about=chosen.name,
        place=chosen.name,
        code=chosen.code,
        starts=row["begndate"],
        ends=row.get("enddate"),
        evidence=f"定点序号 {row['fix_srt_no']}{by}"[:MAX_EVIDENCE],
        reason=row.get("memo", "")[:200],
    )  # fmt: skip
    return {"result": _with_extra(row, number)}


def _chosen(asked: Asked, row: Row) -> Institution:
    area = asked.institution.division.county_code
    rows = Institution.objects.filter(
        code=row["fixmedins_code"], division__code__startswith=area, is_active=True
    )
    found = rows.first()
    if found is None:
        raise Refusal("本统筹区没有这家定点医药机构，请核对", at=("data", "fixmedins_code"))
    if found.name != row["fixmedins_name"]:
        raise Refusal(
            f"机构 {found.code} 登记的名称是“{found.name}”，请核对", at=("data", "fixmedins_name")
        )
    return found


def _with_extra(row: Row, number: str) -> dict[str, Any]:
    """With what the sender gave of its own, which goes back as it came."""
    extra = {"exp_content": row["exp_content"]} if row.get("exp_content") else {}
    return {"trt_dcla_detl_sn": number, **extra}


def tell_accident(asked: Asked) -> Answer:
    """2507: how an accident happened. Whose liability it is stays open until it is established
    (社会保险法 第三十条)."""
    row = asked.row()
    person = _person(asked, "data", row)
    _refuse_another(asked, person, row)
    if not row.get("trum_rea"):
        asked.warn("没有致伤原因，医保经办机构将向病人核实何时何地怎样受的伤")
    hurt_on = row.get("trum_time")
    if hurt_on is not None and hurt_on > asked.on:
        raise Refusal("受伤时间在今天以后，请核对", at=("data", "trum_time"))
    names = {"about": "trum_rea", "starts": "begndate", "ends": "enddate"}
    told = f"受伤 {hurt_on}" if hurt_on else "受伤时间未报"
    number = _propose(
        asked, "data", person, names,
        kind=Kind.ACCIDENT,
        about=row.get("trum_rea") or UNTOLD,
        starts=row["begndate"],
        ends=row.get("enddate"),
        place=row.get("trum_site", "")[:100],
        liable=Filing.Liable.OPEN,
        proof=Filing.Proof.NONE,
        evidence=f"{asked.institution.name[:60]}申报，{told}"[:MAX_EVIDENCE],
        reason=row.get("memo", "")[:200],
    )  # fmt: skip
    return {"result": {"trt_dcla_detl_sn": number}}


def _refuse_another(asked: Asked, person: Person, row: Row) -> None:
    """The message names the person once more: a slip there means somebody else."""
    if row["psn_name"] != person.name:
        raise Refusal("姓名与人员编号登记的不一致，请核对", at=("data", "psn_name"))
    check_card(asked, person, row, "data")


def take_back(kind: str) -> Transaction:
    """2502, 2504, 2506: what was not decided yet is taken back; of what was agreed to the end is
    asked for, from today on."""

    def do(asked: Asked) -> Answer:
        row = asked.row()
        person = _person(asked, "data", row)
        rows = Filing.objects.visible_to(asked.actor).filter(person=person, kind=kind)
        filing = rows.filter(number=row["trt_dcla_detl_sn"]).first()
        if filing is None:
            raise Refusal(
                "本机构没有为此人申报过这份备案，请核对流水号", at=("data", "trt_dcla_detl_sn")
            )
        reason = row.get("memo") or "申报机构撤销"
        names = {"reason": "memo", "first_day": "trt_dcla_detl_sn"}
        with told_at("data", names):
            if filing.status == Status.PROPOSED:
                decide_filing(
                    actor=asked.actor, filing=filing, event="withdraw_filing", on=asked.on,
                    reason=reason,
                )  # fmt: skip
            else:
                ask_end(
                    actor=asked.actor, filing=filing, first_day=_end(filing, asked.on),
                    reason=reason, on=asked.on,
                )  # fmt: skip
                asked.warn("备案已经同意，撤销已申请，待医保经办机构同意后生效")
        return {}

    return Transaction(do, writes=True)


def _end(filing: Filing, on: date) -> date:
    """From which day on it is to hold no longer: today, or its beginning where that is later."""
    return max(filing.starts, on)


TRANSACTIONS: dict[str, Transaction] = {
    "2501": Transaction(refer, writes=True),
    "2502": take_back(Kind.REFERRAL),
    "2503": Transaction(certify_disease, writes=True),
    "2504": take_back(Kind.CHRONIC),
    "2505": Transaction(choose_institution, writes=True),
    "2506": take_back(Kind.FIRST),
    "2507": Transaction(tell_accident, writes=True),
}

"""2406 marks a visit, 2407 reads the marks (就医特殊属性)."""

from typing import Any

from accounts.audit import record
from accounts.errors import Refusal
from desk.changes import all_or_nothing
from gateway.asked import Answer, Asked, Transaction
from gateway.identifiers import mdtrt_id, person_of, psn_no, visit_of
from gateway.people import cert_type
from gateway.special.models import VisitMark
from gateway.transactions.visits import check_card, check_same

# No norm: as many as other queries answer at once.
MAX_PAGE = 100
DIGITS = 20


@all_or_nothing()
def mark(asked: Asked) -> Answer:
    """2406."""
    row = asked.row()
    visit = asked.made["visit"] = check_same(asked, row, "data")
    check_card(asked, visit.person, row, "data")
    if row["psn_name"] != visit.person.name:
        raise Refusal("姓名与人员编号登记的不一致，请核对", at=("data", "psn_name"))
    if visit.admission_number and row["ipt_otp_no"] != visit.admission_number:
        raise Refusal(
            f"这次就诊登记的是 {visit.admission_number}，请核对", at=("data", "ipt_otp_no")
        )
    one = VisitMark.objects.create(
        visit=visit, kind=row["ipt_psn_sp_flag_type"], value=row["ipt_psn_sp_flag"],
        note=row.get("memo", ""), sent_by=asked.actor,
    )  # fmt: skip
    code = visit.division.code
    record(actor=asked.actor, action="gateway.mark_visit", subject=one, division_code=code)
    return {"IptPsnSpFlagRegOut": {"ipt_psn_sp_flag_detl_id": one.number}}


# Field of the query → column of the mark that is equal to it.
EQUAL = {
    "ipt_psn_sp_flag_type": "kind",
    "ipt_psn_sp_flag": "value",
    "ipt_otp_no": "visit__admission_number",
    "psn_name": "visit__person__name",
    "fixmedins_code": "visit__institution__code",
    "fixmedins_name": "visit__institution__name",
}


def read_marks(asked: Asked) -> Answer:
    """2407: of the own institution, the latest first, one page of them."""
    row = asked.row()
    marks: Any = VisitMark.objects.visible_to(asked.actor)
    for name, column in EQUAL.items():
        if row.get(name):
            marks = marks.filter(**{column: row[name]})
    if number := row.get("ipt_psn_sp_flag_detl_id"):
        marks = marks.filter(pk=_key(number))
    if row.get("mdtrt_id"):
        marks = marks.filter(visit=visit_of(asked, row["mdtrt_id"], of=row.get("psn_no", "")))
    elif row.get("psn_no"):
        marks = marks.filter(visit__person=person_of(asked, row["psn_no"]))
    size = min(max(int(row["page_size"]), 1), MAX_PAGE)
    first = (min(max(int(row["page_num"]), 1), 10**6) - 1) * size
    related = ("visit__person__household__division", "visit__division", "visit__institution")
    found = marks.select_related(*related).order_by("-pk")[first : first + size]
    wanted = row.get("certno", "").upper()
    told = [one for one in found if not wanted or one.visit.person.resident_id == wanted]
    return {"IptPsnSpFlagReg": [_told(one) for one in told]}


def _key(number: str) -> int:
    digits = number.removeprefix("TS")
    return int(digits) if len(digits) == DIGITS and digits.isdecimal() else 0


def _told(one: VisitMark) -> dict[str, Any]:
    visit = one.visit
    assert visit.institution is not None
    return {
        "ipt_psn_sp_flag_detl_id": one.number,
        "mdtrt_id": mdtrt_id(visit),
        "psn_no": psn_no(visit.person),
        "psn_cert_type": cert_type(visit.person),
        "certno": visit.person.resident_id,
        "psn_name": visit.person.name,
        "fixmedins_code": visit.institution.code,
        "fixmedins_name": visit.institution.name,
        "ipt_otp_no": visit.admission_number or "-",
        "ipt_psn_sp_flag_type": one.kind,
        "ipt_psn_sp_flag": one.value,
        "admdvs": visit.division.county_code,
    }


TRANSACTIONS: dict[str, Transaction] = {
    "2406": Transaction(mark, writes=True),
    "2407": Transaction(read_marks),
}

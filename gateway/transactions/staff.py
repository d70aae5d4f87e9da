"""What an institution's own departments and practitioners are known as: 5101, 5102."""

from typing import Any

from django.utils import timezone

from accounts.errors import Refusal
from gateway.asked import Answer, Asked, Transaction
from institutions.eligibility import ineligible
from institutions.models import (
    Practitioner,
)
from institutions.sent_models import Department

DOCTORS = "1"  # medins_psn_type 医师
YES, NO = "1", "0"


def departments(asked: Asked) -> Answer:
    """5101: those that were sent (3401) and not withdrawn. The message repeats its own head."""
    own = asked.institution.code
    if asked.row().get("fixmedins_code") not in {None, own}:
        raise Refusal(f"只能查询本机构的科室，请填 {own}", at=("data", "fixmedins_code"))
    rows = Department.objects.filter(institution=asked.institution, withdrawn_at=None)
    area = asked.institution.division.county_code
    return {"feedetail": [_department(one, area) for one in rows.order_by("code")]}


def _department(one: Department, area: str) -> dict[str, Any]:
    return {
        "hosp_dept_codg": one.code,
        "hosp_dept_name": one.name,
        "begntime": timezone.localtime(one.starts_at),
        "endtime": timezone.localtime(one.ends_at) if one.ends_at else None,
        "itro": one.intro,
        "dept_resper_name": one.head,
        "dept_resper_tel": one.head_phone,
        "dept_med_serv_scp": one.scope,
        "caty": one.caty,
        "dept_estbdat": one.founded_on,
        "aprv_bed_cnt": one.beds,
        "hi_crtf_bed_cnt": one.insured_beds,
        "poolarea_no": area,
        "dr_psncnt": one.doctors,
        "phar_psncnt": one.pharmacists,
        "nurs_psncnt": one.nurses,
        "tecn_psncnt": one.technicians,
        "memo": one.note,
    }


def practitioners(asked: Asked) -> Answer:
    """5102: the institution's doctors, and whether the fund pays for what they do today. The county
    keeps neither their documents nor since when they work there."""
    row = asked.row()
    if row["prac_psn_type"] != DOCTORS or "certno" in row:
        asked.warn("本县只登记医师，按医师代码和姓名查询；没有记录")
        return {"feedetail": []}
    rows = Practitioner.objects.filter(institution=asked.institution).order_by("code")
    if "prac_psn_code" in row:
        rows = rows.filter(code=row["prac_psn_code"])
    if "prac_psn_name" in row:
        rows = rows.filter(name=row["prac_psn_name"])
    found = list(rows)
    refused = ineligible((one.code for one in found), asked.on)
    return {
        "feedetail": [
            {
                "prac_psn_no": one.code,
                "prac_psn_code": one.code,
                "prac_psn_name": one.name,
                "prac_psn_type": DOCTORS,
                "hi_dr_flag": NO if one.code in refused else YES,
                "chg_rea": refused.get(one.code, ""),
            }
            for one in found
        ]
    }


TRANSACTIONS = {"5101": Transaction(departments), "5102": Transaction(practitioners)}

"""The messages of a hospital's day, with what the interface wants of them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from enrollment.models import Person
from gateway.clients.models import Client
from gateway.identifiers import psn_no
from gateway.people import cert_type, psn_type

AREA = "500225"


def head(client: Client, infno: str, msgid: str, at: datetime) -> dict[str, Any]:
    """The head of a request."""
    return {
        "infno": infno,
        "msgid": msgid,
        "mdtrtarea_admvs": AREA,
        "insuplc_admdvs": AREA,
        "recer_sys_code": "HEZUO",
        "dev_no": "",
        "dev_safe_info": "",
        "cainfo": "",
        "signtype": "",
        "infver": "V1.0",
        "opter_type": "1",
        "opter": "0101",
        "opter_name": "收费员",
        "inf_time": f"{at:%Y-%m-%d %H:%M:%S}",
        "fixmedins_code": client.institution.code,
        "fixmedins_name": client.institution.name,
        "sign_no": "",
    }


def card(person: Person) -> dict[str, Any]:
    """The patient shows the identity card."""
    return {
        "psn_no": psn_no(person),
        "mdtrt_cert_type": "02",
        "mdtrt_cert_no": person.resident_id,
        "card_sn": "",
        "psn_cert_type": cert_type(person),
        "certno": person.resident_id,
        "psn_type": psn_type(person, date(2026, 3, 1)),
        "psn_name": person.name,
        "insutype": "390",
    }


def registration(person: Person, day: date, **given: Any) -> dict[str, Any]:
    """2201."""
    row = card(person) | {
        "begntime": f"{day} 08:30:00",
        "ipt_otp_no": "MZ0001",
        "atddr_no": "",
        "dr_name": "",
        "dept_code": "NK01",
        "dept_name": "内科",
        "caty": "A03",
    }
    return {"data": row | given}


def diagnosis(day: date, **given: Any) -> dict[str, Any]:
    """A row of diseinfo."""
    return {
        "diag_type": "1",
        "maindiag_flag": "1",
        "diag_srt_no": 1,
        "diag_code": "J18.9",
        "diag_name": "肺炎",
        "diag_dept": "内科",
        "dise_dor_no": "D500225000001",
        "dise_dor_name": "医师",
        "diag_time": f"{day} 08:40:00",
    } | given


def seen(
    person: Person, mdtrt_id: str, day: date, med_type: str = "11", **given: Any
) -> dict[str, Any]:
    """2203."""
    row = {
        "mdtrt_id": mdtrt_id,
        "psn_no": psn_no(person),
        "med_type": med_type,
        "begntime": f"{day} 08:30:00",
        "main_cond_dscr": "咳嗽",
        "dise_codg": "J18.9",
        "dise_name": "肺炎",
    }
    found = diagnosis(day, vali_flag="1")
    del found["maindiag_flag"]
    return {"mdtrtinfo": row | given, "diseinfo": [found]}


def line(
    number: str,
    mdtrt_id: str,
    person: Person,
    code: str,
    count: str,
    price: str,
    day: date,
    **given: Any,
) -> dict[str, Any]:
    """A row of feedetail, without what only in- or out-patients have."""
    amount = (Decimal(count) * Decimal(price)).quantize(Decimal("0.01"))
    return {
        "feedetl_sn": number,
        "mdtrt_id": mdtrt_id,
        "psn_no": psn_no(person),
        "fee_ocur_time": f"{day} 09:00:00",
        "med_list_codg": code,
        "medins_list_codg": f"OWN-{code}",
        "det_item_fee_sumamt": amount,
        "cnt": Decimal(count),
        "pric": Decimal(price),
        "bilg_dept_codg": "NK01",
        "bilg_dept_name": "内科",
        "bilg_dr_codg": "D500225000001",
        "bilg_dr_name": "医师",
    } | given


def outpatient_lines(batch: str, *lines: Mapping[str, Any]) -> dict[str, Any]:
    """2204."""
    more = {"chrg_bchno": batch, "rx_circ_flag": "0", "hosp_appr_flag": "0"}
    return {"feedetail": [dict(one) | more for one in lines]}


def inpatient_lines(*lines: Mapping[str, Any], med_type: str = "2101") -> dict[str, Any]:
    """2301."""
    return {"feedetail": [dict(one) | {"med_type": med_type} for one in lines]}


def to_settle(
    person: Person, mdtrt_id: str, total: str, batch: str, **given: Any
) -> dict[str, Any]:
    """2206 and, with the four parts, 2207."""
    row = card(person) | {
        "mdtrt_id": mdtrt_id,
        "med_type": "11",
        "medfee_sumamt": Decimal(total),
        "psn_setlway": "01",
        "chrg_bchno": batch,
        "acct_used_flag": "0",
    }
    return {"data": row | given}


def parts_of(setlinfo: Mapping[str, Any]) -> dict[str, Any]:
    """The four parts of a trial, as the settlement sends them back."""
    names = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
    return {name: setlinfo[name] for name in names}


def admission(person: Person, day: date, **given: Any) -> dict[str, Any]:
    """2401."""
    row = card(person) | {
        "cert_type": cert_type(person),
        "begntime": f"{day} 10:00:00",
        "med_type": "2101",
        "ipt_no": "ZY0001",
        "atddr_no": "D500225000001",
        "chfpdr_name": "医师",
        "adm_diag_dscr": "肺炎",
        "adm_dept_codg": "NK01",
        "adm_dept_name": "内科",
        "adm_bed": "12",
        "dscg_maindiag_code": "J18.9",
        "dscg_maindiag_name": "肺炎",
        "insuplc_admdvs": AREA,
        "mdtrtarea_admvs": AREA,
    }
    for name in ("psn_cert_type", "psn_type", "psn_name"):
        del row[name]
    return {
        "mdtrtinfo": row | given,
        "diseinfo": [diagnosis(day, psn_no=psn_no(person))],
    }


def discharge(person: Person, mdtrt_id: str, day: date, **given: Any) -> dict[str, Any]:
    """2402."""
    row = {
        "mdtrt_id": mdtrt_id,
        "psn_no": psn_no(person),
        "insutype": "390",
        "endtime": f"{day} 11:00:00",
        "dscg_dept_codg": "NK01",
        "dscg_dept_name": "内科",
        "dscg_way": "1",
    }
    found = diagnosis(day, psn_no=psn_no(person), mdtrt_id=mdtrt_id)
    return {"dscginfo": row | given, "diseinfo": [found]}


def stay_to_settle(person: Person, mdtrt_id: str, total: str, **given: Any) -> dict[str, Any]:
    """2303 and 2304."""
    row = card(person) | {
        "mdtrt_id": mdtrt_id,
        "medfee_sumamt": Decimal(total),
        "psn_setlway": "01",
        "acct_used_flag": "0",
        "insuplc_admdvs": AREA,
        "mdtrtarea_admvs": AREA,
        "mid_setl_flag": "0",
    }
    return {"data": row | given}

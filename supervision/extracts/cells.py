"""What stands in each column: a function of the row, by table and name of the column.

Amounts are Decimals (yuan), counts integers, all else text; None and "" are an empty cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.templatetags.hezuo import mask_name
from claims.clearing.models import PaymentMethod
from claims.cuts import BY_CODE
from claims.models import BillLine, Settlement, Visit
from enrollment.models import Person
from enrollment.people.numbers import NumberKind
from lib import resident_id
from lib.money import told
from lib.periods import age_on
from policies.services import terms_of
from policies.terms import Terms
from supervision.extracts import codes

ZERO = Decimal("0.00")
FOURTH, SIXTH = Decimal("0.0001"), Decimal("0.000001")
VOID = (Settlement.Status.WITHDRAWN, Settlement.Status.REFUSED)


@dataclass(frozen=True, slots=True)
class Row:
    """A settlement with its visit; in fee_list_d with one line of its bill.

    `full`: whether what tells who it was stands in full: names, numbers, days of birth and death,
    telephones, addresses, and the numbers by which a hospital or an invoice knows the visit.
    """

    settlement: Settlement
    full: bool
    line: Any = None

    @property
    def visit(self) -> Visit:
        return self.settlement.visit

    @property
    def person(self) -> Person:
        return self.visit.person

    @property
    def terms(self) -> Terms:
        return terms_of(self.settlement.pack)

    @property
    def med_type(self) -> str:
        care = self.terms.cares.get(self.visit.care)
        return care.med_type if care else ""


Cell = Callable[[Row], Any]


def _flag(is_so: bool) -> str:
    return codes.YES if is_so else codes.NO


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _midnight(day: date | None) -> str:
    """A time of which the day alone is known."""
    return f"{day.isoformat()} 00:00:00" if day else ""


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


# -- who ------------------------------------------------------------------------------------------


def _name(row: Row) -> str:
    return row.person.name if row.full else mask_name(row.person.name)


def _number(row: Row) -> str:
    number = row.person.resident_id
    return number if row.full else resident_id.mask(number)


def _of_visit(number: str, row: Row) -> str:
    """By its number at the hospital, or on its invoice, somebody there finds the patient."""
    return number if row.full or not number else f"{number[:2]}****"


def _invoices(row: Row) -> str:
    return "、".join(_of_visit(one.number, row) for one in row.visit.invoices.all())


def _death(row: Row) -> str:
    """With the village and the age the day would tell who it was; the year is what is checked."""
    died = row.person.death_date
    return _day(died) if row.full or not died else str(died.year)


def _certificate(row: Row) -> str:
    person = row.person
    if person.number_kind == NumberKind.HK_MACAU_PERMIT and person.resident_id.startswith(
        codes.MACAU_LETTER
    ):
        return codes.MACAU
    return codes.CERTIFICATES.get(person.number_kind, "")


def _age(row: Row) -> int:
    return age_on(row.person.birth_date, row.visit.starts)


def _kind_of_person(row: Row) -> str:
    age = _age(row)
    if age < codes.ADULT_AGE:
        return codes.MINOR
    return codes.OLD if age >= codes.OLD_AGE else codes.ADULT


def _special(row: Row) -> str:
    held = {one.code for one in row.person.statuses.all() if one.covers(row.visit.starts)}
    return next((code for status, code in codes.SPECIAL_PEOPLE.items() if status in held), "")


def _tier(row: Row) -> str:
    name = row.terms.vocabulary.get("tier", {}).get(row.settlement.tier, "")
    return codes.TIERS.get(name, "")


def _area(row: Row) -> str:
    return row.settlement.division.county_code


PSN_NO: Mapping[str, Cell] = {"psn_no": lambda row: str(row.visit.person_id)}
PERSON: Mapping[str, Cell] = {
    **PSN_NO,
    "psn_insu_rlts_id": lambda row: str(row.visit.enrollment_id),
    "psn_name": _name,
    "psn_cert_type": _certificate,
    "certno": _number,
    "gend": lambda row: row.person.sex,
    "naty": lambda row: row.person.ethnicity,
    "brdy": lambda row: _day(row.person.birth_date) if row.full else "",
    "age": _age,
    "insutype": lambda row: codes.INSUTYPE,
    "psn_type": _kind_of_person,
    "cvlserv_flag": lambda row: codes.NO,
    "sp_psn_type": _special,
    "clct_grde": _tier,
    "flxempe_flag": lambda row: codes.NO,
    "insu_admdvs": _area,
}

# -- where ----------------------------------------------------------------------------------------


def _institution(row: Row) -> str:
    return row.visit.institution.code if row.visit.institution else ""


def _place(row: Row) -> str:
    return row.visit.institution.division.county_code if row.visit.institution else ""


PLACE: Mapping[str, Cell] = {
    "pay_loc": lambda row: codes.PAY_LOC.get(row.visit.source, ""),
    "fixmedins_code": _institution,
    "fixmedins_name": lambda row: row.visit.institution_name,
    "med_type": lambda row: row.med_type,
}
LEVELS: Mapping[str, Cell] = {
    "hosp_lv": lambda row: codes.HOSP_LV.get(row.visit.level, ""),
    "fix_blng_admdvs": _place,
    "lmtpric_hosp_lv": lambda row: codes.LEVEL_OF_RULES.get(row.visit.limits_by, ""),
    "dedc_hosp_lv": lambda row: codes.LEVEL_OF_RULES.get(row.visit.deductible_by, ""),
}

# -- by whom --------------------------------------------------------------------------------------


def _place_of(user: User) -> str:
    return user.institution_code or user.division_code


def _hands(by: Callable[[Row], User], at: Callable[[Row], datetime]) -> dict[str, Cell]:
    """Who wrote it and when: whoever settles is the clerk of it as well."""
    found: dict[str, Cell] = {"poolarea_no": _area}
    for who, name, when, where in (
        ("crter_id", "crter_name", "crte_time", "crte_optins_no"),
        ("opter_id", "opter_name", "opt_time", "optins_no"),
    ):
        found |= {
            who: lambda row: str(by(row).pk),
            name: lambda row: by(row).name,
            when: lambda row: _moment(at(row)),
            where: lambda row: _place_of(by(row)),
        }
    return found


OF_SETTLEMENT = _hands(lambda row: row.settlement.entered_by, lambda row: row.settlement.entered_at)
OF_VISIT = _hands(lambda row: row.visit.entered_by, lambda row: row.visit.entered_at)


def _by_line(row: Row) -> User:
    line: BillLine = row.line
    return line.batch.received_by if line.batch else row.visit.entered_by


def _at_line(row: Row) -> datetime:
    line: BillLine = row.line
    return line.batch.received_at if line.batch else row.visit.entered_at


OF_LINE = _hands(_by_line, _at_line)

# -- setl_d ---------------------------------------------------------------------------------------


def _changed_at(row: Row) -> datetime:
    one = row.settlement
    at: datetime = (
        one.paid_at or one.approved_at or one.reviewed_at or one.submitted_at or one.entered_at
    )
    return at


def _amount(name: str) -> Cell:
    return lambda row: getattr(row.settlement, f"{name}_amount")


def _fund(column: str) -> Cell:
    def paid(row: Row) -> Decimal:
        parts = row.settlement.funds.all()
        of = codes.FUND_COLUMNS.get
        return sum(
            (one.amount for one in parts if of(one.fund_pay_type, codes.OTHER_FUND) == column),
            start=ZERO,
        )

    return paid


def _own_pay(row: Row) -> Decimal:
    """What is outside the scope altogether, whoever bears it: the identity of the bill holds."""
    one = row.settlement
    outside: Decimal = one.full_self_pay_amount + one.borne_amount
    return outside


def _memo(row: Row) -> str:
    """Where the claim stands, and amounts that have no column."""
    one = row.settlement
    beside = {"记账余额抵付": one.credit_amount, "定额补助超过费用": one.beyond_amount}
    said = [f"{name} {told(amount)} 元" for name, amount in beside.items() if amount]
    return "；".join([one.get_status_display(), *said])


def _diseases(row: Row) -> str:
    names = row.terms.vocabulary.get("disease", {})
    return "、".join(names.get(code, code) for code in row.visit.diseases)


def _clearing_way(row: Row) -> str:
    """Of what stands in an institution's month; what is paid singly has none."""
    for one in row.settlement.clearings.all():
        if one.is_live:
            return codes.CLR_WAY[one.method.way if one.method else PaymentMethod.Way.ITEM]
    return ""


def _setl_id(row: Row) -> str:
    return row.settlement.number


def _mdtrt_id(row: Row) -> str:
    return str(row.visit.pk)


def _is_valid(row: Row) -> str:
    return _flag(row.settlement.status not in VOID)


SETL_D: Mapping[str, Cell] = {
    **PERSON,
    **PLACE,
    **LEVELS,
    **OF_SETTLEMENT,
    **{column: _fund(column) for column in codes.FUNDS},
    "setl_id": _setl_id,
    "rid": _setl_id,
    "mdtrt_id": _mdtrt_id,
    "begndate": lambda row: _day(row.visit.starts),
    "enddate": lambda row: _day(row.settlement.charged_to or row.visit.ends),
    "setl_time": lambda row: _midnight(row.settlement.settled_on),
    "setl_type": lambda row: codes.SETL_TYPE.get(row.visit.source, ""),
    "clr_way": _clearing_way,
    "clr_type": lambda row: codes.CLR_TYPE.get(row.med_type, ""),
    "medfee_sumamt": _amount("total"),
    "fulamt_ownpay_amt": _own_pay,
    "overlmt_selfpay": _amount("over_limit"),
    "preselfpay_amt": _amount("first_self_pay"),
    "inscp_amt": _amount("in_scope"),
    "act_pay_dedc": _amount("deductible"),
    "pool_prop_selfpay": lambda row: Decimal(row.settlement.ratio).scaleb(-4),
    "fund_pay_sumamt": _amount("fund"),
    "psn_pay": _amount("personal"),
    "acct_pay": _amount("account"),
    "cash_payamt": _amount("cash"),
    "ownpay_hosp_part": _amount("hospital"),
    "refd_setl_flag": lambda row: _flag(row.settlement.status == Settlement.Status.WITHDRAWN),
    "cal_ipt_cnt": lambda row: _flag(row.visit.counts_as_stay),
    "year": lambda row: str(row.settlement.policy_year),
    "dise_name": _diseases,
    "invono": _invoices,
    "vali_flag": _is_valid,
    "memo": _memo,
    "updt_time": lambda row: _moment(_changed_at(row)),
    "mid_setl_flag": lambda row: _flag(row.settlement.charged_to is not None),
    "acct_used_flag": lambda row: _flag(row.settlement.account_amount > 0),
}

# -- mdtrt_d --------------------------------------------------------------------------------------


def _across_years(row: Row) -> str:
    visit = row.visit
    return _flag(visit.bed and visit.ends is not None and visit.ends.year > visit.starts.year)


def _days_in_bed(row: Row) -> int | None:
    """In and out on one day is a day."""
    visit = row.visit
    if not visit.bed or visit.ends is None:
        return None
    return max(1, (visit.ends - visit.starts).days)


def _in_bed(row: Row) -> str:
    return _flag(row.visit.status == Visit.Status.OPEN) if row.visit.bed else ""


def _telephone(row: Row) -> str:
    return (row.person.phone or row.visit.household.phone) if row.full else ""


MDTRT_D: Mapping[str, Cell] = {
    **PERSON,
    **PLACE,
    **LEVELS,
    **OF_VISIT,
    "mdtrt_id": _mdtrt_id,
    "rid": _mdtrt_id,
    "tel": _telephone,
    "addr": lambda row: row.visit.household.address if row.full else "",
    "begntime": lambda row: _midnight(row.visit.starts),
    "endtime": lambda row: _midnight(row.visit.ends),
    "ars_year_ipt_flag": _across_years,
    "year": lambda row: str(row.settlement.policy_year),
    "refl_old_mdtrt_id": lambda row: str(row.visit.referred_from_id or ""),
    "ipt_otp_no": lambda row: _of_visit(row.visit.admission_number, row),
    "dscg_maindiag_code": lambda row: row.visit.diagnosis_code,
    "dscg_maindiag_name": lambda row: row.visit.diagnosis,
    "otp_diag_info": lambda row: "" if row.visit.bed else row.visit.diagnosis,
    "dise_name": _diseases,
    "inhosp_stas": _in_bed,
    "die_date": _death,
    "ipt_days": _days_in_bed,
    "fetus_cnt": lambda row: row.visit.babies if row.med_type == codes.MATERNITY else None,
    "vali_flag": lambda row: _flag(row.visit.status != Visit.Status.VOID),
    "memo": lambda row: row.visit.get_status_display(),
    "updt_time": lambda row: _moment(_changed_at(row)),
}

# -- fee_list_d -----------------------------------------------------------------------------------


def _parts(line: Any) -> tuple[Decimal, Decimal, Decimal] | None:
    """Above its limit, paid first, in the scope; of a line that was cut whole nothing, and None
    where the measures of that time cannot say."""
    if not line.approved_amount:
        return ZERO, ZERO, ZERO
    return (line.over, line.first, line.counts) if hasattr(line, "counts") else None


def _part(position: int) -> Cell:
    def said(row: Row) -> Decimal | None:
        parts = _parts(row.line)
        return parts[position] if parts else None

    return said


def _outside(row: Row) -> Decimal | None:
    line: BillLine = row.line
    parts = _parts(line)
    return Decimal(line.amount) - sum(parts, start=ZERO) if parts else None


def _of_item(say: Callable[[Any], str]) -> Cell:
    return lambda row: say(row.line.item) if row.line.item else ""


def _list_type(item: Any) -> str:
    by_category = codes.LIST_TYPES_OF_CATEGORIES.get(item.category)
    return by_category or codes.LIST_TYPES.get(item.catalogue, "")


def _cut(row: Row) -> str:
    line: BillLine = row.line
    if not line.cut_amount:
        return ""
    reason = BY_CODE.get(line.cut_code)
    return f"审核核减 {told(line.cut_amount)} 元" + (f"：{reason.name}" if reason else "")


def _line_number(row: Row) -> str:
    return str(row.line.pk)


FEE_LIST_D: Mapping[str, Cell] = {
    **PSN_NO,
    **PLACE,
    **OF_LINE,
    "psn_insu_rlts_id": PERSON["psn_insu_rlts_id"],
    "insu_admdvs": _area,
    "bkkp_sn": _line_number,
    "rid": _line_number,
    "mdtrt_id": _mdtrt_id,
    "setl_id": _setl_id,
    "fee_ocur_time": lambda row: _midnight(row.line.charged_on),
    # As many decimals as the interface has (16,4 and 16,6), however the row was written.
    "cnt": lambda row: row.line.quantity.quantize(FOURTH),
    "pric": lambda row: row.line.unit_price.quantize(SIXTH),
    "det_item_fee_sumamt": lambda row: row.line.amount,
    "pric_uplmt_amt": lambda row: row.line.item.price_limit if row.line.item else None,
    "fulamt_ownpay_amt": _outside,
    "overlmt_selfpay": _part(0),
    "preselfpay_amt": _part(1),
    "inscp_amt": _part(2),
    "chrgitm_lv": _of_item(lambda item: codes.PAYMENT_CLASSES.get(item.payment_class, "")),
    "hilist_code": _of_item(lambda item: str(item.code)),
    "hilist_name": _of_item(lambda item: str(item.name)),
    "list_type": _of_item(_list_type),
    "med_list_codg": lambda row: row.line.item_code,
    "medins_list_codg": lambda row: row.line.own_code,
    "medins_list_name": lambda row: row.line.item_name,
    "med_chrgitm_type": lambda row: codes.CHARGES.get(row.line.category, ""),
    "prodplac_type": lambda row: codes.ORIGINS.get(row.line.origin, ""),
    "bas_medn_flag": _of_item(lambda item: _flag(item.is_essential)),
    "prd_days": lambda row: row.line.supply_days,
    "bilg_dr_code": lambda row: row.line.doctor_code,
    "memo": _cut,
    "vali_flag": _is_valid,
    "updt_time": lambda row: _moment(_changed_at(row)),
    "chrg_bchno": lambda row: row.line.batch.number if row.line.batch else "",
}

# -- setl_list_diag_d -----------------------------------------------------------------------------

DIAGNOSES: Mapping[str, Cell] = {
    **PSN_NO,
    **OF_SETTLEMENT,
    "setl_list_diag_id": _setl_id,
    "rid": _setl_id,
    "setl_id": _setl_id,
    "mdtrt_id": _mdtrt_id,
    "maindiag_flag": lambda row: codes.YES,
    "diag_code": lambda row: row.visit.diagnosis_code,
    "diag_name": lambda row: row.visit.diagnosis,
    "vali_flag": _is_valid,
    "updt_time": lambda row: _moment(_changed_at(row)),
}

CELLS: Mapping[str, Mapping[str, Cell]] = {
    "setl_d": SETL_D,
    "mdtrt_d": MDTRT_D,
    "fee_list_d": FEE_LIST_D,
    "setl_list_diag_d": DIAGNOSES,
    "setl_list_oprn_d": {},
}
# Of people who are not asked for in full: masked, or left out.
MASKED = frozenset({"psn_name", "certno", "invono", "ipt_otp_no", "die_date"})
LEFT_OUT = frozenset({"brdy", "tel", "addr"})

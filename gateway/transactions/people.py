"""Who somebody is to the insurance: 1101, and what is filed and counted for them (5206, 5301, 5302,
5304); and the institutions of the county (1201).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from accounts.errors import Refusal
from claims.computation import usage_to_date
from claims.filings.models import Filing
from claims.models import Settlement, SettlementFund
from claims.services import find_patients
from enrollment.models import Enrollment, IdentityStatus, Person
from enrollment.people.identities import category_names
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.people import CERT_TYPES, RESIDENTS, who
from gateway.plugins import READ_BY_OTHERS, bears, check_identity, shown
from gateway.presented import person_shown
from institutions.models import Institution
from lib.money import to_yuan
from lib.typed_text import name as spelled
from policies.services import Measures, terms_of
from policies.terms import Terms
from supervision.extracts.codes import HOSP_LV

YES, NO = "1", "0"
# psn_insu_stas
NOT_INSURED, INSURED, SUSPENDED, ENDED = "0", "1", "2", "4"
# psn_idet_type of the register's statuses; what the dictionary has no word for is a local one.
IDENTITIES: Mapping[str, str] = {
    IdentityStatus.Code.WUBAO: "2307",
    IdentityStatus.Code.DIBAO: "2303",
    IdentityStatus.Code.PREFERENTIAL: "21",
    IdentityStatus.Code.SEVERE_DISABILITY: "2308",
    IdentityStatus.Code.FAMILY_PLANNING: "31",
    IdentityStatus.Code.LOW_INCOME_ELDERLY: "2305",
    IdentityStatus.Code.POVERTY_MONITORING: "2360",
}
LOCAL_IDENTITY = "60"
ACCOUNT = "household_account"
HOSPITALS, SHOPS = "1", "2"  # fixmedins_type 定点医疗机构、定点零售药店
PHARMACY = "pharmacy"
FIRST_CONTACT = {"03", "05"}  # biz_appy_type 就医定点医疗机构、家庭医生签约
FROM_HOSPITAL, FROM_OFFICE = "01", "02"  # dcla_souc
MAX_NAMED = 5


def day_of(at: date | datetime) -> date:
    """The day of a moment that a message gives."""
    return at.date() if isinstance(at, datetime) else at


# -- 1101 -----------------------------------------------------------------------------------------


def person(asked: Asked) -> Answer:
    """1101. Names and numbers stand in full: the document, voucher or card lay before whoever asks,
    the trail keeps who looked whom up as it does of the window, and no log tells it."""
    row = asked.row()
    found = _presented(asked, row)
    since = day_of(row["begntime"]) if "begntime" in row else None
    about = {name: value for name, value in who(found, asked.on).items() if name in BASE}
    statuses = IdentityStatus.objects.filter(person=found).filter(
        Q(last_day=None) | Q(last_day__gte=since or asked.on), first_day__lte=asked.on
    )
    return {
        "baseinfo": about,
        "insuinfo": _covers(found, asked.on, since),
        "idetinfo": [_identity(one) for one in statuses.order_by("first_day", "code")],
    }


BASE = ("psn_no", "psn_cert_type", "certno", "psn_name", "gend", "naty", "brdy", "age")


def _presented(asked: Asked, row: Row) -> Person:
    """Whose credential it is; everything that was sent beside it must be theirs too."""
    holder = shown(asked, row)
    try:
        found = [one.person for one in find_patients(actor=asked.actor, text=holder.number)]
    except Refusal as refusal:
        raise refusal.told_as(refusal.message, ("data", "mdtrt_cert_no")) from None
    # A household's or a certificate's number finds people as well; here it is no credential.
    people = [one for one in found if bears(one, holder.number)]
    if len(people) != 1:
        raise Refusal("本县没有这个号码的登记，请核对证件和参保地", at=("data", "mdtrt_cert_no"))
    one = people[0]
    if row.get("certno") and not bears(one, row["certno"]):
        raise Refusal("证件号码与就诊凭证不是同一人，请核对", at=("data", "certno"))
    if any(spelled(name) != one.name for name in (row.get("psn_name"), holder.name) if name):
        raise Refusal("姓名与参保登记不符，请核对证件", at=("data", "psn_name"))
    if row.get("mdtrt_cert_type") not in READ_BY_OTHERS and not _is_kind(one, row):
        asked.warn("证件类型与参保登记不同，以登记为准")
    check_identity(one)
    return Person.objects.select_related("household__division").get(pk=one.pk)


def _is_kind(one: Person, row: Row) -> bool:
    return row.get("psn_cert_type") in {None, CERT_TYPES.get(one.number_kind)}


def _covers(one: Person, on: date, since: date | None) -> list[dict[str, Any]]:
    """The cover of the day, or where there is none the last one; `since`: also those before."""
    rows = list(
        Enrollment.objects.active()
        .filter(person=one, cover_first_day__lte=date(on.year + 1, 12, 31))
        .select_related("pack", "household")
        .order_by("cover_first_day")
    )
    first = rows[0].cover_first_day if rows else None
    current = next((row for row in rows if row.cover_first_day <= on <= row.cover_last_day), None)
    current = current or (rows[-1] if rows else None)
    shown_rows = [current] if since is None else [r for r in rows if r.cover_last_day >= since]
    told = [_cover(one, row, on, first) for row in reversed(shown_rows) if row is not None]
    return told or [_told(one, on, status=NOT_INSURED)]


def _cover(one: Person, cover: Enrollment, on: date, first: date | None) -> dict[str, Any]:
    if one.death_date is not None or one.departure_date is not None:
        ended = one.death_date or one.departure_date
        return _told(one, on, status=ENDED, since=first, ended=ended)
    if cover.cover_last_day < on:
        return _told(one, on, status=ENDED, since=first, ended=cover.cover_last_day)
    if cover.cover_first_day > on:  # paid, and not to be enjoyed yet (等待期)
        return _told(one, on, status=SUSPENDED, since=cover.cover_first_day)
    used = usage_to_date(cover, terms_of(cover.pack))
    balance = to_yuan(used.get(ACCOUNT, 0))
    return _told(one, on, status=INSURED, since=first, balance=balance)


def _told(
    one: Person,
    on: date,
    *,
    status: str,
    since: date | None = None,
    ended: date | None = None,
    balance: Decimal = Decimal(0),
) -> dict[str, Any]:
    known = who(one, on)
    return {
        "balc": balance,
        "insutype": known["insutype"],
        "psn_type": known["psn_type"],
        "psn_insu_stas": status,
        "psn_insu_date": since,
        "paus_insu_date": ended,
        "cvlserv_flag": known["cvlserv_flag"],
        "insuplc_admdvs": one.household.division.county_code,
    }


def _identity(status: IdentityStatus) -> dict[str, Any]:
    category = category_names().get(status.category, "")
    return {
        "psn_idet_type": IDENTITIES.get(status.code, LOCAL_IDENTITY),
        "memo": "，".join(filter(None, [status.get_code_display(), category])),
        "begntime": status.first_day,
        "endtime": status.last_day,
    }


# -- 1201 -----------------------------------------------------------------------------------------


def institution(asked: Asked) -> Answer:
    """1201: one institution of the county, by its code or so much of its name as is one's own.
    Without either, whoever asks: the interface lets both be empty."""
    row = asked.row("medinsinfo")
    code, name = row.get("fixmedins_code", ""), row.get("fixmedins_name", "")
    area = asked.institution.division.county_code
    rows = Institution.objects.filter(division__code__startswith=area).order_by("code")
    if not code and not name:
        asked.warn("没有填机构编号和名称，返回的是本机构")
        return {"medinsinfo": _institution(asked.institution)}
    shops = Q(level=PHARMACY)
    kind = row["fixmedins_type"]
    rows = rows.filter(shops) if kind == SHOPS else rows.exclude(shops)
    if kind not in (HOSPITALS, SHOPS):
        rows = rows.none()
    if code:
        rows = rows.filter(code=code)
    if name:
        rows = rows.filter(name__contains=name)
    found = list(rows[: MAX_NAMED + 1])
    if not found:
        raise Refusal(
            "本县没有这家定点机构，请核对类型、编号和名称", at=("medinsinfo", "fixmedins_name")
        )
    if len(found) > 1:
        names = "、".join(f"{one.name}（{one.code}）" for one in found[:MAX_NAMED])
        raise Refusal(f"符合的不止一家：{names}，请填编号", at=("medinsinfo", "fixmedins_name"))
    return {"medinsinfo": _institution(found[0])}


def _institution(one: Institution) -> dict[str, Any]:
    return {
        "fixmedins_code": one.code,
        "fixmedins_name": one.name,
        "fixmedins_type": SHOPS if one.level == PHARMACY else HOSPITALS,
        "hosp_lv": HOSP_LV.get(one.level, ""),
    }


# -- 5206 -----------------------------------------------------------------------------------------

# cum_type_code (no dictionary prints one) → column of the settlements.
SUMS: Mapping[str, str] = {
    "MEDFEE": "total_amount",
    "INSCP": "in_scope_amount",
    "DEDC": "deductible_amount",
    "FUND": "fund_amount",
    "PSN": "personal_amount",
    "ACCT": "account_amount",
    "CASH": "cash_amount",
}
COUNTS = {"IPT_CNT": True, "OTP_CNT": False}  # 住院、门诊人次


def totals(asked: Asked) -> Answer:
    """5206: what a person's years have come to, wherever the person was treated: sums alone. With
    cum_ym only that month's year, up to the month's end."""
    row = asked.row()
    one = person_shown(asked, row["psn_no"])
    claims = Settlement.objects.counted().filter(visit__person=one).order_by()
    month = row.get("cum_ym", "")
    if month:
        year, last = _month_end(month)
        claims = claims.filter(policy_year=year, settled_on__lt=last)
    return {"cuminfo": list(_sums(claims, asked.on, month))}


def _month_end(month: str) -> tuple[int, date]:
    """The year, and the first day after the month. Raises Refusal."""
    try:
        first = datetime.strptime(month, "%Y%m").date()  # noqa: DTZ007
    except ValueError:
        raise Refusal("累计年月应写作 yyyyMM，如 202603", at=("data", "cum_ym")) from None
    return first.year, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _sums(claims: Any, on: date, month: str) -> Iterator[dict[str, Any]]:
    """Three statements, however many claims there are."""
    asked_for: dict[str, Any] = {name: Sum(column) for name, column in SUMS.items()}
    for name, in_bed in COUNTS.items():
        asked_for[name] = Count("visit", distinct=True, filter=Q(visit__bed=in_bed))
    years = claims.values("policy_year").annotate(**asked_for).order_by("policy_year")
    funds = SettlementFund.objects.filter(settlement__in=claims).order_by()
    by_fund = funds.values_list("settlement__policy_year", "fund_pay_type").annotate(
        paid=Sum("amount")
    )
    paid = sorted(by_fund)
    for row in years:
        year = row["policy_year"]
        until = month or (f"{year}12" if year < on.year else f"{on:%Y%m}")
        about = {"insutype": RESIDENTS, "year": str(year), "cum_ym": until}
        for name in asked_for:
            yield about | {"cum_type_code": name, "cum": Decimal(row[name])}
        for of_year, code, amount in paid:
            if of_year == year:
                yield about | {"cum_type_code": code, "cum": amount}


# -- 5301, 5302, 5304 -----------------------------------------------------------------------------


def _filings(one: Person, kind: str) -> Sequence[Filing]:
    rows = Filing.objects.filter(person=one, kind=kind, status=Filing.Status.APPROVED)
    return list(rows.select_related("proposed_by", "division").order_by("starts", "pk"))


def _stands(filing: Filing, since: date, until: date | None = None) -> bool:
    """Whether it holds on a day of the span."""
    ends = filing.holds_until
    return (ends is None or ends >= since) and (until is None or filing.starts <= until)


def _terms(asked: Asked) -> Terms:
    area = asked.institution.division.county_code
    return Measures.on(area_code=area, day=asked.on).terms


def chronic(asked: Asked) -> Answer:
    """5301: the chronic diseases that are recognized today, by the codes that 1309 hands out."""
    one = person_shown(asked, asked.row()["psn_no"])
    codes = {name: code for code, name in _terms(asked).vocabulary.get("disease", {}).items()}
    rows = [filing for filing in _filings(one, Filing.Kind.CHRONIC) if _stands(filing, asked.on)]
    return {
        "feedetail": [
            {
                "opsp_dise_code": codes.get(filing.about, filing.number),
                "opsp_dise_name": filing.about,
                "begndate": filing.starts,
                "enddate": filing.holds_until,
            }
            for filing in rows
        ]
    }


def _institutions(asked: Asked, names: Sequence[str]) -> dict[str, Institution]:
    """Those of the county that filings name, by name and by code. One statement."""
    area = asked.institution.division.county_code
    rows = Institution.objects.filter(division__code__startswith=area)
    found = rows.filter(Q(name__in=names) | Q(code__in=names))
    return {key: one for one in found for key in (one.name, one.code)}


def first_contact(asked: Asked) -> Answer:
    """5302: where the person has to go first."""
    row = asked.row()
    one = person_shown(asked, row["psn_no"])
    if row.get("biz_appy_type") not in {None, *FIRST_CONTACT}:
        asked.warn("本县只登记首诊机构（03），其他业务没有定点信息")
        return {"psnfixmedin": []}
    rows = [filing for filing in _filings(one, Filing.Kind.FIRST) if _stands(filing, asked.on)]
    places = _institutions(asked, [filing.place for filing in rows])
    return {
        "psnfixmedin": [
            {
                "psn_no": row["psn_no"],
                "insutype": RESIDENTS,
                "fix_srt_no": str(number),
                "fixmedins_code": places[filing.place].code if filing.place in places else "",
                "fixmedins_name": places[filing.place].name
                if filing.place in places
                else filing.place,
                "begndate": filing.starts,
                "enddate": filing.holds_until,
                "memo": filing.number,
            }
            for number, filing in enumerate(rows, 1)
        ]
    }


def referrals(asked: Asked) -> Answer:
    """5304: approved referrals that hold within the span."""
    row = asked.row()
    one = person_shown(asked, row["psn_no"])
    since = day_of(row["begntime"])
    until = day_of(row["endtime"]) if "endtime" in row else None
    rows = [
        filing for filing in _filings(one, Filing.Kind.REFERRAL) if _stands(filing, since, until)
    ]
    places = _institutions(asked, [filing.place for filing in rows])
    about = {name: value for name, value in who(one, asked.on).items() if name in REFERRED}
    return {"refmedin": [about | _referral(filing, places.get(filing.place)) for filing in rows]}


REFERRED = ("insutype", "psn_no", "psn_cert_type", "certno", "psn_name", "gend", "brdy")


def _referral(filing: Filing, to: Institution | None) -> dict[str, Any]:
    by_hospital = bool(filing.proposed_by.institution_code)
    return {
        "insu_optins": filing.division.county_code,
        "dcla_souc": FROM_HOSPITAL if by_hospital else FROM_OFFICE,
        "reflin_medins_no": to.code if to else "",
        "reflin_medins_name": to.name if to else filing.place,
        "out_flag": NO if to else YES,
        "refl_date": filing.starts,
        "refl_rea": filing.about,
        "begndate": filing.starts,
        "enddate": filing.holds_until,
        "hosp_agre_refl_flag": YES,
        "opter_id": str(filing.proposed_by_id),
        "opter_name": filing.proposed_by.name,
        "opt_time": filing.proposed_on,
    }


TRANSACTIONS = {
    "1101": Transaction(person),
    "1201": Transaction(institution),
    "5206": Transaction(totals),
    "5301": Transaction(chronic),
    "5302": Transaction(first_contact),
    "5304": Transaction(referrals),
}

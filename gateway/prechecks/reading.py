"""A message of 3101 or 3102 as a bill that the rules can judge."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from accounts.errors import Refusal
from claims.classification import payable_limit
from claims.models import Visit
from gateway.asked import Asked, Row
from gateway.identifiers import person_of, visit_of
from gateway.local import care_of, day_of
from institutions.catalogue import items_by_code
from institutions.mapping import codes_meant
from lib.money import to_fen
from policies.services import Measures
from supervision.pending import Bill
from supervision.rules.facts import Charge

ENCOUNTER, ORDERS = "fsi_encounter_dtos", "fsi_order_dtos"
HUNDREDTHS = 100


def patient_row(asked: Asked) -> tuple[Row, Row]:
    """The patient and the present encounter; former ones the portal knows better."""
    patients: Sequence[Row] = asked.row().get("patient_dtos", ())
    if len(patients) != 1:
        raise Refusal("一次审核一位参保人，请分次发送", at=("data", "patient_dtos"))
    patient = patients[0]
    now = patient["curr_mdtrt_id"]
    found = [one for one in patient.get(ENCOUNTER, ()) if one["mdtrt_id"] == now]
    if len(found) != 1:
        raise Refusal(
            "就诊信息中应有一次是当前就诊（mdtrt_id 等于 curr_mdtrt_id）",
            at=("data", "curr_mdtrt_id"),
        )
    return patient, found[0]


def bill_of(asked: Asked, patient: Row, encounter: Row) -> Bill:
    """What is asked about: the message's own figures, the visit where it is registered here."""
    person = person_of(asked, patient["patn_id"], at="patn_id")
    visit = _visit(asked, encounter["mdtrt_id"])
    if visit is not None and visit.person_id != person.pk:
        raise Refusal("就诊 ID 与参保人标识不是同一人，请核对", at=("data", "patn_id"))
    starts, ends = day_of(encounter, "adm_date"), day_of(encounter, "dscg_date")
    if ends < starts:
        raise Refusal("出院日期早于入院日期，请核对", at=("data", "dscg_date"))
    terms = Measures.on(area_code=asked.institution.division.county_code, day=starts).terms
    care = visit.care if visit is not None else ""
    if care not in terms.cares:
        care = care_of(terms, encounter["med_type"], {}, node="data").code
    return Bill(
        person=person,
        institution=asked.institution,
        visit=visit,
        terms=terms,
        care=care,
        starts=starts,
        ends=ends,
        diagnosis_code=encounter["dscg_main_dise_codg"],
        diagnosis=encounter["dscg_main_dise_name"],
        total=_fen(encounter["medfee_sumamt"], "medfee_sumamt"),
        off_catalogue=_fen(encounter["ownpay_amt"], "ownpay_amt"),
        charges=_charges(asked, encounter.get(ORDERS, ()), encounter),
        facts=() if visit is None else visit.facts,
    )


def _visit(asked: Asked, number: str) -> Visit | None:
    """The visit that is registered here; a hospital may ask before it registers."""
    try:
        return visit_of(asked, number)
    except Refusal:
        return None


def _charges(asked: Asked, rows: Sequence[Row], encounter: Row) -> list[Charge]:
    """Category and limit are the catalogue's of the first day, as on a bill; one statement, two
    where the catalogue does not know a code (hilist_code holds 20 letters, a drug's code has 23):
    then the hospital's own code says what it is."""
    area, day = asked.institution.division.county_code, day_of(encounter, "adm_date")
    items = items_by_code(area, day, (row["hilist_code"] for row in rows))
    own = {row["hosplist_code"] for row in rows if row["hilist_code"] not in items}
    meant = codes_meant(asked.institution, own, day) if own else {}
    found = []
    for row in rows:
        item = items.get(row["hilist_code"])
        limit = item.price_limit if item is not None else None
        found.append(
            Charge(
                name=item.name if item is not None else row["hilist_name"],
                category=item.category if item is not None else "",
                quantity=int(row["cnt"] * HUNDREDTHS),
                amount=_fen(row["sumamt"], "sumamt"),
                limit=payable_limit(row["cnt"], limit),
                charged_on=day_of(row, "drord_begn_date"),
                antibiotic=item is not None and item.is_antibiotic,
                code=_code(row, items, meant),
                charged_at=_moment(row),
                days=_days(row),
            )
        )
    return found


def _code(row: Row, items: Mapping[str, object], meant: Mapping[str, str]) -> str:
    code: str = row["hilist_code"]
    return code if code in items else meant.get(row["hosplist_code"], code)


def _moment(row: Row) -> datetime | None:
    """None of an order that only has its day: midnight is what programs fill in."""
    at = row["drord_begn_date"]
    return at if isinstance(at, datetime) and at.time() != time.min else None


def _days(row: Row) -> int | None:
    """From the first to the last day of an order that was stopped."""
    if row.get("drord_stop_date") is None:
        return None
    first: date = day_of(row, "drord_begn_date")
    return max(1, (day_of(row, "drord_stop_date") - first).days + 1)


def _fen(amount: Decimal, name: str) -> int:
    try:
        return to_fen(amount)
    except ValueError:
        raise Refusal("金额最多两位小数，请核对", at=("data", name)) from None

"""Lines of a practitioner whom the fund does not pay for (医保支付资格), or who may not work here
on the day (执业注册、多点执业), are refused; those of emergencies and rescues are taken and told
(医保发〔2024〕23号)."""

from collections.abc import Collection, Sequence

from accounts.errors import Refusal
from claims.models import Visit
from gateway.asked import Asked, Row
from gateway.local import day_of
from institutions.practice.reading import doctors_of
from policies.services import Measures

# Who ordered it and who took it on.
DOCTORS = ("bilg_dr_codg", "orders_dr_code")
TOLD = 3  # doctors named in one warning
EMERGENCY_CARE = "13"  # med_type 急诊
# As both packs of the house call 急诊抢救; a pack that calls it otherwise says so by its med_type.
EMERGENCY_FACT = "emergency"


def refuse_ineligible(
    asked: Asked, visit: Visit, rows: Sequence[Row], *, node: str = "feedetail"
) -> None:
    """Raises Refusal at the first line of a doctor who is not paid for on the line's own day.

    A line dated the day before is paid although it comes later. One statement, and those of the
    measures where somebody is not paid for; of an emergency the answer tells it.
    """
    assert visit.institution is not None
    named = (row[name] for row in rows for name in DOCTORS if row.get(name))
    known = doctors_of(named, beside=visit.institution)
    if any(one.institution == visit.institution.pk for one in known.values()):
        _warn_unknown(asked, rows, known.keys(), node)
    if not any(one.spans or one.licence for one in known.values()):
        return
    emergency: bool | None = None
    told = set()
    for position, row in enumerate(rows):
        if row["cnt"] < 0:
            continue  # what was wrong is taken back, whoever ordered it
        for name in DOCTORS:
            doctor = known.get(row.get(name, ""))
            if doctor is None:
                continue
            words = doctor.refused_at(visit.institution, day_of(row, "fee_ocur_time"))
            if not words:
                continue
            if emergency is None:
                emergency = is_emergency(visit)
            if not emergency:
                raise Refusal(words, at=(node, position, name))
            if words not in told:
                told.add(words)
                asked.warn(f"按急诊、抢救受理：{words}")


def _warn_unknown(asked: Asked, rows: Sequence[Row], known: Collection[str], node: str) -> None:
    """Name doctors whom the county does not know, although it keeps those of the institution."""
    places: dict[str, str] = {}
    for position, row in enumerate(rows, start=1):
        for name in DOCTORS:
            code = row.get(name)
            if code and code not in known:
                places.setdefault(code, f"{node}[{position}].{name} {code}")
    if places:
        more = f" 等 {len(places)} 名" if len(places) > TOLD else ""
        asked.warn(
            f"县里没有登记的医师：{'、'.join([*places.values()][:TOLD])}{more}，明细照收；"
            "请用【5102】核对编码，确是本院医师的请县医保局登记"
        )


def is_emergency(visit: Visit) -> bool:
    """By its kind of care, or by what the papers say of it."""
    if EMERGENCY_FACT in visit.facts:
        return True
    assert visit.institution is not None
    measures = Measures.of_visit(
        area_code=visit.institution.division.county_code,
        starts=visit.starts,
        ends=visit.days.ends or visit.starts,
    )
    care = measures.terms.cares.get(visit.care)
    return care is not None and care.med_type == EMERGENCY_CARE

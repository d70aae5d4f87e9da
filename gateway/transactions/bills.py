"""What the portal says of each line that came in: class, limit, and the parts of its amount."""

from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from typing import Any

from claims.computation import member_of, put_parts
from claims.models import BillLine, Visit
from gateway.asked import Asked, Row
from lib.money import told as in_words
from policies.services import Measures

LEVELS = {"A": "01", "B": "02", "C": "03"}
# Fee category of the catalogue → 医疗收费项目类别.
CHARGES = {
    "bed": "01",
    "consultation": "02",
    "examination": "03",
    "special_examination": "03",
    "laboratory": "04",
    "treatment": "05",
    "surgery": "06",
    "nursing": "07",
    "material": "08",
    "western_drug": "09",
    "herbal_drug": "10",
    "chinese_drug": "11",
    "general": "12",
}
OTHER_CHARGE = "14"
DEAR_TOLD = 3  # lines named in one warning


def lines_told(visit: Visit, sent: Sequence[tuple[BillLine, int]]) -> list[dict[str, Any]]:
    """A row for each line, in their order; the statements do not grow with the lines."""
    assert visit.institution is not None
    ends = visit.days.ends or visit.starts
    measures = Measures.of_visit(
        area_code=visit.institution.division.county_code, starts=visit.starts, ends=ends
    )
    stay = copy(visit)
    stay.ends = ends  # who is in the bed has none, and no part of a line asks for it
    visit.enrollment.person = visit.person
    member = member_of(visit.enrollment, visit.starts, measures.terms)
    put_parts(stay, [line for line, _ in sent], measures.terms, member)
    return [_line_told(line, sign) for line, sign in sent]


def warn_above_limit(
    asked: Asked, sent: Sequence[tuple[BillLine, int]], told: Sequence[Row]
) -> None:
    """Tell which lines of feedetail are dearer than what counts of them, and who bears the rest;
    from the answer as it stands, so it asks nothing of the database."""
    dear = [
        f"feedetail[{at}].pric {line.item_code} {line.item_name} "
        f"{_limit_told(line)}，超出 {in_words(row['overlmt_amt'])} 元"
        for at, ((line, _), row) in enumerate(zip(sent, told, strict=True), start=1)
        if row["overlmt_amt"] > 0
    ]
    if dear:
        more = f"；另有 {len(dear) - DEAR_TOLD} 行" if len(dear) > DEAR_TOLD else ""
        asked.warn(
            "超过限价的部分不进政策范围，结算时列入 overlmt_selfpay 由病人负担："
            f"{'；'.join(dear[:DEAR_TOLD])}{more}"
        )


def _limit_told(line: BillLine) -> str:
    """The price and the item's limit; where it keeps that, the measures' own is lower."""
    limit = line.item.price_limit if line.item is not None else None
    if limit is None or line.unit_price <= limit:
        return f"单价 {line.unit_price.normalize():f} 元，高于本地办法的限价"
    return f"单价 {line.unit_price.normalize():f} 元，限价 {limit.normalize():f} 元"


def _line_told(line: BillLine, sign: int) -> dict[str, Any]:
    shown: Any = line
    over, first, scope = (getattr(shown, name, Decimal(0)) for name in ("over", "first", "counts"))
    item = line.item
    within = line.amount - over
    level = LEVELS.get(item.payment_class, "03") if item is not None else "03"
    return {
        "feedetl_sn": line.sender_number,
        "det_item_fee_sumamt": sign * line.amount,
        "cnt": sign * line.quantity,
        "pric": line.unit_price,
        "pric_uplmt_amt": (item.price_limit if item is not None else None) or Decimal(0),
        "selfpay_prop": _share(within, first) if scope or first else Decimal(1),
        "fulamt_ownpay_amt": sign * (line.amount - over - first - scope),
        "overlmt_amt": sign * over,
        "preselfpay_amt": sign * first,
        "inscp_scp_amt": sign * scope,
        "chrgitm_lv": level,
        "med_chrgitm_type": CHARGES.get(line.category, OTHER_CHARGE),
        "bas_medn_flag": "1" if item is not None and item.is_essential else "0",
        "lmt_used_flag": "1" if item is not None and item.is_limited else "0",
    }


def _share(within: Decimal, first: Decimal) -> Decimal:
    """What part of the amount is paid first: the roundest share that comes to the same fen."""
    share = first / within
    return next(
        (
            rounder
            for places in (1, 2, 3)
            if round((rounder := round(share, places)) * within, 2) == first
        ),
        round(share, 4),
    )

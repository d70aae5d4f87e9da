"""What a line of a bill says of its item, beside what the county agreed to (目录对照)."""

from collections.abc import Sequence
from datetime import date

from accounts.errors import Refusal
from gateway.asked import Asked, Row
from gateway.rules.models import rule_in_force
from institutions.mapping import codes_meant

TOLD = 5  # names in one warning


def check_mapped(asked: Asked, node: str, rows: Sequence[Row], on: date) -> None:
    """Tell of lines whose own code (medins_list_codg) has no agreed meaning, or another one than
    med_list_codg says. Where the county takes no such lines on that day, raises Refusal naming the
    first. Two statements however many lines, one where all are mapped."""
    meant = codes_meant(asked.institution, (row["medins_list_codg"] for row in rows), on)
    unmapped = [at for at, row in enumerate(rows) if row["medins_list_codg"] not in meant]
    other = [
        at
        for at, row in enumerate(rows)
        if meant.get(row["medins_list_codg"], row["med_list_codg"]) != row["med_list_codg"]
    ]
    if not unmapped and not other:
        return
    rule = rule_in_force(asked.institution.division.county_code)
    if rule is not None and rule.asks_for_mappings(on):
        at = min(unmapped + other)
        raise Refusal(_why(rows[at], meant), at=(node, at, "medins_list_codg"))
    if unmapped:
        named = list(dict.fromkeys(rows[at]["medins_list_codg"] for at in unmapped))
        asked.warn(f"没有对照的机构编码 {len(named)} 个：{_short(named)}，请上传目录对照【3301】")
    if other:
        named = list(dict.fromkeys(rows[at]["medins_list_codg"] for at in other))
        asked.warn(f"与已同意的对照不符的机构编码 {len(named)} 个：{_short(named)}，请核对")


def _why(row: Row, meant: dict[str, str]) -> str:
    own = row["medins_list_codg"]
    if own in meant:
        return f"机构编码 {own} 已同意的对照是 {meant[own]}，请按对照上传"
    return f"机构编码 {own} 没有已同意的目录对照，请先上传对照【3301】"


def _short(named: Sequence[str]) -> str:
    more = "等" if len(named) > TOLD else ""
    return "、".join(named[:TOLD]) + more

"""Statuses that the old system knew (人员身份), each with the list or paper that gave it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from desk.carrying import Carried, Given, Said, run
from enrollment.carried import columns
from enrollment.carried.models import CarriedTable
from enrollment.people import identities
from enrollment.people.models import IdentityStatus
from enrollment.people.old_numbers import Register

# Who bears the status by another list already keeps it from there.
WRITE = """
INSERT INTO enrollment_identitystatus
    (person_id, code, first_day, last_day, category, source, batch)
SELECT c.about, x.code, x.first_day, x.last_day, '', x.source, x.batch
FROM enrollment_carriedrow c
CROSS JOIN LATERAL (
    SELECT facts FROM enrollment_carriedrow WHERE upload_id = %(upload)s AND line = c.says LIMIT 1
) s
JOIN enrollment_person p ON p.id = c.about AND p.same_as_id IS NULL,
    jsonb_to_record(s.facts) AS x(
        code text, first_day date, last_day date, source text, batch text)
WHERE c.upload_id = %(upload)s AND c.verdict = 'r' AND c.line BETWEEN %(first)s AND %(last)s
    AND NOT EXISTS (
        SELECT FROM enrollment_identitystatus i
        WHERE i.person_id = c.about AND i.code = x.code AND i.last_day IS NULL
            AND x.last_day IS NULL)
ORDER BY c.line
ON CONFLICT (person_id, code, first_day) DO NOTHING
"""


class Statuses(Carried[CarriedTable]):
    layout = columns.STATUSES
    unit = "人次"
    told = "身份决定缴费和待遇，以后由部门名单更新；每条都记下来源和依据。"

    def begin(self, upload: CarriedTable, on: date) -> Register:
        return Register(upload.area)

    def read(self, upload: CarriedTable, said: Said, known: Register) -> None:
        codes, unknown = identities.statuses(said.cells["status"])
        if unknown:
            told = f"人员身份“{'、'.join(unknown)[:20]}”不在列表中，请对照“身份对照表”"
            said.blame(f"{told}；办法没有的身份不用转入")
        elif len(codes) != 1:
            said.blame("一行填一种人员身份，几种身份的分几行")
        first, last = said.day("first", needed=True), said.day("last")
        source = said.text("source", longest=20, needed=True)
        paper = said.text("paper", longest=40, needed=True)
        if first and first > upload.as_of:
            said.blame(f"起始日期不能晚于数据截止日 {upload.as_of}")
        if first and last and last < first:
            said.blame("截止日期早于起始日期，请核对")
        if first is None or len(codes) != 1:
            return
        (code,) = codes
        said.facts = {
            "code": code, "first_day": first, "last_day": last, "source": f"{source}（原系统）",
            "batch": paper,
        }  # fmt: skip

    def judge(self, upload: CarriedTable, rows: Sequence[Given], known: Register) -> None:
        for row, person in known.meet(rows):
            if row.facts:
                row.key = (person.pk, row.facts["code"], row.facts["first_day"])
        held = set[tuple[int, str, date | None]]()
        for pk, code, first, last in IdentityStatus.objects.filter(
            person__in={row.about for row in rows}
        ).values_list("person", "code", "first_day", "last_day"):
            held.add((pk, code, first))
            if last is None:
                held.add((pk, code, None))
        for row in rows:
            runs = row.facts and row.facts["last_day"] is None
            if row.key in held or (runs and (row.about, row.facts["code"], None) in held):
                row.idle = "系统中已有这种身份，不再转入"

    def write(self, upload: CarriedTable, span: Mapping[str, Any]) -> int:
        return run(WRITE, span)

"""Statuses that the old system knew (人员身份), each with the list or paper that gave it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from desk.carrying import Carried, Given, run
from enrollment.carried import columns
from enrollment.carried.models import CarriedTable
from enrollment.people import identities
from enrollment.people.models import IdentityStatus
from enrollment.people.old_numbers import Register
from lib import typed_text

# Who bears the status by another list already keeps it from there.
WRITE = """
INSERT INTO enrollment_identitystatus
    (person_id, code, first_day, last_day, category, source, batch)
SELECT x.person, x.code, x.first_day, x.last_day, '', x.source, x.batch
FROM enrollment_carriedrow c,
    jsonb_to_record(c.facts) AS x(
        person bigint, code text, first_day date, last_day date, source text, batch text)
JOIN enrollment_person p ON p.id = x.person AND p.same_as_id IS NULL
WHERE c.upload_id = %(upload)s AND c.verdict = 'r' AND c.line BETWEEN %(first)s AND %(last)s
    AND NOT EXISTS (
        SELECT FROM enrollment_identitystatus s
        WHERE s.person_id = x.person AND s.code = x.code AND s.last_day IS NULL
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

    def judge(self, upload: CarriedTable, rows: Sequence[Given], known: Register) -> None:
        known.look([(row.cells["number"], row.cells["old"]) for row in rows])
        for row in rows:
            self._judge(upload, row, known)
        people = {row.facts["person"] for row in rows if "person" in row.facts}
        held = set[tuple[int, str, date | None]]()
        for person, code, first, last in IdentityStatus.objects.filter(
            person__in=people
        ).values_list("person", "code", "first_day", "last_day"):
            held.add((person, code, first))
            if last is None:
                held.add((person, code, None))
        for row in rows:
            if "person" not in row.facts:
                continue
            person, code = row.facts["person"], row.facts["code"]
            same = (person, code, date.fromisoformat(row.facts["first_day"])) in held
            runs = row.facts["last_day"] is None and (person, code, None) in held
            if same or runs:
                row.idle = "系统中已有这种身份，不再转入"

    def _judge(self, upload: CarriedTable, row: Given, known: Register) -> None:
        row.name = typed_text.name(row.cells["name"])
        codes, unknown = identities.statuses(row.cells["status"])
        if unknown:
            told = f"人员身份“{'、'.join(unknown)[:20]}”不在列表中，请对照“身份对照表”"
            row.blame(f"{told}；办法没有的身份不用转入")
        elif len(codes) != 1:
            row.blame("一行填一种人员身份，几种身份的分几行")
        first, last = row.day("first", needed=True), row.day("last")
        source = row.text("source", longest=20, needed=True)
        paper = row.text("paper", longest=40, needed=True)
        if first and first > upload.as_of:
            row.blame(f"起始日期不能晚于数据截止日 {upload.as_of}")
        if first and last and last < first:
            row.blame("截止日期早于起始日期，请核对")
        person = known.find(row.cells["number"], row.cells["old"], row.name)
        if isinstance(person, str):
            row.blame(person)
        if isinstance(person, str) or first is None or len(codes) != 1:
            return
        (code,) = codes
        row.key = (person.pk, code, first)
        row.facts = {
            "person": person.pk, "code": code, "first_day": str(first),
            "last_day": str(last) if last else None, "source": f"{source}（原系统）",
            "batch": paper,
        }  # fmt: skip

    def write(self, upload: CarriedTable, span: Mapping[str, Any]) -> int:
        return run(WRITE, span)

"""Patients who lay in a hospital on the day of the move: from the hospital's file into the ordinary
register of visits, by the service that its own clerk uses at the counter.

What was charged before the move comes with the rest of the bill, by the hospital's table of charges
(claims/visits/sheet.py): the stay is settled whole, here, by our measures.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.carried.accumulators import UnreadableError
from claims.carried.models import BedFile, BedRow
from claims.carried.old_reading import SEPARATORS
from claims.entries import Registration, VisitFacts
from claims.models import Visit
from claims.services.patients import workplace
from claims.visits.services import register_visit
from desk.changes import all_or_nothing
from desk.importing import Acts, Importing, upload_flow
from desk.jobs import Tell
from enrollment.models import Person
from enrollment.people.search import bearers
from lib import typed_text
from lib.tables.layout import Column, Layout
from lib.tables.reading import CUT
from policies.services import Measures
from policies.terms import Terms

Verdict = BedRow.Verdict
MAX_NUMBER = 30  # what the column of the visit holds
LAYOUT = Layout(
    (
        Column("number", "住院号", ("住院登记号", "病案号"), example="ZY20260688"),
        Column("name", "姓名", ("患者姓名",), example="王建国"),
        Column("resident_id", "身份证号", ("身份证号码", "证件号码"), example="500225197005010012"),
        Column("care", "就医类别", ("医疗类别",), example="住院"),
        Column("starts", "入院日期", day=True, example="2026-06-25"),
        Column("diagnosis", "诊断", ("入院诊断",), example="肺炎"),
        Column("referral", "转诊", ("转诊类型",)),
        Column("diseases", "病种", note="办法列出的病种，几种用顿号分开"),
        Column("facts", "认定事项", note="办法所列的事项，几项用顿号分开"),
    ),
    ("number", "name", "resident_id", "starts"),
    # The beds of a county's largest hospital, several times over.
    max_rows=5_000,
)
ACTS = Acts(
    upload="upload_beds", confirm="confirm_beds", again="check_beds_again",
    discard="discard_beds", applied="beds_registered",
)  # fmt: skip
FLOW = upload_flow(BedFile, "claims", ACTS, noun="在院病人", permission="claims.enter_counter")


class _NotKeptError(Exception):
    """Undoes what was only tried."""


class _BedFiles(Importing[BedFile]):
    model = BedFile
    acts = ACTS
    flow = FLOW
    same = ("area", "institution")
    table = LAYOUT

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        here = workplace(actor)
        area = Division.objects.get(code=here.division.county_code)
        return {"area": area, "institution": here}

    def judge(self, upload: BedFile, on: date) -> Mapping[str, Any]:
        """Each row is tried at the register and undone: what it says there, it says here."""
        terms = Measures.on(area_code=upload.area.code, day=on).terms
        rows = upload.table(LAYOUT).rows
        register = Person.objects.filter(household__division__code__startswith=upload.area.code)
        found = bearers({row.cells["resident_id"] for row in rows}, register)
        kept = []
        for row in rows:
            bearer = found.get(row.cells["resident_id"])
            one = _understood(upload, row.line, row.cells, bearer.person if bearer else None, terms)
            if one.verdict == Verdict.READY:
                _try(upload, one, on)
            kept.append(one)
        BedRow.objects.bulk_create(kept)
        return {
            f"{verdict}_count": sum(one.verdict == verdict for one in kept)
            for verdict in Verdict.values
        }

    def ready(self, upload: BedFile, actor: User, on: date) -> None:
        if not upload.ready_count:
            raise Refusal("没有可以登记的病人，请按说明更正文件后重新上传")

    def write(self, upload: BedFile, tell: Tell) -> None:
        """One patient, one transaction; whoever cannot be registered any more is told."""
        actor, on = upload.confirmed_by, upload.confirmed_on
        assert actor is not None
        assert on is not None
        rows = upload.lines.filter(verdict=Verdict.READY).select_related("person").order_by("pk")
        for one in rows:
            if not _is_registered(upload, one.number):
                try:
                    _register(upload, one, actor, on)
                except Refusal as refusal:
                    upload.lines.filter(pk=one.pk).update(
                        verdict=Verdict.REFUSED, note=refusal.message[:200]
                    )
        with all_or_nothing():
            counts: dict[str, Any] = {
                f"{verdict}_count": upload.lines.filter(verdict=verdict).count()
                for verdict in Verdict.values
            }
            self.flow.take(
                self.flow.lock(upload.pk), self.acts.applied, actor=actor, percent=100, stage="",
                finished_at=timezone.now(), content="", **counts,
            )  # fmt: skip

    def clear(self, upload: BedFile) -> dict[str, Any]:
        BedRow.objects.filter(file=upload).delete()
        return {}


BED_FILES = _BedFiles()


def _understood(
    upload: BedFile, line: int, cells: Mapping[str, str], person: Person | None, terms: Terms
) -> BedRow:
    """The row with its verdict, not tried yet."""
    number = typed_text.number(cells["number"])
    one = BedRow(
        file=upload, line=line, number=number[:30], name=typed_text.name(cells["name"])[:40],
        person=person, verdict=Verdict.READY,
    )  # fmt: skip
    try:
        if LAYOUT.odd(cells.values()) or any(cell.endswith(CUT) for cell in cells.values()):
            raise UnreadableError(LAYOUT.odd(cells.values()) or "单元格内容过长")
        if not number or len(number) > MAX_NUMBER:
            raise UnreadableError("没有住院号，或超过 30 位")
        if person is None:
            raise UnreadableError("登记中没有这个证件号码的人，请核对号码和参保地")
        if person.name != one.name:
            raise UnreadableError(f"姓名与登记（{person.name}）不一致，请核对号码")
        one.starts = typed_text.day(cells["starts"])
        if one.starts is None:
            raise UnreadableError("“入院日期”看不懂")
        one.facts = {
            "care": _code("care", cells["care"] or _bed(terms), terms),
            "referral": _code("referral", cells["referral"], terms) or "none",
            "diseases": _codes("disease", cells["diseases"], terms),
            "facts": _codes("fact", cells["facts"], terms),
            "diagnosis": cells["diagnosis"][:100],
        }
    except UnreadableError as error:
        one.verdict, one.note = Verdict.REFUSED, str(error)[:200]
        return one
    if _is_registered(upload, number):
        one.verdict, one.note = Verdict.SAME, "这个住院号已经登记"
    return one


def _bed(terms: Terms) -> str:
    """The first kind of care in a bed, where the file does not say another."""
    return next(code for code, care in terms.cares.items() if care.bed)


def _code(dimension: str, text: str, terms: Terms) -> str:
    names = terms.vocabulary.get(dimension, {})
    wanted = typed_text.plain(text)
    for code, title in names.items():
        if wanted in {typed_text.plain(code), typed_text.plain(title)}:
            return code
    if not text:
        return ""
    raise UnreadableError(f"没有“{text[:20]}”，可填：{'、'.join(names.values())}"[:190])


def _codes(dimension: str, text: str, terms: Terms) -> list[str]:
    return sorted({_code(dimension, one, terms) for one in SEPARATORS.split(text) if one})


def _is_registered(upload: BedFile, number: str) -> bool:
    rows = Visit.objects.filter(institution=upload.institution_id, admission_number=number)
    return rows.exclude(status=Visit.Status.VOID).exists()


def _try(upload: BedFile, one: BedRow, on: date) -> None:
    assert upload.requested_by is not None
    try:
        with transaction.atomic():
            _register(upload, one, upload.requested_by, on)
            raise _NotKeptError
    except _NotKeptError:
        return
    except Refusal as refusal:
        one.verdict, one.note = Verdict.REFUSED, refusal.message[:200]


def _register(upload: BedFile, one: BedRow, actor: User, on: date) -> Visit:
    assert one.person is not None
    assert one.starts is not None
    facts = one.facts
    return register_visit(
        Registration(
            institution=upload.institution,
            person=one.person,
            visit=VisitFacts(
                care=facts["care"], starts=one.starts, ends=None, diagnosis=facts["diagnosis"],
                referral=facts["referral"], diseases=frozenset(facts["diseases"]),
                facts=frozenset(facts["facts"]),
            ),
            admission_number=one.number,
        ),
        actor=actor,
        on=on,
    )  # fmt: skip

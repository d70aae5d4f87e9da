"""Taking a published file: a verdict on every row, then what is new or changed becomes points."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import Division
from desk.changes import all_or_nothing
from desk.importing import Importing
from desk.jobs import Tell
from lib.tables.reading import CUT
from supervision.library.columns import LAYOUT, LENGTHS
from supervision.library.models import COUNTY, LibraryFile, LibraryPoint, LibraryRow
from supervision.library.rows import RefusedError, Row, understood
from supervision.library.workflow import ACTS, FLOW

Verdict = LibraryRow.Verdict
CHUNK = 2_000
Key = tuple[int, int]
# The columns by which a row says the same as the point that stands.
SAID = (
    *("kind", "subject", "code", "name", "value", "text", "unit", "window", "pair_code"),
    *("pair_name", "ground", "ground_source", "caveat"),
)
COUNTS = {verdict: f"{verdict}_count" for verdict in Verdict.values}


class _LibraryFiles(Importing[LibraryFile]):
    model = LibraryFile
    acts = ACTS
    flow = FLOW
    same = ("area",)
    table = LAYOUT

    def columns(self, *, actor: Any, on: date, **about: Any) -> dict[str, Any]:
        """`about`: `first_day`, from which on visits are judged by it."""
        area = actor.division
        if area is None or area.level != Division.Level.COUNTY:
            raise Refusal("知识点由县基金监管岗导入")
        return {"area": area, "first_day": about["first_day"]}

    def judge(self, upload: LibraryFile, on: date) -> Mapping[str, Any]:
        judging = _Judging(upload)
        with upload.opened(LAYOUT) as sheet:
            for chunk in sheet.rows:
                LibraryRow.objects.bulk_create([judging.row(*one) for one in chunk], CHUNK)
        return judging.columns

    def ready(self, upload: LibraryFile, actor: Any, on: date) -> None:
        if not upload.new_count + upload.changed_count:
            raise Refusal("没有新增或变更的知识点，不需要导入，请放弃这份文件")

    def write(self, upload: LibraryFile, tell: Tell) -> None:
        """Under the lock of the area, as whoever adds a point: keys are looked at again, as another
        file may have been written since."""
        with all_or_nothing():
            Division.objects.select_for_update(no_key=True).get(pk=upload.area_id)
            _write(upload)
            self.flow.take(
                self.flow.lock(upload.pk), self.acts.applied, actor=upload.confirmed_by,
                percent=100, stage="", finished_at=timezone.now(), content="",
            )  # fmt: skip

    def clear(self, upload: LibraryFile) -> dict[str, Any]:
        LibraryRow.objects.filter(file=upload).delete()
        return {}


LIBRARY_FILES = _LibraryFiles()


class _Judging:
    """Rows of one file as they come, each with its verdict."""

    def __init__(self, upload: LibraryFile) -> None:
        self.upload = upload
        self.standing = _standing(upload.area_id)
        self.seen: dict[Key, int] = {}
        self.counts: Counter[str] = Counter()
        self.totals: Counter[tuple[int, str, str, str]] = Counter()

    def row(self, line: int, cells: Sequence[str]) -> LibraryRow:
        named = dict(zip(LAYOUT.names, cells, strict=True))
        one = LibraryRow(
            file=self.upload, line=line, batch=named["batch"][:10], seq=named["seq"][:10],
            code=named["item_code"][:40], name=named["item_name"][:120],
        )  # fmt: skip
        try:
            self._judge(one, cells, named)
        except RefusedError as error:
            one.verdict, one.note = Verdict.REFUSED, str(error)[:200]
        self.counts[one.verdict] += 1
        return one

    def _judge(self, one: LibraryRow, cells: Sequence[str], named: Mapping[str, str]) -> None:
        _check_cells(cells, named)
        row = understood(named)
        key = (row.batch, row.seq)
        if key in self.seen:
            raise RefusedError(f"第 {self.seen[key]} 行已有同批次同序号的知识点")
        self.seen[key] = one.line
        self.totals[row.batch, row.kind, row.subject, row.by] += 1
        was = self.standing.get(key)
        one.facts = row.columns
        if was is None:
            one.verdict = Verdict.NEW
        elif differs := _differs(row, was):
            one.verdict, one.note = Verdict.CHANGED, f"{'、'.join(differs)}与现行不同"[:200]
            if was["first_day"] >= self.upload.first_day:
                told = was["first_day"]
                raise RefusedError(f"现行的自 {told} 起适用，新的应更晚，请改适用日期后重新上传")
        else:
            one.verdict = Verdict.SAME

    @property
    def columns(self) -> dict[str, Any]:
        return {
            **{column: self.counts[verdict] for verdict, column in COUNTS.items()},
            "totals": [[*key, number] for key, number in sorted(self.totals.items())],
        }


def _check_cells(cells: Sequence[str], named: Mapping[str, str]) -> None:
    if odd := LAYOUT.odd(cells):
        raise RefusedError(odd)
    for name, most in LENGTHS.items():
        if len(named[name]) > most or named[name].endswith(CUT):
            raise RefusedError(f"“{LAYOUT.titles[name]}”超过 {most} 个字")


def _standing(area: int) -> dict[Key, dict[str, Any]]:
    """Batch and number → the point that stands. One statement."""
    rows = LibraryPoint.objects.filter(area=area, last_day=None).exclude(batch=COUNTY)
    found = rows.order_by().values("pk", "batch", "seq", "first_day", *SAID)
    return {(row["batch"], row["seq"]): dict(row) for row in found.iterator(CHUNK)}


def _differs(row: Row, was: Mapping[str, Any]) -> list[str]:
    """Titles of what is said otherwise."""
    fields = {field.name: str(field.verbose_name) for field in LibraryPoint._meta.fields}
    return [fields[name] for name in SAID if getattr(row, name) != was[name]]


def _write(upload: LibraryFile) -> None:
    """What is changed ends the day before; what another file has said meanwhile stays."""
    standing = _standing(upload.area_id)
    ended, new = [], []
    for row in _to_write(upload):
        was = standing.get((row.batch, row.seq))
        if was is not None:
            if not _differs(row, was) or was["first_day"] >= upload.first_day:
                continue
            ended.append(was["pk"])
        new.append(_point(upload, row))
    rows = LibraryPoint.objects.filter(pk__in=ended)
    off = set(rows.filter(is_on=False).values_list("batch", "seq"))
    rows.update(last_day=upload.first_day - timedelta(days=1))
    for point in new:
        # What the county switched off stays off, whatever a later version says of it.
        point.is_on = (point.batch, point.seq) not in off
    LibraryPoint.objects.bulk_create(new, CHUNK)


def _to_write(upload: LibraryFile) -> Iterator[Row]:
    lines = upload.lines.filter(verdict__in=[Verdict.NEW, Verdict.CHANGED]).order_by("line")
    for facts in lines.values_list("facts", flat=True).iterator(CHUNK):
        yield Row(**facts)


def _point(upload: LibraryFile, row: Row) -> LibraryPoint:
    return LibraryPoint(
        area_id=upload.area_id, file=upload, first_day=upload.first_day, **row.columns
    )

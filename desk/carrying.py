"""What a county brings from the system that it had before (原系统转入), row by row of a file.

An import in two steps (`desk.importing`) whose rows are judged a chunk at a time, kept as lines
with what would be written, and written in batches that move a cursor in the same transaction. A
room derives its upload from `CarriedUpload`, its lines from `CarriedLine`, and says with one
`Carried` for each kind of file which columns there are, what is wrong with a row and how rows are
written. One person brings a file in, another confirms it: nothing stands behind it but the old
system's word.

A hundred thousand rows tell of a hundred thousand people and say of them a few hundred things
(一档, 现金, 50.00): what the cells say that name nobody is read once (`Said`), and kept once.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter
from typing import Any, ClassVar, Generic, TypeVar

from django.db import connection, models
from django.utils import timezone

from accounts.errors import Refusal
from accounts.fields import MoneyField
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.copying import copy_rows
from desk.importing import Acts, Importing, Upload, upload_flow
from desk.jobs import Tell
from desk.tones import TonedChoices
from desk.workflow import Hand, Workflow
from lib import typed_text
from lib.batches import chunked
from lib.money import to_yuan
from lib.tables.layout import Layout
from lib.tables.writing import Heading, Sheet, workbook_bytes

# Rows that are looked up and kept together: one statement for each question about them.
CHUNK = 5_000
# Rows of one transaction: a window that waits for a lock waits a fraction of a second.
BATCH = 5_000
MAX_PROBLEM = 300
# Different sayings that are kept in mind: some megabytes, however long the file is.
MAX_SAID = 20_000


class CarriedUpload(Upload):
    """A file of the old system and its job. Its `kind` names a `Carried` of the room."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区", related_name="+")
    # The day up to which the old system was asked; what stands, stands on it.
    as_of = models.DateField("数据截止日")
    row_count = models.PositiveIntegerField("行数", default=0)
    right_count = models.PositiveIntegerField("可转入", default=0)
    idle_count = models.PositiveIntegerField("已有", default=0)
    error_count = models.PositiveIntegerField("错误", default=0)
    amount = MoneyField("可转入金额", default=0)
    applied_through = models.PositiveIntegerField(default=0)  # the last line written
    written_count = models.PositiveIntegerField("已转入", default=0)

    AUDITED: tuple[str, ...] = (
        "area_id", "kind", "status", "file_name", "file_size", "sha256", "as_of", "row_count",
        "right_count", "error_count", "amount", "written_count",
    )  # fmt: skip

    class Meta(Upload.Meta):
        abstract = True
        ordering = ["-id"]

    kind: Any

    @property
    def may_be_confirmed(self) -> bool:
        return super().may_be_confirmed and self.right_count > 0

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"  # type: ignore[attr-defined]

    @property
    def held_count(self) -> int:
        """Rows that were right when judged and were there already when they were written."""
        return self.right_count - self.written_count


U = TypeVar("U", bound=CarriedUpload)


def carried_flow(model: type[U], room: str, acts: Acts, permission: str) -> Workflow[U]:
    """Brought in by one, confirmed by another."""
    return upload_flow(model, room, acts, noun="文件", permission=permission, hand=Hand.OTHER)


class CarriedLine(models.Model):
    """A row of the file with its verdict and, where it is right, what will be written."""

    class Verdict(TonedChoices):
        RIGHT = "r", "good", "可转入"
        IDLE = "i", "idle", "已有"
        ERROR = "e", "bad", "错误"

    line = models.PositiveIntegerField("行")
    verdict = models.CharField("判定", max_length=1, choices=Verdict.choices)
    problem = models.CharField("原因和办法", max_length=MAX_PROBLEM)
    name = models.CharField("姓名", max_length=60)
    # Of a right row: the person or household, and the line at which its `facts` stand, the first
    # one that says the same; at all others they are empty. Fetch them by LATERAL … LIMIT 1: of
    # fresh lines the planner guesses one, and would compare each of the file with each.
    about = models.BigIntegerField("人或户", null=True)
    says = models.PositiveIntegerField("内容所在行", null=True)
    facts = models.JSONField()

    class Meta:
        abstract = True


@dataclass(slots=True)
class Said:
    """What the cells of a row say that name nobody. `facts`: what would be written, {} where that
    cannot be said."""

    cells: Mapping[str, str]
    titles: Mapping[str, str]
    facts: dict[str, Any] = field(default_factory=dict)
    amount: int = 0  # fen
    problems: list[str] = field(default_factory=list)
    line: int | None = None  # where the facts are kept

    def blame(self, message: str) -> None:
        self.problems.append(message)

    def text(self, name: str, *, longest: int, needed: bool = False) -> str:
        text = typed_text.words(self.cells[name])
        title = self.titles[name]
        if needed and not text:
            self.blame(f"没有填写{title}")
        if len(text) > longest:
            self.blame(f"{title}超过 {longest} 字，请改短")
        return text

    def day(self, name: str, *, needed: bool = False) -> date | None:
        cell, title = self.cells[name], self.titles[name]
        found = typed_text.day(cell) if cell else None
        if cell and found is None:
            self.blame(f"{title}“{cell[:20]}”看不懂，请写成 2024-01-31")
        elif needed and not cell:
            self.blame(f"没有填写{title}")
        return found

    def money(self, name: str, *, needed: bool = False) -> int:
        """Fen, not below zero."""
        cell, title = self.cells[name], self.titles[name]
        found = typed_text.amount(cell) if cell else 0
        if found is None or found < 0:
            self.blame(f"{title}“{cell[:20]}”应为不小于 0 的金额，最多两位小数")
            return 0
        if needed and not cell:
            self.blame(f"没有填写{title}，没有的填 0")
        return found

    def whole(self, name: str, least: int, most: int) -> int | None:
        """None for an empty cell, and for one that is blamed."""
        cell, title = typed_text.figure(self.cells[name]), self.titles[name]
        if not cell:
            return None
        if cell.isascii() and cell.isdecimal() and least <= int(cell[:9]) <= most:
            return int(cell)
        self.blame(f"{title}“{cell[:20]}”应为 {least} 至 {most} 的整数")
        return None


@dataclass(slots=True)
class Given:
    """A row as it was sent: the cells that name somebody, and what the others say. `about`: the
    person or household; a row whose `facts` are its own says so in `said`."""

    line: int
    cells: Mapping[str, str]
    said: Said
    problems: list[str]
    name: str = ""
    key: object = None  # two rows with one key speak of the same
    about: int | None = None
    idle: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        return self.said.facts

    def blame(self, message: str) -> None:
        self.problems.append(message)

    def differ(self, **facts: Any) -> None:
        """What of this row alone would be written otherwise."""
        self.said = replace(self.said, facts=self.facts | facts, line=None)

    @property
    def verdict(self) -> str:
        return ERROR if self.problems else IDLE if self.idle else RIGHT


RIGHT, IDLE, ERROR = (verdict.value for verdict in CarriedLine.Verdict)
COUNTED = {RIGHT: "right_count", IDLE: "idle_count", ERROR: "error_count"}


class Carried(ABC, Generic[U]):
    """One kind of file. `judge` is asked with up to CHUNK rows, in the order of the file."""

    layout: Layout
    # The columns that name somebody; `read` sees the others.
    naming: ClassVar[tuple[str, ...]] = ("name", "number", "old")
    # What one row is, for the page: 人次, 户, 件.
    unit: ClassVar[str] = "条"
    # Rows of one transaction.
    batch: ClassVar[int] = BATCH
    # What confirming means, in a sentence.
    told: ClassVar[str] = ""

    def begin(self, upload: U, on: date) -> Any:
        """What all rows of a file are judged with. Raises Refusal where nothing can be judged."""
        return None

    @abstractmethod
    def read(self, upload: U, said: Said, known: Any) -> None:
        """Blame what is wrong whomever it is said of, fill `facts` and `amount`. Asked once for all
        rows that say the same."""

    @abstractmethod
    def judge(self, upload: U, rows: Sequence[Given], known: Any) -> None:
        """Find whom each row is about, blame what is wrong with that, say what is there already
        (`idle`)."""

    @abstractmethod
    def write(self, upload: U, span: Mapping[str, Any]) -> int:
        """Write the right lines of the `span` (upload, first, last line; all are committed
        together); returns how many rows were new."""

    def ready(self, upload: U, actor: User, on: date) -> None:
        """Raises Refusal unless the file may be confirmed now; makes what its rows hang on."""

    def compared(self, upload: U) -> Sequence[tuple[str, str]]:
        """What its sum is held beside, as facts for the page."""
        return ()


class CarriedImporting(Importing[U]):
    """The services of a room's carried files."""

    lines: type[models.Model]
    kinds: Mapping[str, Carried[U]]
    same = ("area", "kind")

    def layout(self, upload: U) -> Layout:
        return self.kinds[upload.kind].layout

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        area, kind, as_of = actor.division, about["kind"], about["as_of"]
        if area is None or area.level != Division.Level.COUNTY:
            raise Refusal("原系统的数据由县经办中心转入")
        if kind not in self.kinds:
            raise Refusal("请选择转入的内容", "kind")
        if as_of > on:
            raise Refusal("数据截止日不能晚于今天", "as_of")
        return {"area": area, "kind": kind, "as_of": as_of}

    def judge(self, upload: U, on: date) -> Mapping[str, Any]:
        kind = self.kinds[upload.kind]
        known = kind.begin(upload, on)
        found = dict.fromkeys(("row_count", *COUNTED.values()), 0)
        amount, seen = 0, dict[object, int]()
        with upload.opened(kind.layout) as sheet:
            for rows in chunked(_given(kind, upload, known, sheet.rows), CHUNK):
                kind.judge(upload, rows, known)
                for row in rows:
                    _refuse_twice(upload, row, seen)
                    verdict = row.verdict
                    found[COUNTED[verdict]] += 1
                    amount += row.said.amount if verdict == RIGHT else 0
                found["row_count"] += len(rows)
                copy_rows(self.lines, KEPT, (_kept(upload.pk, row) for row in rows))
        return found | {"amount": to_yuan(amount)}

    def ready(self, upload: U, actor: User, on: date) -> None:
        if not upload.right_count:
            raise Refusal("没有可以转入的行：请按判定表更正后重新上传")
        self.kinds[upload.kind].ready(upload, actor, on)

    def write(self, upload: U, tell: Tell) -> None:
        while (percent := self._write_batch(upload.pk)) is not None:
            tell(percent, "正在写入")

    @all_or_nothing()
    def _write_batch(self, pk: int) -> int | None:
        """The next rows and the cursor behind them, in one transaction. None: nothing is left."""
        row: U | None = (
            self.model._default_manager.select_for_update(no_key=True, of=("self",))
            .select_related("area", "confirmed_by")
            .defer("content")
            .filter(pk=pk, status=Upload.Status.APPLYING)
            .first()
        )
        if row is None:
            return None
        lines = self.lines._default_manager.filter(upload=pk, line__gt=row.applied_through)
        most = self.kinds[row.kind].batch
        some = list(lines.order_by("line").values_list("line", flat=True)[:most])
        if not some:
            self._finish(row)
            return None
        span = {"upload": pk, "first": some[0], "last": some[-1]}
        row.written_count += self.kinds[row.kind].write(row, span)
        row.applied_through = some[-1]
        row.save(update_fields=["written_count", "applied_through"])
        return min(99, 100 * (row.written_count + row.idle_count) // max(row.row_count, 1))

    def _finish(self, row: U) -> None:
        self.flow.take(
            row,
            self.acts.applied,
            actor=row.confirmed_by,
            finished_at=timezone.now(),
            percent=100,
            stage="",
        )

    def clear(self, upload: U) -> dict[str, Any]:
        self.lines._default_manager.filter(upload=upload.pk).delete()
        return {}

    def verdict_workbook(self, upload: U) -> bytes:
        """The file as it was sent, with verdict and reason beside each row: it can be mended and
        sent again. Raises SpreadsheetError when it cannot be read any more."""
        layout = self.layout(upload)
        judged = {
            line: (verdict, problem)
            for line, verdict, problem in self.lines._default_manager.filter(
                upload=upload.pk
            ).values_list("line", "verdict", "problem")
        }
        rows: list[Sequence[str | None]] = []
        colours: dict[int, str] = {}
        with upload.opened(layout) as sheet:
            there = [at for at, name in enumerate(layout.names) if name in sheet.columns]
            for chunk in sheet.rows:
                for line, cells in chunk:
                    if line not in judged:
                        continue
                    verdict, problem = judged[line]
                    if verdict == CarriedLine.Verdict.ERROR:
                        colours[len(rows)] = "#F8D7DA"
                    sent = [cells[at] or None for at in there]
                    label = CarriedLine.Verdict(verdict).label
                    rows.append([upload.said(line), *sent, label, problem or None])
        titles = [layout.columns[at].title for at in there]
        # Numbers that a spreadsheet must not turn into figures stay text: all that was sent does.
        columns = [
            Heading("行", "text", width=9),
            *(Heading(title, "code") for title in titles),
            Heading("判定", "text", width=11),
            Heading("原因", "text", width=60),
        ]
        return workbook_bytes([Sheet("判定", columns, rows, colours)])


def _given(
    kind: Carried[U],
    upload: U,
    known: Any,
    chunks: Iterable[list[tuple[int, list[str]]]],
) -> Iterator[Given]:
    """The rows, those that say the same with one `Said`."""
    names, titles = kind.layout.names, kind.layout.titles
    others = [name for name in names if name not in kind.naming]
    name_them = itemgetter(*map(names.index, kind.naming))
    # Of one column alone itemgetter gives the cell, not a tuple: asked twice, the second is let go.
    say = itemgetter(*map(names.index, [*others, others[0]]))
    heard: dict[tuple[str, ...], Said] = {}
    for chunk in chunks:
        for line, cells in chunk:
            words = say(cells)
            said = heard.get(words)
            if said is None:
                if len(heard) == MAX_SAID:
                    heard.clear()
                said = heard[words] = Said(dict(zip(others, words, strict=False)), titles)
                kind.read(upload, said, known)
            naming = dict(zip(kind.naming, name_them(cells), strict=True))
            yield Given(line, naming, said, [*said.problems])


def _refuse_twice(upload: CarriedUpload, row: Given, seen: dict[object, int]) -> None:
    """The second row that speaks of the same is wrong: which of the two holds, nobody knows."""
    if row.key is None or row.problems:
        return
    first = seen.setdefault(row.key, row.line)
    if first != row.line:
        row.blame(f"与第 {upload.said(first)} 行说的是同一件事，请只留一行")


KEPT = ("upload_id", "line", "verdict", "problem", "name", "about", "says", "facts")


def _kept(pk: int, row: Given) -> Sequence[Any]:
    """In the order of KEPT."""
    verdict, said = row.verdict, row.said
    if verdict != RIGHT:
        told = "；".join(row.problems) or row.idle
        return (pk, row.line, verdict, told[:MAX_PROBLEM], row.name[:60], None, None, "{}")
    facts = "{}"
    if said.line is None:
        said.line, facts = row.line, json.dumps(said.facts, ensure_ascii=False, default=str)
    return (pk, row.line, verdict, "", row.name[:60], row.about, said.line, facts)


def run(sql: str, parameters: Mapping[str, Any]) -> int:
    """One INSERT … SELECT; how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        count: int = cursor.rowcount
        return count

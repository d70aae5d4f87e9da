"""Master data that people keep in small files: previewed row by row, then confirmed.

A room derives one `MasterResource` for each kind and gives its pages (`desk.master_pages`). The
preview is a dry run in memory of django-import-export: the file goes through the guarded reader,
every row is compared with what is there, nothing is written. Confirming runs it again under a
lock and writes only when it comes out as it was shown. One wrong row refuses the whole file.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, cast

import tablib
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from import_export.resources import Resource
from import_export.results import RowResult

from accounts.audit import audited, division_of, record
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing, change
from desk.kept_files import fingerprint as file_print
from desk.kept_files import given_back, kept
from desk.locks import lock_name
from desk.master_cells import Cell, MasterWidget
from desk.models import MasterFile
from desk.tones import TonedChoices
from lib.tables.layout import Column, Layout
from lib.tables.reading import Row, SpreadsheetError, read
from lib.tables.writing import Heading, Sheet

# A file that nobody confirmed: looked at for a day or two, then it is in the way.
KEPT_DAYS = 7


class Verdict(TonedChoices):
    """What a row would do."""

    REFUSED = "refused", "bad", "不能读入"
    NEW = "new", "good", "新增"
    CHANGED = "changed", "wait", "变更"
    SAME = "same", "idle", "无变化"


OF_RESULT = {
    RowResult.IMPORT_TYPE_NEW: Verdict.NEW,
    RowResult.IMPORT_TYPE_UPDATE: Verdict.CHANGED,
    RowResult.IMPORT_TYPE_SKIP: Verdict.SAME,
    RowResult.IMPORT_TYPE_INVALID: Verdict.REFUSED,
}


@dataclass(frozen=True)
class Line:
    """A row of the file. `before` and `after` by column title, as people read them; `before` is
    empty for a new row, `after` of a refused one is what stands in the file. `problems`: column
    title and what to mend. `row` is the row as it will be, `was` as it is."""

    number: int
    verdict: Verdict
    before: Mapping[str, str]
    after: Mapping[str, str]
    problems: tuple[tuple[str, str], ...] = ()
    row: Any = None
    was: Any = None

    @property
    def explained(self) -> str:
        return "；".join(f"{title}：{problem}" if title else problem
                        for title, problem in self.problems)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What a file would do."""

    lines: Sequence[Line]
    sha256: str  # of the file
    options: Mapping[str, str]
    left_out: Sequence[str] = ()  # what was not read

    @cached_property
    def counts(self) -> dict[str, int]:
        found = dict.fromkeys(Verdict.values, 0)
        for line in self.lines:
            found[line.verdict] += 1
        return found

    @property
    def is_refused(self) -> bool:
        return bool(self.counts[Verdict.REFUSED])

    @property
    def to_write(self) -> list[Line]:
        return [one for one in self.lines if one.verdict in (Verdict.NEW, Verdict.CHANGED)]

    @cached_property
    def fingerprint(self) -> str:
        """Of the file, what was asked beside it, and everything that was shown."""
        shown = [[one.number, one.verdict, one.before, one.after] for one in self.lines]
        text = json.dumps([self.sha256, self.options, shown], ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


class _There:
    """django-import-export asks it for the row that a line of the file means."""

    def __init__(self, resource: "MasterResource", dataset: Any) -> None:
        self.resource = resource

    def get_instance(self, row: Mapping[str, str]) -> Any:
        return self.resource.find(row)


class _NoDiff:
    """In place of the library's own comparison, which is thrown away: `_line` makes ours."""

    def __init__(self, *about: Any) -> None:
        pass

    def compare_with(self, *about: Any) -> None:
        pass


class MasterResource(Resource):  # type: ignore[misc]
    """One kind of master data. A room declares its columns as `Cell`s, and in `Meta`: the model,
    and in `import_id_fields` the names of the cells that together say which row is meant.

    Made anew for every request: `actor` sees and writes only what lies in his scope.
    """

    kind: ClassVar[str]  # "institutions.catalogue": for ever, files and trail name it
    noun: ClassVar[str]  # how pages call it
    permission: ClassVar[str]
    hint: ClassVar[str] = ""
    rest: ClassVar[str] = "表里没有的行不动"  # what becomes of rows that the file does not have
    personal: ClassVar[bool] = False  # names or phones stand in it: a reason is asked for taking it
    max_rows: ClassVar[int] = 5_000

    class Meta:
        instance_loader_class = _There
        skip_unchanged = True
        skip_html_diff = True
        store_instance = True
        # No savepoint for each row: nothing is written here, `write` does it when confirmed.
        use_bulk = True

    def __init__(self, actor: User, on: date, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.actor, self.on, self.options = actor, on, options or {}
        self.prepare()

    # -- what a kind says ----------------------------------------------------------------------

    def prepare(self) -> None:
        """Fill the `Known` columns. Raises Refusal when such files cannot be taken now."""

    def rows(self) -> models.QuerySet[Any]:
        """What the actor may see of it, in the order in which it is exported."""
        raise NotImplementedError

    def to_export(self) -> Iterable[Any]:
        """The rows that leave; a kind may add blank ones to be filled in."""
        return self.rows()

    def there(self) -> Mapping[Any, Any]:
        """Key → the row that a line with this key changes. One statement."""
        return {self.key_of(row): row for row in self.rows()}

    def blank(self) -> dict[str, Any]:
        """The columns of a new row that the file does not have."""
        return {}

    def look(self, rows: Sequence[Row]) -> None:
        """See the whole file before its rows are judged."""

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        """Attribute → what is wrong, of a row that differs from what is there (`was`, or None)."""
        return {}

    def write(self, plan: Plan) -> None:
        """Write what is new or changed; by the room's services. In one transaction."""
        raise NotImplementedError

    # -- columns -------------------------------------------------------------------------------

    @cached_property
    def cells(self) -> list[Cell]:
        return cast(list[Cell], super().get_import_fields())

    def get_import_fields(self) -> list[Cell]:
        return self.cells  # asked several times for every row

    @cached_property
    def layout(self) -> Layout:
        return Layout(
            tuple(
                Column(
                    cell.attribute,
                    cell.title,
                    cell.others,
                    day=cast(MasterWidget, cell.widget).kind == "day",
                )
                for cell in self.cells
            ),
            required=tuple(cell.attribute for cell in self.cells if cell.in_header),
            max_rows=self.max_rows,
            max_bytes=4 * 1024 * 1024,
            advice="请使用下载的模板",
        )

    @property
    def headings(self) -> list[Heading]:
        def heading(cell: Cell) -> Heading:
            widget = cast(MasterWidget, cell.widget)
            return Heading(cell.title, widget.kind, choices=widget.choices)

        return [heading(cell) for cell in self.cells]

    def template(self) -> Sheet:
        """The columns without a row."""
        return Sheet(self.noun, self.headings, [])

    def exported(self) -> Sheet:
        """What is there in the columns of the file, to be changed and read back."""
        rows: Iterator[list[Any]] = (
            [None if cell.mask else cell.export(row) for cell in self.cells]
            for row in self.to_export()
        )
        return Sheet(self.noun, self.headings, list(rows))

    # -- the dry run ---------------------------------------------------------------------------

    def plan(self, content: bytes) -> Plan:
        """What the file would do. Writes nothing; the statements do not grow with the rows.

        Raises Refusal for a file that cannot be read at all.
        """
        try:
            table = read(content, self.layout)
        except SpreadsheetError as error:
            raise Refusal(str(error), "file") from None
        self.refuse_columns(table.columns)
        read_in = table.columns | {cell.attribute for cell in self._keys}
        cells = [cell for cell in self.cells if cell.attribute in read_in]
        data = tablib.Dataset(headers=[cell.title for cell in cells])
        for row in table.rows:
            data.append([row.cells[cell.attribute] for cell in cells])
        self.look(table.rows)
        self._numbers = [row.line for row in table.rows]
        self._seen: dict[Any, int] = {}
        self._known = self.there()
        result = self.import_data(data, dry_run=True)
        for fault in (*result.base_errors, *(one for row in result.rows for one in row.errors)):
            raise fault.error  # a fault of ours, not of the file
        lines = [self._line(row, found) for row, found in zip(table.rows, result.rows, strict=True)]
        return Plan(lines, file_print(content), self.options, table.left_out)

    def refuse_columns(self, columns: frozenset[str]) -> None:
        """Raises Refusal when these columns together do not say enough."""

    def _line(self, row: Row, found: RowResult) -> Line:
        verdict = OF_RESULT[found.import_type]
        if verdict == Verdict.REFUSED:
            after = {cell.title: row.cells[cell.attribute] for cell in self.cells}
            return Line(row.line, verdict, {}, after, self._problems(found.validation_error))
        was = None if verdict == Verdict.NEW else found.original
        before = {cell.title: cell.words(was) for cell in self.cells} if was else {}
        after = {cell.title: cell.words(found.instance) for cell in self.cells}
        return Line(row.line, verdict, before, after, (), found.instance, was)

    def _problems(self, error: ValidationError) -> tuple[tuple[str, str], ...]:
        titles = {cell.attribute: cell.title for cell in self.cells}
        told = error.message_dict
        order = [name for name in titles if name in told] + [
            name for name in told if name not in titles
        ]
        return tuple((titles.get(name, ""), message) for name in order for message in told[name])

    def key_of(self, row: Any) -> Any:
        return tuple(cell.get_value(row) for cell in self._keys)

    @cached_property
    def _keys(self) -> list[Cell]:
        return [self.fields[name] for name in self.get_import_id_fields()]

    def find(self, row: Mapping[str, str]) -> Any:
        """The row that the line means; None for a new one or one whose key cannot be read."""
        try:
            key = tuple(cell.clean(row) for cell in self._keys)
        except ValueError:
            return None
        return self._known.get(key)

    # -- what django-import-export asks ---------------------------------------------------------

    @classmethod
    def get_diff_class(cls) -> type[_NoDiff]:
        return _NoDiff

    def init_instance(self, row: Any = None) -> Any:
        return self._meta.model(**self.blank())

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        self._number = self._numbers[kwargs["row_number"] - 1]

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Reads every cell, and looks whether the row stands in the file before."""
        errors: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            error.update_error_dict(errors)
        if not any(cell.attribute in errors for cell in self._keys):
            first = self._seen.setdefault(self.key_of(instance), self._number)
            if first != self._number:
                problem = f"第 {first} 行已经有了，请合并成一行"
                errors[self._keys[0].attribute] = ValidationError(problem)
        if errors:
            raise ValidationError(errors)

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        """Asked before `validate_instance`, and the only one that is told what was there."""
        self._was = None if original.pk is None else original
        return bool(super().skip_row(instance, original, row, import_validation_errors))

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """What the cells said, the columns' own validators, and the kind's rules; no statement."""
        errors: dict[str, Any] = dict(import_validation_errors or {})
        mine = {cell.attribute for cell in self.cells} - set(errors)
        others = {
            one.name for one in instance._meta.fields if one.name not in mine or one.is_relation
        }
        try:
            instance.clean_fields(exclude=others)
        except ValidationError as error:
            error.update_error_dict(errors)
        if not errors:
            errors |= self.check(instance, self._was)
        if errors:
            raise ValidationError(errors)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Nothing: confirming writes, by the room's services."""


@contextmanager
def of_line(line: Line) -> Iterator[None]:
    """Around the service that writes one line: what it refuses is told with the line's number."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(f"第 {line.number} 行：{refusal.message}；没有写入任何内容") from None


def put(line: Line, *, actor: User, action: str, beside: Mapping[str, Any] | None = None) -> Any:
    """Write one row of a plan as it is: a new one, or the columns that differ; with its audit line.

    For rooms whose rows have no service of their own. Returns the row.
    """
    if line.was is None:
        line.row.save(force_insert=True)
        record(
            actor=actor,
            action=action,
            subject=line.row,
            division_code=division_of(line.row),
            after=audited(line.row) | dict(beside or {}),
        )
        return line.row
    rows = type(line.row)._default_manager.all()
    with change(rows, line.row.pk, actor=actor, action=action, beside=beside) as row:
        for field in row._meta.concrete_fields:
            wanted = getattr(line.row, field.attname)
            if wanted != getattr(line.was, field.attname):
                setattr(row, field.attname, wanted)
    return row


# -- the file between preview and confirmation --------------------------------------------------


@all_or_nothing()
def keep_file(
    resource: type[MasterResource],
    *,
    actor: User,
    file_name: str,
    content: bytes,
    options: Mapping[str, str],
) -> None:
    """Keep the file until it is confirmed, in place of the one before. Raises Refusal for one that
    cannot be read."""
    MasterFile.objects.update_or_create(
        kind=resource.kind,
        uploaded_by=actor,
        defaults={
            "uploaded_at": timezone.now(),
            "options": dict(options),
            **kept(file_name, content),
        },
    )


def waiting_file(resource: type[MasterResource], actor: User) -> MasterFile | None:
    """The file of this kind that the user has not confirmed yet."""
    return MasterFile.objects.filter(kind=resource.kind, uploaded_by=actor).first()


def plan_of(resource: type[MasterResource], file: MasterFile, *, on: date) -> Plan:
    """What the file would do now, in the scope of who sent it."""
    made = resource(file.uploaded_by, on, file.options)
    return made.plan(given_back(file.content))


@all_or_nothing()
def confirm(resource: type[MasterResource], *, actor: User, fingerprint: str, on: date) -> Plan:
    """Write what was previewed, whole or not at all. Raises Refusal.

    Locks: the file first, so that a second click finds it gone; then the name of area and kind,
    so that two people's files are judged one after the other.
    """
    mine = MasterFile.objects.filter(kind=resource.kind, uploaded_by=actor)
    file = mine.select_for_update(of=("self",)).select_related("uploaded_by__division").first()
    if file is None:
        raise Refusal("这份表已经确认过或已放弃，没有重复写入")
    lock_name(actor.county_code, f"masterdata {resource.kind}")
    made = resource(actor, on, file.options)
    plan = made.plan(given_back(file.content))
    if plan.fingerprint != fingerprint:
        raise Refusal("预览之后换了文件，或其间有人改过这些数据；没有写入，请核对新的预览后再确认")
    if plan.is_refused:
        raise Refusal(f"有 {plan.counts[Verdict.REFUSED]} 行不能读入，没有写入任何内容")
    made.write(plan)
    told = {name: number for name, number in plan.counts.items() if name != Verdict.REFUSED}
    record(
        actor=actor,
        action="desk.load_master_file",
        subject=file,
        after={"kind": resource.noun, "sha256": plan.sha256} | told,
    )
    file.delete()
    return plan


def discard(resource: type[MasterResource], *, actor: User) -> None:
    """Give the unconfirmed file up. Nothing came of it, so the trail says nothing."""
    MasterFile.objects.filter(kind=resource.kind, uploaded_by=actor).delete()


def forget_old_files(*, on: date) -> int:
    """Remove files that nobody confirmed for KEPT_DAYS. Returns how many."""
    old = MasterFile.objects.filter(uploaded_at__date__lt=on - timedelta(days=KEPT_DAYS))
    return old.delete()[0]

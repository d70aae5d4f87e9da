"""Imports in two steps: a file is kept and judged row by row, then confirmed and written.

A room derives its model from `Upload` and one `Importing` that says where the file belongs, how its
rows are judged and how they are written. Everything else (the file's fingerprint, the same file
recognised, confirming, judging again, giving up, forgetting) is here; its pages are in
`desk.import_pages`. Both steps are jobs of `desk.jobs`.
"""

import gc
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from celery import shared_task
from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division, User
from desk import masterdata
from desk.changes import all_or_nothing
from desk.fields import hand, once, status_column
from desk.jobs import Job, JobQuerySet, Tell, start
from desk.kept_files import given_back, kept
from desk.tones import TonedChoices
from desk.workflow import PORTAL, START, Hand, Step, Workflow
from lib.tables.layout import said
from lib.tables.reading import Layout, Sheet, SpreadsheetError, Table, read, reading

# How long a file is kept after its upload, for corrections that a township brings back.
KEPT_DAYS = 30
FORGOTTEN = "文件已按期清除，请放弃后重新上传"
# Files that stand for nothing: the same content may be sent again.
GIVEN_UP = ("failed", "discarded")
LIVE = ~Q(status__in=GIVEN_UP)


class Upload(Job):
    """A file and its job, twice: WAITING to be judged, CHECKED, APPLYING once confirmed, DONE.

    The file is kept sealed in the model's own column `content` (base64) until it is written,
    refused, given up or KEPT_DAYS old; then `content` is empty. A child's constraints begin with
    `file_once`.
    """

    class Status(TonedChoices):
        WAITING = "waiting", "wait", "检查中"
        CHECKED = "checked", "wait", "待确认"
        APPLYING = "applying", "wait", "导入中"
        DONE = "done", "good", "已导入"
        FAILED = "failed", "bad", "退回"
        DISCARDED = "discarded", "idle", "已放弃"

    UNFINISHED = (Status.WAITING, Status.APPLYING)
    UNREAD = ("content",)
    SERVICES: ClassVar[str]  # where the kind's `Importing` stands, as one dotted path
    # The column that says whose file it is: a township, or an area.
    PLACE: ClassVar[str] = "area"

    status = status_column(Status.WAITING)
    requested_by = hand("上传人", null=True)
    uploaded_on = models.DateField("上传日期")
    file_name = models.CharField("文件名", max_length=120)
    file_size = models.PositiveIntegerField("字节数", default=0)
    sha256 = models.CharField("指纹", max_length=64)
    checked_at = models.DateTimeField("检查时间", null=True)
    checked_on = models.DateField("检查日期", null=True)
    confirmed_by = hand("确认人", null=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    confirmed_on = models.DateField("确认日期", null=True)
    forgotten = models.BooleanField("文件已清除", default=False)
    # Titles of the sheets that were read, and sentences about what was not.
    sheets = models.JSONField("工作表", default=list)
    left_out = models.JSONField("没有读入", default=list)
    # Every fault of a file that was refused whole, by its row; nothing personal stands in them.
    faults = models.JSONField("退回的原因", default=list, db_default=[])

    content: Any

    class Meta(Job.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.file_name

    @classmethod
    def importing(cls) -> "Importing[Any]":
        """The services of this kind of file, which stand above its model."""
        found: Importing[Any] = import_string(cls.SERVICES)
        return found

    @property
    def place(self) -> Division:
        found: Division = getattr(self, self.PLACE)
        return found

    @property
    def area_code(self) -> str:
        return self.place.county_code

    @property
    def may_be_confirmed(self) -> bool:
        return self.status == self.Status.CHECKED and not self.forgotten

    @property
    def may_be_taken(self) -> bool:
        """Whether the verdict is still there, to be taken away as a workbook."""
        return self.is_judged and not self.forgotten

    @property
    def is_judged(self) -> bool:
        return not self.is_unfinished and self.status not in GIVEN_UP

    def file(self) -> bytes:
        """The uploaded bytes; empty once they are forgotten."""
        return given_back(self.content)

    def table(self, layout: Layout) -> Table:
        """The file's rows, of a small table. Raises SpreadsheetError."""
        table = read(self.file(), layout)
        self.left_out = list(table.left_out)
        return table

    @contextmanager
    def opened(self, layout: Layout) -> Iterator[Sheet]:
        """The file's rows as they come. Raises SpreadsheetError, also while they are read."""
        with reading(self.file(), layout) as sheet:
            self.sheets, self.left_out = list(sheet.sheets), list(sheet.left_out)
            yield sheet

    def said(self, line: int) -> str:
        """A line of the file as people find it: 5, or 5（黎家店村） of several sheets."""
        return said(line, self.sheets)

    def begin(self) -> dict[str, Any]:
        if self.status == self.Status.WAITING:
            return {"percent": 0, "stage": "正在逐行检查"}
        return {"stage": "正在写入"}  # at the percent where a dead worker left it

    def give_up(self) -> dict[str, Any]:
        return {"content": ""}

    def work(self, tell: Tell, *, on: date) -> None:
        try:
            self.importing().work(self, tell, on=on)
        except Refusal as refusal:
            if refusal.faults:  # what the work wrote is undone by now, this stays
                rows = type(self)._default_manager.filter(pk=self.pk)
                rows.update(faults=list(refusal.faults))
            raise


def file_once(*place: str, name: str, told: str) -> list[models.BaseConstraint]:
    """For an upload's constraints: of one place the same file is not taken twice. `told`: what
    somebody hears who sends it while another does."""
    again = once(*place, "sha256", name=name, where=LIVE, told=told, at="file")
    return [*Upload.Meta.constraints, again]


U = TypeVar("U", bound=Upload)


class JudgedRow(models.Model):
    """A row of the file that speaks of somebody, and what becomes of it (`verdict`)."""

    line = models.PositiveIntegerField("行")
    name = models.CharField("姓名", max_length=40)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        abstract = True


def verdict_column(verdicts: type[models.TextChoices]) -> "models.CharField[str, str]":
    """Of such a row: one of its own verdicts."""
    return models.CharField("结果", max_length=8, choices=verdicts.choices)


@dataclass(frozen=True)
class Acts:
    """What the audit trail calls the acts on one kind of file; "" where there is no such act."""

    upload: str  # where nothing is asked: recorded when it is written
    confirm: str = ""
    again: str = ""
    discard: str = ""
    applied: str = "written"  # by the worker

    @classmethod
    def of(cls, what: str, **otherwise: str) -> "Acts":
        """The usual names where somebody confirms what was judged."""
        usual = {
            "upload": f"upload_{what}",
            "confirm": f"confirm_{what}",
            "again": f"check_{what}_again",
            "discard": f"discard_{what}",
            "applied": f"{what}_applied",
        }
        return cls(**usual | otherwise)


def upload_flow(
    model: type[U],
    room: str,
    acts: Acts,
    *,
    noun: str,
    permission: str,
    hand: Hand = Hand.ANY,
    hands: Sequence[str] = (),
    more: Sequence[Step] = (),
    reason_column: str = "",
) -> Workflow[U]:
    """The table that moves one kind of file.

    `noun`: how refusals call it. `hand`: whose hand confirms it. `hands` and `more`: what the kind
    has beyond the common steps.
    """
    status = Upload.Status
    steps = [
        Step(acts.upload, START, status.WAITING, permission, "上传"),
        Step(
            "failed",
            Upload.UNFINISHED if acts.confirm else status.WAITING,
            status.FAILED,
            PORTAL,
            "退回",
        ),
    ]
    if acts.confirm:
        stamps = ("confirmed_by", "confirmed_at")
        steps += [
            Step("checked", status.WAITING, status.CHECKED, PORTAL, "检查"),
            Step(
                acts.confirm,
                status.CHECKED,
                status.APPLYING,
                permission,
                "确认",
                hand,
                stamps=stamps,
            ),
            Step(acts.applied, status.APPLYING, status.DONE, PORTAL, "写入"),
        ]
    else:
        steps.append(Step(acts.applied, status.WAITING, status.DONE, PORTAL, "写入"))
    if acts.again:
        steps.append(Step(acts.again, status.CHECKED, status.WAITING, permission, "重新检查"))
    if acts.discard:
        open_ = (status.CHECKED, status.WAITING)
        steps.append(Step(acts.discard, open_, status.DISCARDED, permission, "放弃"))
    return Workflow(
        model,
        room,
        [*steps, *more],
        called=lambda upload: f"这份{noun}",
        hands=("requested_by", *hands, "confirmed_by"),
        related=(model.PLACE,),
        deferred=("content",),
        reason_column=reason_column,
        unused=() if acts.confirm else (status.CHECKED, status.APPLYING, status.DISCARDED),
    )


# Faults that a refusal names: more would not be read, and the file is corrected as a whole. No norm
# says how many.
MAX_FAULTS = 5


def refuse_faults(faults: Sequence[str]) -> None:
    """Raises Refusal for a file that is taken whole or not at all, naming its first faults."""
    if faults:
        more = f"，等 {len(faults)} 处" if len(faults) > MAX_FAULTS else ""
        refusal = Refusal("；".join(faults[:MAX_FAULTS]) + more + "，请改正后重新导入", "file")
        refusal.faults = faults
        raise refusal


class Importing(ABC, Generic[U]):
    """The services of one kind of file. Each opens its transaction and raises Refusal."""

    model: type[U]
    acts: Acts
    flow: Workflow[U]
    # The columns that together with the fingerprint make it the same file.
    same: tuple[str, ...]
    # The columns of the file, and how large it may be.
    table: Layout
    # False: what is right is written at once, without a confirmation.
    asks: bool = True

    # -- what a kind says ----------------------------------------------------------------------

    def layout(self, upload: U) -> Layout:
        """The `table` of this file, where a kind has several."""
        return self.table

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        """The columns that say whose file it is. Raises Refusal for who or what may not. Where a
        kind says nothing else it is the `area`'s."""
        return {"area": about["area"]}

    def admit(self, upload: U) -> None:
        """Raises Refusal for a file that comes too late. Asked of new files only."""

    @abstractmethod
    def judge(self, upload: U, on: date) -> Mapping[str, Any]:
        """Read the file, keep a verdict on every row, return the counts.

        In one transaction with the row locked. Raises Refusal or SpreadsheetError for a file that
        is refused whole.
        """

    def ready(self, upload: U, actor: User, on: date) -> None:
        """Raises Refusal unless it may be confirmed now; takes what writing will hold."""

    def write(self, upload: U, tell: Tell) -> None:
        """Write what was confirmed, in transactions that also move the upload on, to DONE."""
        raise NotImplementedError

    def clear(self, upload: U) -> dict[str, Any]:
        """Remove the verdicts; returns the columns to empty beside `content`."""
        return {}

    def beside(self, upload: U) -> dict[str, Any]:
        """What the trail says besides the audited columns."""
        return {}

    # -- what people do ------------------------------------------------------------------------

    @all_or_nothing()
    def upload(
        self, *, actor: User, file_name: str, content: bytes, on: date, **about: Any
    ) -> tuple[U, bool]:
        """Keep the file, sealed, and have it judged. True: the same file was here before."""
        columns = self.columns(actor=actor, on=on, **about)
        new = self.model(
            **columns,
            **kept(file_name, content),
            requested_by=actor,
            uploaded_on=on,
            file_size=len(content),
        )
        layout = self.layout(new)
        if not content:
            raise Refusal("文件是空的，请重新选择", "file")
        if len(content) > layout.max_bytes:
            raise Refusal(layout.too_large, "file")
        # Two who send the same file at once get the same row.
        Division.objects.select_for_update(no_key=True).get(pk=new.place.pk)
        alike = {name: columns[name] for name in self.same}
        earlier = self.model._default_manager.filter(LIVE, sha256=new.sha256, **alike).first()
        if earlier is not None:
            return earlier, True
        self.admit(new)
        new.save()
        if self.asks:
            self.flow.note(new, self.acts.upload, actor=actor, beside=self.beside(new))
        start(new)
        return new, False

    @all_or_nothing()
    def confirm(self, *, actor: User, upload: U, sha256: str, on: date) -> None:
        """Let what was judged right be written. Bound to the file's fingerprint."""
        upload = self.flow.lock(upload.pk)
        if upload.sha256 != sha256:
            raise Refusal("确认的不是这份文件，请刷新页面后重新核对")
        self.flow.check(upload, self.acts.confirm, actor)
        if upload.forgotten:
            raise Refusal(FORGOTTEN)
        self.ready(upload, actor, on)
        self.flow.take(upload, self.acts.confirm, actor=actor, confirmed_on=on, percent=0)
        start(upload)

    @all_or_nothing()
    def again(self, *, actor: User, upload: U) -> None:
        """Judge the same file anew, e.g. after people were entered at the window."""
        upload = self.flow.lock(upload.pk)
        self.flow.check(upload, self.acts.again, actor)
        if upload.forgotten:
            raise Refusal(FORGOTTEN)
        start(self.flow.take(upload, self.acts.again, actor=actor))

    @all_or_nothing()
    def discard(self, *, actor: User, upload: U) -> None:
        """Give an unconfirmed file up: it and its verdicts go, the fact that it was stays."""
        self._forget(self.flow.move(upload.pk, self.acts.discard, actor=actor))

    def forget(self, *, on: date) -> int:
        """Remove files and verdicts that nobody needs any more. Returns of how many uploads."""
        before = timezone.make_aware(datetime.combine(on - timedelta(days=KEPT_DAYS), time()))
        old = self.model._default_manager.filter(forgotten=False, requested_at__lt=before)
        waiting = [Upload.Status.WAITING, Upload.Status.APPLYING]
        done = old.exclude(status__in=waiting).defer("content")
        forgotten = 0
        for pk in list(done.values_list("pk", flat=True)):
            with transaction.atomic():
                # Under the lock: it may have been confirmed or sent to be judged again meanwhile.
                upload = done.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
                if upload is not None:
                    self._forget(upload)
                    forgotten += 1
        return forgotten

    # -- what a worker does --------------------------------------------------------------------

    def work(self, upload: U, tell: Tell, *, on: date) -> None:
        """Judge what waits, write what is confirmed. The upload moves on with what is written."""
        if upload.status == Upload.Status.WAITING:
            self._check(upload, on)
        else:
            self.write(upload, tell)

    @all_or_nothing()
    def _check(self, upload: U, on: date) -> None:
        """One transaction: a worker that dies leaves the upload waiting, without verdicts."""
        row = self._take(upload).filter(status=Upload.Status.WAITING).first()
        if row is None:
            return  # given up meanwhile
        self.clear(row)
        try:
            with _without_collector():
                found = self.judge(row, on)
        except SpreadsheetError as error:
            raise Refusal(str(error)) from None
        columns: dict[str, Any] = {"status": Upload.Status.CHECKED, "percent": 100}
        if not self.asks:
            columns |= {"status": Upload.Status.DONE, "finished_at": timezone.now()}
            columns |= {"content": "", "forgotten": True}
        columns |= {"stage": "", "checked_at": timezone.now(), "checked_on": on, **found}
        columns |= {"sheets": row.sheets, "left_out": row.left_out}
        # `save` and not `update`: sealed columns are sealed by the field.
        for name, value in columns.items():
            setattr(row, name, value)
        row.save(update_fields=list(columns))
        if not self.asks:
            self.flow.note(row, self.acts.upload, actor=row.requested_by, beside=self.beside(row))

    # -- together ------------------------------------------------------------------------------

    def _take(self, upload: U) -> JobQuerySet[Any]:
        """The row under lock. Foreign keys to it need not wait."""
        rows: JobQuerySet[Any] = self.model._default_manager.all()  # type: ignore[assignment]
        return rows.select_for_update(no_key=True, of=("self",)).filter(pk=upload.pk)

    def _forget(self, upload: U) -> None:
        columns = {"content": "", "forgotten": True} | self.clear(upload)
        self.model._default_manager.filter(pk=upload.pk).update(**columns)


@contextmanager
def _without_collector() -> Iterator[None]:
    """A file is a hundred thousand small objects without cycles; walking them again and again would
    cost a fifth of the check."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@shared_task  # type: ignore[untyped-decorator]
def forget_old_files() -> int:
    """Nightly: files and verdicts are not kept longer than they are needed."""
    kinds = [model for model in apps.get_models() if issubclass(model, Upload)]
    forgotten = sum(model.importing().forget(on=today()) for model in kinds)
    return forgotten + masterdata.forget_old_files(on=today())

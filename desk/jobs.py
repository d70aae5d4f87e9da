"""Work that outlives a request: a row of a room's own table is the job, the message its address.

A room derives its model from `Job`, says in `work` what is to be done, and calls `start` where the
row is made. The broker only makes it quicker: `carry_on` finds every row that waits or that a
worker left behind (docs/decisions/0005-jobs-are-rows.md).
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, ClassVar, Self, TypeVar, cast

from celery import current_app, shared_task
from django.apps import apps
from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, shows
from accounts.scoping import PathsManager, ScopedQuerySet, get_visible
from desk.announcing import ANNOUNCER, tell
from desk.fields import hand, status_column
from desk.locks import only_one
from desk.tones import TonedChoices

logger = logging.getLogger("hezuo.jobs")
# What stops a job so often (a limit of time, a lock, too little memory) will stop it again.
TRIES = 3
STOPPED = "连续 {tries} 次超过数据库的时间限制，没有办成，请联系系统管理员"
KILLED = (
    "连续 {tries} 次办到中途程序被系统中止（多半是内存不足），没有办成。"
    "可以重新办理；仍不成的请联系系统管理员"
)
FAULT = "办理时出现程序错误，已记入系统日志，请联系系统管理员"

Tell = Callable[[int, str], None]
M = TypeVar("M", bound=models.Model)


class JobQuerySet(ScopedQuerySet[M]):
    def unfinished(self) -> Self:
        """Waiting, or begun by a worker that may have died since."""
        unfinished: tuple[str, ...] = self.model.UNFINISHED  # type: ignore[attr-defined]
        return self.filter(status__in=unfinished)


JobManager = PathsManager.from_queryset(JobQuerySet)


class Job(models.Model):
    """One piece of work. `percent` and `stage` are written while it runs, for everybody to see."""

    class Status(TonedChoices):
        WAITING = "waiting", "wait", "等待计算"
        RUNNING = "running", "wait", "计算中"
        DONE = "done", "good", "已完成"
        FAILED = "failed", "bad", "失败"

    # A worker has still to do something, or died while it did.
    UNFINISHED: ClassVar[tuple[str, ...]] = (Status.WAITING, Status.RUNNING)
    # Large columns that are read where they are needed and not with the row.
    UNREAD: ClassVar[tuple[str, ...]] = ()

    status = status_column(Status.WAITING)
    percent = models.PositiveSmallIntegerField("进度(%)", default=0)
    stage = models.CharField("步骤", max_length=60, blank=True)
    # Nobody: the portal's own routine asked.
    requested_by = hand("申请人", null=True)
    requested_at = models.DateTimeField("申请时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    failure = models.TextField("失败原因", blank=True)
    # How often it was begun since it was asked for, without an end.
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(failure=""), name="failed_%(class)s_says_why"
            ),
            models.CheckConstraint(
                condition=Q(percent__lte=100), name="%(class)s_percent_is_a_percentage"
            ),
        ]

    @property
    def area_code(self) -> str:
        """Of the area whose row it is: two areas may have rows with the same key. A child without
        `area` says how it comes by one."""
        code: str = cast(Any, self).area.code
        return code

    @property
    def explained(self) -> str:
        """Beside the state: how far it is, or why it failed."""
        if self.is_unfinished:
            return f"{self.percent}%" if self.percent else ""
        return self.failure

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED

    def begin(self) -> dict[str, Any]:
        """The columns that say a worker has it."""
        return {"status": self.Status.RUNNING, "percent": 0, "stage": "开始"}

    def give_up(self) -> dict[str, Any]:
        """Let go of what it held; returns the columns that are emptied when it fails."""
        return {}

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any] | None:
        """Do it, on the day `on`, and return the columns that are written with DONE.

        None: it has written its end itself, in the transaction of its last work. It may have been
        begun before. `tell(percent, stage)` shows how far it is; inside a
        transaction nobody sees it. A Refusal ends it as FAILED in its words.
        """
        raise NotImplementedError


def start(job: Job) -> None:
    """Tell a worker once the row is there. Without a broker the next sweep finds it.

    Asked for again, it may be begun as often as the first time.
    """
    if job.tries:
        type(job)._default_manager.filter(pk=job.pk).update(tries=0)

    def announce() -> None:  # no partial: the framework names it when it fails
        _announce(job._meta.label_lower, job.pk)

    transaction.on_commit(announce, robust=True)


def _announce(label: str, pk: int) -> None:
    announce = tell if current_app.conf.task_always_eager else ANNOUNCER.say
    announce(f"{label} {pk}", lambda: take_up.delay(label, pk))


@shared_task  # type: ignore[untyped-decorator]
def take_up(label: str, pk: int) -> bool:
    """Do one job. Delivered twice or to two workers, it is still done once."""
    return run(label, pk, today())


@shared_task  # type: ignore[untyped-decorator]
def carry_on() -> int:
    """Take up every job that waits, or that a worker left behind. Returns how many were done.

    One that goes wrong is logged and holds the others up no longer than its own work.
    """
    done = 0
    for model in (each for each in apps.get_models() if issubclass(each, Job)):
        label = model._meta.label_lower
        waiting = _unfinished(model).order_by("requested_at", "pk").values_list("pk", flat=True)
        for pk in list(waiting):
            try:
                done += run(label, pk, today())
            except Exception:
                logger.exception("%s %s went wrong", label, pk)
    return done


def run(label: str, pk: int, on: date) -> bool:
    """Do what is to be done on the row `pk` of the model `label`. True when this call did some.

    Any number of workers may try as often as they like: who holds the advisory lock of the row is
    at work. It lives as long as the worker's connection, so a row left behind by a dead worker is
    simply taken up again, while the row itself stays free to show the progress.

    A Refusal makes the job FAILED in words; so does a fault, which is also raised; when the
    database goes away the row is left for the next attempt, and when it stops the work, or the
    worker dies of it, it is left `TRIES` times.
    """
    model: type[Job] = apps.get_model(label)
    rows = _unfinished(model).filter(pk=pk)
    done = False
    # Until nothing is left: what came in while we held the lock was refused to its own worker.
    while (named := rows.only("pk").first()) is not None:
        with only_one(named.area_code, f"{model._meta.db_table}:{pk}") as mine:
            if not mine:
                return done
            job = rows.defer(*model.UNREAD).first()
            if job is not None:
                _work(job, on)
                done = True
    return done


def _unfinished(model: type[models.Model]) -> JobQuerySet[Any]:
    rows: JobQuerySet[Any] = model._default_manager.all()  # type: ignore[assignment]
    return rows.unfinished()


def _work(job: Job, on: date) -> None:
    row = _unfinished(type(job)).filter(pk=job.pk)

    def tell(percent: int, stage: str) -> None:
        # A job that goes on where a dead worker left it, and gets further, is no hopeless one.
        further = goes_on and percent > job.percent
        row.update(percent=percent, stage=stage, **({"tries": 1} if further else {}))

    def end(columns: Mapping[str, Any]) -> None:
        row.update(**{"stage": "", "tries": 0, "finished_at": timezone.now(), **columns})

    if job.tries >= TRIES:  # whoever began it last is dead: we hold its lock
        logger.error("%s %s has ended its workers %d times", job._meta.label, job.pk, TRIES)
        failure = KILLED.format(tries=TRIES)
        end({"status": job.Status.FAILED, "failure": failure, **job.give_up()})
        return
    begun = job.begin()
    goes_on = "percent" not in begun
    begun |= {"started_at": timezone.now(), "tries": job.tries + 1}
    row.update(**begun)
    for column, value in begun.items():
        setattr(job, column, value)
    try:
        columns = job.work(tell, on=on)
    except Refusal as refusal:
        end({"status": job.Status.FAILED, "failure": refusal.message, **job.give_up()})
    except (InterfaceError, OperationalError):
        if not connection.is_usable():
            _count_not(job)
        elif job.tries >= TRIES:
            failure = STOPPED.format(tries=TRIES)
            end({"status": job.Status.FAILED, "failure": failure, **job.give_up()})
        raise
    except Exception:
        end({"status": job.Status.FAILED, "failure": FAULT, **job.give_up()})
        raise
    else:
        if columns is not None:
            end({"status": job.Status.DONE, "percent": 100, **columns})


def _count_not(job: Job) -> None:
    """The database has gone away in the middle: the job's fault it is not. Where it is not back by
    now, the beginning counts after all."""
    connection.close()
    with suppress(InterfaceError, OperationalError):
        _unfinished(type(job)).filter(pk=job.pk).update(tries=F("tries") - 1)


def progress_route(route: str, model: type[Job], permission: str, name: str) -> URLPattern:
    """`<route>` with a `pk`: what the page of a job asks every second until it may be shown."""

    @shows(permission)
    def progress(request: Request, pk: int) -> HttpResponse:
        rows = model._default_manager.only("status", "percent", "stage")
        job: Job = get_visible(rows, request.user, pk=pk)
        if not job.is_unfinished:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "desk/progress.html", {"job": job, "url": request.path})

    return path(route, progress, name=name)

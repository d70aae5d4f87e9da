"""Planning a measure for all its places, and reporting what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing, locked
from desk.reasons import given_reason
from lib.resident_id import people_masked
from supervision.photos import keep_all
from supervision.publicity.models import PublicityMeasure, PublicityPhoto, PublicityTask
from supervision.publicity.workflow import PLAN, TASKS

Status = PublicityTask.Status
MAX_PHOTOS = 10  # as of a notice on its board
LEVELS = {
    PublicityMeasure.Reach.COUNTY: Division.Level.COUNTY,
    PublicityMeasure.Reach.TOWNSHIPS: Division.Level.TOWNSHIP,
    PublicityMeasure.Reach.VILLAGES: Division.Level.VILLAGE,
}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is told in which form where, who answers for it, by when."""

    what: str
    form: str
    reach: str
    charged: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What was done: on which day, how many (leaflets, people, households), with photos."""

    done_on: date
    count: int
    note: str = ""
    photos: Sequence[bytes] = ()


@all_or_nothing()
def plan_measure(*, actor: User, area: Division, planned: Planned, on: date) -> PublicityMeasure:
    """A measure of its term's year and a task for each place; a few statements however many there
    are. Raises Refusal at the input."""
    if not actor.may(PLAN):
        raise Refusal("宣传计划由基金监管岗制定")
    what = people_masked(given_reason(planned.what, asks="宣传内容", most=100, at=("what",)))
    charged = people_masked(
        given_reason(planned.charged, asks="责任人或单位", most=60, at=("charged",))
    )
    if planned.due_on < on:
        raise Refusal("完成期限不能早于今天", "due_on")
    level = LEVELS[PublicityMeasure.Reach(planned.reach)]
    places = Division.objects.filter(level=level, code__startswith=area.code).valid_on(on)
    row = PublicityMeasure.objects.create(
        area=area,
        year=planned.due_on.year,
        what=what,
        form=planned.form,
        reach=planned.reach,
        charged=charged,
        due_on=planned.due_on,
        planned_by=actor,
    )
    tasks = [PublicityTask(measure=row, division=place) for place in places.order_by("code")]
    PublicityTask.objects.bulk_create(tasks, 2_000)
    record(
        actor=actor,
        action="supervision.plan_publicity",
        subject=row,
        after={**audited(row), "places": len(tasks)},
    )
    return row


@all_or_nothing()
def report_done(*, actor: User, row: PublicityTask, told: Reported, on: date) -> PublicityTask:
    """A task was done. Raises Refusal at the input."""
    task = TASKS.lock(row.pk)
    TASKS.check(task, "report_publicity", actor)
    _check_place(actor, task)
    # What is due after New Year may be done before it: of the year it was planned in.
    planned_in = timezone.localdate(task.measure.planned_at).year
    first = date(min(planned_in, task.measure.year, on.year), 1, 1)
    if not first <= told.done_on <= on:
        raise Refusal(f"完成日期应在 {first} 和今天（{on}）之间", "done_on")
    if told.count < 1:
        raise Refusal("请填写数量：发了多少份、到了多少人、走了多少户", "count")
    done = TASKS.take(
        task,
        "report_publicity",
        actor=actor,
        done_on=told.done_on,
        count=told.count,
        note=people_masked(told.note.strip())[:300],
    )
    _prove(actor, done, told.photos)
    return done


@all_or_nothing()
def add_photos(*, actor: User, row: PublicityTask, photos: Sequence[bytes]) -> PublicityTask:
    """More photos of what was reported. Raises Refusal."""
    task = TASKS.lock(row.pk)
    if not actor.may("supervision.report_publicity"):
        raise Refusal("照片由上报的岗位上传")
    _check_place(actor, task)
    if task.status != PublicityTask.Status.DONE:
        raise Refusal("上报完成以后才能补照片")
    if not photos:
        raise Refusal("请选择照片", "photos")
    _prove(actor, task, photos)
    return task


@all_or_nothing()
def leave_out_photo(*, actor: User, photo: PublicityPhoto) -> PublicityPhoto:
    """Of a report that was given back a photo proves nothing any more. Raises Refusal."""
    task = TASKS.lock(photo.task_id)
    if not actor.may("supervision.report_publicity"):
        raise Refusal("照片由上报的岗位撤下")
    _check_place(actor, task)
    if task.status != PublicityTask.Status.WAITING:
        raise Refusal("上报退回以后才能撤下照片：请先由基金监管岗退回重报")
    row = locked(PublicityPhoto.objects.all(), photo.pk)
    if row.left_out_at is not None:
        raise Refusal("这张照片已经撤下")
    before = audited(row)
    row.left_out_by, row.left_out_at = actor, timezone.now()
    row.save(update_fields=["left_out_by", "left_out_at"])
    record(
        actor=actor,
        action="supervision.leave_out_photo",
        subject=task,
        before=before,
        after=audited(row),
    )
    return row


def is_charged(actor: User, task: PublicityTask) -> bool:
    """Whether his office has to do it: who plans for the whole county reports what is the county's
    own alone."""
    return PublicityTask.objects.charged_to(actor).filter(pk=task.pk).exists()


def _check_place(actor: User, task: PublicityTask) -> None:
    """Raises Refusal."""
    if not is_charged(actor, task):
        raise Refusal(
            f"{task.division.place}的宣传任务由当地上报，县里只上报县级的：请通知乡镇、村的经办人办理"
        )


def _prove(actor: User, task: PublicityTask, photos: Sequence[bytes]) -> None:
    if photos and task.photos.standing().count() + len(photos) > MAX_PHOTOS:
        raise Refusal(f"一项任务最多 {MAX_PHOTOS} 张照片", "photos")

    def noting(photo: PublicityPhoto) -> None:
        # What is no longer asked for proves nothing, and nobody can take its photos out.
        standing = PublicityPhoto.objects.standing().exclude(task__status=Status.DROPPED)
        same = standing.filter(sha256=photo.sha256).exclude(task=task)
        if other := same.select_related("task__measure", "task__division").first():
            told = f"{other.task.division.place}的“{other.task.measure.what}”"
            raise Refusal(
                f"有照片已经用在另一项宣传任务（{told}）上，请换成这一项的照片；"
                "用错的请先在那项任务退回后撤下",
                "photos",
            )
        record(
            actor=actor, action="supervision.prove_publicity", subject=task, after=audited(photo)
        )

    brought = [(PublicityPhoto(task=task, added_by=actor), content) for content in photos]
    keep_all(brought, at="photos", noting=noting)


@all_or_nothing()
def step_task(
    *, actor: User, row: PublicityTask, event: str, on: date, reason: str = ""
) -> PublicityTask:
    """Give a report back, or ask for it no longer. Raises Refusal."""
    empty = {"done_on": None, "count": None} if event == "return_publicity" else {}
    return TASKS.move(row.pk, event, actor=actor, reason=people_masked(reason), **empty)

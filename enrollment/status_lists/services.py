"""What officers do with a list: upload, let a short one pass, confirm, compare again, give up."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from enrollment.status_lists.models import ListLine, StatusList

MAX_BYTES = 20 * 1024 * 1024
TOLD = (
    "kind", "month", "effective_on", "status", "file_name", "sha256", "listed_count",
    "added_count", "changed_count", "dropped_count", "unknown_count", "held_count", "shrunk",
)  # fmt: skip
Status = StatusList.Status


@dataclass(frozen=True)
class Upload:
    """`again`: the same file was here before; nothing new was kept."""

    status_list: StatusList
    again: bool


def _work(list_id: int) -> None:
    """Tell a worker. Should the broker be gone, the periodic task finds the row."""
    from enrollment.status_lists.tasks import work_on_list

    transaction.on_commit(lambda: work_on_list.delay(list_id), robust=True)


@all_or_nothing()
def upload_list(
    *,
    actor: User,
    kind: str,
    month: date,
    effective_on: date,
    file_name: str,
    content: bytes,
    on: date,
) -> Upload:
    """Keep a department's list of a month, sealed, and have it compared. Raises Refusal.

    `effective_on`: from which day what it says holds.
    """
    area = actor.division
    if area is None or area.level != Division.Level.COUNTY:
        raise Refusal("部门名单由县经办中心导入")
    if kind not in StatusList.Kind.values:
        raise Refusal("请选择名单", "kind")
    month = month.replace(day=1)
    if not month <= effective_on <= on:
        raise Refusal("生效日期应在名单当月 1 日之后、不晚于今天", "effective_on")
    if not content:
        raise Refusal("文件是空的，请重新选择", "file")
    if len(content) > MAX_BYTES:
        raise Refusal(f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请删去图片和多余的列", "file")
    sha256 = hashlib.sha256(content).hexdigest()
    Division.objects.select_for_update(no_key=True).get(pk=area.pk)
    rows = StatusList.objects.filter(area=area, kind=kind)
    earlier = (
        rows.filter(sha256=sha256).exclude(status__in=[Status.REFUSED, Status.DISCARDED]).first()
    )
    if earlier is not None:
        return Upload(earlier, again=True)
    _refuse_older(area, kind, month)
    status_list = StatusList.objects.create(
        area=area,
        kind=kind,
        month=month,
        effective_on=effective_on,
        uploaded_by=actor,
        uploaded_on=on,
        file_name=file_name[-120:],
        file_size=len(content),
        sha256=sha256,
        content=base64.b64encode(content).decode(),
    )
    _tell(actor, "upload_list", status_list)
    _work(status_list.pk)
    return Upload(status_list, again=False)


def _refuse_older(area: Division, kind: str, month: date) -> None:
    """A list of an earlier month than the last one applied would turn back the clock."""
    newer = StatusList.objects.filter(
        area=area, kind=kind, status=Status.APPLIED, month__gt=month
    ).first()
    if newer is not None:
        raise Refusal(f"{newer.month:%Y-%m} 的名单已经更新，不能再用更早的名单", "month")


def _tell(actor: User, action: str, status_list: StatusList, reason: str = "") -> None:
    record(
        actor=actor,
        action=f"enrollment.{action}",
        subject=status_list,
        division_code=status_list.area.code,
        after=snapshot(status_list, TOLD),
        reason=reason,
    )


def _locked(status_list: StatusList, *statuses: str) -> StatusList:
    locked = (
        StatusList.objects.select_for_update(no_key=True, of=("self",))
        .select_related("area")
        .defer("content")
        .get(pk=status_list.pk)
    )
    if locked.status not in statuses:
        raise Refusal(f"这份名单{locked.get_status_display()}，不能再办理，请刷新页面")
    return locked


@all_or_nothing()
def release_list(*, actor: User, status_list: StatusList, reason: str) -> None:
    """A second person lets a list pass that looks cut short, and says why. Raises Refusal."""
    status_list = _locked(status_list, Status.CHECKED)
    if not status_list.needs_release:
        raise Refusal("这份名单不需要放行")
    if actor.pk == status_list.uploaded_by_id:
        raise Refusal("须由上传人以外的人放行")
    reason = reason.strip()
    if len(reason) < 4:
        raise Refusal("请写明人数骤减的原因和核实情况", "reason")
    status_list.released_by, status_list.released_at = actor, timezone.now()
    status_list.release_reason = reason[:200]
    status_list.save(update_fields=["released_by", "released_at", "release_reason"])
    _tell(actor, "release_list", status_list, reason[:200])


@all_or_nothing()
def confirm_list(*, actor: User, status_list: StatusList, sha256: str, on: date) -> None:
    """Let what the comparison shows be written, bound to the file's fingerprint.

    Raises Refusal when another file is meant, a short list is not let pass yet, or a later
    month's list has been applied meanwhile.
    """
    status_list = _locked(status_list, Status.CHECKED)
    if status_list.sha256 != sha256:
        raise Refusal("确认的不是这份文件，请刷新页面后重新核对")
    if status_list.needs_release:
        raise Refusal(f"{status_list.shrunk}，须由复核人员核实放行后才能更新")
    _refuse_older(status_list.area, status_list.kind, status_list.month)
    status_list.status = Status.APPLYING
    status_list.confirmed_by, status_list.confirmed_at = actor, timezone.now()
    status_list.confirmed_on = on
    status_list.save(update_fields=["status", "confirmed_by", "confirmed_at", "confirmed_on"])
    _tell(actor, "confirm_list", status_list)
    _work(status_list.pk)


@all_or_nothing()
def compare_again(*, actor: User, status_list: StatusList) -> None:
    """Compare the same file anew, e.g. after people were registered. A release is asked again."""
    status_list = _locked(status_list, Status.CHECKED)
    status_list.status = Status.WAITING
    status_list.save(update_fields=["status"])
    _tell(actor, "compare_list_again", status_list)
    _work(status_list.pk)


@all_or_nothing()
def discard_list(*, actor: User, status_list: StatusList) -> None:
    """Give an unconfirmed list up: file and lines go, the fact that it was stays."""
    status_list = _locked(status_list, Status.CHECKED, Status.WAITING)
    ListLine.objects.filter(list=status_list).delete()
    status_list.status, status_list.content = Status.DISCARDED, ""
    status_list.save(update_fields=["status", "content"])
    _tell(actor, "discard_list", status_list)

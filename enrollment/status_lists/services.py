"""What officers do with a list: upload, let a short one pass, confirm, compare again, give up."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.importing import Importing
from desk.jobs import Tell
from enrollment.status_lists.applying import apply_list
from enrollment.status_lists.checking import judge_list
from enrollment.status_lists.columns import LAYOUTS
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.workflow import ACTS, FLOW
from lib.tables.layout import Layout

Status = StatusList.Status


class _StatusLists(Importing[StatusList]):
    model = StatusList
    acts = ACTS
    flow = FLOW
    same = ("area", "kind", "month")

    def layout(self, upload: StatusList) -> Layout:
        return LAYOUTS[upload.kind]

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        """`about`: `kind`, `month`, and `effective_on`, from which day what it says holds."""
        area, kind, effective_on = actor.division, about["kind"], about["effective_on"]
        if area is None or area.level != Division.Level.COUNTY:
            raise Refusal("部门名单由县经办中心导入")
        if kind not in StatusList.Kind.values:
            raise Refusal("请选择名单", "kind")
        month = about["month"].replace(day=1)
        if not month <= effective_on <= on:
            raise Refusal("生效日期应在名单当月 1 日之后、不晚于今天", "effective_on")
        return {"area": area, "kind": kind, "month": month, "effective_on": effective_on}

    def admit(self, upload: StatusList) -> None:
        if why := _older(upload.area, upload.kind, upload.month):
            raise Refusal(why, "month")

    def judge(self, upload: StatusList, on: date) -> Mapping[str, Any]:
        return judge_list(upload, on)

    def ready(self, upload: StatusList, actor: User, on: date) -> None:
        """Refuses a short list that is not let pass yet, and one older than the last applied."""
        if upload.needs_release:
            raise Refusal(f"{upload.shrunk}，须由复核人员核实放行后才能更新")
        if why := _older(upload.area, upload.kind, upload.month):
            raise Refusal(why)

    def write(self, upload: StatusList, tell: Tell) -> None:
        apply_list(upload.pk)

    def clear(self, upload: StatusList) -> dict[str, Any]:
        if upload.status in {Status.WAITING, Status.DISCARDED}:
            ListLine.objects.filter(list=upload).delete()
        return {}  # what was compared or applied stays, as the snapshot of what it did

    @all_or_nothing()
    def release(self, *, actor: User, upload: StatusList, reason: str) -> None:
        """A second person lets a list pass that looks cut short, and says why. Raises Refusal."""
        upload = self.flow.lock(upload.pk)
        self.flow.check(upload, "release_list", actor, reason)
        if not upload.needs_release:
            raise Refusal("这份名单不需要放行")
        self.flow.take(upload, "release_list", actor=actor, reason=reason)


def _older(area: Division, kind: str, month: date) -> str:
    """A list of an earlier month than the last one applied would turn back the clock."""
    applied = StatusList.objects.filter(area=area, kind=kind, status=Status.DONE)
    newer = applied.filter(month__gt=month).first()
    return f"{newer.month:%Y-%m} 的名单已经更新，不能再用更早的名单" if newer else ""


STATUS_LISTS = _StatusLists()

"""What people do with a file of usage: send it, look at it, agree to it, correct it by another."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.carried.columns import LAYOUT
from claims.carried.judging import judge_file
from claims.carried.models import CarriedFile, CarriedRow
from claims.carried.workflow import ACTS, FLOW
from claims.carried.writing import write_file
from desk.importing import Importing
from desk.jobs import Tell
from funds.models import Book, Period
from policies.services import Measures

Status = CarriedFile.Status


class _CarriedFiles(Importing[CarriedFile]):
    model = CarriedFile
    acts = ACTS
    flow = FLOW
    same = ("area", "counted_to", "correction")
    table = LAYOUT

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        """`about`: `system` and `document` it is from, `counted_to`, and why it is a `correction`
        ("" where it is none)."""
        area, counted_to = actor.division, about["counted_to"]
        if area is None or area.level != Division.Level.COUNTY:
            raise Refusal("已用情况由县经办中心转入")
        if counted_to >= on:
            raise Refusal("应是今天以前的一天：当天的结算可能还没有结束", "counted_to")
        measures = Measures.on(area_code=area.code, day=counted_to)
        year = measures.terms.year.of(counted_to)
        closed = Period.objects.filter(
            book__area=area,
            book__fund_type=Book.FundType.RESIDENT,
            year=year,
            month=12,
            status=Period.Status.CLOSED,
        )
        if closed.exists():
            raise Refusal(f"{year} 年度已经结账，不能再转入这一年的已用情况", "counted_to")
        return {
            "area": area,
            "system": about["system"],
            "document": about["document"],
            "counted_to": counted_to,
            "policy_year": year,
            "correction": about.get("correction", ""),
        }

    def judge(self, upload: CarriedFile, on: date) -> Mapping[str, Any]:
        return judge_file(upload)

    def ready(self, upload: CarriedFile, actor: User, on: date) -> None:
        if not upload.ready_count:
            raise Refusal("没有一个人可以转入，请按说明更正文件后重新上传")

    def write(self, upload: CarriedFile, tell: Tell) -> None:
        write_file(upload, tell)

    def clear(self, upload: CarriedFile) -> dict[str, Any]:
        """What was brought in stands in versions of its own; the verdicts go with the file."""
        CarriedRow.objects.filter(file=upload).delete()
        return {}

    def beside(self, upload: CarriedFile) -> dict[str, Any]:
        return {"document": upload.document, "correction": upload.correction}


CARRIED_FILES = _CarriedFiles()

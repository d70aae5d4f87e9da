"""The county's divisions, kept in a table by the system administrator."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts import services
from accounts.errors import Refusal
from accounts.models import Division, DivisionQuerySet
from desk.master_cells import Cell, Choice, Day, Words
from desk.masterdata import MasterResource, Plan, put
from desk.models import SpecialDay, SpecialDayQuerySet
from lib.divisions import level_of, parent_code
from lib.tables.reading import Row
from lib.workdays import is_workday


def _code(text: str) -> str:
    """Raises DivisionCodeError, which says how to mend it."""
    level_of(text)
    return text


class DivisionResource(MasterResource):
    kind = "accounts.divisions"
    noun = "区划表"
    permission = "accounts.load_divisions"
    hint = "县 6 位、乡镇 9 位、村 12 位、组 14 位；上级应已建立或在同一份表里。名称不同的改名。"
    max_rows = 10_000

    code = Cell(
        "code", "区划代码", Words(20, kind="code", fold=_code), others=("代码",), required=True
    )
    name = Cell("name", "名称", Words(60), others=("区划名称",), required=True)

    class Meta:
        model = Division
        import_id_fields = ("code",)

    def rows(self) -> DivisionQuerySet:
        """All of them: the administrator keeps every area's."""
        return Division.objects.order_by("code")

    def look(self, rows: Sequence[Row]) -> None:
        self.above = {row.cells["code"] for row in rows}

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        above = parent_code(row.code)
        if above and above not in self.above and (above,) not in self._known:
            return {"code": f"代码 {row.code} 的上级 {above} 既不在表中也未建立，请把上级补进表里"}
        return {}

    def write(self, plan: Plan) -> None:
        services.load_divisions(
            actor=self.actor,
            names={line.row.code: line.row.name for line in plan.to_write},
            first_day=self.first_day,
        )

    @property
    def first_day(self) -> date:
        try:
            return date.fromisoformat(self.options["first_day"])
        except (KeyError, ValueError):
            raise Refusal("请填写启用日期", "first_day") from None


class CalendarResource(MasterResource):
    kind = "desk.calendar"
    noun = "节假日安排"
    permission = "accounts.load_calendar"
    hint = (
        "照国务院办公厅的年度通知，一天一行；放假的周末不用写。承诺办结、月结付款的工作日照此计算。"
    )
    max_rows = 2_000

    day = Cell("day", "日期", Day(), required=True)
    arranged = Cell("kind", "安排", Choice(SpecialDay.Kind.choices), required=True)
    name = Cell("name", "名称", Words(20), others=("节日",), required=True)

    class Meta:
        model = SpecialDay
        import_id_fields = ("day",)

    def rows(self) -> SpecialDayQuerySet:
        """One calendar for every area."""
        return SpecialDay.objects.order_by("day")

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if row.kind == SpecialDay.Kind.WORK and is_workday(row.day):
            return {"day": f"{row.day} 不是周末，照常上班，不用写“调休上班”，请核对日期"}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="desk.keep_special_day")

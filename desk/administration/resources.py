"""The county's divisions, kept in a table by the system administrator."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts import services
from accounts.errors import Refusal
from accounts.models import Division, DivisionQuerySet
from desk.master_cells import Cell, Words
from desk.masterdata import MasterResource, Plan
from lib.divisions import level_of, parent_code
from lib.tables.reading import Row


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

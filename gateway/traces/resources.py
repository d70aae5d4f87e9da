"""The no-code list, kept in a table by the county's supervision."""

from collections.abc import Mapping
from typing import Any

from accounts.models import Division
from desk.master_cells import Cell, Day, Words, coded
from desk.master_pages import MasterPages
from desk.masterdata import MasterResource, Plan, put
from gateway.traces.models import NoCodeItem, NoCodeItemQuerySet


class NoCodeResource(MasterResource):
    kind = "gateway.no_code"
    noun = "无码药品"
    permission = "institutions.keep"
    hint = "名录由国家、省公布；停用的填停用日期，不要删除。"

    code = Cell("code", "医保编码", coded(30), required=True)
    name = Cell("name", "名称", Words(120), required=True)
    first_day = Cell("first_day", "启用日期", Day(), required=True)
    last_day = Cell("last_day", "停用日期", Day())

    class Meta:
        model = NoCodeItem
        import_id_fields = ("code", "first_day")

    def prepare(self) -> None:
        self.area = Division.objects.get(code=self.actor.county_code)

    def rows(self) -> NoCodeItemQuerySet:
        return NoCodeItem.objects.filter(area=self.area).order_by("code", "first_day")

    def blank(self) -> dict[str, Any]:
        return {"area": self.area}

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if row.last_day is not None and row.last_day < row.first_day:
            return {"last_day": f"停用日期不能早于启用日期 {row.first_day}"}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="gateway.keep_no_code_item")


NO_CODE_PAGES = MasterPages(
    NoCodeResource, "gateway", "no-code/load", "load_no_code", "gateway:no_code"
)

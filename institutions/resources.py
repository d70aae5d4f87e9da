"""Institutions, their people and the catalogues, kept in tables by the county's supervision."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.master_cells import Cell, Choice, Day, Known, Whole, Words, YesOrNo, Yuan, coded
from desk.masterdata import MasterResource, Plan, put
from institutions.categories import CATEGORY_NAMES
from institutions.keeping import add_items, begins_anew, keep_item
from institutions.models import (
    CatalogueItem,
    CatalogueQuerySet,
    Institution,
    InstitutionQuerySet,
    Level,
    Practitioner,
)
from lib.tables.reading import Row
from policies.terms import ORIGINS


class InstitutionResource(MasterResource):
    kind = "institutions.institutions"
    noun = "定点机构"
    permission = "institutions.keep"
    hint = "协议在机构建立后另行登记；没有有效协议的机构不能结算。"

    code = Cell("code", "机构代码", coded(12), required=True)
    name = Cell("name", "名称", Words(100), required=True)
    level = Cell("level", "级别", Choice(Level.choices), required=True)
    kind_of = Cell("kind", "类别", Choice(Institution.Kind.choices), required=True)
    division = Cell("division", "所在区划代码", Known("区划"), required=True)
    is_active = Cell("is_active", "执业中", YesOrNo(), required=True)
    beds = Cell("beds", "核定床位", Whole(0, 20_000), kept=True)

    class Meta:
        model = Institution
        import_id_fields = ("code",)

    def prepare(self) -> None:
        places = Division.objects.visible_to(self.actor)
        self.fields["division"].widget.rows = {place.code: place for place in places}

    def rows(self) -> InstitutionQuerySet:
        rows = Institution.objects.visible_to(self.actor).select_related("division")
        return rows.order_by("code")

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        """An institution's code holds its area's: its clerk is scoped by it (decision 0003)."""
        area = self.actor.county_code
        if row.code[1:7] != area:
            return {"code": f"机构代码第 2 至 7 位应是本统筹区代码 {area}"}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="institutions.keep_institution")


class PractitionerResource(MasterResource):
    kind = "institutions.practitioners"
    noun = "医师"
    permission = "institutions.keep"
    personal = True

    code = Cell("code", "医师代码", coded(20), required=True)
    name = Cell("name", "姓名", Words(40), required=True)
    institution = Cell("institution", "机构代码", Known("机构"), required=True)
    title = Cell("title", "职称", Words(20))

    class Meta:
        model = Practitioner
        import_id_fields = ("code",)

    def prepare(self) -> None:
        places = Institution.objects.visible_to(self.actor)
        self.fields["institution"].widget.rows = {place.code: place for place in places}

    def rows(self) -> ScopedQuerySet[Practitioner]:
        rows = Practitioner.objects.visible_to(self.actor).select_related("institution__division")
        return rows.order_by("institution__code", "code")

    def look(self, rows: Sequence[Row]) -> None:
        """A code may be somebody's elsewhere, whom the actor does not see."""
        codes = {row.cells["code"] for row in rows}
        self.taken = set(Practitioner.objects.filter(code__in=codes).values_list("code", flat=True))

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if was is None and row.code in self.taken:
            return {"code": f"医师代码 {row.code} 已由外地机构使用，请与医师本人核对"}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="institutions.keep_practitioner")


class CatalogueResource(MasterResource):
    """Three catalogues in one table. Of each code the latest row is compared with the file.

    What bills are priced by is dated: a change begins a new row and ends the old one the day
    before, since claims refer to what was in force. Only a name is mended in place.
    """

    kind = "institutions.catalogue"
    noun = "三个目录"
    permission = "institutions.keep"
    hint = "限价、支付类别等有变动的，启用日期填新标准执行的日期（明天或以后），旧的用到前一天。"
    max_rows = 10_000

    code = Cell("code", "编码", coded(30), required=True)
    name = Cell("name", "名称", Words(120), required=True)
    catalogue = Cell("catalogue", "目录", Choice(CatalogueItem.Catalogue.choices), required=True)
    category = Cell("category", "费用类别", Choice(CATEGORY_NAMES.items()), required=True)
    payment_class = Cell(
        "payment_class", "支付类别", Choice(CatalogueItem.PaymentClass.choices), required=True
    )
    unit = Cell("unit", "单位", Words(12), required=True)
    price_limit = Cell("price_limit", "限价", Yuan())
    is_traditional = Cell("is_traditional", "中医药", YesOrNo())
    is_essential = Cell("is_essential", "基本药物", YesOrNo())
    is_antibiotic = Cell("is_antibiotic", "抗菌药物", YesOrNo())
    origin = Cell("origin", "产地", Choice(ORIGINS.items()))
    first_day = Cell("first_day", "启用日期", Day(), required=True)
    last_day = Cell("last_day", "停用日期", Day())

    class Meta:
        model = CatalogueItem
        import_id_fields = ("code",)

    def prepare(self) -> None:
        self.area = Division.objects.get(code=self.actor.county_code)

    def rows(self) -> CatalogueQuerySet:
        """The latest row of every code: the one in force, or the one that will be."""
        items = CatalogueItem.objects.filter(area=self.area)
        latest = items.order_by("code", "-first_day").distinct("code").values("pk")
        return items.filter(pk__in=latest).order_by("catalogue", "code")

    def blank(self) -> dict[str, Any]:
        return {"area": self.area}

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if row.last_day is not None and row.last_day < row.first_day:
            return {"last_day": f"停用日期不能早于启用日期 {row.first_day}"}
        if was is None:
            return {}
        if begins_anew(row, was):
            return self._check_new_row(row, was)
        if row.first_day != was.first_day:
            return {"first_day": f"其他内容没有变动，启用日期请保持 {was.first_day}"}
        if row.last_day != was.last_day and row.last_day and row.last_day < self.on:
            return {"last_day": "停用日期不能早于今天，已经发生的结算不能改"}
        return {}

    def _check_new_row(self, row: Any, was: Any) -> Mapping[str, str]:
        """Nothing that may have been priced already is priced anew."""
        if was.first_day > self.on:  # not in force yet, nobody has used it; the eve stays covered
            kept = row.first_day == was.first_day
            told = f"这一项将从 {was.first_day} 启用，启用日期请保持不变"
        else:
            kept = row.first_day > max(self.on, was.first_day)
            told = "限价、支付类别等有变动，启用日期请填新标准执行的日期（明天或以后）"
        if not kept:
            return {"first_day": told}
        return {}

    def write(self, plan: Plan) -> None:
        add_items(plan, actor=self.actor)
        for line in plan.to_write:
            if line.was is not None:
                keep_item(line, actor=self.actor, on=self.on)

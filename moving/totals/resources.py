"""The old system's totals in a table, one row a place."""

from collections.abc import Mapping
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division
from desk.master_cells import Cell, Known, Whole, Words, Yuan
from desk.masterdata import MasterResource, Plan, Verdict
from lib.tables.writing import Sheet
from moving.totals.kinds import BY_KEY, KINDS
from moving.totals.models import ComparisonLine
from moving.totals.services import compare, faults, filled, missing

MAX_COUNT = 10_000_000


class TotalsResource(MasterResource):
    kind = "moving.totals"
    noun = "原系统合计表"
    permission = "moving.compare"
    rest = "一份表就是一项内容的全部合计"
    hint = (
        "没有填数量的行不读；与本系统不同的地方须写明差异说明；确认后成为一份待签认的移交核对表。"
    )

    place = Cell("place", "区划代码", Known("村、乡镇"), required=True)
    place_name = Cell("place_name", "名称", Words(80), readonly=True)
    theirs = Cell("theirs", "数量", Whole(0, MAX_COUNT), in_header=True)
    their_amount = Cell("their_amount", "金额", Yuan())
    note = Cell("note", "差异说明", Words(100))

    class Meta:
        model = ComparisonLine
        import_id_fields = ("place",)

    def prepare(self) -> None:
        self.area = Division.objects.get(code=self.actor.county_code)
        self.what = BY_KEY.get(self.options.get("kind", ""), KINDS[0])
        self.places = self.what.places(self.area)
        self.fields["place"].widget.rows = {one.code: one for one in self.places}
        self.counted = self.what.ours(self.area, self.on)

    def rows(self) -> Any:
        """Nothing is compared with rows: a table stands for itself."""
        return ComparisonLine.objects.none()

    def to_export(self) -> list[Any]:
        """The county with every township and village, to be filled in from the old system; ours is
        not in it."""
        places = Division.objects.filter(code__startswith=self.area.code).select_related("parent")
        levels = (Division.Level.COUNTY, Division.Level.TOWNSHIP, Division.Level.VILLAGE)
        rows = []
        for one in places.filter(level__in=levels).order_by("code"):
            row: Any = ComparisonLine(place=one)
            row.theirs, row.place_name = None, one.place
            rows.append(row)
        return rows

    def template(self) -> Sheet:
        return self.exported()

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        filled(self.what, instance, self.counted)
        instance.place_name = instance.place.place

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        """Rows of the template that were left empty, also of places of another kind."""
        self._was = None
        return instance.theirs is None and instance.their_amount is None and not instance.note

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if row.theirs is None:
            return {"theirs": "没有填写，请补上"}
        return faults(self.what, row)

    def plan(self, content: bytes) -> Plan:
        found = super().plan(content)
        named = [line.row.place.code for line in _lines(found)]
        if not found.is_refused and (words := missing(self.what, self.area, self.counted, named)):
            raise Refusal(words, "file")
        return found

    def write(self, plan: Plan) -> None:
        compare(
            actor=self.actor,
            area=self.area,
            kind=self.what.key,
            lines=[line.row for line in _lines(plan)],
            evidence=self.options["evidence"],
            reason=self.options["reason"],
            on=self.on,
        )


def _lines(plan: Plan) -> list[Any]:
    return [line for line in plan.lines if line.verdict == Verdict.NEW]

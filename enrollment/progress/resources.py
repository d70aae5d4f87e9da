"""Targets and cadres in the table that a township fills in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from accounts.templatetags.hezuo import mask_phone
from desk.master_cells import SHOWN, Cell, MasterWidget, Whole, Words
from desk.masterdata import MasterResource, Plan
from enrollment.cover.campaigns import NO_CAMPAIGN
from enrollment.cover.models import Campaign
from enrollment.progress.models import VillageTarget
from enrollment.progress.targets import (
    MAX_PEOPLE,
    PHONE,
    TargetEntry,
    places_with_targets,
    set_targets,
)
from lib import typed_text


class Place(MasterWidget):
    """A village or group by its code, or by its name in the column beside."""

    kind = "code"

    def __init__(self) -> None:
        self.by_code: Mapping[str, Division] = {}
        self.by_name: Mapping[str, Sequence[Division]] = {}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Division:
        code = typed_text.number(value)
        if code:
            found = self.by_code.get(code)
            if found is None:
                raise ValueError(f"本辖区没有代码为 {code[:14]} 的村组")
            return found
        name = row.get("村组", "")
        named = self.by_name.get(name, ())
        if len(named) != 1:
            why = "有几个同名村组，请填区划代码" if named else "本辖区没有这个村组"
            raise ValueError(f"“{name[:SHOWN]}”{why}")
        return named[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return getattr(value, "code", None)


class Phone(MasterWidget):
    kind = "code"

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        phone = typed_text.phone(value)
        if not phone or not PHONE.fullmatch(phone):
            raise ValueError("应为 11 位手机号或带区号的固定电话")
        return phone


class TargetResource(MasterResource):
    kind = "enrollment.targets"
    noun = "任务表"
    permission = "enrollment.set_targets"
    hint = "任务数留空的村按办法规定的参保率计算；联系电话留空的不改，导出的表里不带电话。"
    personal = True

    division = Cell("division", "区划代码", Place())
    place = Cell("division__name", "村组", Words(60), readonly=True)
    people = Cell("people", "任务数", Whole(1, MAX_PEOPLE), in_header=True)
    stationed_cadre = Cell("stationed_cadre", "驻村干部", Words(40))
    village_cadre = Cell("village_cadre", "村责任人", Words(40))
    phone = Cell("phone", "联系电话", Phone(), kept=True, mask=mask_phone)

    class Meta:
        model = VillageTarget
        import_id_fields = ("division",)

    def prepare(self) -> None:
        begun = Campaign.objects.begun(self.actor.county_code, self.on)
        campaign = begun.select_related("area").first()
        if campaign is None:
            raise Refusal(NO_CAMPAIGN)
        self.campaign = campaign
        self.places = list(places_with_targets(self.actor))
        widget = self.fields["division"].widget
        widget.by_code = {place.code: place for place in self.places}
        by_name: dict[str, list[Division]] = {}
        for place in self.places:
            by_name.setdefault(place.name, []).append(place)
        widget.by_name = by_name

    def rows(self) -> ScopedQuerySet[VillageTarget]:
        rows = VillageTarget.objects.visible_to(self.actor).filter(campaign=self.campaign)
        return rows.select_related("division").order_by("division__code")

    def to_export(self) -> Iterable[VillageTarget]:
        """Every village, and those groups that have a target of their own."""
        known = {row.division_id: row for row in self.rows()}
        return [
            known.get(place.pk) or VillageTarget(division=place)
            for place in self.places
            if place.level == Division.Level.VILLAGE or place.pk in known
        ]

    def blank(self) -> dict[str, Any]:
        return {"campaign": self.campaign}

    def refuse_columns(self, columns: frozenset[str]) -> None:
        if not columns & {"division", "division__name"}:
            told = f"表头缺少“区划代码”或“村组”列，请补上；{self.layout.advice}"
            raise Refusal(told, "file")

    def write(self, plan: Plan) -> None:
        set_targets(
            actor=self.actor,
            campaign=self.campaign,
            entries=[_entry(line.row) for line in plan.to_write],
        )


def _entry(row: VillageTarget) -> TargetEntry:
    return TargetEntry(
        division=row.division,
        people=row.people,
        stationed_cadre=row.stationed_cadre,
        village_cadre=row.village_cadre,
        phone=row.phone or None,
    )

"""What institutions call the items of the catalogue: sending, deciding, taking back, reading."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.errors import Refusal
from accounts.models import User
from accounts.new_rows import insert
from desk.changes import all_or_nothing
from desk.kept import Kept, among, given
from institutions.models import (
    CatalogueItem,
    Institution,
)
from institutions.sent_models import CodeMapping
from institutions.workflow import MAPPINGS

Kind = CodeMapping.Kind
Status = CodeMapping.Status
# No norm: a hospital's whole list comes in some dozen messages; a page shows what is decided at
# once.
MAX_AT_ONCE = 500
DRUG_KINDS = frozenset(Kind) - {Kind.SERVICE, Kind.MATERIAL, Kind.OTHER}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One own code as an institution sends it. `last_day`: None where it goes on; `details`:
    (title, text) of what else it says of the item."""

    own_code: str
    own_name: str
    kind: str
    code: str
    first_day: date
    last_day: date | None = None
    details: Sequence[tuple[str, str]] = ()

    def same_as(self, row: CodeMapping) -> bool:
        """Whether the row says it already."""
        own = (self.own_name, self.kind, self.code, self.first_day, self.last_day)
        return own == (row.own_name, row.kind, row.code, row.first_day, row.last_day)

    def shares_days_with(self, row: CodeMapping) -> bool:
        """Whether both mean something on one day."""
        return self.first_day <= (row.last_day or date.max) and row.first_day <= (
            self.last_day or date.max
        )


def _meant() -> QuerySet[CodeMapping]:
    rows = CodeMapping.objects.holding(given("day")).filter(institution=given("institution"))
    return rows.filter(among("own_code", given("codes")))


MEANT = Kept(_meant)


def codes_meant(institution: Institution, own_codes: Iterable[str], day: date) -> dict[str, str]:
    """Own code → catalogue code, of those that the county agreed to and that mean something on the
    day. One statement."""
    rows = MEANT(institution=institution.pk, codes=sorted(set(own_codes)), day=day)
    return {row.own_code: row.code for row in rows}


Own = tuple[int, str, date]  # institution, its own code, a day


def codes_meant_by(wanted: Iterable[Own]) -> dict[Own, str]:
    """The same of several institutions and days at once: one statement, none where nothing is
    wanted."""
    every = set(wanted)
    if not every:
        return {}
    rows = CodeMapping.objects.exclude(decided_by=None).filter(
        institution__in={institution for institution, _, _ in every},
        own_code__in={own_code for _, own_code, _ in every},
        status__in=[Status.AGREED, Status.WITHDRAWN],
    )
    by_code: dict[tuple[int, str], list[CodeMapping]] = {}
    for row in rows.order_by("pk"):
        by_code.setdefault((row.institution_id, row.own_code), []).append(row)
    found = {}
    for institution, own_code, day in every:
        for row in by_code.get((institution, own_code), ()):
            if row.means_on(day):
                found[institution, own_code, day] = row.code
    return found


def own_institution(actor: User) -> Institution:
    """The institution for which the account works. Raises Refusal when it is none's."""
    found = Institution.objects.visible_to(actor).filter(code=actor.institution_code)
    institution = found.select_related("division").first() if actor.institution_code else None
    if institution is None:
        raise Refusal("您的账号没有对应的定点机构，请与系统管理员联系")
    return institution


@all_or_nothing()
def propose_mappings(*, actor: User, sent: Sequence[Sent]) -> list[CodeMapping]:
    """Put forward what the actor's institution calls items; the county agrees or does not.

    What stands there already as it is sent is left alone; the rows that are new. Six statements
    however many. Raises Refusal at ("mappings", place, field); nothing is written then.
    """
    if not actor.may("institutions.map_codes"):
        raise Refusal("目录对照由定点机构提交")
    if len(sent) > MAX_AT_ONCE:
        raise Refusal(f"一次最多提交 {MAX_AT_ONCE} 条对照，请分次提交")
    institution = own_institution(actor)
    # Two messages of one institution come one after the other: the second sees what the first did.
    Institution.objects.select_for_update(no_key=True, of=("self",)).get(pk=institution.pk)
    known = known_codes(institution, (one.code for one in sent))
    live: dict[str, list[CodeMapping]] = {}
    rows = CodeMapping.objects.live().filter(institution=institution)
    for row in rows.filter(own_code__in={one.own_code for one in sent}):
        live.setdefault(row.own_code, []).append(row)
    new = []
    for place, one in enumerate(sent):
        if wrong := wrong_with(one, known):
            raise Refusal(wrong[1], at=("mappings", place, wrong[0]))
        beside = live.setdefault(one.own_code, [])
        if any(one.same_as(row) for row in beside):
            continue
        _refuse_beside(one, beside, place)
        row = MAPPINGS.begun(_row(one, institution, actor), "propose_mapping")
        beside.append(row)
        new.append(row)
    CodeMapping.objects.bulk_create(new)
    insert([MAPPINGS.line(row, "propose_mapping", actor=actor) for row in new])
    return new


def _row(one: Sent, institution: Institution, actor: User) -> CodeMapping:
    return CodeMapping(
        institution=institution,
        own_code=one.own_code,
        own_name=one.own_name,
        kind=one.kind,
        code=one.code,
        first_day=one.first_day,
        last_day=one.last_day,
        details=[list(pair) for pair in one.details],
        proposed_by=actor,
    )


Known = Mapping[str, tuple[bool, date]]


def known_codes(institution: Institution, codes: Iterable[str]) -> Known:
    """Code → whether it is a drug and until when the county's catalogue has it. One statement."""
    area = institution.division.county_code
    items = CatalogueItem.objects.filter(area__code=area, code__in=set(codes))
    found = items.order_by("first_day").values_list("code", "catalogue", "last_day")
    return {code: (catalogue == "drug", last or date.max) for code, catalogue, last in found}


def wrong_with(one: Sent, known: Known) -> tuple[str, str] | None:
    """(input, what is wrong with it), by itself; None where nothing is."""
    if one.kind not in Kind.values:
        return "kind", "没有这种目录类别，请核对"
    if one.last_day is not None and one.last_day < one.first_day:
        return "last_day", "停用日期早于启用日期，请核对"
    if one.code not in known:
        return "code", f"本统筹区目录没有编码 {one.code}，请先下载目录核对；目录外的项目不用对照"
    is_drug, until = known[one.code]
    if until < one.first_day:
        return "code", f"编码 {one.code} 已于 {until} 停用，请对照现行编码"
    if one.kind != Kind.OTHER and is_drug != (one.kind in DRUG_KINDS):
        said = "药品" if is_drug else "诊疗项目、设施或耗材"
        return "kind", f"编码 {one.code} 在目录中是{said}，与目录类别不符"
    return None


def _refuse_beside(one: Sent, beside: Sequence[CodeMapping], place: int) -> None:
    """An own code means one thing on a day, and waits for one decision at a time."""
    for row in beside:
        if row.status == Status.PROPOSED or one.shares_days_with(row):
            raise Refusal(
                f"机构编码 {one.own_code} 已对照 {row.code}（{row.get_status_display()}），"
                "要改的请先撤销原来的对照",
                at=("mappings", place, "own_code"),
            )


@all_or_nothing()
def withdraw_mapping(
    *, actor: User, own_code: str, kind: str, code: str, on: date
) -> list[CodeMapping]:
    """Take back what the actor's institution sent, whether it was agreed to or not: from `on` it
    means nothing any more; bills of earlier days keep what it meant. Raises Refusal."""
    institution = own_institution(actor)
    rows = CodeMapping.objects.live().filter(institution=institution, own_code=own_code)
    found = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    meant = [row for row in found if (row.kind, row.code) == (kind, code)]
    if not meant:
        told = "、".join(row.code for row in found)
        raise Refusal(
            f"机构编码 {own_code} 对照的是 {told}，请核对" if told
            else f"机构编码 {own_code} 没有可撤销的对照，请核对",
            at=("code" if told else "own_code",),
        )  # fmt: skip
    return [MAPPINGS.take(row, "withdraw_mapping", actor=actor, withdrawn_on=on) for row in meant]


DECISIONS = ("agree_mapping", "refuse_mapping", "end_mapping", "withdraw_mapping")
ENDING = ("end_mapping", "withdraw_mapping")


@all_or_nothing()
def decide_mappings(
    *, actor: User, mappings: Sequence[int], event: str, on: date, reason: str = ""
) -> list[CodeMapping]:
    """Agree to several, refuse them, end what was agreed to, or take back what one's own
    institution sent (`DECISIONS`), all or none."""
    if not mappings:
        raise Refusal("请先勾选对照")
    if event not in DECISIONS:
        raise ValueError(event)
    rows = CodeMapping.objects.visible_to(actor).filter(pk__in=mappings).order_by("pk")
    found = list(
        rows.select_related("institution__division").select_for_update(no_key=True, of=("self",))
    )
    if len(found) != len(set(mappings)):
        raise Refusal("有的对照已经看不到了，请刷新后再办")
    columns = {"withdrawn_on": on} if event in ENDING else {}
    before = {row.pk: row.status for row in found}
    kept = MAPPINGS.take_many(found, event, actor=actor, reason=reason, **columns)
    if kept:
        CodeMapping.objects.filter(pk__in=before).update(decision=kept)
    insert(
        [
            MAPPINGS.line(row, event, actor=actor, before={"status": before[row.pk]}, reason=kept)
            for row in found
        ]
    )
    return found

"""Reading what the old system settled, computing it anew, and the two who read what differs."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.carried.models import OldFile, OldRow, OldSettlement, Recount
from claims.carried.old_columns import FIXED, MAX_BYTES, REQUIRED
from claims.carried.old_reading import judge_old
from claims.carried.old_workflow import ACTS, FLOW
from desk.changes import all_or_nothing
from desk.importing import Importing
from desk.jobs import Tell, start
from desk.workflow import same_hand
from enrollment.models import Enrollment
from lib.batches import chunked
from lib.money import to_yuan
from lib.tables.layout import Layout
from policies.services import Measures

# What every county's table has; its measures add columns when the file is read.
LAYOUT = Layout(FIXED, REQUIRED, max_rows=200_000, max_bytes=MAX_BYTES)
WRITTEN = (OldRow.Verdict.NEW, OldRow.Verdict.CHANGED)
TOGETHER = 2000


class _OldFiles(Importing[OldFile]):
    model = OldFile
    acts = ACTS
    flow = FLOW
    same = ("area",)
    table = LAYOUT

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        """`about`: which `kind` it is and the `system` it is from."""
        area = actor.division
        if area is None or area.level != Division.Level.COUNTY:
            raise Refusal("原系统结算由县经办中心读入")
        Measures.on(area_code=area.code, day=on)
        return {"area": area, "kind": about["kind"], "system": about["system"], "upto": on}

    def judge(self, upload: OldFile, on: date) -> Mapping[str, Any]:
        return judge_old(upload, on)

    def ready(self, upload: OldFile, actor: User, on: date) -> None:
        if not upload.new_count + upload.changed_count:
            raise Refusal("没有新的或更正的结算，不必读入，请放弃这份文件")

    def write(self, upload: OldFile, tell: Tell) -> None:
        """In portions; what is in already is left out, so that a dead worker's work goes on."""
        rows = OldRow.objects.filter(file=upload, verdict__in=WRITTEN).order_by("pk")
        keys = list(rows.values_list("pk", flat=True))
        for at, some in enumerate(chunked(keys, TOGETHER)):
            _write(upload, some)
            tell(min(99, 100 * (at + 1) * TOGETHER // max(1, len(keys))), "正在读入")
        with all_or_nothing():
            held = self.flow.lock(upload.pk)
            self.flow.take(
                held, self.acts.applied, actor=upload.confirmed_by, percent=100, stage="",
                finished_at=timezone.now(), content="",
            )  # fmt: skip
            if held.kind == OldFile.Kind.PARALLEL and upload.confirmed_by is not None:
                year = held.settlements.values_list("policy_year", flat=True).first()
                ask_recount(
                    actor=upload.confirmed_by, area=held.area, year=year or held.upto.year,
                    day=held.upto,
                )  # fmt: skip

    def clear(self, upload: OldFile) -> dict[str, Any]:
        OldRow.objects.filter(file=upload).delete()
        return {}


@all_or_nothing()
def _write(upload: OldFile, keys: list[int]) -> None:
    rows = list(OldRow.objects.filter(pk__in=keys).select_related("cover").order_by("pk"))
    numbers = [row.number for row in rows]
    live = OldSettlement.objects.live().filter(area=upload.area, number__in=numbers)
    done = set(live.filter(file=upload).values_list("number", flat=True))
    live.exclude(file=upload).update(is_live=False)
    OldSettlement.objects.bulk_create(
        _settlement(upload, row) for row in rows if row.number not in done
    )


def _settlement(upload: OldFile, row: OldRow) -> OldSettlement:
    columns, cover = row.facts["columns"], row.cover
    assert cover is not None
    days = {name: date.fromisoformat(columns[name]) for name in ("starts", "ends", "settled_on")}
    return OldSettlement(
        file=upload, area_id=upload.area_id, number=row.number, person_id=cover.person_id,
        cover=cover, division_id=cover.division_id, policy_year=row.facts["year"],
        institution_id=columns["institution"], institution_name=columns["institution_name"],
        care=columns["care"], invoice_number=columns["invoice_number"],
        total_amount=to_yuan(columns["total"]), fund_amount=to_yuan(columns["fund"]),
        facts=row.facts["facts"], **days,
    )  # fmt: skip


OLD_FILES = _OldFiles()


@all_or_nothing()
def ask_recount(*, actor: User, area: Division, year: int, day: date | None = None) -> Recount:
    """Have what was read of the year computed by our measures. Raises Refusal without any."""
    rows = OldSettlement.objects.live().filter(area=area, policy_year=year)
    if not rows.exists():
        raise Refusal(f"还没有读入 {year} 年度的原系统结算", "year")
    Division.objects.select_for_update(no_key=True).get(pk=area.pk)
    waiting = Recount.objects.unfinished().filter(area=area, policy_year=year, day=day).first()
    if waiting is not None:
        return waiting
    row = Recount.objects.create(area=area, policy_year=year, day=day, requested_by=actor)
    record(actor=actor, action="claims.recount_old", subject=row, after={"year": year})
    start(row)
    return row


@all_or_nothing()
def sign_recount(*, actor: User, recount: Recount) -> Recount:
    """Somebody has read what differs and answers for it; the second must be another person."""
    row = Recount.objects.select_for_update(no_key=True).get(pk=recount.pk)
    if row.status != Recount.Status.DONE:
        raise Refusal("还没有算完，不能签字")
    if row.signed_by_id is not None:
        raise Refusal("两人都已签字")
    if wrong := same_hand(actor, [row.read_by_id], ["两次签字"], "签字"):
        raise Refusal(wrong)
    now = timezone.now()
    if row.read_by_id is None:
        row.read_by, row.read_at, action = actor, now, "claims.read_recount"
    else:
        row.signed_by, row.signed_at, action = actor, now, "claims.sign_recount"
    row.save(update_fields=["read_by", "read_at", "signed_by", "signed_at"])
    told = {"differing": row.differing, "claims": row.claims}
    record(actor=actor, action=action, subject=row, after=told)
    return row


def covers_of(olds: Any) -> Any:
    """The covers under which they were settled, with what the engine asks of each."""
    rows = Enrollment.objects.filter(pk__in=olds.order_by().values("cover"))
    return rows.select_related("person", "household")

"""Step two: what the check found right is written, batch by batch of whole households.

Each batch is one transaction that also moves the register's cursor, so a killed import goes on
where it stopped and writes nothing twice. What a window did since the check is seen again under
lock; a household that no longer fits is held back and told.
"""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from desk.changes import NotTakenError, one_try
from desk.jobs import Tell
from enrollment.collection.guards import end_run
from enrollment.cover.enrolling import Season
from enrollment.rosters.models import RegisterHousehold, RegisterImport
from enrollment.rosters.rechecks import Staged, hold, hold_back_changed, lock
from enrollment.rosters.workflow import ACTS, FLOW
from enrollment.rosters.writing import write
from policies.services import Measures

BATCH = 500  # households: some 1 500 people, a fraction of a second for a waiting window
REFUSED = "与系统中的登记冲突，本户未导入，请在窗口核对后办理"
logger = logging.getLogger("hezuo.registers")


def run_key(register_id: int) -> str:
    """How collection knows that this roster still writes receipts (ReceiptRun.key)."""
    return f"roster:{register_id}"


def apply_register(register_id: int, tell: Tell) -> None:
    """Write a confirmed register to its end, from wherever its cursor stands."""
    while (written := _apply_batch(register_id)) is not None:
        tell(*written)


def _apply_batch(register_id: int) -> tuple[int, str] | None:
    """One batch; how far it is then.

    Where a window was a moment earlier, look again; where that does not help, go household by
    household and hold back the one that the database refuses.
    """
    for size in (BATCH, BATCH, 20, 1):
        try:
            with one_try():
                return _write_batch(register_id, size)
        except NotTakenError:
            logger.warning("register %s: a batch of %s was refused", register_id, size)
    with transaction.atomic():
        return _write_batch(register_id, 1, refused=True)


def _write_batch(register_id: int, size: int, *, refused: bool = False) -> tuple[int, str] | None:
    """The next `size` households. `refused`: hold them back instead. None: nothing is left."""
    register = (
        # The roster before its households: a second worker waits here and finds the batch written.
        RegisterImport.objects.select_for_update(no_key=True, of=("self",))
        .select_related("township", "requested_by", "campaign__area", "pack")
        .defer("content")
        .filter(pk=register_id, status=RegisterImport.Status.APPLYING)
        .first()
    )
    if register is None:
        return None
    day, pack = register.confirmed_on, register.pack
    if day is None or (pack is None and not register.is_carried):
        raise ValueError("an applying register was checked and confirmed")
    last, batch = _next_batch(register, size)
    if last is None:
        _finish(register)
        return None
    if batch:
        season = None
        if pack is not None and register.campaign is not None:
            season = Season(register.campaign, Measures.of(pack))
        lock(register, batch)
        if refused:
            hold(register, [one.seq for one in batch], REFUSED)
        else:
            write(register, season, hold_back_changed(register, season, batch, day), day)
    register.applied_through = last
    register.save(update_fields=[*PROGRESS])
    return 100 * last // max(register.household_count, 1), (
        f"正在导入：已处理 {last} / {register.household_count} 户，"
        + (
            f"新登记 {register.new_people} 人"
            if register.is_carried
            else f"新参保 {register.new_enrollments} 人次"
        )
    )


PROGRESS = (
    "applied_through", "new_households", "new_people", "new_enrollments", "held_households",
)  # fmt: skip


def _finish(register: RegisterImport) -> None:
    end_run(run_key(register.pk))
    FLOW.take(
        register,
        ACTS.applied,
        actor=register.requested_by,
        beside={name: getattr(register, name) for name in PROGRESS},
        finished_at=timezone.now(),
        percent=100,
        stage="",
    )


def _next_batch(register: RegisterImport, size: int) -> tuple[int | None, Sequence[Staged]]:
    """The last household of the batch (None: there are no more), and those to be written."""
    rows = list(
        RegisterHousehold.objects.filter(register=register, seq__gt=register.applied_through)
        .order_by("seq")
        .values_list(
            "seq",
            "household_id",
            "division_id",
            "division__code",
            "receipt_book_id",
            "wrong",
            "idle",
        )[:size]
    )
    open_ones = [Staged(*row[:5]) for row in rows if not row[5] and not row[6]]
    return (rows[-1][0] if rows else None), open_ones

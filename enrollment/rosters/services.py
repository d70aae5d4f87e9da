"""What a clerk does with a register: upload, confirm, have it checked again, give it up."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from enrollment.collection.guards import begin_run, refuse_closed_day
from enrollment.cover.enrolling import season_on
from enrollment.rosters.confirming import run_key
from enrollment.rosters.models import RegisterHousehold, RegisterImport, RegisterRow

MAX_BYTES = 20 * 1024 * 1024
KEPT_DAYS = 30
TOLD = (
    "township_id", "campaign_id", "status", "file_name", "file_size", "sha256", "row_count",
    "error_count", "open_households", "open_people", "open_amount",
)  # fmt: skip
Status = RegisterImport.Status


def too_large() -> str:
    """What to say about a file beyond MAX_BYTES."""
    return f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请按村分成几个文件上传"


@dataclass(frozen=True)
class Upload:
    """`again`: the same file was here before; nothing new was kept."""

    register: RegisterImport
    again: bool


def _work(register_id: int) -> None:
    """Tell a worker. Should the broker be gone, the periodic task finds the row."""
    from enrollment.rosters.tasks import work_on_register

    transaction.on_commit(lambda: work_on_register.delay(register_id), robust=True)


@all_or_nothing()
def upload_register(*, actor: User, file_name: str, content: bytes, on: date) -> Upload:
    """Keep a township's file, sealed, and have it checked. Raises Refusal."""
    township = actor.division
    if township is None or township.level != Division.Level.TOWNSHIP:
        raise Refusal("名册由乡镇经办上传")
    if not content:
        raise Refusal("文件是空的，请重新选择", "file")
    if len(content) > MAX_BYTES:
        raise Refusal(too_large(), "file")
    season = season_on(area_code=township.county_code, day=on)
    sha256 = hashlib.sha256(content).hexdigest()
    Division.objects.select_for_update(no_key=True).get(pk=township.pk)
    earlier = (
        RegisterImport.objects.filter(township=township, campaign=season.campaign, sha256=sha256)
        .exclude(status__in=[Status.REFUSED, Status.DISCARDED])
        .first()
    )
    if earlier is not None:
        return Upload(earlier, again=True)
    register = RegisterImport.objects.create(
        township=township,
        campaign=season.campaign,
        uploaded_by=actor,
        uploaded_on=on,
        file_name=file_name[-120:],
        file_size=len(content),
        sha256=sha256,
        content=base64.b64encode(content).decode(),
    )
    record(
        actor=actor,
        action="enrollment.upload_register",
        subject=register,
        division_code=township.code,
        after=snapshot(register, TOLD),
    )
    _work(register.pk)
    return Upload(register, again=False)


def _locked(register: RegisterImport, *statuses: str) -> RegisterImport:
    locked = (
        RegisterImport.objects.select_for_update(no_key=True, of=("self",))
        .select_related("township")
        .defer("content", "assessments")
        .get(pk=register.pk)
    )
    if locked.status not in statuses:
        raise Refusal(f"这份名册{locked.get_status_display()}，不能再办理，请刷新页面")
    return locked


@all_or_nothing()
def confirm_register(*, actor: User, register: RegisterImport, sha256: str, on: date) -> None:
    """Let everything that the check found right be written. Bound to the file's fingerprint.

    Raises Refusal when another file is meant, when the measures or the campaign have changed
    since the check, or for anybody but the uploader: receipts and cash are on that name.
    """
    register = _locked(register, Status.CHECKED)
    if register.sha256 != sha256:
        raise Refusal("确认的不是这份文件，请刷新页面后重新核对")
    if register.uploaded_by_id != actor.pk:
        raise Refusal("名册由上传人本人确认，收据和现金记在其名下")
    if not register.open_households:
        raise Refusal("没有可以导入的户：请按判定表更正后重新上传")
    season = season_on(area_code=register.township.county_code, day=on)
    if (season.campaign.pk, season.pack.pk) != (register.campaign_id, register.pack_id):
        raise Refusal("检查之后缴费期或政策办法已变，请先点“重新检查”")
    # A waiting period counts from the day of enrolment.
    if on != register.checked_on and (
        RegisterRow.objects.filter(register=register, cover_first_day__isnull=False).exists()
    ):
        raise Refusal("名册中有断保人员，等待期按今天重算：请先点“重新检查”")
    begin_run(clerk=actor, key=run_key(register.pk), on=on)  # first: it locks the books
    if RegisterHousehold.objects.filter(
        register=register, receipt_number__isnull=False, wrong=False
    ).exists():
        refuse_closed_day(actor, on)
    register.status = Status.APPLYING
    register.confirmed_at, register.confirmed_on = timezone.now(), on
    register.save(update_fields=["status", "confirmed_at", "confirmed_on"])
    record(
        actor=actor,
        action="enrollment.confirm_register",
        subject=register,
        division_code=register.township.code,
        after=snapshot(register, TOLD),
    )
    _work(register.pk)


@all_or_nothing()
def check_again(*, actor: User, register: RegisterImport) -> None:
    """Judge the same file anew, e.g. after people were enrolled at the window."""
    register = _locked(register, Status.CHECKED)
    if register.forgotten:
        raise Refusal("文件已按期清除，请重新上传")
    register.status = Status.WAITING
    register.save(update_fields=["status"])
    record(
        actor=actor,
        action="enrollment.check_register_again",
        subject=register,
        division_code=register.township.code,
    )
    _work(register.pk)


@all_or_nothing()
def discard_register(*, actor: User, register: RegisterImport) -> None:
    """Give an unconfirmed register up: file and staged rows go, the fact that it was stays."""
    register = _locked(register, Status.CHECKED, Status.WAITING)
    register.status = Status.DISCARDED
    register.save(update_fields=["status"])
    _forget(register.pk)
    record(
        actor=actor,
        action="enrollment.discard_register",
        subject=register,
        division_code=register.township.code,
        after=snapshot(register, TOLD),
    )


def forget_registers(*, on: date) -> int:
    """Remove files and staged rows that nobody needs any more. Returns how many registers."""
    before = timezone.make_aware(datetime.combine(on - timedelta(days=KEPT_DAYS), time()))
    done = list(RegisterImport.objects.done_with(before).values_list("pk", flat=True))
    for pk in done:
        with transaction.atomic():
            _forget(pk)
    return len(done)


def _forget(register_id: int) -> None:
    RegisterRow.objects.filter(register=register_id).delete()
    RegisterHousehold.objects.filter(register=register_id).delete()
    RegisterImport.objects.filter(pk=register_id).update(content="", forgotten=True, assessments=[])

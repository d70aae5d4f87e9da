"""What a clerk does with a register: upload, confirm, have it checked again, give it up."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.importing import Importing
from desk.jobs import Tell
from enrollment.collection.guards import begin_run, refuse_closed_day
from enrollment.cover.enrolling import season_on
from enrollment.rosters.columns import REGISTER
from enrollment.rosters.confirming import apply_register, run_key
from enrollment.rosters.models import RegisterHousehold, RegisterImport, RegisterRow
from enrollment.rosters.staging import judge_register
from enrollment.rosters.workflow import ACTS, FLOW


class _Registers(Importing[RegisterImport]):
    model = RegisterImport
    acts = ACTS
    flow = FLOW
    same = ("township", "campaign")
    table = REGISTER

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        township = actor.division
        if township is None or township.level != Division.Level.TOWNSHIP:
            raise Refusal("名册由乡镇经办上传")
        if about.get("carried"):
            return {"township": township, "campaign": None}
        try:
            season = season_on(area_code=township.county_code, day=on)
        except Refusal as refused:
            raise Refusal(f"{refused.message}；原系统的名册请勾选“原系统转入”") from None
        return {"township": township, "campaign": season.campaign}

    def judge(self, upload: RegisterImport, on: date) -> Mapping[str, Any]:
        return judge_register(upload, on)

    def ready(self, upload: RegisterImport, actor: User, on: date) -> None:
        """Refuses when measures or campaign have changed since the check."""
        if not upload.open_households:
            raise Refusal("没有可以导入的户：请按判定表更正后重新上传")
        if upload.is_carried:
            return
        season = season_on(area_code=upload.township.county_code, day=on)
        if (season.campaign.pk, season.measures.pack.pk) != (upload.campaign_id, upload.pack_id):
            raise Refusal("检查之后缴费期或政策办法已变，请先点“重新检查”")
        # A waiting period counts from the day of enrolment.
        waits = RegisterRow.objects.filter(register=upload, cover_first_day__isnull=False)
        if on != upload.checked_on and waits.exists():
            raise Refusal("名册中有断保人员，等待期按今天重算：请先点“重新检查”")
        begin_run(clerk=actor, key=run_key(upload.pk), on=on)  # first: it locks the books
        receipts = RegisterHousehold.objects.filter(register=upload, receipt_number__isnull=False)
        if receipts.filter(wrong=False).exists():
            refuse_closed_day(actor, on)

    def write(self, upload: RegisterImport, tell: Tell) -> None:
        apply_register(upload.pk, tell)

    def clear(self, upload: RegisterImport) -> dict[str, Any]:
        RegisterRow.objects.filter(register=upload).delete()
        RegisterHousehold.objects.filter(register=upload).delete()
        return {"assessments": []}


REGISTERS = _Registers()

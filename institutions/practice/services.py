"""Writes about where a practitioner works besides his own institution."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from institutions.looked_up import named_like, one_named
from institutions.models import Institution, Practitioner
from institutions.practice.models import PracticePlace
from institutions.practice.workflow import PLACES
from lib.typed_text import figure


@all_or_nothing()
def propose_place(
    *,
    actor: User,
    code: str,
    institution: Institution,
    first_day: date,
    last_day: date,
    evidence: str,
    reason: str,
    on: date,
) -> PracticePlace:
    """Put forward that the practitioner of the code works at this institution of the actor's
    county too. He may be registered in another county. Raises Refusal at the input."""
    mine = Practitioner.objects.visible_to(actor)
    who = Practitioner.objects.filter(code__iexact=figure(code)).first()
    if who is None and named_like(mine, code):
        who = one_named(mine, code, "医师", "code")
    if who is None:
        raise Refusal("没有登记这个医师代码，请先在其主要执业机构登记", at=("code",))
    if not Institution.objects.visible_to(actor).filter(pk=institution.pk).exists():
        raise Refusal("本县没有登记这家机构，请核对", at=("institution",))
    if who.institution_id == institution.pk:
        raise Refusal(
            f"{institution.name}是{who.name}的主要执业机构，不用备案", at=("institution",)
        )
    if last_day < first_day:
        raise Refusal(f"截止日期不能早于起始日期 {first_day}", at=("last_day",))
    _refuse_beyond(who, last_day)
    return PLACES.propose(
        Asked(actor, on, evidence, reason, paper="备案号"),
        practitioner=who,
        institution=institution,
        first_day=first_day,
        last_day=last_day,
    )


@all_or_nothing()
def decide_place(
    *, actor: User, row: PracticePlace, event: str, on: date, reason: str = ""
) -> PracticePlace:
    """Agree, refuse or take back."""
    row = PLACES.lock(row.pk)
    if event == "approve_practice_place":
        _refuse_beyond(row.practitioner, row.last_day)
    return PLACES.decided(row, event, actor=actor, on=on, reason=reason)


def _refuse_beyond(who: Practitioner, last_day: date) -> None:
    """His registration may have been given another term since it was put forward."""
    if who.licence_until is not None and last_day > who.licence_until:
        raise Refusal(f"截止日期不能晚于其执业注册的有效期 {who.licence_until}", at=("last_day",))

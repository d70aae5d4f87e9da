"""Writes about agreements: signing, stopping, ending, taking up again; each by two people."""

from collections.abc import Collection, Mapping
from datetime import date

from accounts.errors import Place, Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from institutions.agreements.models import AgreementStep, Signing
from institutions.agreements.workflow import SIGNINGS, STEPS
from institutions.models import Agreement, Institution

State = AgreementStep.State
# An agreement is for a year as a rule (国家医疗保障局令第2号); no norm says how long at the most.
MAX_YEARS = 3


@all_or_nothing()
def propose_signing(
    *,
    actor: User,
    institution: Institution,
    number: str,
    first_day: date,
    last_day: date,
    terms: Mapping[str, int],
    evidence: str,
    reason: str,
    on: date,
) -> Signing:
    """Put forward an agreement with an institution of the actor's county. Raises Refusal at the
    input."""
    if not Institution.objects.visible_to(actor).filter(pk=institution.pk).exists():
        raise Refusal("本县没有登记这家机构，请核对")
    if not institution.is_active:
        raise Refusal(f"{institution.name}已停业，不能签订协议")
    _check_term(first_day, last_day)
    number = number.strip()
    _check_new(institution, number, first_day, last_day)
    return SIGNINGS.propose(
        Asked(actor, on, evidence, reason, paper="协议文本"),
        institution=institution,
        number=number,
        first_day=first_day,
        last_day=last_day,
        terms=dict(terms),
    )


def _check_term(first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise Refusal(f"截止日期不能早于起始日期 {first_day}", at=("last_day",))
    if last_day.year - first_day.year >= MAX_YEARS:
        raise Refusal(
            f"协议期不超过 {MAX_YEARS} 年，请核对截止日期（一般为一年）", at=("last_day",)
        )


def _check_new(institution: Institution, number: str, first_day: date, last_day: date) -> None:
    """The number is nobody else's, and no other agreement of the institution runs meanwhile."""
    waiting = Signing.objects.filter(number=number, status=Signing.Status.PROPOSED)
    if not number:
        raise Refusal("请填写协议编号", at=("number",))
    if (
        Agreement.objects.filter(number=number).exists()
        or waiting.exclude(institution=institution).exists()
    ):
        raise Refusal(f"协议编号 {number} 已经使用，请核对", at=("number",))
    beside = _running(institution.pk, first_day, last_day)
    if beside:
        one = beside[0]
        raise Refusal(
            f"与协议 {one.number}（{one.first_day} 至 {one.last_day}）的协议期重叠，请改起始日期",
            at=("first_day",),
        )


def _running(institution: int, first_day: date, last_day: date, but: int = 0) -> list[Agreement]:
    """Agreements of the institution that run on some of the days and were not ended before."""
    rows = Agreement.objects.filter(
        institution=institution, first_day__lte=last_day, last_day__gte=first_day
    ).exclude(pk=but)
    return [
        one
        for one in rows.with_steps().order_by("first_day")
        if one.state_on(max(first_day, one.first_day)) != Agreement.Status.ENDED
    ]


@all_or_nothing()
def decide_signing(*, actor: User, row: Signing, event: str, on: date, reason: str = "") -> Signing:
    """Agree, refuse or take back. What is agreed to is an agreement from that moment."""
    # Of two agreements of an institution that are agreed to at once the second sees the first.
    Institution.objects.select_for_update(no_key=True).get(pk=row.institution_id)
    row = SIGNINGS.lock(row.pk)
    if event == "approve_signing":
        _check_new(row.institution, row.number, row.first_day, row.last_day)
    done = SIGNINGS.decided(row, event, actor=actor, on=on, reason=reason)
    if event == "approve_signing":
        Agreement.objects.create(
            institution=row.institution,
            number=row.number,
            first_day=row.first_day,
            last_day=row.last_day,
            terms=row.terms,
            signing=row,
        )
    return done


@all_or_nothing()
def approve_signings(*, actor: User, signings: Collection[int], on: date) -> list[Signing]:
    """Agree to several, all of them or none, in the order of the institutions' keys."""
    if not signings:
        raise Refusal("请先勾选协议")
    rows = Signing.objects.visible_to(actor).filter(pk__in=signings).order_by("institution_id")
    return [
        decide_signing(actor=actor, row=row, event="approve_signing", on=on)
        for row in rows.select_related("institution")
    ]


@all_or_nothing()
def propose_renewals(
    *,
    actor: User,
    agreements: Collection[int],
    series: str,
    first_day: date,
    last_day: date,
    evidence: str,
    reason: str,
    on: date,
) -> list[Signing]:
    """Put forward the next agreement of each of these, with the terms of the one that runs; its
    number is `series` with the institution's code behind. All of them or none."""
    if not agreements:
        raise Refusal("请先勾选要续签的协议")
    rows = (
        Agreement.objects.visible_to(actor)
        .filter(pk__in=agreements)
        .select_related("institution__division")
        .order_by("institution__code")
    )
    return [
        propose_signing(
            actor=actor, institution=one.institution,
            number=f"{series.strip()}{one.institution.code}", first_day=first_day,
            last_day=last_day, terms=one.terms, evidence=evidence, reason=reason, on=on,
        )
        for one in rows
    ]  # fmt: skip


@all_or_nothing()
def propose_step(
    *,
    actor: User,
    agreement: Agreement,
    state: str,
    first_day: date,
    last_day: date | None,
    evidence: str,
    reason: str,
    on: date,
) -> AgreementStep:
    """Put forward that an agreement is stopped, ended or taken up again. Raises Refusal at the
    input."""
    rows = Agreement.objects.visible_to(actor).with_steps()
    held = rows.filter(pk=agreement.pk).first()
    if held is None:
        raise Refusal("本县没有这份协议，请核对")
    _check_days(held, state, first_day, last_day, on)
    _check_state(held, state, first_day)
    return STEPS.propose(
        Asked(actor, on, evidence, reason, paper="文号"),
        agreement=held,
        state=state,
        first_day=first_day,
        last_day=last_day,
    )


def _check_days(
    agreement: Agreement, state: str, first_day: date, last_day: date | None, on: date
) -> None:
    """What is taken begins today or later: what was settled before stays settled. What is given
    back may begin earlier, as an appeal is decided. A suspension ends with the agreement at the
    latest: when it is over the agreement goes on."""
    if not agreement.first_day <= first_day <= agreement.last_day:
        raise Refusal(
            f"起始日期应在协议期 {agreement.first_day} 至 {agreement.last_day} 之内",
            at=("first_day",),
        )
    if state != State.RESUMED and first_day < on:
        raise Refusal(f"起始日期不能早于今天（{on}），已经办理的结算不受影响", at=("first_day",))
    if state != State.SUSPENDED:
        if last_day is not None:
            raise Refusal("终止、恢复不填截止日期", at=("last_day",))
        return
    if last_day is None or not first_day <= last_day <= agreement.last_day:
        raise Refusal(
            f"暂停须填截止日期，{first_day} 至 {agreement.last_day} 之间", at=("last_day",)
        )


def _check_state(agreement: Agreement, state: str, first_day: date) -> None:
    """There is something to stop, to end, to take up again on the day."""
    now = agreement.state_on(first_day)
    at: Place = ("first_day",)
    if state == State.RESUMED:
        if now == Agreement.Status.SIGNED:
            raise Refusal(f"协议 {first_day} 有效，不需要恢复", at=at)
        if others := _running(
            agreement.institution_id, first_day, agreement.last_day, but=agreement.pk
        ):
            raise Refusal(f"该机构已另签协议 {others[0].number}，不能恢复这一份", at=at)
    elif now == Agreement.Status.ENDED or (now == Agreement.Status.SUSPENDED and state == now):
        raise Refusal(f"协议 {first_day} 已是“{now.label}”，不需要再办", at=at)


@all_or_nothing()
def decide_step(
    *, actor: User, row: AgreementStep, event: str, on: date, reason: str = ""
) -> AgreementStep:
    """Agree, refuse or take back. What begins in the past is not agreed to: its visits are
    settled."""
    # As signing does, so that none is taken up again beside one that is being signed.
    place = Agreement.objects.values_list("institution_id", flat=True).get(pk=row.agreement_id)
    Institution.objects.select_for_update(no_key=True).get(pk=place)
    row = STEPS.lock(row.pk)
    if event == "approve_agreement_step":
        held = Agreement.objects.with_steps().get(pk=row.agreement_id)
        if row.state != State.RESUMED and row.first_day < on:
            raise Refusal(f"起始日期 {row.first_day} 已过，请撤回后按新的日期重新提出")
        _check_state(held, row.state, row.first_day)
    return STEPS.decided(row, event, actor=actor, on=on, reason=reason)

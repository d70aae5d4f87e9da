"""Covers of two records of one person: of a year that was paid twice one cover stays."""

from datetime import date

from django.db.models import Max

from accounts.models import User
from enrollment.collection.models import ZERO, Refund, SponsorUse
from enrollment.collection.refunds import booked, receipt_booked
from enrollment.collection.workflow import REFUNDS
from enrollment.cover.models import Enrollment
from enrollment.cover.workflow import COVERS
from enrollment.people.models import Person
from enrollment.people.same_models import SamePerson
from lib.money import told

# What SamePerson.moved keeps: (ended, staying) covers, refunds granted, the last cover there was.
ENDED, PAID_TWICE, LAST_COVER = "ended", "refunds", "last_cover"


def _paid(person: Person) -> dict[int, Enrollment]:
    rows = Enrollment.objects.active().filter(person=person)
    return {
        row.year: row for row in rows.select_related("receipt__book", "division", "campaign__area")
    }


def _twice(kept: Person, given_up: Person) -> list[tuple[Enrollment, Enrollment]]:
    """(stays, ends) of every year that both paid: what benefits were drawn on stays."""
    mine, others = _paid(kept), _paid(given_up)
    found = []
    for year in sorted(mine.keys() & others.keys()):
        stays, ends = mine[year], others[year]
        if ends.drawn_claims and not stays.drawn_claims:
            stays, ends = ends, stays
        found.append((stays, ends))
    return found


def joining_problem(kept: Person, given_up: Person) -> str:
    """A second payment must be in the books and whole before it can be given back."""
    for _, ends in _twice(kept, given_up):
        asked = ends.refunds.exclude(status=Refund.Status.REFUSED)
        # A second payment that has gone back left the cover as it was.
        if asked.exclude(status=Refund.Status.PAID, tax_row__isnull=False).exists():
            return f"{ends.year} 年度已有退费申请，请先办结"
        if ends.personal_amount and booked(ends) is None:
            return f"{ends.year} 年度的第二份保费还没有入账，请先缴存，等会计入账后再合并"
        # The family's receipt could not be voided any more with one of its covers ended.
        if ends.receipt is not None and receipt_booked(ends.receipt) is None:
            return (
                f"{ends.year} 年度收据 {ends.receipt.full_number} 上家人的保费还没有入账，"
                "请先缴存，等会计入账后再合并"
            )
        if SponsorUse.objects.filter(enrollment=ends, released_on=None).exists():
            return f"{ends.year} 年度的第二份保费由资助资金代缴，请先办理退费、退回资助资金"
    return ""


def joined(same: SamePerson, actor: User, on: date) -> list[str]:
    """Carry the years over; of a year paid twice end one cover and give its premium back."""
    sentences: list[str] = []
    same.moved[ENDED], same.moved[PAID_TWICE] = [], []
    for stays, ends in _twice(same.kept, same.given_up):
        same.moved[ENDED].append([ends.pk, stays.pk])
        Enrollment.objects.filter(pk=ends.pk).update(drawn_claims=0, drawn_amount=0, drawn_first="")
        ends.refresh_from_db(fields=["drawn_claims", "drawn_amount", "drawn_first"])
        if ends.personal_amount and ends.carried_id:
            sentences.append(
                f"{ends.year} 年度在原系统缴了两次，多缴的 {told(ends.personal_amount)} 元"
                "不在本系统收据上，请会计查原系统后登记支出"
            )
        elif ends.personal_amount:
            refund = _give_back(same, ends, actor, on)
            same.moved[PAID_TWICE].append(refund.pk)
            sentences.append(
                f"{ends.year} 年度缴了两次，多缴的 {told(ends.personal_amount)} 元待退"
                f"（{refund_name(refund)}）"
            )
        COVERS.take(ends, "end_second_cover", actor=actor, reason=str(same))
        if subsidy := ends.subsidy_amount:
            sentences.append(
                f"{ends.year} 年度的财政补助 {told(subsidy)} 元按两人申报过的，应核减一人"
            )
    staying = list(
        Enrollment.objects.active().filter(person=same.given_up).values_list("pk", flat=True)
    )
    Enrollment.objects.filter(pk__in=staying).update(person=same.kept)
    same.moved["enrollment.Enrollment.person"] = staying
    same.moved[LAST_COVER] = Enrollment.objects.aggregate(last=Max("pk"))["last"]
    return sentences


def refund_name(refund: Refund) -> str:
    return REFUNDS.called(refund)


def _give_back(same: SamePerson, ends: Enrollment, actor: User, on: date) -> Refund:
    """Asked for by who proposed, granted by who approved; the cashier pays as a third."""
    refund = Refund.objects.create(
        enrollment=ends,
        ground=Refund.Ground.DOUBLE,
        ground_date=ends.receipt.issued_on if ends.receipt else on,
        evidence=f"{same}，{same.evidence}"[:200],
        amount=ends.personal_amount,
        sponsor_amount=ZERO,
        payee=ends.receipt.payer_name if ends.receipt else same.kept.name,
        requested_by=same.proposed_by,
        requested_on=same.proposed_on,
    )
    REFUNDS.note(refund, "request_refund", actor=same.proposed_by)
    return REFUNDS.take(refund, "grant_with_merger", actor=actor, decided_by=actor, decided_on=on)


def undoing_problem(same: SamePerson) -> str:
    """What was given back stays given back; what was entered since must go first."""
    paid = Refund.objects.filter(pk__in=same.moved[PAID_TWICE], status=Refund.Status.PAID)
    if refund := paid.first():
        return f"多缴的 {told(refund.amount)} 元已经退还（{refund_name(refund)}），不能撤销"
    since = Enrollment.objects.filter(person=same.kept_id, pk__gt=same.moved[LAST_COVER] or 0)
    if cover := since.exclude(status=Enrollment.Status.CANCELLED).order_by("year").first():
        return f"合并以后又办理了 {cover.year} 年度参保，请先撤销"
    return ""


def parted(undoing: SamePerson, undone: SamePerson, actor: User, on: date) -> None:
    """Covers that ended hold again, and their refunds are taken back. The rest is moved back.

    One whose receipt was voided since stays ended: it cost nothing, and the window enters it anew.
    """
    for refund in Refund.objects.filter(pk__in=undone.moved[PAID_TWICE]):
        REFUNDS.take(refund, "stop_with_merger", actor=actor, decision=str(undoing), decided_on=on)
    for ended, _ in undone.moved[ENDED]:
        cover = Enrollment.objects.select_related("receipt").get(pk=ended)
        if cover.receipt is not None and cover.receipt.voided_at is not None:
            continue
        COVERS.take(cover, "restore_cover", actor=actor, reason=str(undoing))

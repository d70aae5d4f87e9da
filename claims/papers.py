"""The room's papers: the settlement sheet (结算单), read aloud to whoever asks why."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils import timezone

from accounts.fields import blind_index
from accounts.models import User
from accounts.permissions import Request
from accounts.templatetags.hezuo import day, mask_id, percent, spelled, yuan
from claims.adjudication.benefits import WALLET
from claims.computation import CUT, paid_in_year
from claims.deciding.models import Denial
from claims.models import Settlement
from claims.paying.shown import corrected_shown, payee_shown
from claims.refunds.models import PatientRefund
from claims.views.listing import claim_shown, one_claim
from desk.models import Paper
from desk.papers import Facts, PaperKind, paper_route
from lib.money import told
from policies.services import terms_of

MAX_EDITION = Paper._meta.get_field("edition").max_length or 0


def _name(user: User | None) -> str:
    return user.name if user else ""


def _approvers(claim: Settlement) -> str:
    """Everybody who approved it, in their order; of a claim from elsewhere who is written on it."""
    given = claim.approvals.filter(holds=True).select_related("by").order_by("rank")
    return "、".join(one.by.name for one in given) or _name(claim.approved_by)


def _step(claim: Settlement) -> str:
    """Where the claim stands: at each step its sheet is issued anew, with who signs for it."""
    at: datetime = (
        claim.paid_at
        or claim.approved_at
        or claim.reviewed_at
        or claim.submitted_at
        or claim.entered_at
    )
    step = f"{claim.status} {timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
    since, corrected = _since(claim)
    edition = " ".join([step, *since, *corrected])
    # Editions stand in the open, and a paper's facts are sealed: payee and bank go in as a digest.
    if not corrected and len(edition) <= MAX_EDITION:
        return edition
    return f"{step} {blind_index('edition', edition)[:16]}"


def _since(claim: Settlement) -> tuple[list[str], list[str]]:
    """What became of it after it was paid: computed anew, asked back, come back; and that it went
    to another account than the claim names."""
    found = [
        f"{row.found_at:%Y-%m-%d} 随结算单 {row.because_of.number} 重算，"
        f"应支付 {told(row.new_amount)} 元"
        for row in claim.dependences.select_related("because_of").order_by("pk")
        if not row.is_same
    ]
    debts = claim.recoveries.standing().filter(payment_key="")
    back = sum((debt.received_amount for debt in debts), start=Decimal(0))
    corrected = corrected_shown(claim)
    if back:
        found.append(f"已追回 {told(back)} 元")
    return found, [corrected] if corrected else []


def _amounts(claim: Settlement) -> Facts:
    names = (
        "total",
        "full_self_pay",
        "borne",
        "over_limit",
        "first_self_pay",
        "in_scope",
        "deductible",
        "fund",
        "hospital",
        "beyond",
        "personal",
        "account",
        "credit",
        "cash",
    )
    return {name: yuan(getattr(claim, f"{name}_amount")) for name in names}


def _accounts(claim: Settlement, steps: list[Any]) -> Facts:
    """What the family's account pays, whether a benefit is paid from it or it pays for the patient,
    and what the pooled fund pays without it: as the steps say."""
    benefit = sum((s.before_amount - s.after_amount for s in steps if s.code == WALLET), start=0)
    return {
        "pooled": yuan(claim.fund_amount - benefit),
        "family_account": yuan(claim.account_amount + benefit),
    }


def _refund(claim: Settlement) -> list[str]:
    """What the hospital gives back to the patient after a cut, and whether it has."""
    refund = PatientRefund.objects.exclude(status="void").filter(settlement=claim).first()
    return [yuan(refund.amount), refund.get_status_display()] if refund else []


def _determination(claim: Settlement) -> str:
    """The number under which anybody can compute the claim anew (核对码), in groups of five."""
    kept = claim.determinations.first()
    if kept is None:
        return ""
    return "-".join(kept.number[at : at + 5] for at in range(0, len(kept.number), 5))


def sheet_facts(claim: Settlement) -> Facts:
    shown = claim_shown(claim)
    visit, person, terms = claim.visit, claim.visit.person, shown["terms"]
    by_category: dict[str, Any] = {}
    for line in shown["lines"]:
        by_category[line.category_name] = by_category.get(line.category_name, 0) + line.amount
    return {
        "area": terms.area.name,
        "scheme": terms.scheme,
        "measures": terms.title,
        "number": claim.number,
        "status": claim.get_status_display(),
        "since": [words for some in _since(claim) for words in some],
        "settled_on": day(claim.settled_on),
        "name": person.name,
        "sex": person.get_sex_display(),
        "resident_id": mask_id(person.resident_id),
        "address": claim.division.place,
        "tier": f"{claim.policy_year} 年度{shown['tier']}",
        "care": shown["care"],
        "institution": visit.institution_name,
        "level": visit.get_level_display(),
        "starts": day(visit.starts),
        "ends": day(visit.ends),
        "diagnosis": f"{visit.diagnosis_code} {visit.diagnosis}".strip(),
        "circumstances": shown["circumstances"],
        "by_category": [
            [name, yuan(amount)]
            for name, amount in sorted(by_category.items(), key=lambda pair: -pair[1])
        ],
        "amounts": _amounts(claim)
        | _accounts(claim, shown["steps"])
        | {"own_cut": yuan(shown["own_cut"])},
        "cuts": [
            [line.item_name, yuan(line.cut_amount), line.get_cut_bearer_display(), line.cut_reason]
            for line in shown["lines"]
            if line.cut_amount
        ],
        "layers": [[name, yuan(amount)] for name, amount in shown["layers"]],
        "ratio": percent(claim.ratio),
        "fund_spelled": spelled(claim.fund_amount),
        "year_fund": yuan(paid_in_year(claim)),
        "refusal": claim.refusal,
        "refund": _refund(claim),
        # Line by line the cuts stand in their table; of the steps the one that cites the article.
        "steps": [step.sentence for step in shown["steps"] if step.code != CUT],
        "invoices": [[one.number, yuan(one.amount)] for one in shown["invoices"]],
        "payee": payee_shown(claim),
        "determination": _determination(claim),
        "voucher_number": claim.voucher_number,
        "paid_on": day(claim.paid_on),
        "hands": [
            ["录入", _name(claim.entered_by)],
            ["初审", _name(claim.reviewed_by)],
            ["复核", _approvers(claim)],
            ["支付", _name(claim.paid_by)],
        ],
    }


SHEET = PaperKind(
    "claims.sheet",
    "结算单",
    "claims/sheet.html",
    "claims.view",
    sheet_facts,
    edition=_step,
    is_final=lambda claim: claim.status != Settlement.Status.DRAFT,
)


def _claim(request: Request, pk: int) -> Settlement:
    return one_claim(request, pk)


def denial_facts(claim: Settlement) -> Facts:
    denial, visit = claim.denial, claim.visit
    terms = terms_of(claim.pack)
    return {
        "area": terms.area.name,
        "scheme": terms.scheme,
        "measures": terms.title,
        "number": claim.number,
        "name": visit.person.name,
        "resident_id": mask_id(visit.person.resident_id),
        "address": claim.division.place,
        "institution": visit.institution_name,
        "starts": day(visit.starts),
        "ends": day(visit.ends),
        "total": yuan(claim.total_amount),
        "case": denial.name,
        "article": denial.article,
        "words": denial.words,
        "decided_on": day(timezone.localdate(denial.at)),
        "by": denial.by.name,
        "invoices": [[one.number, yuan(one.amount)] for one in visit.invoices.all()],
    }


DENIAL_NOTICE = PaperKind(
    "claims.denial_notice",
    "不予支付告知书",
    "claims/denial_notice.html",
    "claims.view",
    denial_facts,
)


def _denied(request: Request, pk: int) -> Settlement:
    claim = one_claim(request, pk)
    if not Denial.objects.filter(settlement=claim).exists():
        raise Http404
    return claim


ROUTES = [
    paper_route("<int:pk>/denial", DENIAL_NOTICE, _denied, name="denial_notice"),
    paper_route("<int:pk>/sheet", SHEET, _claim, name="sheet"),
]

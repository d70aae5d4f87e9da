"""The room's papers: the settlement sheet (结算单), read aloud to whoever asks why."""

from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Request
from accounts.templatetags.hezuo import day, mask_id, percent, spelled, yuan
from claims.models import Settlement
from claims.views.listing import claim_shown, one_claim
from desk.papers import Facts, PaperKind, paper_route


def _name(user: User | None) -> str:
    return user.name if user else ""


def _step(claim: Settlement) -> str:
    """Where the claim stands: at each step its sheet is issued anew, with who signs for it."""
    at: datetime = (
        claim.paid_at
        or claim.approved_at
        or claim.reviewed_at
        or claim.submitted_at
        or claim.entered_at
    )
    return f"{claim.status} {timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def _amounts(claim: Settlement) -> Facts:
    names = (
        "total",
        "full_self_pay",
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


def _year_fund(claim: Settlement) -> Any:
    """What the fund paid the person in the year, this claim included (yuan)."""
    so_far = Settlement.objects.effective().filter(
        visit__person=claim.visit.person_id, policy_year=claim.policy_year, pk__lte=claim.pk
    )
    return so_far.aggregate(total=Sum("fund_amount"))["total"]


def sheet_facts(claim: Settlement) -> Facts:
    shown = claim_shown(claim)
    visit, person, terms = claim.visit, claim.visit.person, shown["terms"]
    by_category: dict[str, Any] = {}
    for line in shown["lines"]:
        by_category[line.category_name] = by_category.get(line.category_name, 0) + line.amount
    return {
        "area": terms.area.name,
        "measures": terms.title,
        "number": claim.number,
        "status": claim.get_status_display(),
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
        "amounts": _amounts(claim),
        "layers": [[name, yuan(amount)] for name, amount in shown["layers"]],
        "ratio": percent(claim.ratio),
        "fund_spelled": spelled(claim.fund_amount),
        "year_fund": yuan(_year_fund(claim)),
        "refusal": claim.refusal,
        "steps": [step.sentence for step in shown["steps"]],
        "invoices": [[one.number, yuan(one.amount)] for one in shown["invoices"]],
        "voucher_number": claim.voucher_number,
        "paid_on": day(claim.paid_on),
        "hands": [
            ["录入", _name(claim.entered_by)],
            ["初审", _name(claim.reviewed_by)],
            ["复核", _name(claim.approved_by)],
            ["支付", _name(claim.paid_by)],
        ],
    }


SHEET = PaperKind(
    code="claims.sheet",
    title="结算单",
    template="claims/sheet.html",
    permission="claims.view",
    facts=sheet_facts,
    division_code=lambda claim: claim.division.code,
    edition=_step,
    is_final=lambda claim: claim.status != Settlement.Status.DRAFT,
)


def _claim(request: Request, pk: int) -> Settlement:
    return one_claim(request, pk)


ROUTES = [paper_route("<int:pk>/sheet", SHEET, _claim, name="sheet")]

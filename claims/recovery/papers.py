"""Papers of recovery: the notice to the debtor (追回通知书) and the receipt for what came back."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, mask_name, spelled, yuan
from claims.recovery.instalments import of_receipts
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import payment_of
from claims.recovery.views import one_recovery
from claims.shares import layer_name
from desk.papers import Facts, PaperKind, paper_route
from lib.money import to_yuan
from lib.typed_text import without_stop
from policies.services import terms_of


def notice_facts(recovery: Recovery) -> Facts:
    settlement, visit = recovery.settlement, recovery.settlement.visit
    payment = payment_of(recovery)
    terms = terms_of(settlement.pack)
    return {
        "area": terms.area.name,
        "number": recovery.number,
        "debtor": recovery.debtor_name,
        "settlement": settlement.number,
        "payment": payment.name,
        "paid_on": day(payment.paid_on),
        "person": mask_name(visit.person.name),
        "institution": visit.institution_name,
        "starts": day(visit.starts),
        "ends": day(visit.ends),
        "reason": recovery.get_reason_display(),
        "facts": without_stop(recovery.facts),
        "measures": terms.title,
        "parts": [
            [layer_name(part.layer, terms), yuan(part.amount)] for part in recovery.parts.all()
        ],
        "amount": yuan(recovery.amount),
        "spelled": spelled(recovery.amount),
        "due_on": day(recovery.due_on),
        "decided_on": day(recovery.approved_at),
        "is_draft": recovery.approved_at is None,
    }


RECOVERY_NOTICE = PaperKind(
    "claims.recovery_notice",
    "追回通知书",
    "claims/recovery/notice.html",
    "claims.view_recoveries",
    notice_facts,
    is_final=lambda recovery: recovery.approved_at is not None,
)


def receipt_facts(receipt: RecoveryReceipt) -> Facts:
    recovery = receipt.recovery
    terms = terms_of(recovery.settlement.pack)
    shares = dict(of_receipts(recovery))[receipt]
    return {
        "area": terms.area.name,
        "number": receipt.number,
        "recovery": recovery.number,
        "settlement": recovery.settlement.number,
        "reason": recovery.get_reason_display(),
        "payer": receipt.payer_name,
        "way": f"{receipt.get_way_display()} {receipt.reference}".strip(),
        "amount": yuan(receipt.amount),
        "spelled": spelled(receipt.amount),
        "received_on": day(receipt.received_on),
        "received_by": receipt.received_by.name,
        "voucher": receipt.voucher_number,
        "parts": [
            [layer_name(layer, terms), yuan(to_yuan(share.fen))] for layer, share in shares.items()
        ]
        if recovery.parts.count() > 1
        else [],
    }


RECOVERY_RECEIPT = PaperKind(
    "claims.recovery_receipt",
    "追回款收据",
    "claims/recovery/receipt.html",
    "claims.view_recoveries",
    receipt_facts,
)


def _receipt(request: Request, pk: int) -> Any:
    return get_visible(
        RecoveryReceipt,
        request.user,
        "recovery__settlement__pack",
        "recovery__division",
        "received_by",
        pk=pk,
    )


ROUTES = [
    paper_route("<int:pk>/notice", RECOVERY_NOTICE, one_recovery, name="recovery_notice"),
    paper_route("receipts/<int:pk>", RECOVERY_RECEIPT, _receipt, name="recovery_receipt"),
]

"""What a reviewer and an approver agreed to, as one fingerprint: amounts, layers, lines with their
cuts, and who is paid into which account.

Written at the review and at the approval and compared before money goes, so that nothing else is
ever paid than what two people saw. The account stands in it by its blind index, made of the account
itself: the index that is kept beside it stays when somebody exchanges the sealed column.
"""

import hashlib

from claims.models import Settlement
from funds.payments.models import account_index
from funds.verify import canonical
from lib.money import to_fen

AMOUNTS = (
    "total_amount", "full_self_pay_amount", "borne_amount", "over_limit_amount",
    "first_self_pay_amount", "in_scope_amount", "deductible_amount", "fund_amount",
    "hospital_amount", "beyond_amount", "personal_amount", "account_amount", "credit_amount",
    "cash_amount",
)  # fmt: skip


def digest_of(settlement: Settlement) -> str:
    """The fingerprint of the claim as it stands; reads its layers and the lines of its visit."""
    facts = {
        "number": settlement.number,
        "visit": settlement.visit_id,
        "pay_to": settlement.pay_to,
        "refusal": settlement.refusal_code,
        "ratio": settlement.ratio,
        "amounts": [to_fen(getattr(settlement, name)) for name in AMOUNTS],
        "layers": sorted(
            [fund.layer, fund.book, fund.booked_as, to_fen(fund.amount)]
            for fund in settlement.funds.all()
        ),
        "lines": sorted(
            [
                line.line_number,
                line.bill_class,
                to_fen(line.amount),
                to_fen(line.approved_amount),
                line.cut_bearer,
                line.cut_reason,
            ]
            for line in settlement.visit.lines.all()
            if line.part == settlement.part
        ),
        "payee": [
            settlement.payee_name,
            settlement.payee_relation,
            settlement.payee_person_id,
            settlement.payee_bank,
            account_index(settlement.payee_account),
            settlement.payee_document,
        ],
    }
    return hashlib.sha256(canonical(facts)).hexdigest()

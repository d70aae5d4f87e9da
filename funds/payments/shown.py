"""What rooms say of a payment on their own pages and papers."""

from funds.payments.models import PaymentBatch, Transfer


def corrected_payee(key: str) -> str:
    """Whom the money of a payment really went to, after the bank had given it back and the account
    was put right: 经支付更正 with the day, the account masked. "" where it went as it was asked,
    and while it lies at the fund. One statement."""
    rows = Transfer.objects.filter(order__key=key, batch__status=PaymentBatch.Status.RELEASED)
    rows = rows.exclude(outcome=Transfer.Outcome.TAKEN_OUT).select_related("batch")
    went = list(rows.order_by("pk"))
    if not went or went[-1].outcome == Transfer.Outcome.RETURNED:
        return ""
    first, last = went[0], went[-1]
    if (first.payee, first.account, first.bank) == (last.payee, last.account, last.bank):
        return ""
    place = " ".join(part for part in (last.payee, last.bank, last.masked_account) if part)
    return f"经支付更正，{last.batch.paid_on} 付至 {place}"

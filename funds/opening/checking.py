"""Whether what a book began with is whole, for `verify_books` (settings.ROOMS_OF_BOOKS)."""

from collections import Counter
from collections.abc import Iterator

from accounts.models import Division
from funds.events import OPENING
from funds.models import Posting, Voucher
from funds.opening.models import Opening
from funds.opening.rules import sums
from lib.money import told


def book_problems(area: Division) -> Iterator[str]:
    """Each opening voucher says what two people agreed to, line by line, and each agreed opening
    has its voucher; what was corrected has its red letter."""
    rows = Opening.objects.filter(book__area=area, status=Opening.Status.APPROVED)
    for row in rows.select_related("voucher", "red").order_by("pk"):
        lines, voucher = list(row.lines.all()), row.voucher
        assert voucher is not None
        debit, credit = sums(lines)
        if debit != credit or debit != row.total:
            yield f"{row}：借方 {told(debit)} 元、贷方 {told(credit)} 元，合计 {told(row.total)} 元"
        agreed = Counter(
            (one.account, one.debit, one.credit, one.tier, one.township_id, one.institution_code,
             one.funding_level, one.policy_year)
            for one in lines
        )  # fmt: skip
        posted = Counter(
            Posting.objects.filter(voucher=voucher).values_list(
                "account__code", "debit", "credit", "tier", "township", "institution_code",
                "funding_level", "policy_year",
            )
        )  # fmt: skip
        if agreed != posted:
            yield f"{row}：凭证 {voucher.label} 与审批的期初余额表不一致"
        if row.red is not None and row.red.reversal_of_id != voucher.pk:
            yield f"{row}：红字凭证 {row.red.label} 不是红冲 {voucher.label} 的"
    vouchers = Voucher.objects.filter(book__area=area, event=OPENING, reversal_of=None)
    for one in vouchers.filter(opening=None).order_by("pk"):
        yield f"凭证 {one.label}（期初余额）没有经审批的期初余额表"

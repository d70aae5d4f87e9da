"""What waits of the review, for whom."""

from accounts.models import User
from desk.worklist import Work
from funds.models import Period, Voucher, VoucherQuerySet


def _waiting(user: User) -> VoucherQuerySet:
    """Of open months: what is closed was closed with it, as its checklist says."""
    rows = Voucher.objects.visible_to(user).filter(period__status=Period.Status.OPEN)
    return rows.reviewable_by(user)


def _doubted(user: User) -> VoucherQuerySet:
    return Voucher.objects.visible_to(user).doubted()


WORK = (
    Work(
        "业务凭证待复核",
        "funds.review_voucher",
        "funds:reviews",
        _waiting,
        unit="张",
        money="amount",
        since="posted_at",
        late=None,
    ),
    Work(
        "业务凭证有疑问",
        "funds.review_voucher",
        "funds:reviews",
        _doubted,
        unit="张",
        query="month=&standing=doubted",
        is_rare=True,
    ),
)

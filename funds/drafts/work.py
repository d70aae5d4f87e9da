"""What waits of the vouchers made by hand, for whom."""

from accounts.models import User
from desk.worklist import Work
from funds.drafts.models import (
    LimitProposal,
    LimitProposalQuerySet,
    VoucherDraft,
    VoucherDraftQuerySet,
)

Status = VoucherDraft.Status


def _made(user: User) -> VoucherDraftQuerySet:
    return VoucherDraft.objects.visible_to(user).filter(status=Status.MADE).exclude(made_by=user)


def _huge(user: User) -> VoucherDraftQuerySet:
    return VoucherDraft.objects.visible_to(user).awaiting_approval()


def _ready(user: User) -> VoucherDraftQuerySet:
    rows = VoucherDraft.objects.visible_to(user).awaiting_entry()
    return rows.exclude(made_by=user).exclude(reviewed_by=user)


def _limits(user: User) -> LimitProposalQuerySet:
    return LimitProposal.objects.visible_to(user).open().exclude(proposed_by=user)


WORK = (
    Work("手工凭证待复核", "funds.review_voucher", "funds:drafts", _made, query="status=made"),
    Work("大额凭证待审批", "funds.approve_voucher", "funds:drafts", _huge, query="status=huge"),
    Work("手工凭证待记账", "funds.enter_voucher", "funds:drafts", _ready, query="status=ready"),
    Work("记账限额待审批", "funds.agree_limits", "funds:limits", _limits, since="proposed_on"),
)

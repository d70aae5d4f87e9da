"""Who agrees to a bank account types its number again from the paper: the last digits, which pages
show, are those of many."""

from functools import partial
from typing import Any

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.readable import readable
from lib.bank_numbers import AccountIndex, without_blanks

# A number that was typed otherwise leaves a line, which says how often from the third on: a slip
# of the finger happens once or twice.
TOLD_FROM = 3
FIELD = "account"


def refuse_other_account(
    row: Any, typed: str, *, index: AccountIndex, actor: User, action: str
) -> None:
    """What was typed is compared with the row's `account` by its `account_index` alone, and kept
    nowhere. Raises Refusal; a wrong number leaves a line of this `action`."""
    number = without_blanks(readable(typed, "账号", FIELD))
    if not number:
        raise Refusal("请按证明材料原件重新输入账号，再同意", at=(FIELD,))
    if index.is_exchanged(row.account, row.account_index):
        raise Refusal("登记的账号与提出时不符，请报审计人员核查", at=(FIELD,))
    if index.of(number) == row.account_index:
        return
    lines = AuditLine.objects.filter(
        action=action, subject_type=row._meta.label_lower, subject_id=str(row.pk)
    )
    times = lines.count() + 1
    refusal = Refusal(
        f"输入的账号与申请的不一致（第 {times} 次），请对照证明材料原件：输错了重新输入，"
        "申请写错了的不同意",
        at=(FIELD,),
    )
    told = f"已 {times} 次与申请的账号不一致" if times >= TOLD_FROM else ""
    refusal.kept = partial(record, actor=actor, action=action, subject=row, reason=told)
    raise refusal

"""Writes about the account to which an institution is paid."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.typed_again import refuse_other_account
from institutions.bank_accounts.models import INDEX, BankAccount
from institutions.bank_accounts.workflow import ACCOUNTS
from institutions.models import Institution
from lib.bank_numbers import SHAPE, is_account, without_blanks

APPROVE = "approve_bank_account"
MISTYPED = "institutions.mistyped_bank_account"


@all_or_nothing()
def propose_account(
    *,
    actor: User,
    institution: Institution,
    holder: str,
    bank: str,
    account: str,
    first_day: date,
    evidence: str,
    reason: str,
    on: date,
) -> BankAccount:
    """Put forward to which account an institution is paid from a day on, today or later: what was
    asked for before goes where it was to go. Raises Refusal at the input."""
    if not Institution.objects.visible_to(actor).filter(pk=institution.pk).exists():
        raise Refusal("本县没有登记这家机构，请核对", at=("institution",))
    number = without_blanks(readable(account, "账号", "account"))
    if not is_account(number):
        raise Refusal(f"账号应是 {SHAPE}，请按开户许可证填写", at=("account",))
    if first_day < on:
        raise Refusal(f"起始日期不能早于今天（{on}），已提出的支付不受影响", at=("first_day",))
    _refuse_before(institution.pk, first_day)
    return ACCOUNTS.propose(
        Asked(actor, on, evidence, reason, paper="证明材料"),
        institution=institution,
        holder=readable(holder, "户名", "holder"),
        bank=readable(bank, "开户行", "bank"),
        account=number,
        account_index=INDEX.of(number),
        first_day=first_day,
    )


@all_or_nothing()
def decide_account(
    *, actor: User, row: BankAccount, event: str, on: date, reason: str = "", account: str = ""
) -> BankAccount:
    """Agree, refuse or take back. Who agrees types the `account` again from the paper: its last
    digits, which pages show, are those of many. Raises Refusal; a wrong number leaves its line."""
    row = ACCOUNTS.lock(row.pk)
    if event == APPROVE:
        ACCOUNTS.check(row, event, actor)
        if row.first_day < on:
            raise Refusal(f"起始日期 {row.first_day} 已过，请撤回后按新的日期重新提出")
        _refuse_before(row.institution_id, row.first_day)
        refuse_other_account(row, account, index=INDEX, actor=actor, action=MISTYPED)
    return ACCOUNTS.decided(row, event, actor=actor, on=on, reason=reason)


def _refuse_before(institution: int, first_day: date) -> None:
    """An account that begins later was agreed to already: it would come back on its day."""
    later = BankAccount.objects.filter(
        institution=institution, status=BankAccount.Status.APPROVED, first_day__gt=first_day
    ).first()
    if later is not None:
        raise Refusal(
            f"已同意的收款账户（{later.masked_account}）自 {later.first_day} 起使用，"
            f"起始日期请填 {later.first_day} 或以后",
            at=("first_day",),
        )

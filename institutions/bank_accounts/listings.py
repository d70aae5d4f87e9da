"""Accounts to which institutions are paid, by their last digits."""

from accounts.models import User
from desk.decision_lists import DECIDED, DecisionFilter
from desk.filters import typed
from desk.listing import Column, Listing, attr
from institutions.bank_accounts.models import BankAccount, BankAccountQuerySet
from institutions.listings import of_institution


class AccountFilter(DecisionFilter):
    decides = "institutions.decide_bank_account"
    institution = typed("机构代码或名称", of_institution)


def _accounts(user: User) -> BankAccountQuerySet:
    rows = BankAccount.objects.visible_to(user)
    return rows.select_related("institution__division", "proposed_by", "decided_by")


ACCOUNT_LIST = Listing(
    "机构收款账户",
    "institutions.view_bank_accounts",
    _accounts,
    (
        Column("定点机构", attr("institution.name"), link="institutions:bank_account",
               sort="institution__code"),
        Column("户名", attr("holder")),
        Column("开户行", attr("bank")),
        Column("账号", attr("masked_account")),
        Column("自", attr("first_day"), "day", sort=True),
        *DECIDED,
    ),
    AccountFilter,
    template="institutions/bank_accounts/list.html",
    empty="没有登记收款账户，按银行协议账户支付",
    hint="自起始日期起提出的支付用新账户；此前提出的仍付原账户",
)  # fmt: skip

"""How money moves: the only list. Every voucher is one of these events.

Numbers E01…E28 are those of the accounting rules' typical entries (财会〔2017〕28号). An event
names the account to debit and the account to credit; where that depends on the line (which benefit,
which level of government, which bank account), the choice is a table here and nowhere else.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

# The values of EventLine.funding_level: who the money comes from.
FUNDING_LEVELS: dict[str, str] = {
    "personal": "个人",
    "central": "中央",
    "province": "省",
    "city": "市",
    "county": "县",
    "township": "乡镇",
    "civil_affairs": "民政",
    "disabled_federation": "残联",
    "institution": "定点机构",
    "other": "其他",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The account follows the line's `by` ("purpose" or "funding_level")."""

    by: str
    accounts: Mapping[str, str]


Side = str | Choice

BENEFITS = Choice(
    "purpose",
    {
        "inpatient": "5001-inpatient",
        "outpatient": "5001-outpatient",
        "other": "5001-other",
        "serious": "5101-own",
    },
)
SUBSIDIES = Choice(
    "funding_level",
    {level: f"4101-{level}" for level in ("central", "province", "city", "county", "township")},
)
# What a subsidy was wrongly booked as is said by its level, what it is by the purpose of its line.
RIGHT_LEVELS = Choice(
    "purpose", {f"to_{level}": account for level, account in SUBSIDIES.accounts.items()}
)
RESERVES = Choice(
    "purpose",
    {
        "serious_reserve": "3101-serious_reserve",
        "risk_reserve": "3101-risk_reserve",
        "risk_fund": "3101-risk_fund",
    },
)
BANKS = Choice("purpose", {"collection": "1002", "fiscal": "1003", "expenditure": "1004"})
PREMIUMS = Choice("purpose", {"personal": "4001-personal", "aid": "4001-aid"})
# Debts that a book may begin with and that no business here explains.
DEBTS = Choice(
    "purpose",
    {
        "unidentified": "2001-unidentified",
        "remote": "2001-remote",
        "returned": "2001-returned",
        "deposit": "2001-deposit",
    },
)
ADVANCES = Choice("purpose", {"personal": "2001-advance_personal", "aid": "2001-advance_aid"})

PURPOSES: dict[str, str] = {
    "inpatient": "住院",
    "outpatient": "门诊",
    "other": "其他",
    "serious": "大病",
    "serious_reserve": "大病储备金",
    "risk_reserve": "风险储备金",
    "risk_fund": "年终结余转入",
    "collection": "收入户",
    "fiscal": "财政专户",
    "expenditure": "支出户",
    "personal": "个人缴费",
    "aid": "资助代缴",
    "unidentified": "待查款",
    "remote": "异地就医资金",
    "returned": "支付退汇",
    "deposit": "定点机构质量保证金",
    **{f"to_{level}": f"改记为{FUNDING_LEVELS[level]}补助" for level in SUBSIDIES.accounts},
}


@dataclass(frozen=True, slots=True)
class Event:
    """One way money moves.

    `debit`, `credit`: account code or Choice; None where the legs come from balances (E00, E27,
    E28).
    `manual`: the accountant may enter it by hand; the others arise from business or from closing.
    `asks`: the dimensions that the form for entering by hand offers besides the amount; `needs`:
    those of them without which nobody could say later whose money it was ("summary": what for).
    `by_law`: worked out from the measures (funds/law/), and then through the hands of a voucher by
    hand. `always_approved`: needs an approval whatever the amount.
    `deferred`: (income account, account that stands in for it) when the book defers the premiums of
    later years.
    """

    name: str
    number: str
    title: str
    debit: Side | None
    credit: Side | None
    manual: bool = False
    deferred: tuple[str, str] | None = None
    asks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    by_law: bool = False
    always_approved: bool = False

    @property
    def choice(self) -> Choice | None:
        """The choice that each line of the event has to make, if any."""
        sides = (self.debit, self.credit)
        return next((side for side in sides if isinstance(side, Choice)), None)


EVENTS: dict[str, Event] = {
    event.name: event
    for event in (
        Event(
            "premium_collected",
            "E01",
            "收到个人缴费",
            "1002",
            "4001-personal",
            deferred=("4001-personal", "2001-advance_personal"),
        ),
        Event(
            "premium_transferred", "E03", "保费由收入户划入财政专户", "1003", "1002", manual=True
        ),
        Event(
            "tax_premium_collected",
            "E02",
            "税务征收个人缴费入国库",
            "1005",
            "4001-personal",
            deferred=("4001-personal", "2001-advance_personal"),
        ),
        Event(
            "tax_premium_transferred",
            "E03",
            "保费由国库划入财政专户",
            "1003",
            "1005",
            manual=True,
        ),
        # E02 in two steps where nobody's enrolment explains the money yet: owed until it does.
        Event("tax_suspended", "E02", "税务征收待查款入国库", "1005", "2001-unidentified"),
        Event(
            "suspense_cleared",
            "E02",
            "待查款转个人缴费",
            "2001-unidentified",
            "4001-personal",
            deferred=("4001-personal", "2001-advance_personal"),
        ),
        # A payment that came twice goes back out of what was owed; the premium stays as it is.
        Event("suspense_returned", "E10", "退还待查款（重复缴费）", "2001-unidentified", "1004"),
        # E04 in two steps: a sponsor's money is owed (暂收款) until a premium is paid with it.
        Event("sponsor_received", "E04", "收到定向资助参保资金", "1002", "2001-sponsor"),
        Event(
            "sponsor_used",
            "E04",
            "定向资助资金代缴保费",
            "2001-sponsor",
            "4001-aid",
            deferred=("4001-aid", "2001-advance_aid"),
        ),
        Event(
            "sponsor_restored",
            "E10",
            "代缴保费退回定向资助资金",
            "4001-aid",
            "2001-sponsor",
            deferred=("4001-aid", "2001-advance_aid"),
        ),
        Event(
            "aid_premium_received",
            "E04",
            "收到资助参保资金",
            "1003",
            "4001-aid",
            manual=True,
            deferred=("4001-aid", "2001-advance_aid"),
            asks=("township", "tier", "policy_year"),
            needs=("policy_year",),
        ),
        Event(
            "subsidy_received",
            "E05",
            "收到财政补助",
            "1003",
            SUBSIDIES,
            manual=True,
            asks=("tier", "policy_year"),
            needs=("policy_year",),
        ),
        Event("expenditure_funded", "E06", "财政专户拨支出户", "1004", "1003", manual=True),
        Event("claim_paid", "E07", "支付待遇", BENEFITS, "1004"),
        # E07 in two steps where the bank gives a payment back: the money is there again and still
        # owed (暂收款) until it is paid out of that; the expense stays where it was first booked.
        Event("payment_returned", "E07", "支付退汇", "1004", "2001-returned"),
        Event("returned_paid", "E07", "退汇重新支付", "2001-returned", "1004"),
        # What the old system had decided and not paid was expense there already: it is paid out of
        # what the book began with, and out of no more.
        Event("old_benefit_paid", "E07", "支付原系统应付待遇", "2001-unpaid", "1004"),
        # What nobody is to be paid of it after all goes back to where it came from: this year's
        # expense is less (as E08), of an earlier year it is other income (as E09).
        Event("returned_kept", "E08", "退汇款转回基金", "2001-returned", BENEFITS),
        Event(
            "prior_returned_kept", "E09", "以前年度退汇款转回基金", "2001-returned", "4501-recovery"
        ),
        # What somebody brought for a payment that nobody had after all goes back to whom it came
        # from: of the same year the expense again (it had been less by E08), of an earlier one out
        # of that income.
        Event("recovery_returned", "E08", "退还本年追回款", BENEFITS, "1004"),
        Event("recovery_kept", "E08", "退还的追回款转回基金", "2001-returned", BENEFITS),
        Event("prior_recovery_returned", "E09", "退还以前年度追回款", "4501-recovery", "1004"),
        # Of a year that is over, whose result has it, it is another expense now (as E11).
        Event("earlier_recovery_returned", "E11", "退还以前年度收回的追回款", "5401", "1004"),
        Event(
            "earlier_returned_kept", "E11", "退还的以前年度追回款转回基金", "2001-returned", "5401"
        ),
        # What an institution never claimed: an advance is one no more, a deposit is other income.
        Event("returned_advance", "E19", "退汇预付金转回基金", "2001-returned", "1101-advance"),
        Event("returned_deposit", "E09", "退汇保证金转回基金", "2001-returned", "4501-other"),
        # An institution's month: what the agreement keeps back is expense now and owed until the
        # yearly assessment; what that does not give back is other income of the later year (E09).
        Event("deposit_withheld", "E07", "预留定点机构质量保证金", BENEFITS, "2001-deposit"),
        Event("deposit_returned", "E07", "返还质量保证金", "2001-deposit", "1004"),
        Event("deposit_forfeited", "E09", "考核扣减质量保证金", "2001-deposit", "4501-other"),
        # An appeal was upheld after that: the income was none, and the deposit is owed again.
        Event(
            "deposit_forfeit_undone", "E09", "冲回考核扣减的保证金", "4501-other", "2001-deposit"
        ),
        # Money in advance (1101 医保预付金, 补充规定 2026), expense once it is worked off.
        Event("prepayment_out", "E19", "拨付医保预付金", "1101-advance", "1004"),
        Event("prepayment_used", "E07", "预付金冲抵待遇支出", BENEFITS, "1101-advance"),
        Event(
            "prepayment_back",
            "E19",
            "收回医保预付金",
            "1004",
            "1101-advance",
            manual=True,
            asks=("institution_code",),
            needs=("institution_code",),
        ),
        Event("claim_recovered", "E08", "追回本年待遇", "1004", BENEFITS),
        Event(
            "prior_recovery",
            "E09",
            "追回以前年度待遇",
            "1003",
            "4501-recovery",
            manual=True,
            asks=("institution_code",),
        ),
        # Kept back from what is paid to the same payee, so that it never left the expenditure bank.
        Event("prior_recovery_set_off", "E09", "抵扣追回以前年度待遇", "1004", "4501-recovery"),
        # What the old books owed of the other kinds: paid to whom it belongs, or income where it
        # belongs to nobody, and no more of it than the book began with.
        Event(
            "opening_debt_paid",
            "E10",
            "支付启用前的暂收款",
            DEBTS,
            "1004",
            manual=True,
            asks=("township", "institution_code", "policy_year"),
            needs=("summary",),
            always_approved=True,
        ),
        Event(
            "opening_debt_kept",
            "E09",
            "启用前的暂收款转其他收入",
            DEBTS,
            "4501-other",
            manual=True,
            asks=("township", "institution_code", "policy_year"),
            needs=("summary",),
            always_approved=True,
        ),
        Event("other_received", "E09", "收到捐赠等其他收入", "1003", "4501-other", manual=True),
        Event(
            "overspend_received",
            "E09",
            "收到超支分担款",
            "1003",
            "4501-overspend",
            manual=True,
            asks=("township", "funding_level", "institution_code", "policy_year"),
            needs=("funding_level", "policy_year"),
        ),
        # At the year's end what others are to bear stands on both sides: it is owed to the fund and
        # no income before it is paid; what is paid clears it.
        Event(
            "overspend_charged",
            "E09",
            "街镇超支分担挂账",
            "1101-overspend",
            "2001-overspend",
            by_law=True,
        ),
        Event(
            "overspend_cleared", "E09", "收到的超支分担核销挂账", "2001-overspend", "1101-overspend"
        ),
        # What somebody paid of it beyond what they bear: out of this year's income, or, of a year
        # that is over, another expense (as E11), as nothing of it stands in this year's income.
        Event("overspend_returned", "E09", "退还超支分担", "4501-overspend", "1004", by_law=True),
        Event(
            "earlier_overspend_returned",
            "E11",
            "退还以前年度收到的超支分担",
            "5401",
            "1004",
            by_law=True,
        ),
        Event(
            "premium_refunded",
            "E10",
            "退还本年保费",
            "4001-personal",
            "1004",
            deferred=("4001-personal", "2001-advance_personal"),
        ),
        Event(
            "prior_premium_refunded",
            "E11",
            "退还以前年度保费",
            "5401",
            "1004",
            manual=True,
            asks=("township", "tier", "policy_year"),
            needs=("policy_year",),
        ),
        # Found wrong after its year was closed (drafts/earlier.py): income or expense of this year,
        # as what is recovered or refunded of earlier years is.
        Event("earlier_gained", "E09", "更正以前年度：少记收入或多记支出", BANKS, "4501-earlier"),
        Event("earlier_lost", "E11", "更正以前年度：多记收入或少记支出", "5401-earlier", BANKS),
        # The level of a closed year's subsidy: both sides are of the same account of the rules, so
        # that no total of this year changes.
        Event(
            "earlier_level",
            "E05",
            "更正以前年度：财政补助的资金级次",
            SUBSIDIES,
            RIGHT_LEVELS,
            always_approved=True,
        ),
        Event("interest_received", "E12", "收到存款利息", BANKS, "4201", manual=True),
        Event("reserve_drawn", "E20", "提取风险基金", "3001", RESERVES, by_law=True),
        Event("reserve_refilled", "E20", "补足动用的风险基金", "3001", RESERVES, by_law=True),
        Event(
            "reserve_used",
            "E21",
            "动用风险基金",
            RESERVES,
            "3001",
            manual=True,
            asks=("policy_year",),
            needs=("policy_year", "summary"),
            always_approved=True,
        ),
        # What the county pays to an insurer, to the level above or below, and what it borrows.
        Event("insurer_paid", "E13", "大病保险划转商保", "5101-insurer", BANKS, manual=True),
        Event("insurer_returned", "E14", "商保盈余返还", BANKS, "5101-insurer", manual=True),
        Event("borrowed", "E23", "借入款项", "1003", "2101", manual=True),
        Event("repaid", "E23", "归还借入款项", "2101", "1003", manual=True),
        Event("sent_up", "E25", "上解上级", "5301", BANKS, manual=True),
        Event("sent_down", "E25", "补助下级", "5302", BANKS, manual=True),
        Event("aid_received", "E26", "收到上级补助", BANKS, "4401", manual=True),
        Event("lower_received", "E26", "收到下级上解", BANKS, "4402", manual=True),
        # What a book that moves in begins with: no entry of the rules' list, so it has a number of
        # ours. Its legs are balances (funds/opening/); it moves no money and is no income.
        Event("opening", "E00", "期初余额", None, None),
        Event("income_closed", "E27", "年末收入结转", None, None),
        Event("expense_closed", "E28", "年末支出结转", None, None),
        Event("advance_recognised", "E01", "预收保费转为本年收入", ADVANCES, PREMIUMS, by_law=True),
        Event("surplus_reserved", "E20", "年终结余转入风险基金", "3001", RESERVES, by_law=True),
        # Inside net assets: what the households keep is not the pool's to share out.
        Event(
            "accounts_carried", "E20", "门诊账户结余转存次年", "3001", "3001-household", by_law=True
        ),
        Event(
            "accounts_released", "E20", "门诊账户结余减少", "3001-household", "3001", by_law=True
        ),
    )
}

# Entries that move the year's income and expense into net assets: no flow of money of the year.
YEAR_END = ("income_closed", "expense_closed")

# They put right what the books say of a bank account; the bank itself moves nothing.
CORRECTIONS = ("earlier_gained", "earlier_lost")
# Moves a closed year's subsidy from the level that its line names to the one that its purpose does.
LEVEL_MOVED = "earlier_level"


def level_of(purpose: str) -> str:
    """The level that such a purpose names, a key of FUNDING_LEVELS."""
    return purpose.removeprefix("to_")


# With what a book begins: the one event of a day before its first month.
OPENING = "opening"
# What may take from a debt no more than the book began with (funds/services/covering.py).
OUT_OF_OPENING = ("old_benefit_paid", "opening_debt_paid", "opening_debt_kept")

EVENT_CHOICES: list[tuple[str, str]] = [(event.name, event.title) for event in EVENTS.values()]
ALWAYS_APPROVED = tuple(name for name, event in EVENTS.items() if event.always_approved)
MANUAL_EVENTS: dict[str, Event] = {name: event for name, event in EVENTS.items() if event.manual}

# What each bank account may receive and pay, by 《社会保险基金财务制度》(财社〔2017〕144号):
# collection account and treasury take money in and pass it on to the fiscal account, which pays the
# expenditure account and what leaves the county; that one alone pays people and institutions.
RULE = "《社会保险基金财务制度》"


@dataclass(frozen=True, slots=True)
class Use:
    """Events by which money comes to a bank account and by which it leaves."""

    name: str
    receives: Collection[str]
    pays: Collection[str]


USES: dict[str, Use] = {
    "1002": Use(
        "收入户",
        receives=("premium_collected", "sponsor_received", "interest_received", "aid_received",
                  "lower_received", "insurer_returned"),
        pays=("premium_transferred",),
    ),
    "1003": Use(
        "财政专户",
        receives=("premium_transferred", "tax_premium_transferred", "aid_premium_received",
                  "subsidy_received", "interest_received", "prior_recovery", "other_received",
                  "overspend_received", "aid_received", "lower_received", "insurer_returned",
                  "borrowed"),
        pays=("expenditure_funded", "insurer_paid", "sent_up", "sent_down", "repaid"),
    ),
    "1004": Use(
        "支出户",
        receives=("expenditure_funded", "interest_received", "payment_returned", "claim_recovered",
                  "prepayment_back", "prior_recovery_set_off"),
        pays=("claim_paid", "old_benefit_paid", "returned_paid", "recovery_returned",
              "prior_recovery_returned", "earlier_recovery_returned", "suspense_returned",
              "deposit_returned", "prepayment_out", "premium_refunded", "prior_premium_refunded",
              "opening_debt_paid", "overspend_returned", "earlier_overspend_returned",
              "insurer_paid", "sent_up", "sent_down"),
    ),
    "1005": Use(
        "国库",
        receives=("tax_premium_collected", "tax_suspended"),
        pays=("tax_premium_transferred",),
    ),
}  # fmt: skip

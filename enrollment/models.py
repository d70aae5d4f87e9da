"""Where Django finds the models of the app. Each stands with what it is about."""

from enrollment.carried.mending_models import CarriedMending
from enrollment.carried.models import CarriedRow, CarriedTable
from enrollment.collection.models import (
    BookCheckOff,
    BookEvent,
    DayClose,
    FoundNumbers,
    Receipt,
    ReceiptBook,
    ReceiptRun,
    Refund,
    Remittance,
    SponsorFund,
    SponsorMoney,
    SponsorUse,
    TaxFile,
    TaxRow,
)
from enrollment.cover.models import (
    AccountOpening,
    Campaign,
    Certificate,
    Enrollment,
    EnrollmentQuerySet,
    ExpectedChild,
    LateEntry,
    NewbornRule,
    SchoolClass,
)
from enrollment.cover.proposal_models import Proposal
from enrollment.people.listed_models import ListedStatus
from enrollment.people.models import (
    FormerCertificate,
    FormerNumber,
    Household,
    HouseholdQuerySet,
    IdentityStatus,
    OtherCover,
    Person,
    PersonQuerySet,
    RegisterEvent,
)
from enrollment.people.old_numbers import OldNumber
from enrollment.people.same_models import SamePerson
from enrollment.progress.models import (
    CheckLine,
    CheckList,
    Correction,
    ProgressLine,
    ProgressSheet,
    SpecialTarget,
    VillageTarget,
)
from enrollment.rosters.models import RegisterHousehold, RegisterImport, RegisterRow
from enrollment.status_lists.models import ListLine, StatusList
from funds.banking.models import BankLine, BankStatement

__all__ = [
    "AccountOpening",
    "BankLine",
    "BankStatement",
    "BookCheckOff",
    "BookEvent",
    "Campaign",
    "CarriedMending",
    "CarriedRow",
    "CarriedTable",
    "Certificate",
    "CheckLine",
    "CheckList",
    "Correction",
    "DayClose",
    "Enrollment",
    "EnrollmentQuerySet",
    "ExpectedChild",
    "FormerCertificate",
    "FormerNumber",
    "FoundNumbers",
    "Household",
    "HouseholdQuerySet",
    "IdentityStatus",
    "LateEntry",
    "ListLine",
    "ListedStatus",
    "NewbornRule",
    "OldNumber",
    "OtherCover",
    "Person",
    "PersonQuerySet",
    "ProgressLine",
    "ProgressSheet",
    "Proposal",
    "Receipt",
    "ReceiptBook",
    "ReceiptRun",
    "Refund",
    "RegisterEvent",
    "RegisterHousehold",
    "RegisterImport",
    "RegisterRow",
    "Remittance",
    "SamePerson",
    "SchoolClass",
    "SpecialTarget",
    "SponsorFund",
    "SponsorMoney",
    "SponsorUse",
    "StatusList",
    "TaxFile",
    "TaxRow",
    "VillageTarget",
]

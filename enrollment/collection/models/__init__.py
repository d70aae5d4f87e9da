"""What collecting premiums leaves behind, by what it is about."""

from enrollment.collection.models.books import BookCheckOff, BookEvent, FoundNumbers
from enrollment.collection.models.columns import ZERO
from enrollment.collection.models.days import DayClose, ReceiptRun
from enrollment.collection.models.receipts import Receipt, ReceiptBook, Remittance
from enrollment.collection.models.refunds import Refund
from enrollment.collection.models.sponsors import SponsorFund, SponsorMoney, SponsorUse
from enrollment.collection.models.tax import TaxFile, TaxRow

__all__ = [
    "ZERO",
    "BookCheckOff",
    "BookEvent",
    "DayClose",
    "FoundNumbers",
    "Receipt",
    "ReceiptBook",
    "ReceiptRun",
    "Refund",
    "Remittance",
    "SponsorFund",
    "SponsorMoney",
    "SponsorUse",
    "TaxFile",
    "TaxRow",
]

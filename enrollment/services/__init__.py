"""Writes of the room, by what they write."""

from enrollment.services.campaigns import (
    campaign_on,
    issue_book,
    open_campaign,
    pack_of_year,
    set_cash_days,
)
from enrollment.services.cover import (
    CoverDays,
    CoverHistory,
    consecutive_years,
    cover_days,
    cover_histories,
    cover_on,
    lock_cover,
    years_before,
)
from enrollment.services.enrolling import (
    HouseholdEntry,
    SavedEntry,
    Season,
    cancel_pending,
    enroll_household,
    save_entry,
    season_on,
)
from enrollment.services.quoting import Quote, quote
from enrollment.services.receipts import take_payment, void_receipt
from enrollment.services.register import (
    MemberEntry,
    Revealed,
    add_person,
    change_household,
    change_person,
    place_of,
    register_household,
    reveal_household,
    set_statuses,
    statuses_on,
)
from enrollment.services.remittances import confirm_remittance, remit, return_remittance

__all__ = [
    "CoverDays",
    "CoverHistory",
    "HouseholdEntry",
    "MemberEntry",
    "Quote",
    "Revealed",
    "SavedEntry",
    "Season",
    "add_person",
    "campaign_on",
    "cancel_pending",
    "change_household",
    "change_person",
    "confirm_remittance",
    "consecutive_years",
    "cover_days",
    "cover_histories",
    "cover_on",
    "enroll_household",
    "issue_book",
    "lock_cover",
    "open_campaign",
    "pack_of_year",
    "place_of",
    "quote",
    "register_household",
    "remit",
    "return_remittance",
    "reveal_household",
    "save_entry",
    "season_on",
    "set_cash_days",
    "set_statuses",
    "statuses_on",
    "take_payment",
    "void_receipt",
    "years_before",
]

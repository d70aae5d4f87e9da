"""Writes of the room, by what they write."""

from enrollment.services.campaigns import campaign_on, issue_book, open_campaign, pack_of_year
from enrollment.services.cover import consecutive_years, cover_on, lock_cover, years_before
from enrollment.services.enrolling import (
    HouseholdEntry,
    Quote,
    SavedEntry,
    Season,
    cancel_pending,
    enroll_household,
    quote,
    save_entry,
    season_on,
)
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
    "set_statuses",
    "statuses_on",
    "take_payment",
    "void_receipt",
    "years_before",
]

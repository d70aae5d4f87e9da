"""What was registered, receipted and remitted stays; a receipt's face never changes."""

from django.db import migrations, models
from django.db.models import Q

from accounts.append_only import never_deleted, set_once

KEPT = (
    "enrollment_household",
    "enrollment_person",
    "enrollment_identitystatus",
    "enrollment_campaign",
    "enrollment_receiptbook",
    "enrollment_receipt",
    "enrollment_remittance",
    "enrollment_enrollment",
)
RECEIPT = (
    "book_id",
    "number",
    "household_id",
    "division_id",
    "campaign_id",
    "channel",
    "amount",
    "payer_name",
    "issued_by_id",
    "issued_on",
    "issued_at",
    "voided_by_id",
    "voided_at",
    "void_reason",
)
BOOK = ("township_id", "clerk_id", "year", "code", "first_number", "last_number")
REMITTANCE = (
    "township_id",
    "campaign_id",
    "clerk_id",
    "slip_number",
    "slip_date",
    "receipt_count",
    "amount",
    "confirmed_by_id",
    "confirmed_at",
    "voucher_number",
    "return_reason",
)


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0001_initial"), ("accounts", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=Q(voided_at=None) | Q(remittance=None),
                name="void_receipt_is_not_remitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | Q(voided_at__isnull=False, voided_by__isnull=False),
                name="void_receipt_says_who",
            ),
        ),
        *[never_deleted(table) for table in KEPT],
        set_once("enrollment_receipt", RECEIPT),
        set_once("enrollment_receiptbook", BOOK),
        set_once("enrollment_remittance", REMITTANCE),
    ]

"""Remittances, receipt books and refunds move along their workflows only."""

from django.db import migrations

from accounts.append_only import only_moves


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0014_races_told"), ("accounts", "0002_moves")]

    operations = [
        only_moves(
            "enrollment_remittance", ["submitted>confirmed", "submitted>returned"]
        ),
        only_moves(
            "enrollment_receiptbook",
            [
                "in_use>checked_off",
                "in_use>returned",
                "returned>checked_off",
                "returned>in_use",
            ],
        ),
        only_moves(
            "enrollment_refund",
            [
                "granted>paid",
                "requested>granted",
                "requested>paid",
                "requested>refused",
            ],
        ),
    ]

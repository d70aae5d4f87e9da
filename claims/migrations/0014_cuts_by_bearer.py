"""What a review cut is told apart by who bears it, and what the institution bears of a bill is no
longer the patient's own payment (全自费).

Cuts of before had no code: an institution that settled at its counter bore them, else the patient,
which is how they were computed. What the institution bore of a bill is read from the steps of its
settlement, where it was written down; measures without them are those of rows made in bulk, where
what the institution bears is no more than what was outside the scope.
"""

from django.db import migrations, models
from django.db.models import F, Q

import accounts.fields
from accounts.sql import RunSQL

GUARD = """
CREATE OR REPLACE TRIGGER claims_billline_frozen BEFORE UPDATE ON claims_billline
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen({columns})
"""
CUT, WAS_CUT = "'approved_amount', 'cut_code', 'cut_bearer', 'cut_reason'", (
    "'approved_amount', 'cut_reason'"
)

BEARERS = """
ALTER TABLE claims_billline DISABLE TRIGGER USER;
UPDATE claims_billline l
    SET cut_bearer = CASE WHEN v.source = 'counter' AND EXISTS (
            SELECT 1 FROM claims_settlementstep t JOIN claims_settlement s ON s.id = t.settlement_id
            WHERE s.visit_id = v.id AND t.code = 'review_cut' AND t.sentence LIKE '%由就诊机构承担%'
        ) THEN 'institution' ELSE 'patient' END,
        cut_code = CASE WHEN v.source = 'counter' THEN 'institution_other'
            ELSE 'patient_other' END
    FROM claims_visit v WHERE v.id = l.visit_id AND l.approved_amount < l.amount;
UPDATE claims_billline SET cut_code = 'patient_other'
    WHERE cut_bearer = 'patient' AND cut_code = 'institution_other';
ALTER TABLE claims_billline ENABLE TRIGGER USER
"""

BORNE = """
ALTER TABLE claims_settlement DISABLE TRIGGER USER;
UPDATE claims_settlement s SET borne_amount = b.borne,
        full_self_pay_amount = s.full_self_pay_amount - b.borne
    FROM (
        SELECT c.id, least(c.hospital_amount, c.full_self_pay_amount, coalesce(
            (SELECT sum(t.before_amount - t.after_amount) FROM claims_settlementstep t
             WHERE t.settlement_id = c.id AND (t.code = 'consent_limit'
                OR (t.code LIKE 'c%' AND t.sentence LIKE '%由医疗机构负担%'))),
            CASE WHEN EXISTS (SELECT 1 FROM claims_settlementstep t WHERE t.settlement_id = c.id)
                THEN 0 ELSE c.hospital_amount END)) AS borne
        FROM claims_settlement c WHERE c.hospital_amount > 0
    ) b
    WHERE b.id = s.id AND b.borne > 0;
ALTER TABLE claims_settlement ENABLE TRIGGER USER
"""
BACK = """
ALTER TABLE claims_settlement DISABLE TRIGGER USER;
UPDATE claims_settlement SET full_self_pay_amount = full_self_pay_amount + borne_amount,
    borne_amount = 0 WHERE borne_amount > 0;
ALTER TABLE claims_settlement ENABLE TRIGGER USER
"""
NEVER = (
    Q(fund_amount__gte=0)
    & Q(cash_amount__gte=0)
    & Q(in_scope_amount__gte=0)
    & Q(beyond_amount__gte=0)
)


class Migration(migrations.Migration):
    dependencies = [("claims", "0013_visits_of_one_person")]

    operations = [
        migrations.AddField(
            "billline",
            "cut_code",
            models.CharField("核减原因代码", max_length=24, blank=True, db_default=""),
        ),
        migrations.AddField(
            "billline",
            "cut_bearer",
            models.CharField(
                "核减由谁承担",
                max_length=12,
                choices=[("institution", "医疗机构"), ("patient", "个人")],
                blank=True,
                db_default="",
            ),
        ),
        migrations.AddField(
            "settlement",
            "borne_amount",
            accounts.fields.MoneyField(
                "不得向个人收取", decimal_places=2, max_digits=14, default=0, db_default=0
            ),
        ),
        migrations.RemoveConstraint("settlement", "bill_parts_sum_to_total"),
        migrations.RemoveConstraint("settlement", "settlement_never_negative"),
        RunSQL(GUARD.format(columns=CUT), GUARD.format(columns=WAS_CUT)),
        RunSQL(BEARERS, RunSQL.noop),
        RunSQL(BORNE, BACK),
        migrations.AddConstraint(
            "settlement",
            models.CheckConstraint(
                condition=Q(
                    total_amount=F("full_self_pay_amount")
                    + F("borne_amount")
                    + F("over_limit_amount")
                    + F("first_self_pay_amount")
                    + F("in_scope_amount")
                ),
                name="bill_parts_sum_to_total",
            ),
        ),
        migrations.AddConstraint(
            "settlement",
            models.CheckConstraint(
                condition=NEVER
                & Q(full_self_pay_amount__gte=0)
                & Q(borne_amount__gte=0)
                & Q(hospital_amount__gte=F("borne_amount")),
                name="settlement_never_negative",
            ),
        ),
        migrations.AddConstraint(
            "billline",
            models.CheckConstraint(
                condition=Q(approved_amount=F("amount"), cut_bearer="", cut_code="")
                | (Q(approved_amount__lt=F("amount")) & ~Q(cut_bearer="") & ~Q(cut_code="")),
                name="cut_line_has_bearer",
            ),
        ),
    ]

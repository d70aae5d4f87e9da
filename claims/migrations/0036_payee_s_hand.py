"""Who names another payee is a hand of the claim: no review, approval or payment of it is theirs.

The record of a payee follows when two records of one person become one, with the fingerprint of
what was agreed to (claims/one_person.py).
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0035_closed_settled_anew")
PAYEES = BEFORE.BEFORE
DECIDING = PAYEES.BEFORE
WAY = (*PAYEES.WAY, "payee_by_id", "payee_at")
NAMED = "NEW.payee_name, NEW.payee_relation, NEW.payee_person_id,"
WAS_NAMED = NAMED.replace("NEW", "OLD")
STAYS = PAYEES.SEEN[: PAYEES.SEEN.index("CREATE TRIGGER")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
FOLLOWS = (
    STAYS.replace(
        "IF NEW.status <> 'submitted' AND OLD.status <> 'draft' AND",
        """IF NEW.status <> 'submitted' AND OLD.status <> 'draft'
            AND NEW.payee_person_id IS DISTINCT FROM OLD.payee_person_id
            AND NOT hezuo_one_person(ARRAY[OLD.payee_person_id, NEW.payee_person_id]) THEN
        RAISE EXCEPTION 'the payee of a settlement is another person only after a review'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.digest <> '' AND NEW.digest <> OLD.digest AND NEW.status <> 'submitted'
            AND NEW.payee_person_id IS NOT DISTINCT FROM OLD.payee_person_id THEN
        RAISE EXCEPTION 'claims_settlement.digest cannot be changed once it is set'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.status <> 'submitted' AND OLD.status <> 'draft' AND""",
    )
    .replace(NAMED, "NEW.payee_name, NEW.payee_relation, NEW.payee_by_id,")
    .replace(WAS_NAMED, "OLD.payee_name, OLD.payee_relation, OLD.payee_by_id,")
)
APPROVAL = DECIDING.APPROVED[DECIDING.APPROVED.index("CREATE FUNCTION claims_approval_hands") :]
APPROVAL = APPROVAL.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
HANDS = APPROVAL.replace(
    "NEW.by_id IN (claim.entered_by_id, claim.reviewed_by_id)",
    "NEW.by_id IN (claim.entered_by_id, claim.reviewed_by_id, claim.payee_by_id)",
)
ONCE = PAYEES.ONCE.replace(", 'digest')", ")")


def _moves(way: tuple[str, ...]) -> str:
    arguments = ", ".join(f"'{word}'" for word in (*BEFORE.PAIRS, *way))
    return str(DECIDING.TRIGGER).format(arguments=arguments)


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0035_closed_settled_anew'),
        ('enrollment', '0037_second_covers'),
        ('policies', '0008_release'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='settlement',
            name='reviewer_is_not_who_entered',
        ),
        migrations.RemoveConstraint(
            model_name='settlement',
            name='approver_is_a_third_person',
        ),
        migrations.RemoveConstraint(
            model_name='settlement',
            name='payer_is_a_fourth_person',
        ),
        migrations.AddField(
            model_name='settlement',
            name='payee_at',
            field=models.DateTimeField(null=True, verbose_name='收款变更时间'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='payee_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='收款变更人'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(models.Q(('reviewed_by', models.F('entered_by')), _negated=True), models.Q(('reviewed_by', models.F('payee_by')), _negated=True)), _connector='OR'), name='reviewer_is_not_who_entered'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(models.Q(('approved_by', models.F('entered_by')), _negated=True), models.Q(('approved_by', models.F('payee_by')), _negated=True), models.Q(('approved_by', models.F('reviewed_by')), _negated=True)), _connector='OR'), name='approver_is_a_third_person'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('paid_by', None), models.Q(models.Q(('paid_by', models.F('entered_by')), _negated=True), models.Q(('paid_by', models.F('payee_by')), _negated=True), models.Q(('paid_by', models.F('reviewed_by')), _negated=True), models.Q(('paid_by', models.F('approved_by')), _negated=True)), _connector='OR'), name='payer_is_a_fourth_person'),
        ),
        RunSQL(_moves(WAY), _moves(PAYEES.WAY)),
        RunSQL(FOLLOWS, STAYS),
        RunSQL(ONCE, PAYEES.ONCE),
        RunSQL(HANDS, APPROVAL),
    ]

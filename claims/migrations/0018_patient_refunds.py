"""What a hospital gives back to a patient after a cut; it moves one way and is never deleted."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0017_deciding_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PatientRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='应退金额')),
                ('status', models.CharField(choices=[('due', '待退患者'), ('given', '已退患者'), ('void', '已取消')], default='due', max_length=10, verbose_name='状态')),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='核减时间')),
                ('given_on', models.DateField(null=True, verbose_name='退款日期')),
                ('evidence', models.CharField(blank=True, max_length=100, verbose_name='退款凭据')),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人')),
                ('settlement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='refund', to='claims.settlement', verbose_name='结算单')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='patient_refund_positive'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'given'), _negated=True), models.Q(('given_by__isnull', False), ('given_on__isnull', False), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='given_refund_says_how')],
            },
        ),
        only_moves("claims_patientrefund", ["due>given", "due>void"]),
        never_deleted("claims_patientrefund"),
        set_once(
            "claims_patientrefund",
            ["settlement_id", "amount", "given_by_id", "given_on", "evidence"],
        ),
    ]

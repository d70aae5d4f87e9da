"""What is told by hand of the bank's returns, and who confirmed it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0010_kept_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('noted', '待核对'), ('confirmed', '已核对'), ('refused', '不属实')], default='noted', max_length=10, verbose_name='状态')),
                ('returned_on', models.DateField(verbose_name='退汇日期')),
                ('reason', models.CharField(max_length=200, verbose_name='退汇原因')),
                ('evidence', models.CharField(max_length=60, verbose_name='银行回单号')),
                ('noted_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='核对时间')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='核对意见')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核对人')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='funds.transfer', verbose_name='付款')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('noted_by')), _negated=True), _connector='OR'), name='return_is_confirmed_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'refused']), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='decided_return_says_who'), models.UniqueConstraint(condition=models.Q(('status', 'noted')), fields=('transfer',), name='one_open_note_of_a_transfer', violation_error_message='这笔付款的退汇刚由别人登记，待核对，请刷新')],
            },
        ),
        only_moves("funds_returnnote", ["noted>confirmed", "noted>refused"]),
        never_deleted("funds_returnnote"),
        set_once(
            "funds_returnnote",
            ["transfer_id", "returned_on", "reason", "evidence", "noted_by_id", "noted_at",
             "decided_by_id", "decided_at", "decision"],
        ),
    ]

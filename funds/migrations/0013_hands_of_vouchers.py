"""Vouchers made by hand go through three people; what the county allows is kept as it was set."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0012_never_below_zero'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BookLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('second_approval', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='大额审批限额')),
                ('turnover_cash', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='支出户周转金限额')),
                ('basis', models.CharField(max_length=60, verbose_name='依据')),
                ('set_at', models.DateTimeField(auto_now_add=True, verbose_name='设定时间')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='funds.book')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='设定人')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('second_approval', None), ('second_approval__gt', 0), _connector='OR'), models.Q(('turnover_cash', None), ('turnover_cash__gt', 0), _connector='OR')), name='limits_are_more_than_zero')],
            },
        ),
        migrations.CreateModel(
            name='VoucherDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('made', '待复核'), ('reviewed', '待记账'), ('approved', '大额已批待记账'), ('posted', '已记账'), ('refused', '已退回'), ('withdrawn', '已撤回')], default='made', max_length=10, verbose_name='状态')),
                ('event', models.CharField(max_length=30, verbose_name='事项')),
                ('occurred_on', models.DateField(verbose_name='日期')),
                ('document', models.CharField(max_length=60, verbose_name='单据号')),
                ('summary', models.CharField(blank=True, max_length=200, verbose_name='摘要')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='金额')),
                ('lines', models.JSONField(default=list, verbose_name='明细')),
                ('key', models.CharField(max_length=60, verbose_name='防重键')),
                ('same_document', models.CharField(blank=True, max_length=100, verbose_name='单据号重复的说明')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='制单时间')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='审批时间')),
                ('posted_at', models.DateTimeField(null=True, verbose_name='记账时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='退回原因')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='funds.book')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='制单人')),
                ('posted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='记账人')),
                ('reverses', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.voucher', verbose_name='红冲的凭证')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('voucher', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='draft', to='funds.voucher', verbose_name='凭证')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['book', 'document'], name='draft_by_document')],
                'constraints': [models.UniqueConstraint(fields=('book', 'key'), name='voucher_draft_once', violation_error_message='这张凭证刚刚已经制单，请刷新'), models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(('reviewed_by', models.F('made_by')), _negated=True), _connector='OR'), name='voucher_is_reviewed_by_another'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(models.Q(('approved_by', models.F('made_by')), _negated=True), models.Q(('approved_by', models.F('reviewed_by')), _negated=True)), _connector='OR'), name='voucher_is_approved_by_another'), models.CheckConstraint(condition=models.Q(('posted_by', None), models.Q(models.Q(('posted_by', models.F('made_by')), _negated=True), models.Q(('posted_by', models.F('reviewed_by')), _negated=True), models.Q(('posted_by', models.F('approved_by')), _negated=True)), _connector='OR'), name='voucher_is_entered_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['reviewed', 'approved', 'posted']), _negated=True), ('reviewed_by__isnull', False), _connector='OR'), name='voucher_goes_on_when_reviewed'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('approved_by__isnull', False), _connector='OR'), name='approved_voucher_says_by_whom'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'posted'), _negated=True), ('posted_by__isnull', False), _connector='OR'), name='entered_voucher_says_by_whom'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'posted'), _negated=True), ('voucher__isnull', False), _connector='OR'), name='entered_draft_has_its_voucher')],
            },
        ),
        append_only("funds_booklimit"),
        never_deleted("funds_voucherdraft"),
        only_moves(
            "funds_voucherdraft",
            ["approved>posted", "approved>refused", "made>refused", "made>reviewed",
             "made>withdrawn", "reviewed>approved", "reviewed>posted", "reviewed>refused",
             "reviewed>withdrawn"],
        ),
        set_once(
            "funds_voucherdraft",
            ["book_id", "event", "occurred_on", "document", "summary", "amount", "lines", "key",
             "reverses_id", "same_document", "made_by_id", "made_at", "reviewed_by_id",
             "reviewed_at", "approved_by_id", "approved_at", "posted_by_id", "posted_at", "reason",
             "voucher_id"],
        ),
    ]

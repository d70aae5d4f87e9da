"""Statements of all bank accounts, what of them is which voucher, and the adjustment table."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_civil_affairs'),
        ('funds', '0020_closing_checklist'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('percent', models.PositiveSmallIntegerField(default=0, verbose_name='进度(%)')),
                ('stage', models.CharField(blank=True, max_length=60, verbose_name='步骤')),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='申请时间')),
                ('started_at', models.DateTimeField(null=True, verbose_name='开始时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('failure', models.TextField(blank=True, verbose_name='失败原因')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('status', models.CharField(choices=[('waiting', '检查中'), ('checked', '待确认'), ('applying', '导入中'), ('done', '已导入'), ('failed', '退回'), ('discarded', '已放弃')], default='waiting', max_length=10, verbose_name='状态')),
                ('uploaded_on', models.DateField(verbose_name='上传日期')),
                ('file_name', models.CharField(max_length=120, verbose_name='文件名')),
                ('file_size', models.PositiveIntegerField(default=0, verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='指纹')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='检查时间')),
                ('checked_on', models.DateField(null=True, verbose_name='检查日期')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('confirmed_on', models.DateField(null=True, verbose_name='确认日期')),
                ('forgotten', models.BooleanField(default=False, verbose_name='文件已清除')),
                ('sheets', models.JSONField(default=list, verbose_name='工作表')),
                ('left_out', models.JSONField(default=list, verbose_name='没有读入')),
                ('faults', models.JSONField(db_default=[], default=list, verbose_name='退回的原因')),
                ('content', accounts.fields.SealedField(blank=True, context='funds.accountstatement.content', verbose_name='文件')),
                ('line_count', models.PositiveIntegerField(default=0, verbose_name='笔数')),
                ('known_count', models.PositiveIntegerField(default=0, verbose_name='此前已导入')),
                ('void_rows', models.JSONField(default=list, verbose_name='未成交的行')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.account', verbose_name='银行账户')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AccountLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.CharField(max_length=40, verbose_name='流水号')),
                ('booked_on', models.DateField(verbose_name='入账日期')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='金额')),
                ('summary', models.CharField(blank=True, max_length=120, verbose_name='摘要')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_lines', to='funds.account')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='funds.accountstatement')),
            ],
            options={
                'ordering': ['booked_on', 'serial'],
            },
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='月份')),
                ('status', models.CharField(choices=[('made', '待复核'), ('reviewed', '已复核')], default='made', max_length=10, verbose_name='状态')),
                ('balance', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='对账单余额')),
                ('table', models.JSONField(null=True, verbose_name='调节表')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='编制时间')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='退回原因')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="funds.account", verbose_name="银行账户")),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编制人')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
            ],
            options={
                'ordering': ['-month', 'account'],
            },
        ),
        migrations.CreateModel(
            name='LineMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('standing', '已勾对'), ('undone', '已取消')], default='standing', max_length=10, verbose_name='状态')),
                ('how', models.CharField(choices=[('rule', '自动'), ('hand', '手工')], max_length=4, verbose_name='方式')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='金额')),
                ('matched_at', models.DateTimeField(auto_now_add=True, verbose_name='勾对时间')),
                ('undone_at', models.DateTimeField(null=True, verbose_name='取消时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='取消原因')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.account', verbose_name='银行账户')),
                ('matched_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='勾对人')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='取消人')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='MatchedItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_live', models.BooleanField(default=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.account')),
                ('line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matched', to='funds.accountline')),
                ('match', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='funds.linematch')),
                ('voucher', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matched', to='funds.voucher')),
            ],
            options={
                'ordering': ['match', 'id'],
            },
        ),
        migrations.AddConstraint(
            model_name='accountstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='failed_accountstatement_says_why'),
        ),
        migrations.AddConstraint(
            model_name='accountstatement',
            constraint=models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='accountstatement_percent_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='accountstatement',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('failed', 'discarded')), _negated=True), fields=('account', 'sha256'), name='account_statement_once', violation_error_code='file', violation_error_message='这份对账单刚由别人导入，请刷新'),
        ),
        migrations.AddConstraint(
            model_name='accountline',
            constraint=models.UniqueConstraint(fields=('account', 'booked_on', 'serial'), name='account_serial_once_a_day', violation_error_code='file', violation_error_message='这份对账单中有刚导入的流水号，请刷新后重新导入'),
        ),
        migrations.AddConstraint(
            model_name='accountline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='account_line_moves_money'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.UniqueConstraint(fields=('account', 'month'), name='one_adjustment_of_an_account_and_month', violation_error_message='这个月的调节表刚由别人编制，请刷新'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='adjustment_is_of_a_month'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(('reviewed_by', models.F('made_by')), _negated=True), _connector='OR'), name='adjustment_is_reviewed_by_another'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'reviewed'), _negated=True), ('reviewed_by__isnull', False), _connector='OR'), name='reviewed_adjustment_says_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'reviewed'), _negated=True), ('table__isnull', False), _connector='OR'), name='reviewed_adjustment_keeps_its_table'),
        ),
        migrations.AddConstraint(
            model_name='linematch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'undone'), _negated=True), ('undone_by__isnull', False), _connector='OR'), name='undone_match_says_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='matcheditem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('line', None), ('voucher__isnull', False)), models.Q(('line__isnull', False), ('voucher', None)), _connector='OR'), name='matched_item_is_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='matcheditem',
            constraint=models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('line',), name='line_is_matched_once', violation_error_code='lines', violation_error_message='所选流水刚由别人勾对，请刷新'),
        ),
        migrations.AddConstraint(
            model_name='matcheditem',
            constraint=models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('account', 'voucher'), name='voucher_is_matched_once', violation_error_code='vouchers', violation_error_message='所选凭证刚由别人勾对，请刷新'),
        ),
        append_only("funds_accountline"),
        *[
            never_deleted(f"funds_{table}")
            for table in ("accountstatement", "adjustment", "linematch", "matcheditem")
        ],
        only_moves("funds_accountstatement", ["waiting>done", "waiting>failed"]),
        only_moves("funds_linematch", ["standing>undone"]),
        only_moves("funds_adjustment", ["made>reviewed", "reviewed>made"]),
        set_once(
            "funds_accountstatement", ["area_id", "account_id", "sha256", "uploaded_on"]
        ),
        set_once(
            "funds_linematch",
            ["account_id", "how", "amount", "matched_by_id", "matched_at", "undone_by_id",
             "undone_at", "reason"],
        ),
        set_once("funds_matcheditem", ["match_id", "account_id", "line_id", "voucher_id"]),
        set_once("funds_adjustment", ["account_id", "month", "made_by_id", "made_at"]),
    ]

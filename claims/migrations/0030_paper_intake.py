"""Papers of claims from elsewhere: what was ticked, scanned and let in late."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0026_determination'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HandedPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='材料代码')),
                ('state', models.CharField(choices=[('original', '原件'), ('copy', '复印件'), ('missing', '缺')], max_length=10, verbose_name='核对结果')),
                ('noted_at', models.DateTimeField(auto_now=True, verbose_name='核对时间')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核对人')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='claims.visit')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('visit', 'code'), name='handed_paper_once', violation_error_message='材料刚由另一窗口核对，请刷新后再办')],
            },
        ),
        migrations.CreateModel(
            name='LateClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField(verbose_name='应在此日前申请')),
                ('until', models.DateField(verbose_name='延期到')),
                ('handed_on', models.DateField(verbose_name='申请日期')),
                ('reason', models.CharField(max_length=200, verbose_name='逾期原因')),
                ('visit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='lateness', to='claims.visit')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('handed_on__gt', models.F('due_on')), ('handed_on__lte', models.F('until')), models.Q(('reason', ''), _negated=True)), name='late_claim_is_late_and_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('paper', models.CharField(blank=True, max_length=40, verbose_name='材料')),
                ('place', models.PositiveSmallIntegerField(verbose_name='页序')),
                ('file', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='文件编号')),
                ('kind', models.CharField(choices=[('pdf', 'PDF'), ('jpeg', 'JPEG'), ('png', 'PNG')], max_length=4, verbose_name='格式')),
                ('size', models.PositiveIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='扫描时间')),
                ('removed_at', models.DateTimeField(null=True, verbose_name='删除时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='扫描人')),
                ('removed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='删除人')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='claims.visit')),
            ],
            options={
                'ordering': ['visit', 'place', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('removed_at', None), ('removed_by', None)), models.Q(('removed_at__isnull', False), ('removed_by__isnull', False)), _connector='OR'), name='removed_scan_says_by_whom'), models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('visit', 'sha256'), name='scan_once_per_visit', violation_error_message='这一页已经上传过')],
            },
        ),
        append_only("claims_lateclaim"),
        never_deleted("claims_handedpaper"),
        never_deleted("claims_scan"),
        set_once(
            "claims_scan",
            ["visit_id", "file", "kind", "size", "sha256", "added_by_id", "removed_by_id", "removed_at"],
        ),
    ]

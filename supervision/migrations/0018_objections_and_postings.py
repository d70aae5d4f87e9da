"""Postings with their photos, and objections: they move along their workflows, what was said stays."""

import accounts.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('desk', '0010_access_checks'),
        ('supervision', '0017_public_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('where', models.CharField(max_length=60, verbose_name='张贴地点')),
                ('put_up_by', models.CharField(max_length=40, verbose_name='张贴人')),
                ('put_up_on', models.DateField(verbose_name='张贴日期')),
                ('due_on', models.DateField(verbose_name='公示截止')),
                ('taken_down_on', models.DateField(null=True, verbose_name='撤下日期')),
                ('status', models.CharField(choices=[('up', '公示中'), ('down', '已撤下')], default='up', max_length=10, verbose_name='状态')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='撤下登记时间')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤下登记人')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='地方')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('paper', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='posting', to='desk.paper', verbose_name='公示表')),
            ],
            options={
                'verbose_name': '公示张贴',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PostingPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='文件编号')),
                ('kind', models.CharField(max_length=4, verbose_name='格式')),
                ('size', models.PositiveIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='文件指纹')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
                ('posting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='supervision.posting', verbose_name='公示张贴')),
            ],
            options={
                'verbose_name': '张贴照片',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told', models.CharField(max_length=500, verbose_name='内容')),
                ('objector', accounts.fields.SealedField(blank=True, context='supervision.objection.objector', verbose_name='异议人姓名、联系方式')),
                ('received_on', models.DateField(verbose_name='收到日期')),
                ('due_on', models.DateField(verbose_name='答复期限')),
                ('status', models.CharField(choices=[('received', '待答复'), ('answered', '待办结'), ('closed', '已办结')], default='received', max_length=10, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=300, verbose_name='答复')),
                ('received_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='办结时间')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办结人')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='地方')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='desk.paper', verbose_name='公示表')),
                ('received_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '公示异议',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('received_on'))), name='objection_is_due_later'), models.CheckConstraint(condition=models.Q(('status', 'received'), models.Q(models.Q(('answer', ''), _negated=True), ('answered_by__isnull', False)), _connector='OR'), name='ended_objection_is_answered'), models.CheckConstraint(condition=models.Q(('closed_by', None), models.Q(models.Q(('closed_by', models.F('received_by')), _negated=True), models.Q(('closed_by', models.F('answered_by')), _negated=True)), _connector='OR'), name='objection_is_closed_by_another')],
            },
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('put_up_on'))), name='posting_hangs_until_later'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'up'), ('taken_down_on', None)), models.Q(('status', 'down'), ('taken_down_on__gt', models.F('due_on'))), _connector='OR'), name='posting_hangs_its_days'),
        ),
        migrations.AddConstraint(
            model_name='postingphoto',
            constraint=models.UniqueConstraint(fields=('posting', 'sha256'), name='posting_photo_once', violation_error_message='这张照片已经上传过'),
        ),
        set_once(
            "supervision_posting",
            ["paper_id", "division_id", "where", "put_up_by", "put_up_on", "due_on",
             "entered_by_id", "taken_down_on"],
        ),
        never_deleted("supervision_posting"),
        only_moves("supervision_posting", ["up>down"]),
        append_only("supervision_postingphoto"),
        set_once(
            "supervision_objection",
            ["paper_id", "division_id", "told", "received_on", "due_on", "received_by_id",
             "closed_by_id"],
        ),
        never_deleted("supervision_objection"),
        only_moves(
            "supervision_objection",
            ["answered>closed", "answered>received", "received>answered"],
        ),
    ]

"""A finding of a probe that the measures mean is marked once, with its article."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0014_cuts_by_bearer'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Intended',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, verbose_name='文本指纹')),
                ('finding', models.CharField(max_length=64, verbose_name='结果指纹')),
                ('title', models.TextField(verbose_name='结果')),
                ('article', models.CharField(max_length=200, verbose_name='条文')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('marked_at', models.DateTimeField(auto_now_add=True, verbose_name='标明时间')),
                ('status', models.CharField(choices=[('stands', '有意为之'), ('taken_back', '已撤回')], default='stands', max_length=10, verbose_name='状态')),
                ('taken_back_at', models.DateTimeField(null=True, verbose_name='撤回时间')),
                ('taken_back_because', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='撤回的原因')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
                ('marked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='标明人')),
                ('taken_back_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤回人')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'stands')), fields=('area', 'sha256', 'finding'), name='finding_marked_once', violation_error_message='这一处刚才已由别人标明，请重新打开'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'taken_back'), _negated=True), ('taken_back_by__isnull', False), _connector='OR'), name='mark_taken_back_by_somebody')],
            },
        ),
        set_once(
            "claims_intended",
            [
                "area_id", "sha256", "finding", "title", "article", "reason", "marked_by_id",
                "marked_at",
            ],
        ),
        never_deleted("claims_intended"),
        only_moves("claims_intended", ["stands>taken_back"]),
    ]

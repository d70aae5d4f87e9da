"""Where objections to notices go; the row of a place stays with it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('supervision', '0016_rule_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NoticeContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('office', models.CharField(max_length=60, verbose_name='受理单位')),
                ('phone', models.CharField(max_length=20, verbose_name='受理电话')),
                ('address', models.CharField(blank=True, max_length=100, verbose_name='地址')),
                ('set_at', models.DateTimeField(auto_now=True, verbose_name='登记时间')),
                ('division', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='notice_contact', to='accounts.division', verbose_name='乡镇或县')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '异议受理点',
                'ordering': ['division__code'],
            },
        ),
        set_once("supervision_noticecontact", ["division_id"]),
        never_deleted("supervision_noticecontact"),
    ]

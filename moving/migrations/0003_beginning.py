"""The opening list: that a county has moved in, and what came over beside the old system's totals."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once

PAIRS = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
DECIDED = ["evidence", "reason", "proposed_by_id", "proposed_on", "decided_by_id", "decided_on",
           "decision", "area_id"]


def established(apps, schema_editor):
    """Counties that keep books by now have moved in long ago."""
    row = apps.get_model("moving", "Established")
    for area in sorted(set(apps.get_model("funds", "Book").objects.values_list("area", flat=True))):
        row.objects.create(area_id=area)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_asked_roles'),
        ('funds', '0029_opening'),
        ('moving', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('kind', models.CharField(max_length=20, verbose_name='内容')),
                ('theirs', models.PositiveIntegerField(verbose_name='原系统数量')),
                ('ours', models.PositiveIntegerField(verbose_name='本系统数量')),
                ('their_amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='原系统金额')),
                ('our_amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='本系统金额')),
                ('differing', models.PositiveIntegerField(verbose_name='有差异的地方')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ComparisonLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('theirs', models.PositiveIntegerField(default=0, verbose_name='原系统数量')),
                ('ours', models.PositiveIntegerField(default=0, verbose_name='本系统数量')),
                ('their_amount', accounts.fields.MoneyField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='原系统金额')),
                ('our_amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='本系统金额')),
                ('note', models.CharField(blank=True, max_length=100, verbose_name='差异说明')),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='moving.comparison')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='村、乡镇')),
            ],
            options={
                'ordering': ['comparison', 'place__code'],
            },
        ),
        migrations.CreateModel(
            name='Established',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division')),
            ],
        ),
        migrations.CreateModel(
            name='MovedIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('left', models.JSONField(default=list, verbose_name='没有办的步骤')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area', 'kind'), name='one_open_comparison', violation_error_message='这项内容已有一份核对表待签认，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='comparison_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_comparison_says_who'),
        ),
        migrations.AddConstraint(
            model_name='comparisonline',
            constraint=models.UniqueConstraint(fields=('comparison', 'place'), name='compared_place_once'),
        ),
        migrations.AddConstraint(
            model_name='movedin',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area',), name='one_open_moved_in', violation_error_message='已提出启用办结，请等另一人同意'),
        ),
        migrations.AddConstraint(
            model_name='movedin',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='moved_in_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='movedin',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_moved_in_says_who'),
        ),
        migrations.AddConstraint(
            model_name='movedin',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'approved')), fields=('area',), name='moved_in_once', violation_error_message='启用已经办结'),
        ),
        append_only("moving_comparisonline"),
        append_only("moving_established"),
        never_deleted("moving_comparison"),
        never_deleted("moving_movedin"),
        only_moves("moving_comparison", PAIRS),
        only_moves("moving_movedin", PAIRS),
        set_once("moving_movedin", [*DECIDED, "left"]),
        set_once(
            "moving_comparison",
            [*DECIDED, "kind", "theirs", "ours", "their_amount", "our_amount", "differing"],
        ),
        migrations.RunPython(established, migrations.RunPython.noop),
    ]

"""Reviews of alerts: they move along their workflow, what was proposed stays."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once


PAIRS = [
    "appealed>verified",
    "first>done",
    "first>returned",
    "first>told",
    "told>appealed",
    "told>verified",
    "verified>done",
]


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0012_inspections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed', models.CharField(choices=[('confirm_alert', '属实'), ('dismiss_alert', '排除')], max_length=14, verbose_name='初审意见')),
                ('opinion', models.CharField(max_length=300, verbose_name='初审情况')),
                ('told', models.CharField(blank=True, max_length=300, verbose_name='告知机构的内容')),
                ('appeal', models.CharField(blank=True, max_length=500, verbose_name='申诉理由')),
                ('evidence', models.CharField(blank=True, max_length=200, verbose_name='申诉材料')),
                ('verified', models.CharField(blank=True, max_length=300, verbose_name='核实情况')),
                ('decision', models.CharField(blank=True, max_length=300, verbose_name='意见')),
                ('due_on', models.DateField(null=True, verbose_name='本环节期限')),
                ('status', models.CharField(choices=[('first', '待复审'), ('told', '待机构申诉'), ('appealed', '待核实'), ('verified', '待处理'), ('done', '已处理'), ('returned', '复审退回')], default='first', max_length=10, verbose_name='状态')),
                ('first_at', models.DateTimeField(auto_now_add=True, verbose_name='初审时间')),
                ('second_at', models.DateTimeField(null=True, verbose_name='复审时间')),
                ('appealed_at', models.DateTimeField(null=True, verbose_name='申诉时间')),
                ('verified_at', models.DateTimeField(null=True, verbose_name='核实时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='处理时间')),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='supervision.alert', verbose_name='疑点')),
                ('appealed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申诉人')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='处理人')),
                ('first_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='初审人')),
                ('second_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复审人')),
                ('verified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核实人')),
            ],
            options={
                'verbose_name': '疑点审核',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['status', 'due_on'], name='alert_review_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['done', 'returned']), _negated=True), fields=('alert',), name='one_standing_review_of_an_alert', violation_error_message='这条疑点刚由别人初审，请刷新后再看'), models.CheckConstraint(condition=models.Q(('second_by', None), models.Q(('second_by', models.F('first_by')), _negated=True), _connector='OR'), name='alert_is_reviewed_by_another'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(models.Q(('decided_by', models.F('first_by')), _negated=True), models.Q(('decided_by', models.F('second_by')), _negated=True), models.Q(('decided_by', models.F('appealed_by')), _negated=True), models.Q(('decided_by', models.F('verified_by')), _negated=True)), _connector='OR'), name='alert_is_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['told', 'appealed', 'verified']), _negated=True), ('second_by__isnull', False), _connector='OR'), name='told_by_second'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['told', 'appealed', 'verified']), _negated=True), models.Q(('told', ''), _negated=True), _connector='OR'), name='institution_was_told_something'), models.CheckConstraint(condition=models.Q(('appealed_by', None), models.Q(('appeal', ''), _negated=True), _connector='OR'), name='appeal_says_why')],
            },
        ),
        set_once(
            "supervision_alertreview",
            ["alert_id", "proposed", "opinion", "told", "appeal", "evidence", "verified",
             "first_by_id", "second_by_id", "appealed_by_id", "verified_by_id", "decided_by_id"],
        ),
        never_deleted("supervision_alertreview"),
        only_moves("supervision_alertreview", PAIRS),
    ]

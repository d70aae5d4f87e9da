"""What was filed may be ended before its time, by two people."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_civil_affairs'),
        ('claims', '0052_checked_by_civil_affairs'),
        ('enrollment', '0037_second_covers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='filing',
            name='ended_at',
            field=models.DateTimeField(null=True, verbose_name='同意终止时间'),
        ),
        migrations.AddField(
            model_name='filing',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='同意终止人'),
        ),
        migrations.AddField(
            model_name='filing',
            name='ended_from',
            field=models.DateField(null=True, verbose_name='终止自'),
        ),
        migrations.AddField(
            model_name='filing',
            name='ending_asked_at',
            field=models.DateTimeField(null=True, verbose_name='申请终止时间'),
        ),
        migrations.AddField(
            model_name='filing',
            name='ending_asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请终止人'),
        ),
        migrations.AddField(
            model_name='filing',
            name='ending_from',
            field=models.DateField(null=True, verbose_name='申请终止自'),
        ),
        migrations.AddField(
            model_name='filing',
            name='ending_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='终止原因'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(('ended_by', None), models.Q(models.Q(('ended_by', models.F('proposed_by')), _negated=True), models.Q(('ended_by', models.F('decided_by')), _negated=True), models.Q(('ended_by', models.F('ending_asked_by')), _negated=True)), _connector='OR'), name='filing_is_ended_by_another'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(('ended_from', None), models.Q(('ended_by__isnull', False), ('ended_from__gte', models.F('starts')), ('status', 'approved')), _connector='OR'), name='ended_filing_says_by_whom'),
        ),
    ]

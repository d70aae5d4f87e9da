"""What civil affairs found out about somebody whose own pay of the year is large."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_civil_affairs'),
        ('claims', '0051_denied_before_settled'),
        ('enrollment', '0037_second_covers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='aidcase',
            name='checked_at',
            field=models.DateTimeField(null=True, verbose_name='民政核查时间'),
        ),
        migrations.AddField(
            model_name='aidcase',
            name='checked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='民政核查人'),
        ),
        migrations.AddField(
            model_name='aidcase',
            name='finding',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='民政核查情况'),
        ),
        migrations.AddField(
            model_name='aidcase',
            name='is_poor',
            field=models.BooleanField(null=True, verbose_name='民政核查符合救助条件'),
        ),
        migrations.AddConstraint(
            model_name='aidcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finding', ''), ('is_poor', None)), models.Q(('checked_by__isnull', False), models.Q(('finding', ''), _negated=True)), _connector='OR'), name='checked_case_says_what_was_found'),
        ),
    ]

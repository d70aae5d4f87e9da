"""Who told of a denial does not release it either."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_civil_affairs'),
        ('claims', '0052_checked_by_civil_affairs'),
        ('supervision', '0005_visit_denials'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='visitdenial',
            name='denial_is_released_by_another',
        ),
        migrations.AddConstraint(
            model_name='visitdenial',
            constraint=models.CheckConstraint(condition=models.Q(('released_by', None), models.Q(models.Q(('released_by', models.F('told_by')), _negated=True), models.Q(('released_by', models.F('handled_by')), _negated=True)), _connector='OR'), name='denial_is_released_by_another'),
        ),
    ]

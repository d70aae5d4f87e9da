"""A second return of a year gives back what an upheld appeal found was taken too much."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('claims', '0068_finer_lines'),
        ('institutions', '0009_points'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='depositreturn',
            name='one_return_of_a_year',
        ),
        migrations.AddField(
            model_name='depositreturn',
            name='corrects',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='claims.depositreturn', verbose_name='补返'),
        ),
        migrations.AddConstraint(
            model_name='depositreturn',
            constraint=models.UniqueConstraint(condition=models.Q(('corrects', None), ('status__in', ['proposed', 'approved'])), fields=('institution', 'year'), name='one_return_of_a_year', violation_error_message='该机构本年度的保证金已有返还，请核对'),
        ),
        migrations.AddConstraint(
            model_name='depositreturn',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('corrects',), name='one_open_correction_of_a_return', violation_error_message='已有一份补返待审批，请先办结或撤回'),
        ),
    ]

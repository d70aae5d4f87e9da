"""What a hospital files itself, and what it calls the items of its bills."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_asked_roles'),
        ('claims', '0065_doctor_of_lines'),
        ('enrollment', '0042_mendings'),
        ('institutions', '0005_mappings_and_departments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='billline',
            name='own_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=150, verbose_name='机构项目编码'),
        ),
        migrations.AddField(
            model_name='filing',
            name='code',
            field=models.CharField(blank=True, db_default='', default='', max_length=30, verbose_name='病种或机构代码'),
        ),
        migrations.AddField(
            model_name='filing',
            name='institution',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution', verbose_name='申报机构'),
        ),
        migrations.AlterField(
            model_name='filing',
            name='proof',
            field=models.CharField(blank=True, choices=[('police', '公安机关证明'), ('court', '法院文书'), ('community', '村(居)委会和街镇政府证明'), ('employer', '用人单位证明'), ('none', '尚无证明')], max_length=10, verbose_name='责任证明'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proof', 'none'), _negated=True), ('liable', 'open'), _connector='OR'), name='unproved_liability_is_open'),
        ),
    ]

"""An account may wait for the role that a table asked for it."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_civil_affairs'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='asked_note',
            field=models.CharField(blank=True, max_length=100, verbose_name='同名说明'),
        ),
        migrations.AddField(
            model_name='user',
            name='asked_place',
            field=models.CharField(blank=True, max_length=14, verbose_name='拟任所属代码'),
        ),
        migrations.AddField(
            model_name='user',
            name='asked_role',
            field=models.CharField(blank=True, choices=[('township_clerk', '乡镇经办'), ('reviewer', '初审'), ('approver', '复核'), ('accountant', '会计'), ('cashier', '出纳'), ('supervisor', '基金监管'), ('auditor', '审计'), ('institution_clerk', '定点机构'), ('village_cadre', '村干部'), ('civil_affairs', '民政'), ('system_admin', '系统管理员'), ('security_admin', '安全管理员'), ('audit_admin', '审计管理员')], max_length=20, verbose_name='拟任角色'),
        ),
        migrations.AlterField(
            model_name='user',
            name='username',
            field=models.CharField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_.]{2,39}\\Z', '小写字母开头，3 至 40 位字母、数字、点或下划线')], verbose_name='用户名'),
        ),
    ]

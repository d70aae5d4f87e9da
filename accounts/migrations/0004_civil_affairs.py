"""Civil affairs (民政) has an account of its own, and so a county."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='user',
            name='division_role_has_division',
        ),
        migrations.AlterField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('township_clerk', '乡镇经办'), ('reviewer', '初审'), ('approver', '复核'), ('accountant', '会计'), ('cashier', '出纳'), ('supervisor', '基金监管'), ('auditor', '审计'), ('institution_clerk', '定点机构'), ('village_cadre', '村干部'), ('civil_affairs', '民政'), ('system_admin', '系统管理员'), ('security_admin', '安全管理员'), ('audit_admin', '审计管理员')], max_length=20, verbose_name='角色'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role__in', ['accountant', 'approver', 'auditor', 'cashier', 'civil_affairs', 'reviewer', 'supervisor', 'township_clerk', 'village_cadre']), _negated=True), ('division__isnull', False), _connector='OR'), name='division_role_has_division'),
        ),
    ]

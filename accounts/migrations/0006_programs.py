"""An account may be that of an institution's program: no password, no sign-in."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_asked_roles'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='is_program',
            field=models.BooleanField(db_default=False, default=False, verbose_name='系统接入账号'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('is_program', False), models.Q(('asked_role', ''), ('must_change_password', False), ('password__startswith', '!'), ('role', 'institution_clerk')), _connector='OR'), name='program_has_no_password'),
        ),
    ]

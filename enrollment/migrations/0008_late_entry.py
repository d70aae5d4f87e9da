"""Who joins after the window, the unborn, and classes that their school enrols."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0007_people_and_lists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LateEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground', models.CharField(choices=[('newborn', '新生儿'), ('expected', '出生前已登记'), ('late', '错过缴费期或断保')], max_length=8, verbose_name='事由')),
                ('source', models.CharField(max_length=200, verbose_name='依据')),
                ('waiting_until', models.DateField(null=True, verbose_name='等待期至')),
                ('enrollment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='late_entry', to='enrollment.enrollment')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ExpectedChild',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('working_name', models.CharField(max_length=40, verbose_name='暂用名')),
                ('permit_number', models.CharField(max_length=40, verbose_name='准生证（生育登记）号')),
                ('due_on', models.DateField(verbose_name='预产期')),
                ('entered_on', models.DateField(verbose_name='登记日期')),
                ('dropped_on', models.DateField(null=True, verbose_name='撤销日期')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.campaign')),
                ('child', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='expected_as', to='enrollment.person')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='expected_children', to='enrollment.household')),
                ('mother', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('dropped_on', None)), fields=('mother', 'working_name'), name='expected_child_once'), models.CheckConstraint(condition=models.Q(('child', None), ('dropped_on', None), _connector='OR'), name='expected_child_born_or_dropped')],
            },
        ),
        migrations.CreateModel(
            name='NewbornRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.PositiveSmallIntegerField(verbose_name='出生后天数')),
                ('source', models.CharField(max_length=100, verbose_name='依据')),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='newborn_rule', to='enrollment.campaign')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 366), models.Q(('source', ''), _negated=True)), name='newborn_rule_names_its_source')],
            },
        ),
        migrations.CreateModel(
            name='SchoolClass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('school', models.CharField(max_length=60, verbose_name='学校')),
                ('name', models.CharField(max_length=40, verbose_name='班级')),
                ('contact', models.CharField(max_length=40, verbose_name='经办老师')),
                ('household', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='school_class', to='enrollment.household')),
            ],
            options={
                'ordering': ['school', 'name'],
                'constraints': [models.UniqueConstraint(fields=('school', 'name'), name='school_class_once')],
            },
        ),
        append_only("enrollment_lateentry"),
        *[
            never_deleted(table)
            for table in (
                "enrollment_newbornrule", "enrollment_expectedchild", "enrollment_schoolclass"
            )
        ],
        set_once("enrollment_expectedchild", ("household_id", "mother_id", "child_id", "dropped_on")),
    ]

"""Registers: the uploaded file as a job, and its staged rows."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('enrollment', '0002_guards'),
        ('policies', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RegisterImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('waiting', '检查中'), ('refused', '无法读取'), ('checked', '待确认'), ('applying', '导入中'), ('done', '已导入'), ('discarded', '已放弃')], default='waiting', max_length=10, verbose_name='状态')),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('uploaded_on', models.DateField(verbose_name='上传日期')),
                ('file_name', models.CharField(max_length=120, verbose_name='文件名')),
                ('file_size', models.PositiveIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='指纹')),
                ('content', accounts.fields.SealedField(context='enrollment.registerimport.content', blank=True, verbose_name='文件')),
                ('failure', models.CharField(blank=True, max_length=400, verbose_name='原因')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='检查时间')),
                ('row_count', models.PositiveIntegerField(default=0, verbose_name='行数')),
                ('right_count', models.PositiveIntegerField(default=0, verbose_name='正确')),
                ('warning_count', models.PositiveIntegerField(default=0, verbose_name='提醒')),
                ('error_count', models.PositiveIntegerField(default=0, verbose_name='错误')),
                ('household_count', models.PositiveIntegerField(default=0, verbose_name='户数')),
                ('open_households', models.PositiveIntegerField(default=0, verbose_name='待导入户数')),
                ('open_people', models.PositiveIntegerField(default=0, verbose_name='待参保人数')),
                ('open_amount', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name='个人缴费合计')),
                ('assessments', models.JSONField(default=list)),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('confirmed_on', models.DateField(null=True, verbose_name='确认日期')),
                ('applied_through', models.PositiveIntegerField(default=0)),
                ('new_households', models.PositiveIntegerField(default=0, verbose_name='新登记户')),
                ('new_people', models.PositiveIntegerField(default=0, verbose_name='新登记人')),
                ('new_enrollments', models.PositiveIntegerField(default=0, verbose_name='新参保人次')),
                ('held_households', models.PositiveIntegerField(default=0, verbose_name='导入时退回户')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('forgotten', models.BooleanField(default=False, verbose_name='明细已清除')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='enrollment.campaign', verbose_name='征缴')),
                ('pack', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='policies.pack')),
                ('township', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='乡镇')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RegisterHousehold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('wrong', models.BooleanField()),
                ('idle', models.BooleanField()),
                ('tier', models.CharField(max_length=8)),
                ('address', models.CharField(max_length=100)),
                ('phone', accounts.fields.SealedField(context='enrollment.household.phone')),
                ('receipt_number', models.PositiveIntegerField(null=True)),
                ('payer_name', models.CharField(max_length=40)),
                ('division', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.division')),
                ('household', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='enrollment.household')),
                ('receipt_book', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='enrollment.receiptbook')),
                ('register', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enrollment.registerimport')),
            ],
        ),
        migrations.CreateModel(
            name='RegisterRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField(verbose_name='户次')),
                ('line', models.PositiveIntegerField(verbose_name='行')),
                ('verdict', models.CharField(choices=[('r', '正确'), ('w', '提醒'), ('e', '错误')], max_length=1, verbose_name='判定')),
                ('problems', models.JSONField(verbose_name='原因')),
                ('enrolls', models.BooleanField()),
                ('corrects', models.BooleanField()),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('pinyin', models.CharField(max_length=120)),
                ('initials', models.CharField(max_length=20)),
                ('sex', models.CharField(max_length=1)),
                ('birth_date', models.DateField(null=True)),
                ('resident_id', accounts.fields.SealedField(context='enrollment.person.resident_id', verbose_name='身份证号')),
                ('resident_id_index', models.CharField(max_length=32)),
                ('relationship', models.CharField(max_length=1, verbose_name='与户主关系')),
                ('residence', models.CharField(max_length=12, verbose_name='户籍')),
                ('new_statuses', models.CharField(max_length=160)),
                ('assessment', models.PositiveSmallIntegerField(null=True)),
                ('consecutive_years', models.PositiveSmallIntegerField(default=1)),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='enrollment.person')),
                ('register', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enrollment.registerimport')),
            ],
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['refused', 'discarded']), _negated=True), fields=('township', 'campaign', 'sha256'), name='register_file_once'),
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='refused_register_says_why'),
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['applying', 'done']), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='applied_register_was_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='registerhousehold',
            constraint=models.UniqueConstraint(fields=('register', 'seq'), name='register_household_once'),
        ),
        migrations.AddConstraint(
            model_name='registerrow',
            constraint=models.UniqueConstraint(fields=('register', 'seq', 'line'), name='register_row_once'),
        ),
        never_deleted("enrollment_registerimport"),
    ]

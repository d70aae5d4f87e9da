"""Events of people and households, the numbers they gave up, and departments' lists."""

import accounts.fields
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted
from accounts.sql import RunSQL

# A number that somebody bore before is never given to anybody else. After the statement, so that
# a window that waited for the unique index sees what the other one has written meanwhile.
FORMER_NUMBERS = """
CREATE FUNCTION hezuo_refuse_former_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a JOIN enrollment_formernumber f
            ON f.number_index = a.resident_id_index AND NOT f.mistaken AND f.person_id <> a.id
    ) THEN
        RAISE EXCEPTION 'this number was borne by somebody else before'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'former_number_is_taken';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION hezuo_refuse_borne_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a JOIN enrollment_person p
            ON p.resident_id_index = a.number_index AND NOT a.mistaken AND p.id <> a.person_id
    ) THEN
        RAISE EXCEPTION 'this number is borne by somebody else'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'former_number_is_taken';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER enrollment_person_new_numbers AFTER INSERT ON enrollment_person
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_refuse_former_number();
CREATE TRIGGER enrollment_person_other_numbers AFTER UPDATE ON enrollment_person
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_refuse_former_number();
CREATE TRIGGER enrollment_formernumber_borne AFTER INSERT ON enrollment_formernumber
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_refuse_borne_number();
"""
NO_FORMER_NUMBERS = """
DROP TRIGGER enrollment_person_new_numbers ON enrollment_person;
DROP TRIGGER enrollment_person_other_numbers ON enrollment_person;
DROP TRIGGER enrollment_formernumber_borne ON enrollment_formernumber;
DROP FUNCTION hezuo_refuse_former_number();
DROP FUNCTION hezuo_refuse_borne_number();
"""
# The lines of an applied list are the snapshot of what it did.
APPLIED_LINES = """
CREATE FUNCTION hezuo_keep_applied_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM enrollment_statuslist l WHERE l.id = OLD.list_id AND l.status = 'applied'
    ) THEN
        RAISE EXCEPTION '% on % is refused: the list is applied', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER enrollment_listline_applied BEFORE UPDATE OR DELETE ON enrollment_listline
    FOR EACH ROW EXECUTE FUNCTION hezuo_keep_applied_lines();
"""
NO_APPLIED_LINES = """
DROP TRIGGER enrollment_listline_applied ON enrollment_listline;
DROP FUNCTION hezuo_keep_applied_lines();
"""
EVENTS = ("enrollment_registerevent", "enrollment_formernumber", "enrollment_formercertificate")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('enrollment', '0006_treasury_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='enrollment',
            name='claim_free',
            field=models.BooleanField(null=True, verbose_name='零报销'),
        ),
        migrations.AddField(
            model_name='household',
            name='closed_on',
            field=models.DateField(blank=True, null=True, verbose_name='销户日期'),
        ),
        migrations.AddField(
            model_name='identitystatus',
            name='category',
            field=models.CharField(blank=True, db_default='', default='', max_length=8, verbose_name='身份码'),
        ),
        migrations.AddField(
            model_name='person',
            name='actual_residence',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='实际居住地'),
        ),
        migrations.AddField(
            model_name='person',
            name='departure_date',
            field=models.DateField(blank=True, null=True, verbose_name='迁出日期'),
        ),
        migrations.AddField(
            model_name='person',
            name='number_kind',
            field=models.CharField(choices=[('resident_id', '居民身份证'), ('birth_certificate', '出生医学证明'), ('passport', '护照'), ('hk_macau_permit', '港澳居民来往内地通行证'), ('taiwan_permit', '台湾居民来往大陆通行证'), ('foreign_residence', '外国人永久居留身份证'), ('none', '无（登记已注销）')], db_default='resident_id', default='resident_id', max_length=20, verbose_name='证件类型'),
        ),
        migrations.AlterField(
            model_name='identitystatus',
            name='code',
            field=models.CharField(choices=[('wubao', '农村五保'), ('dibao', '低保'), ('preferential', '重点优抚'), ('severe_disability', '重度残疾(一、二级)'), ('family_planning', '农村计生奖扶'), ('low_income_elderly', '低收入老年人'), ('student', '在校学生'), ('poverty_monitoring', '防止返贫监测对象')], max_length=24, verbose_name='身份'),
        ),
        migrations.AlterField(
            model_name='person',
            name='resident_id',
            field=accounts.fields.SealedField(context='enrollment.person.resident_id', verbose_name='证件号码'),
        ),
        migrations.CreateModel(
            name='RegisterEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('birth', '出生'), ('arrival', '迁入、婚入（外县）'), ('transfer', '婚嫁、转户'), ('death', '死亡'), ('departure', '迁出本县'), ('return', '迁回'), ('split', '分户'), ('merge', '并户'), ('move', '全户迁移'), ('number', '换证'), ('correction', '更正')], max_length=12, verbose_name='变动')),
                ('effective_on', models.DateField(verbose_name='变动日期')),
                ('before', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('after', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='事由')),
                ('recorded_on', models.DateField(verbose_name='登记日期')),
                ('recorded_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='村组')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='enrollment.household')),
                ('other_household', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='other_events', to='enrollment.household')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='enrollment.person')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('undoes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='enrollment.registerevent', verbose_name='更正的变动')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='FormerNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('resident_id', '居民身份证'), ('birth_certificate', '出生医学证明'), ('passport', '护照'), ('hk_macau_permit', '港澳居民来往内地通行证'), ('taiwan_permit', '台湾居民来往大陆通行证'), ('foreign_residence', '外国人永久居留身份证'), ('none', '无（登记已注销）')], max_length=20, verbose_name='证件类型')),
                ('number', accounts.fields.SealedField(context='enrollment.formernumber.number', verbose_name='证件号码')),
                ('number_index', models.CharField(db_index=True, max_length=32)),
                ('mistaken', models.BooleanField(verbose_name='录入有误')),
                ('last_day', models.DateField(verbose_name='停用日期')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_numbers', to='enrollment.person')),
                ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='former_numbers', to='enrollment.registerevent')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='FormerCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(db_index=True, max_length=18, verbose_name='原医疗证号')),
                ('last_day', models.DateField(verbose_name='停用日期')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_certificates', to='enrollment.person')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_certificates', to='enrollment.registerevent')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='StatusList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('civil_affairs', '民政：特困（五保）、低保等救助对象'), ('disabled', '残联：重度残疾人'), ('rural', '乡村振兴：防止返贫监测对象'), ('veterans', '退役军人：重点优抚对象'), ('family_planning', '卫健：计划生育奖励扶助对象'), ('students', '教育：在校学生'), ('deaths', '公安：死亡人员'), ('employees', '职工医保：在保人员')], max_length=20, verbose_name='名单')),
                ('month', models.DateField(verbose_name='名单月份')),
                ('effective_on', models.DateField(verbose_name='生效日期')),
                ('status', models.CharField(choices=[('waiting', '比对中'), ('refused', '整批退回'), ('checked', '待确认'), ('applying', '更新中'), ('applied', '已更新'), ('discarded', '已放弃')], default='waiting', max_length=10, verbose_name='状态')),
                ('uploaded_on', models.DateField(verbose_name='上传日期')),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('file_name', models.CharField(max_length=120, verbose_name='文件名')),
                ('file_size', models.PositiveIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='指纹')),
                ('content', accounts.fields.SealedField(context='enrollment.statuslist.content', blank=True, verbose_name='文件')),
                ('failure', models.TextField(blank=True, verbose_name='退回原因')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='比对时间')),
                ('state', models.CharField(blank=True, max_length=64)),
                ('listed_count', models.PositiveIntegerField(default=0, verbose_name='名单人数')),
                ('previous_count', models.PositiveIntegerField(null=True, verbose_name='上次名单人数')),
                ('holder_count', models.PositiveIntegerField(default=0, verbose_name='系统现有人数')),
                ('added_count', models.PositiveIntegerField(default=0, verbose_name='新增')),
                ('changed_count', models.PositiveIntegerField(default=0, verbose_name='变更')),
                ('dropped_count', models.PositiveIntegerField(default=0, verbose_name='取消')),
                ('same_count', models.PositiveIntegerField(default=0, verbose_name='不变')),
                ('unknown_count', models.PositiveIntegerField(default=0, verbose_name='未登记')),
                ('held_count', models.PositiveIntegerField(default=0, verbose_name='暂不处理')),
                ('shrunk', models.CharField(blank=True, max_length=200, verbose_name='骤减说明')),
                ('released_at', models.DateTimeField(null=True, verbose_name='放行时间')),
                ('release_reason', models.CharField(blank=True, max_length=200, verbose_name='放行理由')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('confirmed_on', models.DateField(null=True, verbose_name='确认日期')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='更新时间')),
                ('before', models.JSONField(default=dict, verbose_name='更新前')),
                ('after', models.JSONField(default=dict, verbose_name='更新后')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='放行人')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='OtherCover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number_index', models.CharField(db_index=True, max_length=32)),
                ('insurance', models.CharField(max_length=40, verbose_name='险种')),
                ('place', models.CharField(max_length=60, verbose_name='参保地')),
                ('first_day', models.DateField(verbose_name='起始日期')),
                ('last_day', models.DateField(null=True, verbose_name='截止日期')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.statuslist')),
            ],
        ),
        migrations.CreateModel(
            name='ListLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='行')),
                ('verdict', models.CharField(choices=[('added', '新增'), ('changed', '变更'), ('dropped', '取消'), ('unknown', '未登记'), ('held', '暂不处理'), ('same', '不变')], max_length=8, verbose_name='结果')),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('number', accounts.fields.SealedField(context='enrollment.listline.number', blank=True, verbose_name='身份证号')),
                ('number_index', models.CharField(blank=True, max_length=32)),
                ('before', models.CharField(blank=True, max_length=120, verbose_name='原登记')),
                ('after', models.CharField(blank=True, max_length=120, verbose_name='名单')),
                ('facts', models.JSONField(default=dict)),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='enrollment.statuslist')),
            ],
            options={
                'ordering': ['list', 'line', 'id'],
            },
        ),
        migrations.AddConstraint(
            model_name='registerevent',
            constraint=models.CheckConstraint(condition=models.Q(('undoes', None), models.Q(('kind', 'correction'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='correction_event_says_why'),
        ),
        migrations.AddConstraint(
            model_name='formernumber',
            constraint=models.UniqueConstraint(condition=models.Q(('mistaken', False)), fields=('number_index',), name='former_number_once'),
        ),
        migrations.AddConstraint(
            model_name='statuslist',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['refused', 'discarded']), _negated=True), fields=('area', 'kind', 'sha256'), name='list_file_once'),
        ),
        migrations.AddConstraint(
            model_name='statuslist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='refused_list_says_why'),
        ),
        migrations.AddConstraint(
            model_name='statuslist',
            constraint=models.CheckConstraint(condition=models.Q(('released_by', None), models.Q(models.Q(('released_by', models.F('uploaded_by')), _negated=True), models.Q(('release_reason', ''), _negated=True)), _connector='OR'), name='shrunk_list_released_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='statuslist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['applying', 'applied']), _negated=True), models.Q(('confirmed_by__isnull', False), models.Q(('shrunk', ''), ('released_by__isnull', False), _connector='OR')), _connector='OR'), name='applied_list_was_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='othercover',
            constraint=models.UniqueConstraint(condition=models.Q(('last_day', None)), fields=('area', 'number_index'), name='one_open_other_cover'),
        ),
        migrations.AddIndex(
            model_name='listline',
            index=models.Index(fields=['list', 'verdict'], name='enrollment__list_id_64baaa_idx'),
        ),
        *[append_only(table) for table in EVENTS],
        *[never_deleted(table) for table in ("enrollment_statuslist", "enrollment_othercover")],
        RunSQL(FORMER_NUMBERS, NO_FORMER_NUMBERS),
        RunSQL(APPLIED_LINES, NO_APPLIED_LINES),
    ]

"""Cases: they move along their workflow, what was noted of them stays."""

import accounts.fields
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once
from accounts.sql import RunSQL


FROZEN = {
    "caseclaim": ("amount",),
    "caseofficer": ("left_on", "left_why"),
    "casepause": ("last_day",),
    "evidence": ("hold_due_on", "hold_extended", "released_on", "released_how"),
    "measure": ("done_on", "done_note", "done_by_id"),
}
PAIRS = [
    "asked>clue",
    "asked>declined",
    "asked>open",
    "checked>notified",
    "checked>open",
    "closed>revoked",
    "clue>asked",
    "clue>declined",
    "decided>delivered",
    "decided>revoked",
    "delivered>closed",
    "delivered>revoked",
    "notified>decided",
    "notified>open",
    "open>ended",
    "open>paused",
    "open>reported",
    "paused>ended",
    "paused>open",
    "reported>checked",
    "reported>open",
]


def frozen(name: str, columns: tuple[str, ...]) -> RunSQL:
    """Only these columns change."""
    table, listed = f"supervision_{name}", ", ".join(f"'{one}'" for one in columns)
    return RunSQL(
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen({listed});",
        f"DROP TRIGGER {table}_frozen ON {table}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('claims', '0068_finer_lines'),
        ('enrollment', '0042_mendings'),
        ('institutions', '0008_catalogue_changes'),
        ('supervision', '0008_samples'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, verbose_name='案号')),
                ('source', models.CharField(choices=[('alert', '智能筛查疑点'), ('inspect', '检查发现'), ('complaint', '投诉举报'), ('handed', '部门移送、上级交办'), ('other', '其他')], max_length=10, verbose_name='线索来源')),
                ('source_note', models.CharField(blank=True, max_length=120, verbose_name='来源说明')),
                ('party', models.CharField(choices=[('institution', '定点机构'), ('person', '参保人'), ('other', '其他单位或个人')], max_length=12, verbose_name='当事人类别')),
                ('party_name', models.CharField(max_length=100, verbose_name='当事人')),
                ('told', models.CharField(max_length=300, verbose_name='线索内容')),
                ('cause_code', models.CharField(blank=True, max_length=2, verbose_name='案由')),
                ('act_ended_on', models.DateField(null=True, verbose_name='行为终了日期')),
                ('is_grave', models.BooleanField(default=False, verbose_name='危害健康或金融安全')),
                ('facts', models.CharField(blank=True, max_length=1000, verbose_name='查明的事实')),
                ('outcome', models.CharField(blank=True, choices=[('penalty', '责令退回，并处罚款'), ('recovery', '责令退回，不予罚款'), ('none', '违法事实不成立'), ('transfer', '移送其他机关')], max_length=10, verbose_name='处理意见')),
                ('loss_amount', accounts.fields.MoneyField(decimal_places=2, default=Decimal('0'), max_digits=14, verbose_name='造成的基金损失')),
                ('factor', models.PositiveIntegerField(null=True, verbose_name='罚款倍数（百分之一）')),
                ('fine_amount', accounts.fields.MoneyField(decimal_places=2, default=Decimal('0'), max_digits=14, verbose_name='罚款')),
                ('lighter', models.CharField(blank=True, max_length=200, verbose_name='减轻处罚的理由')),
                ('told_fine_amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='告知的罚款')),
                ('found_on', models.DateField(verbose_name='线索日期')),
                ('clue_extended', models.BooleanField(default=False, verbose_name='已延长核查')),
                ('filed_on', models.DateField(null=True, verbose_name='立案日期')),
                ('extended_days', models.PositiveIntegerField(default=0, verbose_name='已延长天数')),
                ('reported_on', models.DateField(null=True, verbose_name='调查终结日期')),
                ('notified_on', models.DateField(null=True, verbose_name='告知日期')),
                ('decided_on', models.DateField(null=True, verbose_name='决定日期')),
                ('delivered_on', models.DateField(null=True, verbose_name='送达日期')),
                ('closed_on', models.DateField(null=True, verbose_name='结案日期')),
                ('due_on', models.DateField(null=True, verbose_name='本环节期限')),
                ('status', models.CharField(choices=[('clue', '线索核查'), ('declined', '不予立案'), ('asked', '待批准立案'), ('open', '调查中'), ('paused', '中止调查'), ('ended', '终止调查'), ('reported', '待法制审核'), ('checked', '待告知'), ('notified', '待决定'), ('decided', '待送达'), ('delivered', '执行中'), ('closed', '已结案'), ('revoked', '已撤销')], default='clue', max_length=10, verbose_name='状态')),
                ('opinion', models.CharField(blank=True, max_length=300, verbose_name='意见')),
                ('found_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('asked_at', models.DateTimeField(null=True, verbose_name='呈报时间')),
                ('filed_at', models.DateTimeField(null=True, verbose_name='批准立案时间')),
                ('reported_at', models.DateTimeField(null=True, verbose_name='调查终结时间')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='法制审核时间')),
                ('notified_at', models.DateTimeField(null=True, verbose_name='告知时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='决定时间')),
                ('delivered_at', models.DateTimeField(null=True, verbose_name='送达时间')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='批准结案时间')),
                ('alert', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='supervision.alert', verbose_name='疑点')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='呈报人')),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='法制审核人')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准结案人')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('delivered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='送达人')),
                ('filed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准立案人')),
                ('found_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('institution', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution', verbose_name='定点机构')),
                ('notified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='告知人')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='参保人')),
                ('reported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='调查终结人')),
            ],
            options={
                'verbose_name': '稽核案件',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='CaseClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='涉案金额')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='supervision.case', verbose_name='案件')),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.settlement', verbose_name='结算单')),
            ],
            options={
                'verbose_name': '涉案结算单',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('check', '线索核查'), ('talk', '询问'), ('statement', '陈述申辩'), ('waived', '放弃陈述、申辩和听证'), ('asks', '申请听证'), ('hearing', '举行听证'), ('collective', '集体讨论'), ('other', '其他')], max_length=10, verbose_name='事项')),
                ('happened_on', models.DateField(verbose_name='日期')),
                ('words', models.CharField(max_length=500, verbose_name='情况')),
                ('who', models.CharField(blank=True, max_length=120, verbose_name='参加人')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='记录时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='记录人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='supervision.case', verbose_name='案件')),
            ],
            options={
                'verbose_name': '办案记录',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseOfficer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_at', models.DateTimeField(auto_now_add=True, verbose_name='指定时间')),
                ('left_on', models.DateField(null=True, verbose_name='回避日期')),
                ('left_why', models.CharField(blank=True, max_length=200, verbose_name='回避原因')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='officers', to='supervision.case', verbose_name='案件')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='指定人')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办案人员')),
            ],
            options={
                'verbose_name': '办案人员',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CasePause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('test', '检测检验'), ('expert', '鉴定、专家评审'), ('hearing', '听证'), ('announced', '公告'), ('suspended', '中止调查')], max_length=10, verbose_name='事项')),
                ('first_day', models.DateField(verbose_name='自')),
                ('last_day', models.DateField(null=True, verbose_name='至')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='supervision.case', verbose_name='案件')),
            ],
            options={
                'verbose_name': '扣除期间',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('written', '书证'), ('object', '物证'), ('video', '视听资料'), ('data', '电子数据'), ('witness', '证人证言'), ('party', '当事人陈述'), ('expert', '鉴定意见'), ('site', '勘验笔录、现场笔录')], max_length=8, verbose_name='证据种类')),
                ('title', models.CharField(max_length=120, verbose_name='名称、数量')),
                ('origin', models.CharField(max_length=120, verbose_name='来源、提供人')),
                ('obtained_on', models.DateField(verbose_name='取得日期')),
                ('hold', models.CharField(blank=True, choices=[('', '不采取'), ('register', '先行登记保存'), ('seal', '封存')], max_length=8, verbose_name='保全措施')),
                ('hold_due_on', models.DateField(null=True, verbose_name='保全期限')),
                ('hold_extended', models.BooleanField(default=False, verbose_name='已延长')),
                ('released_on', models.DateField(null=True, verbose_name='解除日期')),
                ('released_how', models.CharField(blank=True, max_length=120, verbose_name='处理情况')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='supervision.case', verbose_name='案件')),
            ],
            options={
                'verbose_name': '案件证据',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FineEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('paid', '缴入国库'), ('returned', '国库退还')], default='paid', max_length=8, verbose_name='类别')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='金额')),
                ('paid_on', models.DateField(verbose_name='缴库日期')),
                ('treasury_number', models.CharField(max_length=40, verbose_name='缴款书、退库书号')),
                ('noted_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fines', to='supervision.case', verbose_name='案件')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '罚款缴库登记',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Measure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('points', '医保支付资格记分'), ('department', '暂停责任部门医保服务'), ('institution', '暂停服务协议'), ('agreement', '解除服务协议'), ('person', '暂停联网结算'), ('contract', '按协议扣违约金'), ('police', '移送公安机关'), ('discipline', '移送纪检监察机关'), ('health', '移送卫生健康、药品监管部门'), ('enforce', '申请人民法院强制执行'), ('other', '其他')], max_length=12, verbose_name='措施')),
                ('target', models.CharField(max_length=120, verbose_name='对象')),
                ('points', models.PositiveIntegerField(null=True, verbose_name='记分')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='金额')),
                ('first_day', models.DateField(null=True, verbose_name='自')),
                ('last_day', models.DateField(null=True, verbose_name='至')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('done_on', models.DateField(null=True, verbose_name='落实日期')),
                ('done_note', models.CharField(blank=True, max_length=120, verbose_name='落实的文号、情况')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='supervision.case', verbose_name='案件')),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='落实登记人')),
            ],
            options={
                'verbose_name': '处理措施',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['status', 'due_on'], name='case_status_due'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(fields=('area', 'number'), name='case_number_once'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['declined', 'ended', 'revoked']), _negated=True), fields=('alert',), name='one_standing_case_of_an_alert', violation_error_message='这条疑点刚由别人转为案件线索，请刷新后再看'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('institution__isnull', False), ('party', 'institution'), ('person', None)), models.Q(('institution', None), ('party', 'person'), ('person__isnull', False)), models.Q(('institution', None), ('party', 'other'), ('person', None)), _connector='OR'), name='case_has_its_party'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fine_amount__gt', 0), ('outcome', 'penalty')), models.Q(models.Q(('outcome', 'penalty'), _negated=True), ('fine_amount', 0)), _connector='OR'), name='case_penalty_is_a_fine'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('loss_amount__gte', 0), ('extended_days__lte', 90)), name='case_within_bounds'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['clue', 'declined']), models.Q(('cause_code', ''), _negated=True), _connector='OR'), name='filed_case_has_cause'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('filed_by', None), models.Q(models.Q(('filed_by', models.F('found_by')), _negated=True), models.Q(('filed_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='case_is_filed_by_another'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('checked_by', None), models.Q(models.Q(('checked_by', models.F('found_by')), _negated=True), models.Q(('checked_by', models.F('asked_by')), _negated=True), models.Q(('checked_by', models.F('filed_by')), _negated=True), models.Q(('checked_by', models.F('reported_by')), _negated=True)), _connector='OR'), name='case_is_checked_by_another'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(models.Q(('decided_by', models.F('asked_by')), _negated=True), models.Q(('decided_by', models.F('reported_by')), _negated=True), models.Q(('decided_by', models.F('checked_by')), _negated=True)), _connector='OR'), name='case_is_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('closed_by', None), models.Q(models.Q(('closed_by', models.F('reported_by')), _negated=True), models.Q(('closed_by', models.F('delivered_by')), _negated=True)), _connector='OR'), name='case_is_closed_by_another'),
        ),
        migrations.AddConstraint(
            model_name='caseclaim',
            constraint=models.UniqueConstraint(fields=('case', 'settlement'), name='claim_once_in_a_case'),
        ),
        migrations.AddConstraint(
            model_name='caseclaim',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='case_claim_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='caseofficer',
            constraint=models.UniqueConstraint(fields=('case', 'user'), name='officer_once_in_a_case', violation_error_message='这位人员已在本案的名单中'),
        ),
        migrations.AddConstraint(
            model_name='casepause',
            constraint=models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='pause_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='casepause',
            constraint=models.UniqueConstraint(condition=models.Q(('last_day', None)), fields=('case',), name='one_open_pause_of_a_case'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hold', ''), ('hold_due_on', None)), models.Q(models.Q(('hold', ''), _negated=True), ('hold_due_on__isnull', False)), _connector='OR'), name='held_evidence_has_its_term'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('released_on', None), models.Q(('released_how', ''), _negated=True), _connector='OR'), name='released_evidence_says_how'),
        ),
        migrations.AddConstraint(
            model_name='fineentry',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='fine_entry_is_something'),
        ),
        migrations.AddConstraint(
            model_name='fineentry',
            constraint=models.UniqueConstraint(fields=('treasury_number',), name='treasury_number_once', violation_error_code='treasury_number', violation_error_message='这个缴款书号已经登记过，请核对'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='measure_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(('done_on', None), models.Q(models.Q(('done_note', ''), _negated=True), ('done_by__isnull', False)), _connector='OR'), name='done_measure_says_how'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(('points', None), models.Q(('kind', 'points'), ('points__range', (1, 12))), _connector='OR'), name='points_of_a_decision_are_1_to_12'),
        ),
        set_once("supervision_case", ["area_id", "number", "source", "alert_id", "party",
                                      "institution_id", "person_id", "found_on", "found_by_id"]),
        never_deleted("supervision_case"),
        only_moves("supervision_case", PAIRS),
        *(frozen(name, columns) for name, columns in FROZEN.items()),
        *(never_deleted(f"supervision_{name}") for name in FROZEN),
        append_only("supervision_casenote"),
        append_only("supervision_fineentry"),
    ]

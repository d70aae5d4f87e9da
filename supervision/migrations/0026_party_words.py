"""What parties without a login handed in on paper, entered on their behalf."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_device_is_named'),
        ('supervision', '0025_deliveries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PartyWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('answer', '书面答复'), ('hearing', '申请听证'), ('agreed', '无异议（本人签字）'), ('silent', '期满未答复')], max_length=8, verbose_name='答复')),
                ('received_on', models.DateField(verbose_name='收到日期')),
                ('brought_by', models.CharField(blank=True, max_length=60, verbose_name='递交人、职务')),
                ('way', models.CharField(blank=True, choices=[('brought', '当面递交'), ('posted', '邮寄'), ('fetched', '上门取回'), ('spoken', '口头，当面记录并签字')], max_length=8, verbose_name='递交方式')),
                ('words', models.CharField(blank=True, max_length=500, verbose_name='答复内容')),
                ('evidence', models.CharField(blank=True, max_length=200, verbose_name='随附材料')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='代录时间')),
            ],
            options={
                'verbose_name': '当事人书面答复',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='WordScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='文件编号')),
                ('kind', models.CharField(max_length=4, verbose_name='格式')),
                ('size', models.PositiveIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='文件指纹')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
            ],
            options={
                'verbose_name': '答复扫描件',
                'ordering': ['pk'],
            },
        ),
        migrations.AlterField(
            model_name='casenote',
            name='kind',
            field=models.CharField(choices=[('check', '线索核查'), ('talk', '询问'), ('statement', '陈述申辩'), ('waived', '放弃陈述、申辩和听证'), ('silent', '期满未陈述、申辩和申请听证'), ('asks', '申请听证'), ('hearing', '举行听证'), ('collective', '集体讨论'), ('other', '其他')], max_length=10, verbose_name='事项'),
        ),
        migrations.AddConstraint(
            model_name='reply',
            constraint=models.CheckConstraint(condition=models.Q(('checked_by', None), models.Q(('checked_by', models.F('replied_by')), _negated=True), _connector='OR'), name='reply_is_checked_by_another'),
        ),
        migrations.AddField(
            model_name='partyword',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='party_words', to='supervision.case', verbose_name='案件'),
        ),
        migrations.AddField(
            model_name='partyword',
            name='division',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='地方'),
        ),
        migrations.AddField(
            model_name='partyword',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代录人'),
        ),
        migrations.AddField(
            model_name='partyword',
            name='order',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='party_words', to='supervision.order', verbose_name='整改通知书'),
        ),
        migrations.AddField(
            model_name='partyword',
            name='review',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='party_words', to='supervision.alertreview', verbose_name='疑点审核'),
        ),
        migrations.AddField(
            model_name='wordscan',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人'),
        ),
        migrations.AddField(
            model_name='wordscan',
            name='word',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='supervision.partyword', verbose_name='当事人书面答复'),
        ),
        migrations.AddConstraint(
            model_name='partyword',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case', None), ('order', None), ('review__isnull', False)), models.Q(('case', None), ('order__isnull', False), ('review', None)), models.Q(('case__isnull', False), ('order', None), ('review', None)), _connector='OR'), name='word_is_about_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='partyword',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('brought_by', ''), ('kind', 'silent'), ('way', ''), ('words', '')), models.Q(models.Q(('kind', 'silent'), _negated=True), models.Q(('brought_by', ''), _negated=True), models.Q(('way', ''), _negated=True)), _connector='OR'), name='word_says_who_brought_it'),
        ),
        migrations.AddConstraint(
            model_name='partyword',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['answer', 'hearing']), _negated=True), models.Q(('words', ''), _negated=True), _connector='OR'), name='answer_says_something'),
        ),
        migrations.AddConstraint(
            model_name='wordscan',
            constraint=models.UniqueConstraint(fields=('word', 'sha256'), name='word_scan_once', violation_error_message='这一页选了两次，请去掉一份'),
        ),
        append_only("supervision_partyword"),
        append_only("supervision_wordscan"),
    ]

"""How documents of a case were served, and what they name of their party."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0024_case_of_hand_over'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='party_address',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='地址'),
        ),
        migrations.AddField(
            model_name='case',
            name='party_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='统一社会信用代码'),
        ),
        migrations.AddField(
            model_name='case',
            name='party_head',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='法定代表人、负责人'),
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.CharField(choices=[('notice', '行政处理事先告知书'), ('decision', '行政处理决定书')], max_length=8, verbose_name='送达文书')),
                ('served_on', models.DateField(verbose_name='送达日期')),
                ('way', models.CharField(choices=[('direct', '直接送达'), ('left', '留置送达'), ('post', '邮寄送达'), ('entrusted', '委托送达'), ('announced', '公告送达')], max_length=10, verbose_name='送达方式')),
                ('place', models.CharField(max_length=100, verbose_name='送达地点')),
                ('receiver', models.CharField(blank=True, max_length=40, verbose_name='签收人')),
                ('relation', models.CharField(blank=True, max_length=40, verbose_name='与受送达人的关系')),
                ('refusal', models.CharField(blank=True, max_length=120, verbose_name='拒收的理由')),
                ('witness', models.CharField(blank=True, max_length=60, verbose_name='见证人及单位')),
                ('reference', models.CharField(blank=True, max_length=60, verbose_name='邮件号、委托函号、公告载体')),
                ('server', models.CharField(max_length=40, verbose_name='送达人一')),
                ('other_server', models.CharField(max_length=40, verbose_name='送达人二')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='supervision.case', verbose_name='案件')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '文书送达',
                'ordering': ['case', 'id'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('server', ''), _negated=True), models.Q(('other_server', ''), _negated=True), models.Q(('server', models.F('other_server')), _negated=True)), name='delivery_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('way', 'left'), models.Q(('refusal', ''), _negated=True), models.Q(('witness', ''), _negated=True)), models.Q(models.Q(('way', 'left'), _negated=True), ('refusal', '')), _connector='OR'), name='left_delivery_has_its_witness'), models.CheckConstraint(condition=models.Q(models.Q(('way__in', ['direct', 'entrusted']), _negated=True), models.Q(('receiver', ''), _negated=True), _connector='OR'), name='direct_delivery_has_a_receiver'), models.CheckConstraint(condition=models.Q(models.Q(('way__in', ['post', 'entrusted', 'announced']), _negated=True), models.Q(('reference', ''), _negated=True), _connector='OR'), name='sent_delivery_has_its_reference')],
            },
        ),
        append_only("supervision_delivery"),
    ]

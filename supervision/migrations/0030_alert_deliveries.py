"""The notice of a suspicion is served as the documents of a case are; or opened in the portal."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0029_full_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_by_two',
        ),
        migrations.AddField(
            model_name='delivery',
            name='review',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='supervision.alertreview', verbose_name='疑点审核'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='supervision.case', verbose_name='案件'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='document',
            field=models.CharField(choices=[('notice', '行政处理事先告知书'), ('decision', '行政处理决定书'), ('alert', '疑似违规费用告知书')], max_length=8, verbose_name='送达文书'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='other_server',
            field=models.CharField(blank=True, max_length=40, verbose_name='送达人二'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='server',
            field=models.CharField(blank=True, max_length=40, verbose_name='送达人一'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='way',
            field=models.CharField(choices=[('direct', '直接送达'), ('left', '留置送达'), ('post', '邮寄送达'), ('entrusted', '委托送达'), ('announced', '公告送达'), ('online', '电子送达')], max_length=10, verbose_name='送达方式'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('document__in', ['notice', 'decision']), ('review', None)), models.Q(('case', None), ('document', 'alert'), ('review__isnull', False)), _connector='OR'), name='delivery_is_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('review',), name='review_is_served_once', violation_error_message='这份告知书刚由别人登记送达，请刷新后再看'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('other_server', ''), ('review__isnull', False), ('server', ''), ('way', 'online'), models.Q(('receiver', ''), _negated=True)), models.Q(models.Q(('way', 'online'), _negated=True), models.Q(('server', ''), _negated=True), models.Q(('other_server', ''), _negated=True), models.Q(('server', models.F('other_server')), _negated=True)), _connector='OR'), name='delivery_by_two'),
        ),
    ]

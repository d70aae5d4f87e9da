"""What a lost race says stands at its constraint. State only: nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("claims", "0005_care_of_visits")]

    operations = [
        migrations.AlterConstraint(
            model_name='invoice',
            name='invoice_once',
            constraint=models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('issuer', 'number'), name='invoice_once', violation_error_message='发票刚由另一窗口录入，不能重复报销，请查询后再办'),
        ),
        migrations.AlterConstraint(
            model_name='settlement',
            name='one_live_settlement_per_visit',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'withdrawn'), _negated=True), fields=('visit',), name='one_live_settlement_per_visit', violation_error_message='这次就诊刚由另一窗口结算，请查询后再办'),
        ),
        migrations.AlterConstraint(
            model_name='visit',
            name='visit_entered_once',
            constraint=models.UniqueConstraint(fields=('entry_key',), name='visit_entered_once', violation_error_message='这张单已经录入，没有重复结算，请到“结算查询”查看；确属另一次就诊，请点“换一位参保人”重新录入'),
        ),
    ]

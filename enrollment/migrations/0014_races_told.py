"""What a lost race says stands at its constraint. State only: nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("enrollment", "0013_drawn_benefits")]

    operations = [
        migrations.AlterField(
            model_name='person',
            name='resident_id_index',
            field=models.CharField(error_messages={'unique': '这个身份证号刚由另一窗口登记，请重新查询后再办'}, max_length=32, unique=True),
        ),
        migrations.AlterField(
            model_name='receiptbook',
            name='code',
            field=models.CharField(error_messages={'unique': '这个票据本号已发放过，请核对'}, max_length=20, unique=True, verbose_name='票据本号'),
        ),
        migrations.AlterField(
            model_name='sponsormoney',
            name='reference',
            field=models.CharField(error_messages={'unique': '这个银行流水号的资助款已经登记'}, max_length=40, unique=True, verbose_name='银行流水号'),
        ),
        migrations.AlterConstraint(
            model_name='bankline',
            name='bank_serial_once',
            constraint=models.UniqueConstraint(fields=('area', 'serial'), name='bank_serial_once', violation_error_code='file', violation_error_message='这份流水中有刚导入的流水号，请刷新后重新导入'),
        ),
        migrations.AlterConstraint(
            model_name='bankstatement',
            name='bank_statement_once',
            constraint=models.UniqueConstraint(fields=('area', 'sha256'), name='bank_statement_once', violation_error_code='file', violation_error_message='这份流水刚由别人导入，请刷新'),
        ),
        migrations.AlterConstraint(
            model_name='campaign',
            name='campaign_once_a_year',
            constraint=models.UniqueConstraint(fields=('area', 'year'), name='campaign_once_a_year', violation_error_code='year', violation_error_message='这个年度的征缴已经设立'),
        ),
        migrations.AlterConstraint(
            model_name='dayclose',
            name='day_closed_once',
            constraint=models.UniqueConstraint(fields=('clerk', 'day'), name='day_closed_once', violation_error_code='day', violation_error_message='这一天刚在另一窗口日结，请刷新'),
        ),
        migrations.AlterConstraint(
            model_name='enrollment',
            name='one_cover_per_person_and_year',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'cancelled'), _negated=True), fields=('person', 'year'), name='one_cover_per_person_and_year', violation_error_message='成员刚由另一窗口办理了本年度参保，请重新查询后再办'),
        ),
        migrations.AlterConstraint(
            model_name='formernumber',
            name='former_number_once',
            constraint=models.UniqueConstraint(condition=models.Q(('mistaken', False)), fields=('number_index',), name='former_number_once', violation_error_message='这个证件号码是另一人用过的号码，不能再登记，请核对证件'),
        ),
        migrations.AlterConstraint(
            model_name='receipt',
            name='transfer_receipted_once',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('reference', ''), _negated=True), ('channel', 'bank'), ('voided_at', None)), fields=('campaign', 'reference'), name='transfer_receipted_once', violation_error_code='reference', violation_error_message='这笔转账已开过收据，请核对流水号'),
        ),
        migrations.AlterConstraint(
            model_name='refund',
            name='one_live_refund',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'refused'), _negated=True), fields=('enrollment',), name='one_live_refund', violation_error_code='enrollment', violation_error_message='此人本年度的退费已经申请，请勿重复'),
        ),
        migrations.AlterConstraint(
            model_name='remittance',
            name='slip_number_once',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'returned'), _negated=True), fields=('slip_number',), name='slip_number_once', violation_error_code='slip_number', violation_error_message='这个缴款单号已用过，请核对银行缴款单'),
        ),
        migrations.AlterConstraint(
            model_name='sponsorfund',
            name='sponsor_fund_once',
            constraint=models.UniqueConstraint(fields=('campaign', 'name', 'division'), name='sponsor_fund_once', violation_error_code='name', violation_error_message='这个资助方在该范围的资助资金已经登记'),
        ),
        migrations.AlterConstraint(
            model_name='statuslist',
            name='list_file_once',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['refused', 'discarded']), _negated=True), fields=('area', 'kind', 'sha256'), name='list_file_once', violation_error_code='file', violation_error_message='这份名单刚由别人上传，请刷新'),
        ),
        migrations.AlterConstraint(
            model_name='taxfile',
            name='tax_file_once',
            constraint=models.UniqueConstraint(fields=('campaign', 'sha256'), name='tax_file_once', violation_error_code='file', violation_error_message='这份文件刚由别人导入，请刷新'),
        ),
        migrations.AlterConstraint(
            model_name='taxrow',
            name='tax_serial_once',
            constraint=models.UniqueConstraint(fields=('campaign', 'serial'), name='tax_serial_once', violation_error_code='file', violation_error_message='这份文件中有刚导入的税票流水号，请刷新后重新导入'),
        ),
    ]

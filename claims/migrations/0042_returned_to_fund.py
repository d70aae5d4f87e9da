"""Money that the bank gave back may be what settles a debt, and assistance that nobody claims is
withdrawn."""

from django.db import migrations, models

from accounts.append_only import only_moves

PAIRS = ["applied>published", "applied>refused", "applied>withdrawn", "approved>applied",
         "approved>paid", "objected>applied", "objected>refused", "published>applied",
         "published>approved", "published>objected", "published>refused"]  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0041_supplement_guards'),
        ('accounts', '0002_moves'),
    ]

    operations = [
        migrations.AlterField(
            model_name='recoveryreceipt',
            name='way',
            field=models.CharField(choices=[('bank', '银行转账'), ('cash', '现金'), ('set_off', '抵扣应付款'), ('kept', '从退汇款扣回')], max_length=8, verbose_name='收款方式'),
        ),
        only_moves("claims_aidapplication", [*PAIRS, "paid>withdrawn"], was=PAIRS),
    ]

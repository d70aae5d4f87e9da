"""Each month says by which chart its accounts are printed. Months that are there keep the one that
they were printed by so far."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0026_business_vouchers_reviewed'),
    ]

    operations = [
        migrations.AlterField(
            model_name='book',
            name='chart',
            field=models.CharField(choices=[('2008', '财会〔2008〕1号（新农合）'), ('2017', '财会〔2017〕28号'), ('2026', '财会〔2017〕28号及 2026 年补充规定')], max_length=4, verbose_name='科目表'),
        ),
        migrations.AddField(
            model_name='period',
            name='chart',
            field=models.CharField(choices=[('2008', '财会〔2008〕1号（新农合）'), ('2017', '财会〔2017〕28号'), ('2026', '财会〔2017〕28号及 2026 年补充规定')], default='2026', max_length=4, verbose_name='科目表'),
        ),
    ]

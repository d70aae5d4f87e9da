"""A visit keeps the levels by which its deductible and its limits were set. With their defaults in the
catalogue no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0069_deposit_corrections'),
    ]

    operations = [
        migrations.AddField(
            model_name='visit',
            name='deductible_level',
            field=models.CharField(blank=True, choices=[('village', '村卫生室'), ('township', '乡镇(社区)卫生院'), ('central', '中心卫生院'), ('county', '县级医院'), ('city', '市级医院'), ('province', '省级医院')], db_default='', default='', max_length=20, verbose_name='起付线级别'),
        ),
        migrations.AddField(
            model_name='visit',
            name='price_level',
            field=models.CharField(blank=True, choices=[('village', '村卫生室'), ('township', '乡镇(社区)卫生院'), ('central', '中心卫生院'), ('county', '县级医院'), ('city', '市级医院'), ('province', '省级医院')], db_default='', default='', max_length=20, verbose_name='限价级别'),
        ),
    ]

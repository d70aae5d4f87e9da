"""Of each transaction, what was last wrong with the messages of a client."""

import accounts.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gateway', '0006_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('infno', models.CharField(max_length=8, verbose_name='交易编号')),
                ('told', accounts.fields.SealedField(context='gateway.fault.told', verbose_name='错误信息')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('number', models.PositiveIntegerField(default=1, verbose_name='次数')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='faults', to='gateway.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'infno'), name='fault_once')],
            },
        ),
    ]

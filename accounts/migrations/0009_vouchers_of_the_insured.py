"""Tries with an electronic voucher at the page of the insured have a name of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_device_is_named'),
    ]

    operations = [
        migrations.AlterField(
            model_name='signinfailure',
            name='kind',
            field=models.CharField(choices=[('sign_in', '密码不对'), ('change', '改密码时原密码不对'), ('locked', '锁定中再试'), ('me_asked', '医保e站：要验证码'), ('me_code', '医保e站：验证码不对'), ('me_shown', '医保e站：凭证没有通过')], default='sign_in', max_length=8, verbose_name='结果'),
        ),
    ]

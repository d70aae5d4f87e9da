"""The programs of institutions, and what they prove themselves by."""

import accounts.fields
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import gateway.clients.models
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, set_once
from accounts.sql import RunSQL


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0006_programs'),
        ('institutions', '0004_antibiotics'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('system', '医院信息系统'), ('till', '药店收银系统'), ('terminal', '自助终端')], max_length=10, verbose_name='类型')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('access_key', models.CharField(max_length=40, unique=True, verbose_name='接入标识')),
                ('signing', models.CharField(choices=[('none', '不签名，直接传密钥（仅 HTTPS）'), ('hmac-sha256', 'HMAC-SHA256'), ('sm3', 'HMAC-SM3'), ('sm2', 'SM2（客户端私钥签名）')], default='hmac-sha256', max_length=12, verbose_name='签名方式')),
                ('public_key', models.TextField(blank=True, verbose_name='SM2 公钥')),
                ('cipher', models.CharField(choices=[('none', '不加密（由 HTTPS 保护）'), ('sm4-gcm', 'SM4-GCM'), ('sm4-cbc', 'SM4-CBC')], default='none', max_length=10, verbose_name='报文加密')),
                ('addresses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43, validators=[gateway.clients.models.check_network]), blank=True, default=list, size=20, verbose_name='允许的来源地址')),
                ('per_minute', models.PositiveIntegerField(default=600, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60000)], verbose_name='每分钟最多报文数')),
                ('largest', models.PositiveIntegerField(default=1048576, validators=[django.core.validators.MinValueValidator(1024), django.core.validators.MaxValueValidator(5242880)], verbose_name='报文最大字节数')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clients', to='institutions.institution', verbose_name='机构')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='client', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['institution', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Pace',
            fields=[
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='gateway.client')),
                ('minute', models.BigIntegerField()),
                ('counted', models.IntegerField()),
                ('before', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='FailedTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('access_key', models.CharField(max_length=40, verbose_name='接入标识')),
                ('origin', models.GenericIPAddressField(null=True, verbose_name='来源地址')),
                ('why', models.CharField(choices=[('unknown', '接入标识不存在'), ('signature', '签名或密钥不对'), ('over', '密钥已作废或过期'), ('off', '客户端已停用'), ('address', '来源地址不在名单内')], max_length=10, verbose_name='原因')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='时间')),
                ('client', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='failures', to='gateway.client')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Secret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', accounts.fields.SealedField(context='gateway.secret.digest', verbose_name='密钥摘要')),
                ('first_at', models.DateTimeField(verbose_name='启用时间')),
                ('last_at', models.DateTimeField(null=True, verbose_name='失效时间')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='发放时间')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('used_on', models.DateField(null=True, verbose_name='最近使用')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='gateway.client')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发放人')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='作废人')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signing', 'sm2'), _negated=True), models.Q(('public_key', ''), _negated=True), _connector='OR'), name='client_that_signs_has_its_key'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('largest__gte', 1024), ('per_minute__gte', 1)), name='client_limits_in_range'),
        ),
        migrations.AddIndex(
            model_name='failedtry',
            index=models.Index(fields=['access_key', 'origin', 'at'], name='failed_try_of_a_key'),
        ),
        migrations.AddIndex(
            model_name='failedtry',
            index=models.Index(fields=['origin', 'at'], name='failed_try_from'),
        ),
        migrations.AddConstraint(
            model_name='secret',
            constraint=models.CheckConstraint(condition=models.Q(('last_at', None), ('last_at__gt', models.F('first_at')), _connector='OR'), name='secret_moments_in_order'),
        ),
        migrations.AddConstraint(
            model_name='secret',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='revoked_secret_says_by_whom'),
        ),
        never_deleted("gateway_client"),
        never_deleted("gateway_secret"),
        set_once("gateway_secret", ["revoked_at", "revoked_by_id"]),
        # Counted anew each minute: no message waits for its line in the log of the database.
        RunSQL(
            "ALTER TABLE gateway_pace SET UNLOGGED; ALTER TABLE gateway_pace SET (fillfactor = 50);",
            "ALTER TABLE gateway_pace SET LOGGED; ALTER TABLE gateway_pace RESET (fillfactor);",
        ),
    ]

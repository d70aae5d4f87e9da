"""Scanned pages of the evidence of a case; none comes to what was put away."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only
from accounts.sql import RunSQL

TABLE = "supervision_evidencescan"
ARCHIVED = """
CREATE FUNCTION supervision_refuse_archived_evidence_scan() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM supervision_casearchive
        WHERE opened_at IS NULL
          AND case_id = (SELECT case_id FROM supervision_evidence WHERE id = NEW.evidence_id)
    ) THEN
        RAISE EXCEPTION 'the case of this row is archived' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER supervision_evidencescan_archived BEFORE INSERT ON supervision_evidencescan
    FOR EACH ROW EXECUTE FUNCTION supervision_refuse_archived_evidence_scan();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0032_pauses_by_two'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='文件编号')),
                ('kind', models.CharField(max_length=4, verbose_name='格式')),
                ('size', models.PositiveIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='文件指纹')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
                ('evidence', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='supervision.evidence', verbose_name='案件证据')),
            ],
            options={
                'verbose_name': '证据扫描件',
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('evidence', 'sha256'), name='evidence_scan_once', violation_error_code='scans', violation_error_message='这一页已经附在这件证据上，请去掉一份')],
            },
        ),
        append_only(TABLE),
        RunSQL(
            ARCHIVED,
            "DROP TRIGGER supervision_evidencescan_archived ON supervision_evidencescan;"
            "DROP FUNCTION supervision_refuse_archived_evidence_scan();",
        ),
    ]

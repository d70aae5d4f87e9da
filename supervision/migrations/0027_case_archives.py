"""Cases that are over are put away with an index; from then on nothing is added to them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted
from accounts.sql import RunSQL

CHANGE = ("opened_by_id", "opened_at", "opened_why")
PARTS = (
    *("caseclaim", "casenote", "caseofficer", "casepause", "delivery", "evidence", "fineentry"),
    *("measure", "partyword"),
)
REFUSE = """
CREATE FUNCTION supervision_refuse_archived() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM supervision_casearchive
        WHERE case_id = NEW.case_id AND opened_at IS NULL
    ) THEN
        RAISE EXCEPTION 'the case of this row is archived' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


def _closed(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_archived BEFORE INSERT OR UPDATE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION supervision_refuse_archived();"
    )


def _frozen(table: str) -> RunSQL:
    listed = ", ".join(f"'{one}'" for one in CHANGE)
    return RunSQL(
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen({listed});",
        f"DROP TRIGGER {table}_frozen ON {table}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0026_party_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseArchive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, verbose_name='卷宗号')),
                ('retention', models.CharField(choices=[('forever', '永久'), ('30', '30 年'), ('10', '10 年')], max_length=8, verbose_name='保管期限')),
                ('keep_until', models.DateField(null=True, verbose_name='保管至')),
                ('archived_on', models.DateField(verbose_name='归档日期')),
                ('archived_at', models.DateTimeField(auto_now_add=True, verbose_name='归档时间')),
                ('opened_at', models.DateTimeField(null=True, verbose_name='重新开卷时间')),
                ('opened_why', models.CharField(blank=True, max_length=300, verbose_name='重新开卷的原因')),
                ('archived_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='归档人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='archives', to='supervision.case', verbose_name='案件')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='重新开卷人')),
            ],
            options={
                'verbose_name': '案件卷宗',
                'ordering': ['case', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ArchiveLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('source', models.CharField(max_length=40, verbose_name='来源')),
                ('title', models.CharField(max_length=200, verbose_name='文书材料名称')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('dated_on', models.DateField(verbose_name='日期')),
                ('pages', models.PositiveSmallIntegerField(verbose_name='页数')),
                ('digest', models.CharField(max_length=64, verbose_name='指纹')),
                ('archive', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='supervision.casearchive', verbose_name='案件卷宗')),
            ],
            options={
                'verbose_name': '卷内目录',
                'ordering': ['archive', 'place'],
            },
        ),
        migrations.AddConstraint(
            model_name='casearchive',
            constraint=models.UniqueConstraint(condition=models.Q(('opened_at', None)), fields=('case',), name='one_standing_archive_of_a_case', violation_error_message='这个案件刚由别人归档，请刷新后再看'),
        ),
        migrations.AddConstraint(
            model_name='casearchive',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('opened_at', None), ('opened_why', '')), models.Q(('opened_at__isnull', False), models.Q(('opened_why', ''), _negated=True)), _connector='OR'), name='opened_archive_says_why'),
        ),
        migrations.AddConstraint(
            model_name='casearchive',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('keep_until', None), ('retention', 'forever')), models.Q(models.Q(('retention', 'forever'), _negated=True), ('keep_until__isnull', False)), _connector='OR'), name='archive_is_kept_until'),
        ),
        migrations.AddConstraint(
            model_name='archiveline',
            constraint=models.UniqueConstraint(fields=('archive', 'place'), name='archive_place_once'),
        ),
        migrations.AddConstraint(
            model_name='archiveline',
            constraint=models.UniqueConstraint(fields=('archive', 'source'), name='archive_source_once'),
        ),
        migrations.AddConstraint(
            model_name='archiveline',
            constraint=models.CheckConstraint(condition=models.Q(('pages__gt', 0)), name='archive_line_has_pages'),
        ),
        append_only("supervision_archiveline"),
        never_deleted("supervision_casearchive"),
        _frozen("supervision_casearchive"),
        RunSQL(
            REFUSE + "".join(_closed(f"supervision_{one}") for one in PARTS),
            "".join(f"DROP TRIGGER supervision_{one}_archived ON supervision_{one};" for one in PARTS)
            + "DROP FUNCTION supervision_refuse_archived();",
        ),
    ]

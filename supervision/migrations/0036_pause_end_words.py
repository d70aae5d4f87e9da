"""Why the end of a pause was given back is kept apart from what was said of its beginning."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import set_once
from accounts.sql import RunSQL

TABLE = "supervision_casepause"
CHANGES = """
CREATE OR REPLACE TRIGGER supervision_casepause_frozen
    BEFORE UPDATE ON supervision_casepause
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen({columns});
"""
BEFORE = (
    "'last_day', 'status', 'agreed_by_id', 'agreed_at', 'opinion',"
    " 'ends_on', 'ended_by_id', 'ended_at', 'end_agreed_by_id', 'end_agreed_at'"
)
NOW = f"{BEFORE}, 'end_opinion', 'end_returned_by_id', 'end_returned_at'"
ONCE = set_once(TABLE, ["last_day", "agreed_by_id", "end_agreed_by_id"])
# To agree asks for no words: what stands beside an agreed one was said when its end was given back.
APART = """
UPDATE supervision_casepause SET end_opinion = opinion, opinion = ''
    WHERE status IN ('agreed', 'ending') AND opinion <> '';
"""
TOGETHER = """
UPDATE supervision_casepause SET opinion = end_opinion
    WHERE status IN ('agreed', 'ending') AND end_opinion <> '';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0035_pauses_end_by_two'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='casepause',
            name='end_opinion',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='退回结束的原因'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='end_returned_at',
            field=models.DateTimeField(null=True, verbose_name='退回结束时间'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='end_returned_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='退回结束人'),
        ),
        RunSQL(CHANGES.format(columns=NOW), CHANGES.format(columns=BEFORE)),
        RunSQL(ONCE.reverse_sql, ONCE.sql),
        RunSQL(APART, TOGETHER),
        set_once(TABLE, ["last_day", "agreed_by_id", "end_agreed_by_id", "opinion"]),
    ]

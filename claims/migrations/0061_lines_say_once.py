"""Lines of carried filings name whom they are about, and share what they say with the first line
that says the same. Lines that wait to be written say all of it themselves."""

from django.db import migrations, models

from accounts.sql import RunSQL

SPLIT = """
UPDATE claims_carriedfiling SET about = (facts ->> 'person')::bigint, says = line
WHERE verdict = 'r'
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0060_bed_files")]
    operations = [
        migrations.AddField("carriedfiling", "about", models.BigIntegerField("人或户", null=True)),
        migrations.AddField("carriedfiling", "says", models.PositiveIntegerField("内容所在行", null=True)),
        RunSQL(SPLIT, RunSQL.noop),
    ]

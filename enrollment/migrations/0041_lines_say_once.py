"""Lines of carried files name whom they are about, and share what they say with the first line
that says the same. Lines that wait to be written say all of it themselves."""

from django.db import migrations, models

from accounts.sql import RunSQL

SPLIT = """
UPDATE enrollment_carriedrow
SET about = coalesce(facts ->> 'person', facts ->> 'household')::bigint, says = line
WHERE verdict = 'r'
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0040_proposals_stay")]
    operations = [
        migrations.AddField("carriedrow", "about", models.BigIntegerField("人或户", null=True)),
        migrations.AddField("carriedrow", "says", models.PositiveIntegerField("内容所在行", null=True)),
        RunSQL(SPLIT, RunSQL.noop),
    ]

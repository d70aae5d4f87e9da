"""People with a status are kept counted as well, for the day."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.sql import RunSQL

NOTE = """
CREATE FUNCTION hezuo_place_of_status() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO enrollment_placechange (person_id) SELECT DISTINCT person_id FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER place_status_new AFTER INSERT ON enrollment_identitystatus
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION hezuo_place_of_status();
CREATE TRIGGER place_status_moves
AFTER UPDATE OF person_id, code, first_day, last_day ON enrollment_identitystatus
FOR EACH ROW WHEN ((OLD.person_id, OLD.code, OLD.first_day, OLD.last_day)
    IS DISTINCT FROM (NEW.person_id, NEW.code, NEW.first_day, NEW.last_day))
EXECUTE FUNCTION hezuo_place_of_cover();
CREATE TRIGGER place_status_goes AFTER DELETE ON enrollment_identitystatus
FOR EACH ROW EXECUTE FUNCTION hezuo_place_of_cover()
"""
DROP = """
DROP TRIGGER place_status_new ON enrollment_identitystatus;
DROP TRIGGER place_status_moves ON enrollment_identitystatus;
DROP TRIGGER place_status_goes ON enrollment_identitystatus;
DROP FUNCTION hezuo_place_of_status()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('enrollment', '0029_second_payments'),
    ]

    operations = [
        migrations.CreateModel(
            name='WatchedOn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='PlaceWatched',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('codes', models.TextField()),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('people', models.IntegerField()),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.division')),
            ],
        ),
        RunSQL(NOTE, DROP),
    ]

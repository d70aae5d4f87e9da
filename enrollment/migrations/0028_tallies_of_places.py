"""Figures of places are kept ready; triggers note where something changed."""

import accounts.fields
import django.db.models.deletion
from django.db import migrations, models

from accounts.sql import RunSQL

TABLES = """
CREATE FUNCTION hezuo_place_of_rows() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_TABLE_NAME = 'enrollment_person' THEN
        INSERT INTO enrollment_placechange (household_id) SELECT DISTINCT household_id FROM fresh;
    ELSIF TG_TABLE_NAME = 'enrollment_enrollment' THEN
        INSERT INTO enrollment_placechange (person_id)
        SELECT person_id FROM fresh WHERE status = 'active';
    ELSE
        INSERT INTO enrollment_placechange (division_id) SELECT DISTINCT division_id FROM fresh;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION hezuo_place_of_household() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO enrollment_placechange (division_id) VALUES (OLD.division_id);
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO enrollment_placechange (division_id) VALUES (NEW.division_id);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION hezuo_place_of_person() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO enrollment_placechange (household_id) VALUES (OLD.household_id);
    IF TG_OP = 'UPDATE' AND NEW.household_id <> OLD.household_id THEN
        INSERT INTO enrollment_placechange (household_id) VALUES (NEW.household_id);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION hezuo_place_of_cover() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO enrollment_placechange (person_id) VALUES (OLD.person_id);
    IF TG_OP = 'UPDATE' AND NEW.person_id <> OLD.person_id THEN
        INSERT INTO enrollment_placechange (person_id) VALUES (NEW.person_id);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION hezuo_place_of_remittance() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO enrollment_placechange (division_id)
    SELECT DISTINCT division_id FROM enrollment_receipt WHERE remittance_id = NEW.id;
    RETURN NULL;
END $$;
"""
NEW = "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION hezuo_place_of_rows()"
BULK = [
    f"CREATE TRIGGER place_{table}_new AFTER INSERT ON enrollment_{table} {NEW}"
    for table in ("household", "person", "enrollment", "receipt")
]
# Only what the tallies count is noted: a phone or a name changes nothing.
NOTED = """
CREATE TRIGGER place_household_moves AFTER UPDATE OF division_id, closed_on ON enrollment_household
FOR EACH ROW WHEN (OLD.division_id <> NEW.division_id
    OR (OLD.closed_on IS NULL) <> (NEW.closed_on IS NULL))
EXECUTE FUNCTION hezuo_place_of_household();
CREATE TRIGGER place_household_goes AFTER DELETE ON enrollment_household
FOR EACH ROW EXECUTE FUNCTION hezuo_place_of_household();
CREATE TRIGGER place_person_moves
AFTER UPDATE OF household_id, death_date, departure_date ON enrollment_person
FOR EACH ROW WHEN (OLD.household_id <> NEW.household_id
    OR (OLD.death_date IS NULL) <> (NEW.death_date IS NULL)
    OR (OLD.departure_date IS NULL) <> (NEW.departure_date IS NULL))
EXECUTE FUNCTION hezuo_place_of_person();
CREATE TRIGGER place_person_goes AFTER DELETE ON enrollment_person
FOR EACH ROW EXECUTE FUNCTION hezuo_place_of_person();
CREATE TRIGGER place_cover_moves
AFTER UPDATE OF status, person_id, year, premium_status, other_amount ON enrollment_enrollment
FOR EACH ROW WHEN ((OLD.status = 'active' OR NEW.status = 'active')
    AND (OLD.status, OLD.person_id, OLD.year, OLD.premium_status, OLD.other_amount)
    IS DISTINCT FROM (NEW.status, NEW.person_id, NEW.year, NEW.premium_status, NEW.other_amount))
EXECUTE FUNCTION hezuo_place_of_cover();
CREATE TRIGGER place_cover_goes AFTER DELETE ON enrollment_enrollment
FOR EACH ROW EXECUTE FUNCTION hezuo_place_of_cover();
CREATE TRIGGER place_receipt_moves AFTER UPDATE ON enrollment_receipt
FOR EACH ROW WHEN ((OLD.division_id, OLD.campaign_id, OLD.amount, OLD.sponsored_amount,
        OLD.channel, OLD.remittance_id, OLD.voided_at)
    IS DISTINCT FROM (NEW.division_id, NEW.campaign_id, NEW.amount, NEW.sponsored_amount,
        NEW.channel, NEW.remittance_id, NEW.voided_at))
EXECUTE FUNCTION hezuo_place_of_household();
CREATE TRIGGER place_receipt_goes AFTER DELETE ON enrollment_receipt
FOR EACH ROW EXECUTE FUNCTION hezuo_place_of_household();
CREATE TRIGGER place_remittance_moves AFTER UPDATE OF status ON enrollment_remittance
FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION hezuo_place_of_remittance()
"""
# Everything is counted once, when it is first asked for.
ALL = """
INSERT INTO enrollment_placechange (division_id)
SELECT division_id FROM enrollment_household UNION SELECT division_id FROM enrollment_receipt
"""
TRIGGERS = {
    "household": ("household_new", "household_moves", "household_goes"),
    "person": ("person_new", "person_moves", "person_goes"),
    "enrollment": ("enrollment_new", "cover_moves", "cover_goes"),
    "receipt": ("receipt_new", "receipt_moves", "receipt_goes"),
    "remittance": ("remittance_moves",),
}
DROP = [
    f"DROP TRIGGER place_{name} ON enrollment_{table}"
    for table, names in TRIGGERS.items()
    for name in names
] + [f"DROP FUNCTION hezuo_place_of_{one}()" for one in ("rows", "household", "person", "cover", "remittance")]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_moves'),
        ('enrollment', '0027_people_by_any_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlaceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('division_id', models.BigIntegerField(null=True)),
                ('household_id', models.BigIntegerField(null=True)),
                ('person_id', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PlaceTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('households', models.IntegerField(default=0)),
                ('people', models.IntegerField(default=0)),
                ('enrolled_households', models.IntegerField(default=0)),
                ('enrolled', models.IntegerField(default=0)),
                ('aided', models.IntegerField(default=0)),
                ('other', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14)),
                ('receipts', models.IntegerField(default=0)),
                ('personal', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14)),
                ('sponsored', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14)),
                ('cash', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14)),
                ('remitted', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14)),
                ('confirmed', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14)),
                ('division', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.division')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('division', 'year'), name='one_tally_a_place_and_year')],
            },
        ),
        RunSQL([TABLES, *BULK, NOTED, ALL], DROP),
    ]

"""A sequence for a series of numbers is made by the owner of the tables, whoever asks for it."""

from django.db import migrations

from accounts.sql import RunSQL

# The name is checked, so that nothing else can be made with the owner's rights.
SERIES = """
CREATE FUNCTION hezuo_make_series(series text, first bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF series !~ '^[a-z_]{1,40}_[0-9]{6}_[0-9]{4}$' THEN
        RAISE EXCEPTION '% is no series of an area and a year', series
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I START %s', series, first);
    EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I TO %I', series, session_user);
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0006_row_seals'),
    ]

    operations = [
        RunSQL(SERIES, "DROP FUNCTION hezuo_make_series(text, bigint)"),
    ]

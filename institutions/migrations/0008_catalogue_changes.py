"""When each item of the catalogue changed, so that hospitals fetch what is new since they asked.

Whoever writes items holds one lock until the commit: moments are given in the order of the commits,
so that nothing ever appears behind a moment that somebody has already been told.
"""

from django.db import migrations, models
from django.db.models.functions import Now

from accounts.sql import RunSQL

FUNCTIONS = """
CREATE FUNCTION institutions_one_writer() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(TG_RELID::bigint);  -- of this table, whatever its schema
    RETURN NULL;
END $$;
CREATE FUNCTION institutions_note_change() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW.changed_at := OLD.changed_at;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER institutions_catalogueitem_one_writer
    BEFORE INSERT OR UPDATE ON institutions_catalogueitem
    FOR EACH STATEMENT EXECUTE FUNCTION institutions_one_writer();
CREATE TRIGGER institutions_catalogueitem_changed
    BEFORE INSERT OR UPDATE ON institutions_catalogueitem
    FOR EACH ROW EXECUTE FUNCTION institutions_note_change()
"""
BACK = """
DROP TRIGGER institutions_catalogueitem_changed ON institutions_catalogueitem;
DROP TRIGGER institutions_catalogueitem_one_writer ON institutions_catalogueitem;
DROP FUNCTION institutions_note_change();
DROP FUNCTION institutions_one_writer()
"""


class Migration(migrations.Migration):

    dependencies = [
        ("institutions", "0007_limited_items"),
    ]

    operations = [
        migrations.AddField(
            model_name="catalogueitem",
            name="changed_at",
            field=models.DateTimeField(
                db_default=Now(), editable=False, verbose_name="变更时间"
            ),
        ),
        migrations.AddIndex(
            model_name="catalogueitem",
            index=models.Index(fields=["area", "changed_at"], name="catalogue_changes"),
        ),
        RunSQL(FUNCTIONS, BACK),
    ]

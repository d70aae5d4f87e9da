"""A visit goes over to the record, and the cover, that two records of one person became.

Everything else about it stays, as before; on the strength of the same row as covers.
"""

from django.db import migrations

from accounts.sql import RunSQL

FUNCTION = """
CREATE FUNCTION claims_visit_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    people bigint[];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY['person_id', 'enrollment_id']
            = to_jsonb(NEW) - ARRAY['person_id', 'enrollment_id'] THEN
        SELECT array_agg(e.person_id) INTO people FROM enrollment_enrollment e
            WHERE e.id IN (OLD.enrollment_id, NEW.enrollment_id);
        IF OLD.enrollment_id = NEW.enrollment_id THEN
            people := '{}';
        END IF;
        IF hezuo_one_person(people || OLD.person_id || NEW.person_id) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
TRIGGER = """
DROP TRIGGER claims_visit_rows_stay ON claims_visit;
CREATE TRIGGER claims_visit_rows_stay BEFORE UPDATE OR DELETE ON claims_visit
    FOR EACH ROW EXECUTE FUNCTION {function}()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0012_probes"),
        ("enrollment", "0034_one_person"),
    ]

    operations = [
        RunSQL(FUNCTION, "DROP FUNCTION claims_visit_stays()"),
        RunSQL(
            TRIGGER.format(function="claims_visit_stays"),
            TRIGGER.format(function="hezuo_refuse_change"),
        ),
    ]

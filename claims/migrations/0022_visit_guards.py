"""A visit changes while no settlement stands on it, and not after; its lines go out by batch.

Visits that were there are settled. Where only a draft stands on one it waits for its settlement,
where every settlement was withdrawn it is void: its corrected entry is a visit of its own.
"""

from django.db import migrations

from accounts.append_only import never_deleted, only_moves, set_once
from accounts.sql import RunSQL

# Until now visits were append-only; only this statement may look at their statuses.
FILL = """
ALTER TABLE claims_visit DISABLE TRIGGER claims_visit_rows_stay;
UPDATE claims_visit SET status = CASE WHEN EXISTS (
        SELECT 1 FROM claims_settlement s
         WHERE s.visit_id = claims_visit.id AND s.status = 'draft'
    ) THEN 'closed' ELSE 'void' END
 WHERE NOT EXISTS (
        SELECT 1 FROM claims_settlement s
         WHERE s.visit_id = claims_visit.id AND s.status NOT IN ('draft', 'withdrawn'));
ALTER TABLE claims_visit ENABLE TRIGGER claims_visit_rows_stay
"""
PAIRS = [
    "closed>open",
    "closed>settled",
    "closed>void",
    "open>closed",
    "open>settled",
    "open>void",
    "settled>closed",
    "settled>void",
]
# As in 0013, and beside it what is known of a visit that is not settled. Who it is of, where, how
# it came in and by whom stays; so does everything of what is settled or void but the status.
MERGER = """
        SELECT array_agg(e.person_id) INTO people FROM enrollment_enrollment e
            WHERE e.id IN (OLD.enrollment_id, NEW.enrollment_id);
        IF OLD.enrollment_id = NEW.enrollment_id THEN
            people := '{}';
        END IF;
        IF hezuo_one_person(people || OLD.person_id || NEW.person_id) THEN
            RETURN NEW;
        END IF;
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION claims_visit_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    people bigint[];
    known text[] := '{status}';
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY['person_id', 'enrollment_id']
            = to_jsonb(NEW) - ARRAY['person_id', 'enrollment_id']
            AND to_jsonb(OLD) <> to_jsonb(NEW) AND OLD.status = NEW.status THEN
MERGER
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.is_registered AND OLD.status IN ('open', 'closed') THEN
            known := ARRAY['status', 'enrollment_id', 'household_id', 'division_id', 'care', 'bed',
                'counts_as_stay', 'referral', 'starts', 'ends', 'diagnosis_code', 'diagnosis',
                'diseases', 'procedures', 'facts', 'reasons', 'babies', 'referred_from_id',
                'answers', 'consent_signed', 'alike_reason', 'admission_number'];
        END IF;
        IF to_jsonb(OLD) - known = to_jsonb(NEW) - known THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
""".replace("MERGER", MERGER)
BEFORE = """
CREATE OR REPLACE FUNCTION claims_visit_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    people bigint[];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY['person_id', 'enrollment_id']
            = to_jsonb(NEW) - ARRAY['person_id', 'enrollment_id'] THEN
MERGER
    END IF;
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
""".replace("MERGER", MERGER)

# A line is cut, taken by a settlement or withdrawn while no settlement stands on its part.
STANDS = """
CREATE OR REPLACE FUNCTION hezuo_claims_line_stands() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM claims_settlement WHERE visit_id = OLD.visit_id
               AND part = OLD.part AND status NOT IN ('draft', 'withdrawn')) THEN
        RAISE EXCEPTION 'a line cannot be cut while a settlement stands on it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
STOOD = STANDS.replace("\n               AND part = OLD.part AND", "\n               AND")
LINES = """
DROP TRIGGER claims_billline_frozen ON claims_billline;
CREATE TRIGGER claims_billline_frozen BEFORE UPDATE ON claims_billline
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen(
        'approved_amount', 'cut_code', 'cut_bearer', 'cut_reason', 'part', 'is_live');
CREATE TRIGGER claims_billline_gone BEFORE UPDATE ON claims_billline
    FOR EACH ROW WHEN (NOT OLD.is_live) EXECUTE FUNCTION hezuo_refuse_change()
"""
LINES_BEFORE = """
DROP TRIGGER claims_billline_gone ON claims_billline;
DROP TRIGGER claims_billline_frozen ON claims_billline;
CREATE TRIGGER claims_billline_frozen BEFORE UPDATE ON claims_billline
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen(
        'approved_amount', 'cut_code', 'cut_bearer', 'cut_reason')
"""
BATCHES = """
CREATE TRIGGER claims_billbatch_frozen BEFORE UPDATE ON claims_billbatch
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen(
        'withdrawn_by_id', 'withdrawn_at', 'withdrawn_reason')
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0021_visits_open_first")]

    operations = [
        RunSQL(FILL, RunSQL.noop),
        only_moves("claims_visit", PAIRS),
        RunSQL(FUNCTION, BEFORE),
        RunSQL(STANDS, STOOD),
        RunSQL(LINES, LINES_BEFORE),
        RunSQL(BATCHES, "DROP TRIGGER claims_billbatch_frozen ON claims_billbatch"),
        never_deleted("claims_billbatch"),
        set_once("claims_billbatch", ["withdrawn_by_id", "withdrawn_at", "withdrawn_reason"]),
    ]

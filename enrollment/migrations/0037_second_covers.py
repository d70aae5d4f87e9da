"""What an approved merger of two records lets a paid-up cover do, and no more.

Migration 0034 let every cover of anybody who had once been in a merger end and hold again. Now a
cover ends where the other record's cover of the same year holds and the merger stands, and holds
again where the merger that ended it was undone.
"""

from django.db import migrations

from accounts.sql import RunSQL

MOVES = """
CREATE OR REPLACE FUNCTION enrollment_cover_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF OLD.status = 'active' AND NEW.status = 'pending' AND NEW.receipt_id IS NULL AND EXISTS (
        SELECT 1 FROM enrollment_receipt r WHERE r.id = OLD.receipt_id AND r.voided_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    IF OLD.status = 'active' AND NEW.status = 'cancelled' AND NEW.receipt_id = OLD.receipt_id
        AND EXISTS (
            SELECT 1 FROM enrollment_refund r
            WHERE r.enrollment_id = OLD.id AND r.status IN ('granted', 'paid')
    ) THEN
        RETURN NEW;
    END IF;
%s
    RAISE EXCEPTION 'cover %% is paid up: it ends by a refund or by voiding its receipt', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
WIDE = """
    IF NEW.receipt_id = OLD.receipt_id
        AND (OLD.status, NEW.status) IN (('active', 'cancelled'), ('cancelled', 'active'))
        AND hezuo_one_person(ARRAY[OLD.person_id, NEW.person_id]) THEN
        RETURN NEW;
    END IF;
"""
NARROW = """
    IF NEW.receipt_id = OLD.receipt_id AND NEW.person_id = OLD.person_id
        AND OLD.status = 'active' AND NEW.status = 'cancelled' AND EXISTS (
            SELECT 1 FROM enrollment_sameperson s
            JOIN enrollment_enrollment other ON other.year = OLD.year AND other.status = 'active'
                AND other.id <> OLD.id AND other.person_id IN (s.kept_id, s.given_up_id)
            WHERE s.status = 'approved' AND s.undoes_id IS NULL
                AND OLD.person_id IN (s.kept_id, s.given_up_id)
                AND NOT EXISTS (
                    SELECT 1 FROM enrollment_sameperson u
                    WHERE u.undoes_id = s.id AND u.status = 'approved'
                )
    ) THEN
        RETURN NEW;
    END IF;
    IF NEW.receipt_id = OLD.receipt_id AND NEW.person_id = OLD.person_id
        AND OLD.status = 'cancelled' AND NEW.status = 'active' AND EXISTS (
            SELECT 1 FROM enrollment_sameperson u
            JOIN enrollment_sameperson s ON s.id = u.undoes_id
            CROSS JOIN LATERAL jsonb_array_elements(s.moved -> 'ended') AS pair
            WHERE u.status = 'approved' AND (pair ->> 0)::bigint = OLD.id
    ) AND NOT EXISTS (
        SELECT 1 FROM enrollment_receipt r WHERE r.id = OLD.receipt_id AND r.voided_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0036_faults_of_files")]

    operations = [RunSQL(MOVES % NARROW, MOVES % WIDE)]

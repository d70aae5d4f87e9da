"""No bank account pays out, and no reserve gives, what it does not have: held at COMMIT.

`hezuo_funds_short` is the one place that says by how much; the services ask it before the guard
does. A red-letter voucher is let through: what it takes back was not true, and what that uncovers
stands on the page of balances and stops the closing.
"""

from django.db import migrations

from accounts.sql import RunSQL

# The lock is taken after the month's counter, as late as the sum that it is for; what is read under
# it sees what whoever held it before has committed. Its name begins with the area's code, as all do
# (desk/locks.py). Days before the voucher's count as its day.
COVERED = """
CREATE FUNCTION hezuo_funds_short(one bigint)
RETURNS TABLE (short_account bigint, short_on date, stands_at numeric) LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    wanted funds_voucher%ROWTYPE;
    month funds_period%ROWTYPE;
    taken bigint[];
    closed bigint;
BEGIN
    SELECT * INTO wanted FROM funds_voucher WHERE id = one;
    SELECT array_agg(found.id) INTO taken FROM (
        SELECT a.id FROM funds_posting p JOIN funds_account a ON a.id = p.account_id
        WHERE p.voucher_id = one
            AND (a.code IN ('1001', '1002', '1003', '1004', '1005') OR a.code LIKE '3101%')
        GROUP BY a.id
        HAVING (sum(p.debit) - sum(p.credit)) * (CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END)
            < 0
    ) found;
    IF wanted.reversal_of_id IS NOT NULL OR taken IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(
        hashtextextended(d.code || ' funds.money:' || b.id, 0))
        FROM funds_book b JOIN accounts_division d ON d.id = b.area_id WHERE b.id = wanted.book_id;
    SELECT * INTO month FROM funds_period WHERE id = wanted.period_id;
    SELECT p.id INTO closed FROM funds_period p
        WHERE p.book_id = wanted.book_id AND p.status = 'closed'
        ORDER BY p.year DESC, p.month DESC LIMIT 1;
    RETURN QUERY
    WITH moved AS (
        SELECT b.account_id, wanted.occurred_on AS day, b.debit - b.credit AS amount
        FROM funds_closingbalance b WHERE b.period_id = closed AND b.account_id = ANY (taken)
        UNION ALL
        SELECT p.account_id, wanted.occurred_on, sum(p.debit - p.credit)
        FROM funds_posting p JOIN funds_period m ON m.id = p.period_id
        WHERE p.account_id = ANY (taken) AND m.status = 'open'
            AND (m.year, m.month) < (month.year, month.month)
        GROUP BY p.account_id
        UNION ALL
        SELECT p.account_id, greatest(v.occurred_on, wanted.occurred_on), sum(p.debit - p.credit)
        FROM funds_posting p JOIN funds_period m ON m.id = p.period_id
        JOIN funds_voucher v ON v.id = p.voucher_id
        WHERE p.account_id = ANY (taken) AND m.status = 'open'
            AND (m.year, m.month) >= (month.year, month.month)
        GROUP BY 1, 2
    ), days AS (
        SELECT m.account_id, m.day, sum(sum(m.amount)) OVER (
            PARTITION BY m.account_id ORDER BY m.day
        ) * (CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END) AS balance
        FROM moved m JOIN funds_account a ON a.id = m.account_id
        GROUP BY m.account_id, m.day, a.normal_side
    )
    SELECT DISTINCT ON (d.account_id) d.account_id, d.day, d.balance FROM days d
    WHERE d.balance < 0 ORDER BY d.account_id, d.balance, d.day;
END $$;
CREATE FUNCTION hezuo_funds_covered() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    short record;
BEGIN
    FOR short IN SELECT * FROM hezuo_funds_short(NEW.id) LOOP
        RAISE EXCEPTION 'account % would stand at % on %',
            short.short_account, short.stands_at, short.short_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_not_below_zero';
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funds_voucher_covered AFTER INSERT ON funds_voucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hezuo_funds_covered();
"""
BACK = """
DROP TRIGGER funds_voucher_covered ON funds_voucher;
DROP FUNCTION hezuo_funds_covered();
DROP FUNCTION hezuo_funds_short(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0011_return_notes")]

    operations = [RunSQL(COVERED, BACK)]

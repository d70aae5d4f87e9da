"""What an account stands at from a day on is asked in one place: by what refuses a voucher that
takes more, and while payments are put together (funds/payments/means.py). The lock of a book is
named by its area, as other names are (desk/locks.py), and not by the schema that it lives in."""

from importlib import import_module

from django.db import migrations

from accounts.sql import RunSQL, statements

# On the day and on every later one on which something was booked; what is before counts as the day.
STANDS = """
CREATE FUNCTION hezuo_funds_stands(one_book bigint, asked bigint[], first_day date)
RETURNS TABLE (of_account bigint, on_day date, stands_at numeric) LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    since date := date_trunc('month', first_day);
    closed bigint;
BEGIN
    SELECT p.id INTO closed FROM funds_period p
        WHERE p.book_id = one_book AND p.status = 'closed'
        ORDER BY p.year DESC, p.month DESC LIMIT 1;
    RETURN QUERY
    WITH moved AS (
        SELECT unnest(asked) AS account_id, first_day AS day, 0::numeric AS amount
        UNION ALL
        SELECT b.account_id, first_day, b.debit - b.credit
        FROM funds_closingbalance b WHERE b.period_id = closed AND b.account_id = ANY (asked)
        UNION ALL
        SELECT p.account_id, first_day, sum(p.debit - p.credit)
        FROM funds_posting p JOIN funds_period m ON m.id = p.period_id
        WHERE p.account_id = ANY (asked) AND m.status = 'open'
            AND make_date(m.year, m.month, 1) < since
        GROUP BY p.account_id
        UNION ALL
        SELECT p.account_id, greatest(v.occurred_on, first_day), sum(p.debit - p.credit)
        FROM funds_posting p JOIN funds_period m ON m.id = p.period_id
        JOIN funds_voucher v ON v.id = p.voucher_id
        WHERE p.account_id = ANY (asked) AND m.status = 'open'
            AND make_date(m.year, m.month, 1) >= since
        GROUP BY 1, 2
    )
    SELECT m.account_id, m.day, sum(sum(m.amount)) OVER (
        PARTITION BY m.account_id ORDER BY m.day
    ) * (CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END)
    FROM moved m JOIN funds_account a ON a.id = m.account_id
    GROUP BY m.account_id, m.day, a.normal_side;
END $$;
"""
SHORT = """
CREATE OR REPLACE FUNCTION hezuo_funds_short(one bigint)
RETURNS TABLE (short_account bigint, short_on date, stands_at numeric) LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    wanted funds_voucher%ROWTYPE;
    taken bigint[];
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
    PERFORM pg_advisory_xact_lock(hashtextextended(area.code || ' funds.money:' || b.id, 0))
        FROM funds_book b JOIN accounts_division area ON area.id = b.area_id
        WHERE b.id = wanted.book_id;
    RETURN QUERY
    SELECT DISTINCT ON (d.of_account) d.of_account, d.on_day, d.stands_at
    FROM hezuo_funds_stands(wanted.book_id, taken, wanted.occurred_on) d
    WHERE d.stands_at < 0 ORDER BY d.of_account, d.stands_at, d.on_day;
END $$;
"""
BEFORE = statements(import_module("funds.migrations.0012_never_below_zero").COVERED)[0]
BACK = f"""
{BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")};
DROP FUNCTION hezuo_funds_stands(bigint, bigint[], date);
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0014_by_hand_has_its_draft")]

    operations = [RunSQL(STANDS + SHORT, BACK)]

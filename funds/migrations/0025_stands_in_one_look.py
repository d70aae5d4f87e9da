"""Which months are open and which was closed last is read in one statement: a month that is closed
between two would be in neither, and all that was booked in it missing in what an account stands at.
"""

from importlib import import_module

from django.db import migrations

from accounts.sql import RunSQL

BEFORE = import_module("funds.migrations.0023_stands_by_the_index").STANDS
TWICE = """
    SELECT p.id INTO closed FROM funds_period p
        WHERE p.book_id = one_book AND p.status = 'closed'
        ORDER BY p.year DESC, p.month DESC LIMIT 1;
    SELECT array_agg(p.id) INTO opened FROM funds_period p
        WHERE p.book_id = one_book AND p.status = 'open';
"""
ONCE = """
    SELECT (array_agg(p.id ORDER BY p.year DESC, p.month DESC)
            FILTER (WHERE p.status = 'closed'))[1],
        array_agg(p.id) FILTER (WHERE p.status = 'open')
        INTO closed, opened FROM funds_period p WHERE p.book_id = one_book;
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0024_budget")]

    operations = [RunSQL(BEFORE.replace(TWICE, ONCE), BEFORE)]

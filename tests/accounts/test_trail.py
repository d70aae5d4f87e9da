"""The audit trail is only ever added to, and tells nothing personal."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.audit import record, record_export, snapshot
from accounts.models import AuditLine, Division, User
from accounts.origin import Origin, current

pytestmark = pytest.mark.django_db


def test_a_line_tells_who_when_where_and_what(cast: SimpleNamespace) -> None:
    token = current.set(Origin("10.8.0.7", "abc"))
    try:
        line = record(
            actor=cast.clerk_a,
            action="test.change",
            subject=cast.clerk_a,
            before={"name": "甲"},
            after={"name": "乙"},
            reason="改错字",
        )
    finally:
        current.reset(token)
    line.refresh_from_db()
    assert (line.user_name, line.role, line.origin) == ("陈秀英", "township_clerk", "10.8.0.7")
    assert (line.before, line.after, line.division_code) == (
        {"name": "甲"},
        {"name": "乙"},
        "500225101",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditline SET user_name = '别人'",
        "DELETE FROM accounts_auditline",
        "TRUNCATE accounts_auditline",
    ],
)
def test_postgresql_itself_refuses_to_change_the_trail(
    cast: SimpleNamespace, statement: str
) -> None:
    record(actor=cast.clerk_a, action="test.change", subject=cast.clerk_a)
    with (
        pytest.raises(IntegrityError, match="refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    assert AuditLine.objects.count() == 1


def test_snapshots_leave_out_passwords(cast: SimpleNamespace) -> None:
    assert "password" not in snapshot(cast.clerk_a)
    assert snapshot(cast.clerk_a)["username"] == "clerk_a"


def test_an_auditor_sees_the_trail_of_the_own_county_only(cast: SimpleNamespace) -> None:
    for user in (cast.clerk_a, cast.other_officer):
        record(actor=user, action="test.change", subject=user)
    seen = AuditLine.objects.visible_to(cast.auditor)
    assert [line.user for line in seen] == [cast.clerk_a]
    assert not AuditLine.objects.visible_to(User(role="visitor")).exists()


def test_an_export_is_told_by_what_was_taken_and_moments_in_local_time(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    record_export(actor=cast.auditor, what="凭证", rows=3, criteria={}, reason="年度审计")
    record(
        actor=cast.secadmin,
        action="test.change",
        subject=cast.clerk_a,
        after={"created_at": "2026-11-28 01:00:00.5+00:00"},
    )
    page = as_user(cast.auditadmin).get("/accounts/audit").content.decode()
    assert "<td>凭证</td>" in page.replace("\n", "").replace("        ", "").replace("  ", "")
    assert "2026-11-28 09:00" in page and "+00:00" not in page


def test_the_trail_is_narrowed_by_day_and_kind_and_tells_the_number_people_know(
    cast: SimpleNamespace, county: Division, as_user: Callable[[User], Client]
) -> None:
    record(actor=cast.secadmin, action="accounts.sign_in", subject=cast.clerk_a)
    record(actor=cast.secadmin, action="accounts.keep_division", subject=county)
    client = as_user(cast.auditadmin)

    def shown(**asked: str) -> list[str]:
        table = client.get("/accounts/audit", asked).context["list"]
        return [str(line.row.number) for line in table.lines]

    assert shown(kind="accounts.division") == ["500225"]
    assert shown(kind="accounts.user") == [str(cast.clerk_a.pk)]
    today = f"{timezone.localtime():%Y-%m-%d}"
    assert len(shown(since=today, until=today)) >= 2
    assert shown(until="2020-01-01") == []


def test_an_export_is_told_without_programmers_keys(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    record_export(actor=cast.auditor, what="funds.book_lines", rows=3, criteria={}, reason="审计")
    page = as_user(cast.auditadmin).get("/accounts/audit").content.decode()
    assert "全账核验记录" in page and "<td>funds.book_lines" not in page

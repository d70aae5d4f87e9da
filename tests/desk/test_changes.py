"""The frame of a write: 陈秀英 and 罗志强 at two windows, and what the trail keeps of a change."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InternalError, ProgrammingError, connection

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from desk import changes
from desk.changes import (
    NotTakenError,
    all_or_nothing,
    change,
    lost_race,
    one_try,
    races,
    unique_columns,
)


def broken(message: str, kind: type[DatabaseError] = IntegrityError) -> DatabaseError:
    """A database error as Django hands it on where the driver has no diagnosis."""
    return kind(message)


class TestLostRace:
    def test_the_constraint_speaks_for_itself(self) -> None:
        assert races()["invoice_once"][0].startswith("发票刚由另一窗口录入")
        assert races()["slip_number_once"][1] == "slip_number"
        assert "period_once" not in races()

    @pytest.mark.django_db
    def test_every_name_is_one_that_the_database_knows(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conname FROM pg_constraint UNION SELECT indexrelid::regclass::text"
                " FROM pg_index WHERE indisunique"
            )
            known = {name for (name,) in cursor.fetchall()}
            cursor.execute("SELECT prosrc FROM pg_proc WHERE prosrc LIKE '%CONSTRAINT = %'")
            raised = "".join(source for (source,) in cursor.fetchall())
        assert {
            name for name in races() if name not in known and f"'{name}'" not in raised
        } == set()
        for column in unique_columns():
            assert any(
                name.startswith(column) and name.endswith(("_uniq", "_key")) for name in known
            )

    @pytest.mark.parametrize(
        "message",
        [
            'duplicate key value violates unique constraint "invoice_once"',
            'duplicate key value violates unique constraint "invoice_once_102008"\nCONTEXT: 节点',
        ],
    )
    def test_told_by_the_words_where_the_driver_names_nothing(self, message: str) -> None:
        for kind in (IntegrityError, InternalError):
            refusal = lost_race(broken(message, kind))
            assert refusal is not None
            assert "不能重复报销" in refusal.message

    def test_other_violations_stay_errors(self) -> None:
        assert lost_race(broken("null value in column")) is None
        assert lost_race(broken('violates check constraint "layers_sum_to_fund"')) is None

    @pytest.mark.django_db(transaction=True)
    def test_told_at_commit_too(self, cast: SimpleNamespace, monkeypatch: Any) -> None:
        """A deferred trigger speaks when the transaction ends; nothing of it stays."""
        told = changes.races() | {"told_late": ("刚由另一窗口办理，请刷新", "code")}
        monkeypatch.setattr(changes, "races", lambda: told)
        with connection.cursor() as cursor:
            cursor.execute(LATE)
        try:
            with pytest.raises(Refusal, match="刚由另一窗口办理") as refused, all_or_nothing():
                User.objects.filter(pk=cast.clerk_a.pk).update(name="陈秀瑛")
            assert refused.value.at == ("code",)
            cast.clerk_a.refresh_from_db()
            assert cast.clerk_a.name == "陈秀英"
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP FUNCTION told_late() CASCADE")


# Without an SQLSTATE of its own: PostgreSQL then says P0001, which arrives as InternalError.
LATE = """
CREATE FUNCTION told_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'somebody was earlier' USING CONSTRAINT = 'told_late';
END $$;
CREATE CONSTRAINT TRIGGER told_late AFTER UPDATE ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION told_late();
"""


@pytest.mark.django_db
class TestChange:
    def test_only_what_changed_is_saved_and_told(
        self, cast: SimpleNamespace, town_a: Division, django_assert_num_queries: Any
    ) -> None:
        rows = Division.objects.all()
        rename = change(rows, town_a.pk, actor=cast.sysadmin, action="x", reason="撤并")
        with django_assert_num_queries(3) as queries, rename as row:
            row.name = "龙水街道"
        lock, save, _ = [query["sql"] for query in queries]
        assert "FOR NO KEY UPDATE OF" in lock
        assert 'SET "name" = ' in save and '"level"' not in save
        line = AuditLine.objects.get(action="x")
        assert (line.before["name"], line.after["name"]) == ("龙水镇", "龙水街道")  # type: ignore[index]
        assert (line.division_code, line.reason, line.user) == (town_a.code, "撤并", cast.sysadmin)

    def test_what_names_a_person_is_masked_and_still_said_to_differ(
        self, cast: SimpleNamespace, town_a: Division, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(Division, "MASKS", {"name": lambda name: name[0] + "**", "id": None},
                            raising=False)  # fmt: skip
        monkeypatch.setattr(Division, "AUDITED", ("id", "name", "level"), raising=False)
        with change(Division.objects.all(), town_a.pk, actor=cast.sysadmin, action="x") as row:
            row.name = "龙岗镇"
        line = AuditLine.objects.get(action="x")
        assert line.before == {"name": "龙**", "level": "township"}
        assert line.after == {"name": "龙**", "level": "township", "changed": ["name"]}

    def test_a_refusal_in_the_middle_leaves_nothing(
        self, cast: SimpleNamespace, town_a: Division
    ) -> None:
        rename = change(Division.objects.all(), town_a.pk, actor=cast.sysadmin, action="x")
        with pytest.raises(Refusal), all_or_nothing(), rename as row:
            row.name = "龙岗镇"
            raise Refusal("不行")
        town_a.refresh_from_db()
        assert town_a.name == "龙水镇" and not AuditLine.objects.filter(action="x").exists()


@pytest.mark.django_db
class TestOneTry:
    @pytest.mark.parametrize("code", ["raise_exception", "integrity_constraint_violation"])
    def test_what_the_database_refuses_is_not_taken_and_may_be_tried_otherwise(
        self, town_a: Division, code: str
    ) -> None:
        with pytest.raises(NotTakenError), one_try():
            Division.objects.filter(pk=town_a.pk).update(name="龙岗镇")
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$")
        town_a.refresh_from_db()
        assert town_a.name == "龙水镇"

    def test_a_fault_stays_a_fault(self) -> None:
        with pytest.raises(ProgrammingError), one_try(), connection.cursor() as cursor:
            cursor.execute("SELECT nothing_at_all")

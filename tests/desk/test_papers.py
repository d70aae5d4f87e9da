"""A paper says for ever what it said when it was issued; printed again it is a copy."""

import base64
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from desk.models import Counter, Paper
from desk.numbers import next_number
from desk.papers import KINDS, PaperKind, altered_papers, look_at, print_paper, print_papers
from enrollment.models import Household
from tests.conftest import past_the_guards

ON = date(2026, 11, 28)
ONE, TWO = (base64.b64encode(bytes([n]) * 32).decode() for n in (7, 8))


def plain(household: Household) -> dict[str, Any]:
    return {"number": household.number, "address": household.address, "persons": ["张三", "李四"]}


@pytest.fixture
def letter() -> Iterator[PaperKind]:
    """A letter to a household, numbered by area and year."""
    kind = PaperKind(
        code="test.letter",
        title="告知书",
        template="claims/sheet.html",
        permission="claims.view",
        facts=plain,
        series="大合医告",
    )
    yield kind
    del KINDS[kind.code]


@pytest.fixture
def chen(village_a: Division) -> Household:
    return Household.objects.create(
        number="5002251012010001", division=village_a, address="桥亭村一组 7 号"
    )


@pytest.mark.django_db
def test_the_second_print_says_what_the_first_said(
    letter: PaperKind, chen: Household, cast: SimpleNamespace
) -> None:
    first = print_paper(letter, chen, actor=cast.clerk_a, on=ON)
    assert first.copy is None
    assert first.number == "大合医告〔2026〕1号"
    chen.address = "石庙村三组 1 号"
    chen.save()
    second = print_paper(letter, chen, actor=cast.clerk_a2, on=ON, reason=" 原件遗失 ")
    assert second.facts == first.facts
    assert second.facts["address"] == "桥亭村一组 7 号"
    assert second.number == first.number
    assert second.copy and (second.copy.copy, second.copy.reason) == (1, "原件遗失")
    third = print_paper(letter, chen, actor=cast.clerk_a, on=ON)
    assert third.copy and third.copy.copy == 2
    assert [one.copy for one in Paper.objects.all()] == [0, 1, 2]
    assert list(altered_papers()) == []


@pytest.mark.django_db
def test_an_original_is_signed_where_somebody_signs(
    letter: PaperKind, chen: Household, cast: SimpleNamespace, settings: Any
) -> None:
    unsigned = print_paper(letter, chen, actor=cast.clerk_a, on=ON)
    assert unsigned.original and unsigned.original.signature is None
    other = Household.objects.create(number="5002251012010002", division=chen.division)
    settings.ELECTRONIC_SIGNATURE = "demo.stand_ins.Signature"
    print_paper(letter, other, actor=cast.clerk_a, on=ON)
    kept = Paper.objects.latest("pk")
    assert kept.signature["signer"] == "演示替身（不具法律效力）"
    assert list(altered_papers()) == []
    again = print_paper(letter, other, actor=cast.clerk_a, on=ON, reason="原件遗失")
    assert again.original and again.original.signature == kept.signature
    assert again.copy and again.copy.signature is None
    past_the_guards(Paper.objects.filter(pk=kept.pk), signature=kept.signature | {"value": "AAAA"})
    (found,) = altered_papers()
    assert "电子签名与票面内容不符" in found
    past_the_guards(
        Paper.objects.filter(pk=kept.pk), signature=kept.signature | {"algorithm": "SM2"}
    )
    assert list(altered_papers()) == []  # another program's: nobody here can judge it


@pytest.mark.django_db
def test_looking_issues_nothing(letter: PaperKind, chen: Household, cast: SimpleNamespace) -> None:
    assert look_at(letter, [chen])[0].facts["address"] == "桥亭村一组 7 号"
    assert not Paper.objects.exists() and not Counter.objects.exists()
    print_paper(letter, chen, actor=cast.clerk_a, on=ON)
    Household.objects.filter(pk=chen.pk).update(address="石庙村")
    chen.refresh_from_db()
    assert look_at(letter, [chen])[0].facts["address"] == "桥亭村一组 7 号"
    assert Paper.objects.count() == 1


@pytest.mark.django_db
def test_every_print_is_in_the_trail(
    letter: PaperKind, chen: Household, cast: SimpleNamespace
) -> None:
    for reason in ("", "家属来要"):
        print_paper(letter, chen, actor=cast.clerk_a, on=ON, reason=reason)
    one, two = AuditLine.objects.filter(action="desk.print_paper").order_by("id")
    assert (one.after or {})["copy"] == "0" and (two.after or {})["copy"] == "1"
    assert (one.after or {})["number"] == "大合医告〔2026〕1号"
    assert two.reason == "家属来要" and two.division_code == chen.division.code
    assert "桥亭村" not in json.dumps([one.after, two.after], ensure_ascii=False)


@pytest.mark.django_db
def test_the_facts_are_sealed_and_their_fingerprint_tells_nothing(
    letter: PaperKind, chen: Household, cast: SimpleNamespace, village_a: Division
) -> None:
    twin = Household.objects.create(
        number="5002251012010002", division=village_a, address=chen.address
    )
    for household in (chen, twin):
        print_paper(letter, household, actor=cast.clerk_a, on=ON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts, fingerprint FROM desk_paper ORDER BY id")
        (sealed, one), (_, other) = cursor.fetchall()
    assert "张三" not in sealed and "桥亭村" not in sealed
    assert one != other


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE desk_paper SET reason = '补'",
        "UPDATE desk_paper SET printed_at = now()",
        "UPDATE desk_paper SET facts = ''",
        "UPDATE desk_paper SET fingerprint = '0'",
        "DELETE FROM desk_paper",
        "TRUNCATE desk_paper CASCADE",  # postings of notices name it
        "DELETE FROM desk_counter",
        "INSERT INTO desk_paper SELECT nextval('desk_paper_id_seq'), kind, subject_type,"
        " subject_id, edition, 1, number, division_code, facts, fingerprint, printed_at, reason,"
        " printed_by_id FROM desk_paper",
    ],
)
def test_sql_refuses_to_change_a_paper(
    letter: PaperKind, chen: Household, cast: SimpleNamespace, statement: str
) -> None:
    print_paper(letter, chen, actor=cast.clerk_a, on=ON)
    with (
        pytest.raises(DatabaseError, match=r"refused|emptied|holds_the_facts"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.django_db
def test_facts_that_were_exchanged_are_found(
    letter: PaperKind, chen: Household, cast: SimpleNamespace, village_a: Division
) -> None:
    """Whoever can write ciphertext can move it from one paper to another: the check sees it."""
    other = Household.objects.create(number="5002251012010002", division=village_a)
    for household in (chen, other):
        print_paper(letter, household, actor=cast.clerk_a, on=ON)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE desk_paper SET facts = (SELECT facts FROM desk_paper ORDER BY id LIMIT 1)"
        )
    (found,) = altered_papers()
    assert "大合医告〔2026〕2号" in found


@pytest.mark.django_db
def test_keys_change_and_the_paper_says_the_same(
    letter: PaperKind, chen: Household, cast: SimpleNamespace, settings: Any
) -> None:
    settings.SEAL_KEYS = f"1:{ONE}"
    first = print_paper(letter, chen, actor=cast.clerk_a, on=ON)
    settings.SEAL_KEYS = f"1:{ONE},2:{TWO}"
    call_command("rotate_keys", stdout=io.StringIO())
    settings.SEAL_KEYS = f"2:{TWO}"
    assert look_at(letter, [chen])[0].facts == first.facts
    assert list(altered_papers()) == []


@pytest.mark.django_db
def test_a_number_given_back_is_given_again(
    letter: PaperKind, chen: Household, cast: SimpleNamespace
) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        print_paper(letter, chen, actor=cast.clerk_a, on=ON)
        raise RuntimeError
    assert print_paper(letter, chen, actor=cast.clerk_a, on=ON).number == "大合医告〔2026〕1号"
    numbers = [next_number("大合医告", area, year) for area, year in (("500226", 2026),)]
    numbers += [next_number("大合医告", "500225", year) for year in (2026, 2027)]
    assert numbers == [1, 2, 1]


@pytest.mark.django_db
def test_nothing_to_print_is_said(letter: PaperKind, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="没有可打印的告知书"):
        print_papers(letter, [], actor=cast.clerk_a, on=ON)


@pytest.mark.django_db
def test_only_plain_facts_are_kept(chen: Household, cast: SimpleNamespace) -> None:
    kind = PaperKind(
        code="test.bad",
        title="错",
        template="claims/sheet.html",
        permission="claims.view",
        facts=lambda household: {"on": ON},
    )
    try:
        with pytest.raises(TypeError, match="date is not JSON serializable"):
            print_paper(kind, chen, actor=cast.clerk_a, on=ON)
        with pytest.raises(ValueError, match=r"test\.bad"):
            PaperKind(**{name: getattr(kind, name) for name in vars(kind)} | {"title": "又"})
    finally:
        del KINDS["test.bad"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_windows_that_print_at_once_keep_one_original(
    letter: PaperKind, chen: Household, cast: SimpleNamespace
) -> None:
    gate = Barrier(4)

    def window(_: int) -> Any:
        try:
            gate.wait(timeout=10)
            return print_paper(letter, chen, actor=cast.clerk_a, on=ON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sheets = list(pool.map(window, range(4)))
    assert sorted(sheet.copy.copy if sheet.copy else 0 for sheet in sheets) == [0, 1, 2, 3]
    assert {sheet.number for sheet in sheets} == {"大合医告〔2026〕1号"}
    assert Counter.objects.get().last == 1
    assert list(altered_papers()) == []

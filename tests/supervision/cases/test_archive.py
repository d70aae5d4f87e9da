"""A closed case is put away: 永兴医院's file with its index, to which nothing comes any more."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from desk.models import Paper
from supervision.cases import execution, keeping, services
from supervision.cases.archive_views import ARCHIVE_COVER, ARCHIVE_INDEX
from supervision.cases.archiving import (
    COLUMNS,
    SCHEME,
    altered_lines,
    archive_case,
    entries_of,
    placed,
    problem_of_archiving,
)
from supervision.cases.models import Case, CaseNote
from supervision.cases.services import Clue
from supervision.words.models import PartyWord
from tests.application import as_owner
from tests.conftest import make_user
from tests.papers import keeps_what_it_said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
ON = date(2026, 6, 20)
PRINTED = ("filing", "inquiry", "notice", "notice_delivery", "decision", "delivery", "closing")


def prints(client: Any, case: Case, *names: str) -> None:
    for name in names:
        assert client.post(f"/supervision/cases/{case.pk}/papers/{name}").status_code == 200


@pytest.fixture
def printed(closed: Case, team: Any, as_user: Any, settings: Any) -> Case:
    settings.TODAY = ON
    prints(as_user(team[0]), closed, *PRINTED)
    prints(as_user(team[0]), closed, "register")
    return closed


def test_a_file_is_put_away_complete(closed: Case, team: Any, as_user: Any, settings: Any) -> None:
    """What was never printed is asked for; then the index says what lies where."""
    settings.TODAY = ON
    client, url = as_user(team[0]), f"/supervision/cases/{closed.pk}"
    prints(client, closed, *PRINTED[:-1])
    page = client.get(f"{url}/archive", follow=True).content.decode()
    assert "卷内还缺证据先行登记保存通知书、结案报告：请先打印" in page
    prints(client, closed, "register", "closing")
    page = client.get(f"{url}/archive").content.decode()
    assert "行政处理决定书" in page and "进销存账 2 册" in page
    typed = {one.source: "2" for one in entries_of(closed)} | {"retention": "10"}
    first = entries_of(closed)[0].source
    page = client.post(f"{url}/archive", typed | {first: "0"}).content.decode()
    assert 'value="0"' in page and not closed.archives.exists()
    page = client.post(f"{url}/archive", typed, follow=True).content.decode()
    archive = closed.archives.get()
    assert (archive.number, archive.keep_until) == ("医保稽卷〔2026〕1号", date(2036, 12, 31))
    assert "卷内各项与归档时的指纹一致" in page
    titles = [(one.line.title, one.told) for one in placed(archive)]
    assert titles[:3] == [("行政处理决定书", "1–2"), ("送达回证", "3–4"), ("立案审批表", "5–6")]
    assert titles[-1][0] == "结案报告"
    numbers = {one.number for one in archive.lines.all()}
    assert {"医保决〔2026〕1号", "渝库0001", "记分〔2026〕1号"} <= numbers
    row = closed.archives.get()
    listed = client.get("/supervision/cases/archives?number=稽卷〔2026〕1").content.decode()
    assert row.number in listed and closed.number in listed
    assert closed.number not in client.get("/supervision/cases?status=to_archive").content.decode()


def test_an_edition_that_is_no_more_true_does_not_do(
    filed: Case, evidence: Any, team: Any, as_user: Any, act: Any, cast: Any, settings: Any,
    suspend: Any,
) -> None:  # fmt: skip
    """The notice of one seal was printed, then a second was set; the case ended while it was
    suspended, and what did not count ended with it."""
    settings.TODAY = ON
    one, client = team[0], as_user(team[0])
    held = [evidence(filed, hold="seal", title="进销存账 2 册")]
    prints(client, filed, "filing", "inquiry", "register")
    held.append(evidence(filed, hold="seal", title="出入院登记 1 册"))
    for row in held:
        keeping.release_evidence(actor=one, evidence=row, how="退还", on=ON)
    suspend(filed, ON)
    act(filed, "end_case", cast.approver, ON, "事实不清")
    case = Case.objects.get(pk=filed.pk)
    assert case.pauses.get().last_day == ON
    assert problem_of_archiving(case) == "卷内还缺证据先行登记保存通知书：请先打印"
    prints(client, case, "register")
    assert problem_of_archiving(case) == ""


def archived(case: Case, by: Any) -> Any:
    pages = {one.source: 1 for one in entries_of(case)}
    return archive_case(actor=by, case=case, retention="30", pages=pages, on=ON)


def test_nothing_comes_to_a_file_that_was_put_away(
    printed: Case, team: Any, as_user: Any, act: Any, cast: Any
) -> None:
    archive = archived(printed, team[0])
    client, url = as_user(team[0]), f"/supervision/cases/{printed.pk}"
    page = client.get(url).content.decode()
    assert archive.number in page and f"{url}/add/" not in page
    before = Paper.objects.filter(copy=0).count()
    prints(client, printed, "closing", "talk")  # a copy, and a form that keeps nothing
    assert Paper.objects.filter(copy=0).count() == before
    with pytest.raises(Refusal, match="案件已归档"):
        archived(printed, team[0])
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        CaseNote.objects.create(
            case=printed, kind="other", happened_on=ON, words="补记", added_by=team[0]
        )
    assert altered_lines(archive) == []


CHANGES = {
    "a fact": "UPDATE supervision_case SET facts = '没有', fine_amount = 1 WHERE id = %(case)s",
    "the party": "UPDATE supervision_case SET party_head = '他人' WHERE id = %(case)s",
    "a row moved out": "UPDATE supervision_caseofficer SET case_id = %(other)s"
    " WHERE case_id = %(case)s",
    "a scan": "INSERT INTO supervision_wordscan (word_id, file, kind, size, sha256, added_by_id,"
    " added_at) SELECT id, gen_random_uuid(), 'pdf', 1, '', entered_by_id, now()"
    " FROM supervision_partyword WHERE case_id = %(case)s",
    "a scan of evidence": "INSERT INTO supervision_evidencescan (evidence_id, file, kind, size,"
    " sha256, added_by_id, added_at) SELECT id, gen_random_uuid(), 'pdf', 1, '', added_by_id, now()"
    " FROM supervision_evidence WHERE case_id = %(case)s",
    "shut again": "UPDATE supervision_casearchive SET opened_at = NULL, opened_by_id = NULL,"
    " opened_why = '' WHERE id = %(archive)s",
}


def test_the_database_keeps_a_file_as_it_was_put_away(
    closed: Case, team: Any, as_user: Any, act: Any, cast: Any, county: Any, settings: Any
) -> None:
    """Also against the owner of the tables: facts, party, what would go out or come in; and a file
    that was opened stays open."""
    settings.TODAY = ON
    one = team[0]
    PartyWord.objects.create(
        case=closed, division=county, kind="answer", received_on=date(2026, 5, 25), words="已退款",
        brought_by="李院长", way="brought", entered_by=one,
    )  # fmt: skip
    prints(as_user(one), closed, *PRINTED, "register")
    archive = archived(closed, one)
    kinds = {line.source.partition(":")[0] for line in archive.lines.all()}
    assert {"delivery", "caseofficer", "partyword"} <= kinds
    other = services.open_clue(
        actor=one,
        area=county,
        on=ON,
        clue=Clue(source="handed", told="另一线索", party_name="某店"),
    )
    rows = {"case": closed.pk, "other": other.pk, "archive": archive.pk}

    def refused(change: str) -> None:
        with (
            as_owner(),
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(CHANGES[change], rows)

    for change in ("a fact", "the party", "a row moved out", "a scan", "a scan of evidence"):
        refused(change)
    act(closed, "revoke_case", cast.approver, ON, "行政复议决定〔2026〕5号撤销")
    refused("shut again")


def test_a_digest_covers_columns_that_are_written_down() -> None:
    """Who adds a column to one of these tables adds a scheme; older digests stay as they are."""
    for name, columns in COLUMNS[SCHEME].items():
        model = apps.get_model("supervision", name)
        assert set(columns.split()) == {one.attname for one in model._meta.concrete_fields}, name


def test_a_decision_that_falls_opens_the_file(
    printed: Case, team: Any, act: Any, cast: Any
) -> None:
    """The fine comes back; put away anew under another number, the first index stays."""
    one = team[0]
    first = archived(printed, one)
    lines = first.lines.count()
    printed.refresh_from_db()
    act(printed, "revoke_case", cast.approver, ON, "行政复议决定〔2026〕5号撤销")
    with pytest.raises(Refusal, match=r"罚款 2,000\.00 元还在国库"):
        archived(Case.objects.get(pk=printed.pk), one)
    first.refresh_from_db()
    assert (first.opened_by, first.opened_why) == (cast.approver, "行政复议决定〔2026〕5号撤销")
    back = {"actor": one, "case": printed, "kind": "returned", "paid_on": ON, "on": ON}
    execution.note_fine(amount=2000, number="退1", **back)
    assert altered_lines(first) == ["“罚款国库退还凭证”不在目录中"]
    second = archived(Case.objects.get(pk=printed.pk), one)
    assert second.number == "医保稽卷〔2026〕2号"
    assert (second.lines.count(), first.lines.count()) == (lines + 1, lines)
    with pytest.raises(Refusal, match="案件已归档，卷内不再增加材料"):
        execution.note_fine(amount=1, number="退2", **back)


PAPERS: dict[str, tuple[list[str], Callable[..., str]]] = {
    "cover": (
        ["医保稽卷〔2026〕1号", "30 年，至 2056-12-31", "虚构医药服务项目"],
        lambda url, **how: keeps_what_it_said(ARCHIVE_COVER, url, **how),
    ),
    "index": (
        ["医保决〔2026〕1号", "进销存账 2 册", "渝库0001"],
        lambda url, **how: keeps_what_it_said(ARCHIVE_INDEX, url, **how),
    ),
}


@pytest.mark.parametrize("name", PAPERS)
def test_cover_and_index(
    name: str, printed: Case, team: Any, as_user: Any, cast: Any, other_county: Division
) -> None:
    told, keeps = PAPERS[name]
    archive = archived(printed, team[0])

    def renamed() -> None:
        User.objects.filter(pk=team[0].pk).update(name="蒋大明")

    page = keeps(
        f"/supervision/cases/archives/{archive.pk}/{name}",
        hand=as_user(team[0]),
        change=renamed,
        elsewhere=as_user(make_user("far", "秦外", Role.SUPERVISOR, other_county)),
        stranger=as_user(cast.cashier),
    )
    for words in told:
        assert words in page, words

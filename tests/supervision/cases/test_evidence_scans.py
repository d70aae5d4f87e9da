"""蒋正平 takes pages of 永兴医院's records as evidence of a case, and attaches what was copied."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from accounts.roles import Role
from accounts.trail_words import changes
from claims.paper_intake.scans import MAX_PAGES, place_of, write_file
from supervision.cases import keeping
from supervision.cases.archiving import altered_lines, archive_case, entries_of
from supervision.cases.models import Case, Evidence
from supervision.cases.scan_models import EvidenceScan
from supervision.cases.workflow import CASES
from supervision.proof_files import ProofFile, proof_models
from tests.application import as_owner
from tests.conftest import make_user
from tests.supervision.inspections.conftest import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
APRIL = date(2026, 4, 9)
PDF = b"%PDF-1.4 record %%EOF"


@pytest.fixture(autouse=True)
def spring(settings: Any, tmp_path: Path) -> None:
    settings.TODAY = APRIL
    settings.SCANS_ROOT = str(tmp_path / "scans")


@pytest.fixture
def record_of(filed: Case, evidence: Any) -> Evidence:
    found: Evidence = evidence(filed, scans=[PDF])
    return found


def test_pages_come_with_the_evidence_and_after_it(
    record_of: Evidence, team: Any, cast: Any
) -> None:
    """Each with its fingerprint in the trail; the same page not twice, and only by who investigates
    and while the case is investigated."""
    keeping.scan_evidence(actor=team[0], evidence=record_of, scans=[picture()])
    assert [one.kind for one in record_of.scans.all()] == ["pdf", "jpeg"]
    lines = AuditLine.objects.filter(action="supervision.scan_evidence").order_by("pk")
    assert [one.after["sha256"] for one in lines] == [one.sha256 for one in record_of.scans.all()]
    assert ("格式", None, "pdf") in changes(lines[0])
    for content, told in (
        (PDF, "这一页已经附在这件证据上"),
        (b"text", "只收 PDF、JPEG、PNG 扫描件"),
        (b"", "扫描件应不是空的、不超过 10 MB"),
    ):
        with pytest.raises(Refusal, match=told) as refused:
            keeping.scan_evidence(actor=team[0], evidence=record_of, scans=[content])
        assert refused.value.at == ("scans",)
    with pytest.raises(Refusal, match="请选择扫描件"):
        keeping.scan_evidence(actor=team[0], evidence=record_of, scans=[])
    with pytest.raises(Refusal, match=f"最多 {MAX_PAGES} 个扫描件"):
        keeping.scan_evidence(actor=team[0], evidence=record_of, scans=[PDF] * (MAX_PAGES - 1))
    with pytest.raises(Refusal, match="您的角色不能登记证据"):
        keeping.scan_evidence(actor=cast.approver, evidence=record_of, scans=[picture("blue")])
    Case.objects.filter(pk=record_of.case_id).update(status="reported")
    with pytest.raises(Refusal, match="不能再改案情；确需补充的请先退回调查"):
        keeping.scan_evidence(actor=team[0], evidence=record_of, scans=[picture("blue")])
    assert record_of.scans.count() == 2


def test_files_that_come_together_are_kept_all_or_none(
    record_of: Evidence, team: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """蒋正平 chose three pages, the third of them wrong: none lies on disk, and he hears which."""

    def on_disk() -> int:
        return sum(one.is_file() for one in Path(settings.SCANS_ROOT).rglob("*"))

    before, good = on_disk(), [picture("blue"), picture("red")]
    for third, told in (
        (PDF, "第 3 个文件：这一页已经附在这件证据上"),
        (b"text", "第 3 个文件：只收 PDF、JPEG、PNG 扫描件"),
        (good[0], "第 3 个文件：与第 1 个文件相同"),
    ):
        with pytest.raises(Refusal, match=told) as refused:
            keeping.scan_evidence(actor=team[0], evidence=record_of, scans=[*good, third])
        assert refused.value.at == ("scans",)
    assert (on_disk(), record_of.scans.count()) == (before, 1)

    def full(file: Any, content: bytes, small: bytes) -> None:
        if content == good[1]:
            raise OSError("No space left on device")
        write_file(file, content, small)

    monkeypatch.setattr("supervision.photos.write_file", full)
    with pytest.raises(OSError, match="No space"):
        keeping.scan_evidence(actor=team[0], evidence=record_of, scans=good)
    assert (on_disk(), record_of.scans.count()) == (before, 1)


def test_who_was_excused_adds_nothing(record_of: Evidence, team: Any, evidence: Any) -> None:
    """蒋正平 left the case: what he still has in hand is entered by another."""
    case = record_of.case
    officer = case.officers.get(user=team[0])
    keeping.excuse_officer(actor=team[1], officer=officer, reason="配偶在永兴医院工作", on=APRIL)
    told = "您已回避本案，请由其他办案人员办理"
    with pytest.raises(Refusal, match=told):
        keeping.scan_evidence(actor=team[0], evidence=record_of, scans=[picture()])
    with pytest.raises(Refusal, match=told):
        evidence(case, title="处方 40 张")
    with pytest.raises(Refusal, match=told):
        keeping.add_note(
            actor=team[0], case=case, kind="other", happened_on=APRIL, words="电话询问", on=APRIL
        )
    with pytest.raises(Refusal, match=told):
        CASES.check(case, "report_case", team[0])
    with pytest.raises(Refusal, match=told):
        archive_case(actor=team[0], case=case, retention="permanent", pages={}, on=APRIL)
    keeping.scan_evidence(actor=team[1], evidence=record_of, scans=[picture()])


def test_a_page_neither_changes_nor_goes(record_of: Evidence) -> None:
    for change in (
        lambda: EvidenceScan.objects.update(sha256="0" * 64),
        lambda: EvidenceScan.objects.all().delete(),
    ):
        with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_on_the_pages(
    filed: Case, team: Any, cast: Any, as_user: Any, other_county: Division
) -> None:
    """The form keeps what was typed when a file is refused; the page is opened by who sees the
    case, and the upload offered to who investigates."""
    client, url = as_user(team[0]), f"/supervision/cases/{filed.pk}"
    typed = {"kind": "written", "title": "住院病历 1 份", "origin": "病案室",
             "obtained_on": "2026-04-09", "hold": ""}  # fmt: skip
    wrong = SimpleUploadedFile("病历.txt", b"text")
    page = client.post(f"{url}/add/evidence", typed | {"scans": wrong}).content.decode()
    assert "只收 PDF、JPEG、PNG" in page and "住院病历 1 份" in page
    assert not filed.evidence.exists()
    client.post(f"{url}/add/evidence", typed | {"scans": SimpleUploadedFile("1.pdf", PDF)})
    row = filed.evidence.get()
    upload = f"/supervision/cases/evidence/{row.pk}"
    assert upload in client.get(url).content.decode()
    asked = client.get(upload).content.decode()
    assert 'enctype="multipart/form-data"' in asked and "书证：住院病历 1 份（病案室）" in asked
    assert "扫描件" in client.post(upload, {}).content.decode()
    client.post(upload, {"scans": SimpleUploadedFile("2.jpg", picture())})
    first, second = row.scans.all()
    address = f"/supervision/cases/evidence/scans/{first.pk}"
    auditor = as_user(cast.auditor)
    page = auditor.get(url).content.decode()
    assert address in page and upload + '"' not in page
    assert auditor.get(address).content == PDF
    looked = AuditLine.objects.get(action="supervision.open_scan")
    assert (looked.user, looked.subject_id) == (cast.auditor, str(first.pk))
    assert looked.after == {"sha256": first.sha256, "size": first.size}
    assert auditor.get(f"{address[: -len(str(first.pk))]}{second.pk}/small").status_code == 200
    assert as_user(cast.reviewer).get(address).status_code == 403
    far = as_user(make_user("far", "秦外", Role.SUPERVISOR, other_county))
    assert far.get(address).status_code == 404 and far.get(upload).status_code == 404


def test_pages_stand_in_the_index_of_the_file(
    clue: Case, team: Any, act: Any, cast: Any, evidence: Any
) -> None:
    """Behind their piece of evidence, each with the fingerprint of its bytes; none comes after."""
    row = evidence(clue, scans=[PDF, picture()])
    act(clue, "decline_clue", cast.approver, APRIL, "查无实据")
    case = Case.objects.get(pk=clue.pk)
    titles = [one.title for one in entries_of(case)]
    assert titles == [
        "书证：住院病历 1 份（永兴医院病案室）",
        "书证：住院病历 1 份，扫描件 1",
        "书证：住院病历 1 份，扫描件 2",
    ]
    pages = {one.source: 1 for one in entries_of(case)}
    archive = archive_case(actor=team[0], case=case, retention="10", pages=pages, on=APRIL)
    assert altered_lines(archive) == []
    digests = [line.digest for line in archive.lines.all()[1:]]
    assert digests == [one.sha256 for one in row.scans.all()]
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        EvidenceScan.objects.create(
            evidence=row, kind="pdf", size=1, sha256="0" * 64, added_by=team[0]
        )


def test_every_stored_file_is_looked_at_each_night(
    record_of: Evidence, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model of a photo or a page that comes later is among them of itself."""
    kept = {one.__name__ for one in proof_models()}
    assert kept == {"Photo", "PostingPhoto", "PublicityPhoto", "WordScan", "EvidenceScan"}
    call_command("verify_scans")
    page: ProofFile = record_of.scans.get()
    place_of(page.file).write_bytes(b"other")
    with pytest.raises(CommandError, match="1 个扫描件、照片有问题"):
        call_command("verify_scans")
    assert f"证据扫描件 {page.pk}：与上传时不一致" in capsys.readouterr().out

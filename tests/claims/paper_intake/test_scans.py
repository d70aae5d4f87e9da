"""Scanned pages: told by their content, out of the way of web servers, once and unaltered."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from accounts.errors import Refusal
from accounts.models import AuditLine
from claims.models import Settlement
from claims.paper_intake import scans
from claims.paper_intake.models import Scan
from claims.paper_intake.scans import add_scan, move_scan, place_of, remove_scan, seen_elsewhere
from claims.services import return_to_clerk
from enrollment.models import Person
from tests.claims.conftest import Register, invoice

pytestmark = pytest.mark.django_db
Paper = Callable[..., Settlement]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(shade: int = 200, kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (600, 800), (shade, shade, shade)).save(out, kind)
    return out.getvalue()


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings) -> Path:
    settings.SCANS_ROOT = str(tmp_path / "scans")
    return tmp_path / "scans"


@pytest.fixture
def draft(paper: Paper, wang: Person) -> Settlement:
    return paper(wang, "6000.00", submit_now=False)


def test_a_page_is_kept_under_a_number_with_a_small_picture(
    draft: Settlement, cast: SimpleNamespace, root: Path
) -> None:
    scan = add_scan(actor=cast.clerk_a, settlement=draft, content=picture(), paper="invoice")
    assert (scan.kind, scan.place, scan.paper) == ("jpeg", 1, "invoice")
    files = sorted(path.name for path in root.rglob("*.*"))
    assert files == [f"{scan.file.hex}.bin", f"{scan.file.hex}.jpg"]
    assert place_of(scan.file).stat().st_mode & 0o077 == 0
    with Image.open(place_of(scan.file, "jpg")) as small:
        assert max(small.size) == 240


@pytest.mark.parametrize(
    ("content", "kind"), [(picture(kind="PNG"), "png"), (PDF, "pdf"), (picture(), "jpeg")]
)
def test_the_content_says_what_it_is(
    draft: Settlement, cast: SimpleNamespace, content: bytes, kind: str
) -> None:
    assert add_scan(actor=cast.clerk_a, settlement=draft, content=content).kind == kind


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00 a program that says it is a.jpg",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        picture()[:400],
        b"GIF89a" + b"\0" * 64,
        b"%PDF-1.4 cut off",
    ],
)
def test_what_is_no_scan_is_refused(
    draft: Settlement, cast: SimpleNamespace, content: bytes, root: Path
) -> None:
    with pytest.raises(Refusal, match="只收 PDF、JPEG、PNG"):
        add_scan(actor=cast.clerk_a, settlement=draft, content=content)
    assert not root.exists()


def test_too_large_in_bytes_or_in_points(
    draft: Settlement, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "MAX_PIXELS", 1000)
    with pytest.raises(Refusal, match="图片太大"):
        add_scan(actor=cast.clerk_a, settlement=draft, content=picture())
    with pytest.raises(Refusal, match="不超过 10 MB"):
        add_scan(actor=cast.clerk_a, settlement=draft, content=b"0" * (scans.MAX_BYTES + 1))


def test_the_same_page_twice(
    draft: Settlement, cast: SimpleNamespace, paper: Paper, register: Register, village_a
) -> None:
    """Story 24: in one claim refused, in another told with its number."""
    add_scan(actor=cast.clerk_a, settlement=draft, content=picture())
    with pytest.raises(Refusal, match="已经上传过"):
        add_scan(actor=cast.clerk_a, settlement=draft, content=picture())
    li = register.person("李秀英", register.household(village_a))
    other = paper(li, "900.00", invoices=[invoice("NO2002", "900.00")])
    scan = add_scan(actor=cast.clerk_a, settlement=other, content=picture())
    assert seen_elsewhere(other) == {scan.sha256: [f"结算单 {draft.number}"]}


def test_taken_away_only_before_it_is_handed_in(
    draft: Settlement, cast: SimpleNamespace, paper: Paper, wang: Person,
    django_capture_on_commit_callbacks,
) -> None:  # fmt: skip
    scan = add_scan(actor=cast.clerk_a, settlement=draft, content=picture())
    with django_capture_on_commit_callbacks(execute=True):
        remove_scan(actor=cast.clerk_a, settlement=draft, scan=scan)
    scan.refresh_from_db()
    assert scan.removed_by == cast.clerk_a and not place_of(scan.file).exists()
    assert AuditLine.objects.get(action="claims.remove_scan").after["sha256"] == scan.sha256
    with pytest.raises(IntegrityError), transaction.atomic():
        scan.delete()


def test_once_handed_in_pages_stay(paper: Paper, wang: Person, cast: SimpleNamespace) -> None:
    claim = paper(wang, "6000.00")
    scan = add_scan(actor=cast.clerk_a, settlement=claim, content=picture())
    with pytest.raises(Refusal, match="已提交，扫描件不能删除"):
        remove_scan(actor=cast.clerk_a, settlement=claim, scan=scan)


def test_pages_have_an_order_and_go_along_with_a_corrected_claim(
    paper: Paper, wang: Person, cast: SimpleNamespace
) -> None:
    claim = paper(wang, "6000.00")
    first = add_scan(actor=cast.clerk_a, settlement=claim, content=picture(1))
    second = add_scan(actor=cast.clerk_a, settlement=claim, content=picture(90))
    move_scan(actor=cast.clerk_a, settlement=claim, scan=second)
    assert list(Scan.objects.values_list("sha256", flat=True)) == [second.sha256, first.sha256]
    back = return_to_clerk(actor=cast.reviewer, settlement=claim, reason="诊断不清")
    again = paper(wang, "6000.00", replaces=back)
    kept = Scan.objects.filter(visit=again.visit)
    assert [one.sha256 for one in kept] == [second.sha256, first.sha256]
    assert seen_elsewhere(again) == {}


def test_the_check_finds_what_was_altered_or_lost(
    draft: Settlement, cast: SimpleNamespace, capsys
) -> None:
    one = add_scan(actor=cast.clerk_a, settlement=draft, content=picture(1))
    two = add_scan(actor=cast.clerk_a, settlement=draft, content=picture(2))
    call_command("verify_scans")
    place_of(one.file).write_bytes(picture(9))
    place_of(two.file).unlink()
    with pytest.raises(CommandError, match="2 个扫描件、照片有问题"):
        call_command("verify_scans")
    told = capsys.readouterr().out
    assert "与上传时不一致" in told and "文件不见了" in told


def test_the_page_uploads_shows_and_notes_who_looked(
    draft: Settlement, cast: SimpleNamespace, as_user
) -> None:
    desk = as_user(cast.clerk_a)
    file = SimpleUploadedFile("王建国身份证.exe", picture(), content_type="text/html")
    desk.post(reverse("claims:scan_add", args=[draft.pk]), {"file": file, "paper": ""})
    scan = Scan.objects.get()
    url = reverse("claims:scan", args=[draft.pk, scan.pk])
    shown = desk.get(url)
    assert shown["Content-Type"] == "image/jpeg"
    assert "王建国" not in shown["Content-Disposition"]
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert AuditLine.objects.filter(action="claims.open_scan", user=cast.clerk_a).count() == 1
    assert desk.get(reverse("claims:scan_small", args=[draft.pk, scan.pk])).status_code == 200
    for who, status in ((cast.clerk_b, 404), (cast.hospital_clerk, 403)):
        assert as_user(who).get(url).status_code == status
    wrong = SimpleUploadedFile("a.jpg", b"<html>", content_type="image/jpeg")
    told = desk.post(reverse("claims:scan_add", args=[draft.pk]), {"file": wrong})
    assert "只收 PDF、JPEG、PNG" in told.content.decode()
    desk.post(reverse("claims:scan_change", args=[draft.pk, scan.pk, "remove"]))
    assert Scan.objects.get().removed_at is not None


@pytest.mark.parametrize("what", ["exif", "chunk"])
def test_a_picture_whose_parts_make_no_sense_is_refused(
    draft: Settlement, cast: SimpleNamespace, what: str
) -> None:
    out = BytesIO()
    Image.new("RGB", (60, 80)).save(out, "PNG", exif=b"MZ\0*\0\0\0\x08\0\0")
    content = out.getvalue()
    if what == "chunk":
        content = picture(kind="PNG").replace(b"IDAT", b"\0\0\0I", 1)
    with pytest.raises(Refusal, match="不是或已损坏"):
        add_scan(actor=cast.clerk_a, settlement=draft, content=content)

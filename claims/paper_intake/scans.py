"""Scanned pages: judged by what they are, kept under a number, shown to who sees the claim.

Sizes: a page at 300 dpi in colour is 1 to 3 MB as JPEG; ten is far above and no norm gives one.
"""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from struct import error as struct_error
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement
from claims.paper_intake.checklist import paper_names
from claims.paper_intake.models import Scan
from claims.paper_intake.services import locked_open
from desk.changes import all_or_nothing
from policies.services import terms_of

MAX_BYTES = 10 * 1024 * 1024
MAX_PAGES = 40
# A4 at 600 dpi has 35 million; a picture that unfolds into more would fill the memory.
MAX_PIXELS = 40_000_000
THUMBNAIL = (240, 240)
KINDS = {"JPEG": Scan.Kind.JPEG, "PNG": Scan.Kind.PNG}
TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}

# What Pillow raises of bytes that are no whole picture: also SyntaxError, of chunks and of EXIF.
BROKEN = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, struct_error,
    Image.DecompressionBombError,
)  # fmt: skip


def place_of(file: UUID, what: str = "bin") -> Path:
    """Where a file lies: in folders of two letters, so that none holds all of them."""
    return Path(settings.SCANS_ROOT) / file.hex[:2] / f"{file.hex}.{what}"


def read_kind(content: bytes) -> tuple[str, bytes]:
    """What the bytes are, whatever the name said, with a small picture (none of a PDF)."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return Scan.Kind.PDF, b""
    try:
        with Image.open(BytesIO(content), formats=list(KINDS)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refusal("图片太大，请用 300 dpi 重新扫描", "file")
            kind = KINDS[str(picture.format)]
            small = ImageOps.exif_transpose(picture).convert("RGB")
            small.thumbnail(THUMBNAIL)
            out = BytesIO()
            small.save(out, "JPEG", quality=70)
            return kind, out.getvalue()
    except BROKEN:
        raise Refusal("只收 PDF、JPEG、PNG 扫描件，这个文件不是或已损坏", "file") from None


@all_or_nothing()
def add_scan(*, actor: User, settlement: Settlement, content: bytes, paper: str = "") -> Scan:
    """Keep one page. Refused when it is no picture, too large, or was added here before."""
    settlement = locked_open(settlement, actor)
    if not content or len(content) > MAX_BYTES:
        raise Refusal(f"扫描件应不是空的、不超过 {MAX_BYTES // 1024 // 1024} MB", "file")
    if paper and paper not in paper_names(terms_of(settlement.pack)):
        raise Refusal("请选择是哪种材料", "paper")
    kind, small = read_kind(content)
    standing = list(Scan.objects.of(settlement.visit))
    digest = hashlib.sha256(content).hexdigest()
    if any(one.sha256 == digest for one in standing):
        raise Refusal("这一页已经上传过，请换下一页", "file")
    if len(standing) >= MAX_PAGES:
        raise Refusal(f"一张单最多 {MAX_PAGES} 个扫描件，请合并成 PDF", "file")
    scan = Scan.objects.create(
        visit=settlement.visit,
        paper=paper,
        place=max((one.place for one in standing), default=0) + 1,
        file=uuid4(),
        kind=kind,
        size=len(content),
        sha256=digest,
        added_by=actor,
    )
    write_file(scan.file, content, small)
    _note("claims.add_scan", scan, settlement, actor)
    return scan


def write_file(file: UUID, content: bytes, small: bytes) -> None:
    """On disk before the row is there for others; taken away again when the row does not come."""
    folder = place_of(file).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for what, data in (("bin", content), ("jpg", small)):
        if data:
            path = place_of(file, what)
            path.touch(mode=0o600)
            path.write_bytes(data)


def _note(action: str, scan: Scan, settlement: Settlement, actor: User) -> None:
    told = {"number": settlement.number, "page": scan.place, "sha256": scan.sha256}
    record(actor=actor, action=action, subject=settlement, after=told)


@all_or_nothing()
def remove_scan(*, actor: User, settlement: Settlement, scan: Scan) -> None:
    """Take a page away again, before the claim is handed in. Its row and fingerprint stay."""
    settlement = locked_open(settlement, actor)
    if settlement.status != Settlement.Status.DRAFT:
        raise Refusal("结算单已提交，扫描件不能删除；缺页请补传")
    scan = Scan.objects.select_for_update().get(pk=scan.pk, visit=settlement.visit, removed_at=None)
    scan.removed_at, scan.removed_by = timezone.now(), actor
    scan.save(update_fields=["removed_at", "removed_by"])
    _note("claims.remove_scan", scan, settlement, actor)
    if not Scan.objects.filter(file=scan.file, removed_at=None).exists():
        transaction.on_commit(lambda: _forget(scan.file))


def _forget(file: UUID) -> None:
    for what in ("bin", "jpg"):
        place_of(file, what).unlink(missing_ok=True)


@all_or_nothing()
def move_scan(*, actor: User, settlement: Settlement, scan: Scan) -> None:
    """One place nearer to the front."""
    settlement = locked_open(settlement, actor)
    pages = list(Scan.objects.of(settlement.visit))
    at = next((n for n, one in enumerate(pages) if one.pk == scan.pk), 0)
    if at:
        pages[at - 1], pages[at] = pages[at], pages[at - 1]
    for number, one in enumerate(pages, start=1):
        one.place = number
    Scan.objects.bulk_update(pages, ["place"])


def open_scan(*, actor: User, settlement: Settlement, scan: Scan) -> bytes:
    """The bytes, as they came; who looked is noted."""
    content = place_of(scan.file).read_bytes()
    if hashlib.sha256(content).hexdigest() != scan.sha256:
        raise Refusal("扫描件与上传时不一致，请报告系统管理员")
    _note("claims.open_scan", scan, settlement, actor)
    return content


def seen_elsewhere(settlement: Settlement) -> dict[str, list[str]]:
    """Fingerprint → numbers of other claims that carry the same page and are not withdrawn."""
    mine = Scan.objects.of(settlement.visit)
    others = (
        Settlement.objects.filter(
            visit__scans__sha256__in=mine.values("sha256"), visit__scans__removed_at=None
        )
        .exclude(visit=settlement.visit)
        .exclude(status=Settlement.Status.WITHDRAWN)
        .values_list("visit__scans__sha256", "number", "division__code")
        .order_by("number")
    )
    wanted = set(mine.values_list("sha256", flat=True))
    county = settlement.division.county_code
    found: dict[str, list[str]] = {}
    for digest, number, code in others:
        if digest in wanted:  # the join gives every page of the other claim
            said = f"结算单 {number}" if code.startswith(county) else "外县一张单"
            found.setdefault(digest, []).append(said)
    return found


def altered_scans() -> Iterator[str]:
    """What lies on disk otherwise than when it came, or not at all; for the nightly check."""
    for scan in Scan.objects.filter(removed_at=None).iterator():
        if told := altered(scan.file, scan.sha256):
            yield f"扫描件 {scan.pk}：{told}"


def altered(file: UUID, sha256: str) -> str:
    """What is wrong with a file that is kept, in Chinese; "" for nothing."""
    path = place_of(file)
    if not path.exists():
        return "文件不见了"
    is_same = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    return "" if is_same else "与上传时不一致"

"""Files are kept under a number, taken by it, and forgotten when their day is over."""

import secrets
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256

from celery import shared_task
from django.db.models import Sum

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from desk.changes import all_or_nothing
from desk.locks import lock_name
from gateway.files.models import StoredFile
from gateway.files.reading import MAX_BYTES, check_text, packed_text
from institutions.models import Institution

# No norm: reconciling takes its files on the day, a system that stood still for a week later.
KEPT_DAYS = 30
# Of one institution at a time; its settlements of a year have a tenth.
MAX_KEPT = 200 * 1024 * 1024
NAME = 200  # characters


def file_number(on: date) -> str:
    """30 characters (9101 has no more) that nobody guesses."""
    return f"FS{on:%Y%m%d}{secrets.token_hex(10)}"


def area_of(institution: Institution) -> Division:
    """The pooling area that an institution belongs to."""
    return Division.objects.get(code=institution.division.county_code)


@all_or_nothing()
def take_in(
    *, institution: Institution, infno: str, name: str, content: bytes, on: date
) -> StoredFile:
    """Keep what an institution uploads. Raises Refusal for what is no text, too large, or too
    much; no line of the trail: the message that brought it is kept."""
    if not content or len(content) > MAX_BYTES:
        raise Refusal(f"文件应不是空的、不超过 {MAX_BYTES // 1024 // 1024} MB", "in")
    check_text(content)
    standing = StoredFile.objects.filter(institution=institution).standing(on)
    kept = standing.aggregate(bytes=Sum("size"))["bytes"] or 0
    if kept + len(content) > MAX_KEPT:
        raise Refusal("本机构上传的文件过多，请等已传文件到期后再传", "in")
    area = area_of(institution)
    return _keep(area, institution, infno=infno, name=name, content=content, on=on)


@all_or_nothing()
def hand_out(
    *, institution: Institution, infno: str, name: str, lines: Iterator[str], rows: int, on: date
) -> StoredFile:
    """A text for one institution alone, packed, to be taken by 9102."""
    content = packed_text(name, lines)
    return _keep(
        area_of(institution), institution, infno=infno, name=f"{name}.zip", content=content, on=on,
        rows=rows,
    )  # fmt: skip


def _keep(
    area: Division,
    institution: Institution | None,
    *,
    infno: str,
    name: str,
    content: bytes,
    on: date,
    edition: str = "",
    rows: int | None = None,
) -> StoredFile:
    file = StoredFile(
        file_qury_no=file_number(on),
        area=area,
        institution=institution,
        infno=infno,
        file_name=name[-NAME:],
        edition=edition,
        rows=rows,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        valid_until=on + timedelta(days=KEPT_DAYS),
    )
    file.hold(content)
    file.save(force_insert=True)
    return file


@all_or_nothing()
def edition_of(
    *,
    area: Division,
    infno: str,
    edition: str,
    name: str,
    make: Callable[[], tuple[Iterator[str], int]],
    on: date,
) -> StoredFile:
    """A state of the area's data as a packed text, made by who asks first and kept for all.

    `make`: the lines and how many they are. Who asks meanwhile waits for the one who makes it.
    """
    there = StoredFile.objects.filter(area=area, infno=infno, edition=edition)
    found = there.first()
    if found is None:
        lock_name(area.code, f"edition {infno} {edition}")
        found = there.first()
    if found is None:
        lines, rows = make()
        content = packed_text(name, lines)
        return _keep(
            area, None, infno=infno, name=f"{name}.zip", content=content, on=on,
            edition=edition, rows=rows,
        )  # fmt: skip
    if found.valid_until < on + timedelta(days=KEPT_DAYS // 2):
        found.valid_until = on + timedelta(days=KEPT_DAYS)
        found.save(update_fields=["valid_until"])
    return found


def file_of(*, institution: Institution, number: str, name: str, on: date) -> StoredFile:
    """The file that an institution may take. Raises Refusal naming the field."""
    rows = StoredFile.objects.for_institution(institution).standing(on)
    found = rows.filter(file_qury_no=number).first()
    if found is None:
        raise Refusal("没有这个文件查询号，或文件已过保留期，请重新生成", "file_qury_no")
    if found.file_name != name:
        raise Refusal("文件名与文件查询号不符，请按返回的文件名下载", "filename")
    return found


@shared_task  # type: ignore[untyped-decorator]
def forget_old_files() -> int:
    """Nightly: what may no longer be taken goes. Returns how many files went."""
    return StoredFile.objects.filter(valid_until__lt=today()).delete()[0]

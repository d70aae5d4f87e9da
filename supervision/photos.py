"""Photos and scanned pages that prove something: of an inspection on site, of a notice on its
board, of what was told in a village, of what a party handed in, of the evidence of a case.

The bytes lie where scanned papers lie; what they were is held by `sha256`, and none is removed.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from uuid import uuid4

from django.db.models import Q, UniqueConstraint

from accounts.errors import Refusal
from claims.paper_intake.scans import MAX_BYTES, altered, place_of, read_kind, write_file
from supervision.proof_files import ProofFile

F = TypeVar("F", bound=ProofFile)


def keep_photo(photo: ProofFile, content: bytes, *, at: str = "file", pdf: bool = False) -> None:
    """Fill in what the bytes are, save the row and write the file. `pdf`: a scanned paper may be
    one. Raises Refusal at the input `at`."""
    keep_all([(photo, content)], at=at, pdf=pdf)


def keep_all(
    brought: Sequence[tuple[F, bytes]],
    *,
    at: str = "file",
    pdf: bool = False,
    noting: Callable[[F], object] | None = None,
) -> None:
    """Keep files that come together: all are read and compared before any is written, and none
    stays on disk when one cannot be written. `noting` is called of each row that is saved; what
    else may be refused comes before this. Raises Refusal at the input `at`, with the place of the
    file where there are several."""
    smalls, seen = list[bytes](), dict[str, int]()
    for place, (photo, content) in enumerate(brought, start=1):
        try:
            smalls.append(_read(photo, content, pdf=pdf))
            if photo.sha256 in seen:
                raise Refusal(f"与第 {seen[photo.sha256]} 个文件相同，请去掉一份")
            _check_new(photo)
        except Refusal as refusal:
            many = len(brought) > 1
            told = f"第 {place} 个文件：{refusal.message}" if many else refusal.message
            raise Refusal(told, at) from None
        seen[photo.sha256] = place
    for photo, _ in brought:
        photo.save(force_insert=True)
        if noting is not None:
            noting(photo)
    try:
        for (photo, content), small in zip(brought, smalls, strict=True):
            write_file(photo.file, content, small)
    except BaseException:
        for photo, _ in brought:
            for what in ("bin", "jpg"):
                place_of(photo.file, what).unlink(missing_ok=True)
        raise


def _read(photo: ProofFile, content: bytes, *, pdf: bool) -> bytes:
    """Fill in what the bytes are; the small picture of them. Raises Refusal."""
    called = "扫描件" if pdf else "照片"
    if not content or len(content) > MAX_BYTES:
        raise Refusal(f"{called}应不是空的、不超过 {MAX_BYTES // 1024 // 1024} MB")
    kind, small = read_kind(content)
    if kind == "pdf" and not pdf:
        raise Refusal("照片只收 JPEG、PNG")
    photo.file, photo.kind, photo.size = uuid4(), kind, len(content)
    photo.sha256 = hashlib.sha256(content).hexdigest()
    return small


def _check_new(photo: ProofFile) -> None:
    """What the model's constraint would say once the rows are saved. Raises Refusal."""
    for rule in photo._meta.constraints:
        if isinstance(rule, UniqueConstraint) and "sha256" in rule.fields:
            same = {name: getattr(photo, name) for name in rule.fields}
            rows = type(photo)._default_manager.filter(rule.condition or Q(), **same)
            if rows.exists():
                raise Refusal(str(rule.violation_error_message))


def bytes_of(photo: ProofFile, *, small: bool) -> bytes:
    """As they came, or the small picture. Raises Refusal when they are no longer what they were."""
    if small:
        return place_of(photo.file, "jpg").read_bytes()
    content = place_of(photo.file).read_bytes()
    if hashlib.sha256(content).hexdigest() != photo.sha256:
        raise Refusal("照片与拍摄时不一致，请报告系统管理员")
    return content


def altered_among(model: type[ProofFile]) -> Iterator[str]:
    """What lies on disk otherwise than when it came, or not at all; for the nightly check."""
    for row in model._default_manager.iterator():
        if told := altered(row.file, row.sha256):
            yield f"{model._meta.verbose_name} {row.pk}：{told}"

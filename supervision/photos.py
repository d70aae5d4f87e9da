"""Photos and scanned pages that prove something: of an inspection on site, of a notice on its
board, of what was told in a village, of what a party handed in, of the evidence of a case.

The bytes lie where scanned papers lie; what they were is held by `sha256`, and none is removed.
"""

import hashlib
from collections.abc import Iterator
from uuid import uuid4

from accounts.errors import Refusal
from claims.paper_intake.scans import MAX_BYTES, altered, place_of, read_kind, write_file
from supervision.stored_files import StoredFile


def keep_photo(photo: StoredFile, content: bytes, *, at: str = "file", pdf: bool = False) -> None:
    """Fill in what the bytes are, save the row and write the file. `pdf`: a scanned paper may be
    one. Raises Refusal at the input `at`."""
    called = "扫描件" if pdf else "照片"
    if not content or len(content) > MAX_BYTES:
        raise Refusal(f"{called}应不是空的、不超过 {MAX_BYTES // 1024 // 1024} MB", at)
    try:
        kind, small = read_kind(content)
    except Refusal as refusal:
        raise Refusal(refusal.message, at) from None
    if kind == "pdf" and not pdf:
        raise Refusal("照片只收 JPEG、PNG", at)
    photo.file, photo.kind, photo.size = uuid4(), kind, len(content)
    photo.sha256 = hashlib.sha256(content).hexdigest()
    photo.save(force_insert=True)
    write_file(photo.file, content, small)


def bytes_of(photo: StoredFile, *, small: bool) -> bytes:
    """As they came, or the small picture. Raises Refusal when they are no longer what they were."""
    if small:
        return place_of(photo.file, "jpg").read_bytes()
    content = place_of(photo.file).read_bytes()
    if hashlib.sha256(content).hexdigest() != photo.sha256:
        raise Refusal("照片与拍摄时不一致，请报告系统管理员")
    return content


def altered_among(model: type[StoredFile]) -> Iterator[str]:
    """What lies on disk otherwise than when it came, or not at all; for the nightly check."""
    for row in model._default_manager.iterator():
        if told := altered(row.file, row.sha256):
            yield f"{model._meta.verbose_name} {row.pk}：{told}"

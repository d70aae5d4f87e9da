"""The text in a file of the interface: plain or packed, measured before it is unpacked.

Rows are lines, their fields stand between tabs, an empty field says `null` (the standard's chapter
on files).
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from accounts.errors import Refusal

# No norm; a hospital's settlements of a year, 100 000 lines, have 10 MB and a tenth of it packed.
MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_PACKING = 200  # honest text packs about 10 to 1
MAX_MEMBERS = 20
MAX_LINE = 64 * 1024  # bytes; the widest line that the standard knows has 100 fields
BLOCK = 256 * 1024
EMPTY = "null"
NOT_TEXT = "文件里不是文本，请用制表符分隔、UTF-8 编码的文本文件"
BROKEN = "压缩包无法打开，请用不加密码的 zip 重新压缩"


def check_text(content: bytes) -> None:
    """Refuse what is no text, or unpacks beyond all measure. Reads every byte, holding a block."""
    for _ in _blocks(content):
        pass


def text_rows(content: bytes) -> Iterator[list[str]]:
    """The fields of each line, `null` as ""; one line is held at a time. Raises Refusal."""
    for number, line in enumerate(_lines(content), 1):
        try:
            text = _decoded(line)
        except UnicodeDecodeError:
            raise Refusal(f"第 {number} 行不是文本，请转换为 UTF-8 编码后重新上传") from None
        fields = text.rstrip("\r\n").split("\t")
        if fields != [""]:
            yield ["" if field == EMPTY else field for field in fields]


def packed_text(name: str, lines: Iterator[str]) -> bytes:
    """A zip with the one text; the same lines give the same bytes."""
    target = io.BytesIO()
    about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    about.compress_type = zipfile.ZIP_DEFLATED
    with (
        zipfile.ZipFile(target, "w") as archive,
        archive.open(about, "w", force_zip64=True) as member,
    ):
        for line in lines:
            member.write(f"{line}\n".encode())
    return target.getvalue()


def _lines(content: bytes) -> Iterator[bytes]:
    rest = b""
    for block in _blocks(content):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        if len(rest) > MAX_LINE:
            raise Refusal("文件中有一行过长，请检查换行")
    if rest:
        yield rest


def _decoded(line: bytes) -> str:
    """UTF-8, or the GB18030 that hospitals' systems write. Raises UnicodeDecodeError."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("gb18030")


def _blocks(content: bytes) -> Iterator[bytes]:
    """The text's bytes, a block at a time."""
    if not content.startswith(b"PK"):
        if b"\0" in content:
            raise Refusal(NOT_TEXT)
        stream = io.BytesIO(content)
        while block := stream.read(BLOCK):
            yield block
        return
    with _archive(content) as archive:
        for part in archive.infolist():
            with archive.open(part) as member:
                yield from _measured(member, part.file_size)
            yield b"\n"  # a text that ends within a line ends it


@contextmanager
def _archive(content: bytes) -> Iterator[zipfile.ZipFile]:
    """The zip, whose own list already says that it is small."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if not 1 <= len(parts) <= MAX_MEMBERS or any(part.is_dir() for part in parts):
                raise Refusal(f"压缩包内应有 1 至 {MAX_MEMBERS} 个文本文件，不含文件夹")
            whole = sum(part.file_size for part in parts)
            if whole > MAX_UNPACKED or whole > MAX_PACKING * max(len(content), 1):
                raise Refusal("压缩包解开后过大，请分成几个文件上传")
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise Refusal(BROKEN) from None


def _measured(member: IO[bytes], said: int) -> Iterator[bytes]:
    """What a member holds, at most what the list said of it: a bomb lies about its size."""
    read = 0
    while block := member.read(BLOCK):
        read += len(block)
        if read > said:
            raise Refusal("压缩包的目录与内容不符，请重新压缩")
        if b"\0" in block:
            raise Refusal(NOT_TEXT)
        yield block

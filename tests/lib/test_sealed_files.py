"""Sealed files: what was altered, moved, cut or sealed with something else is told, not read."""

from collections.abc import Iterator
from io import BytesIO

import pytest

from lib.sealed_files import PIECE, TAG, SealedFileError, Secret, open_from, seal_to

SECRET = Secret(bytes(range(32)))


def sealed(content: bytes, name: str = "database", secret: Secret = SECRET) -> bytes:
    out = BytesIO()
    assert seal_to(out, name, pieces(content), secret) == len(content)
    return out.getvalue()


def pieces(content: bytes) -> Iterator[bytes]:
    """In lots that fit no piece."""
    for start in range(0, len(content), 700_001):
        yield content[start : start + 700_001]


def opened(file: bytes, name: str = "database", secret: Secret = SECRET) -> bytes:
    return b"".join(open_from(BytesIO(file), name, secret))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_every_size_comes_back(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    file = sealed(content[:size])
    assert opened(file) == content[:size]
    assert content[:200] not in file


def test_any_altered_byte_is_found() -> None:
    file = sealed(b"a" * (2 * PIECE + 10))
    for place in (0, 25, 60, 120, 400, PIECE, PIECE + 500, len(file) - 1):
        wrong = bytearray(file)
        wrong[place] ^= 1
        with pytest.raises(SealedFileError):
            opened(bytes(wrong))


def test_a_piece_that_is_cut_off_left_out_or_moved_is_found() -> None:
    content = b"a" * PIECE + b"b" * PIECE + b"c" * 10
    file = sealed(content)
    begins = len(file) - (2 * PIECE + 10 + 3 * TAG)
    size = PIECE + TAG
    one, two, three = (file[begins + k * size : begins + (k + 1) * size] for k in range(3))
    head = file[:begins]
    assert opened(head + one + two + three) == content
    for wrong in (
        head, head + one, head + one + two, head + one + two + three[:-1],
        head + one + three, head + two + one + three, head + one + two + three + three,
    ):  # fmt: skip
        with pytest.raises(SealedFileError):
            opened(wrong)
    with pytest.raises(SealedFileError, match="不完整或末尾损坏"):
        opened(head + one + two)
    with pytest.raises(SealedFileError, match="第 1 MB处损坏或被改动过"):
        opened(head + two + one + three)


def test_another_key_another_name_and_no_sealed_file_are_told_apart() -> None:
    file = sealed(b"money", "20261101-020000/database.sealed")
    name = "20261101-020000/database.sealed"
    with pytest.raises(SealedFileError, match="密钥不对"):
        opened(file, name, Secret(bytes(32)))
    with pytest.raises(SealedFileError, match="里面封的是“20261101-020000/"):
        opened(file, "20261102-020000/database.sealed")
    with pytest.raises(SealedFileError, match="不是本系统加密的备份文件"):
        opened(b"PGDMP" + bytes(100), name)
    with pytest.raises(SealedFileError, match="加密方式不同"):
        opened(file, name, Secret.words("四季平安 2026 大足"))


def test_words_open_what_they_sealed() -> None:
    words = Secret.words("四季平安 2026 大足")
    file = sealed(b"three keys", "keys", words)
    assert opened(file, "keys", words) == b"three keys"
    with pytest.raises(SealedFileError, match="口令不对"):
        opened(file, "keys", Secret.words("四季平安 2026 大竹"))

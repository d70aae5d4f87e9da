"""Sealing of whole files, piece by piece, in constant memory: backups and what belongs to them.

Each file has a key of its own, derived from the secret and a salt. Pieces of a mebibyte are sealed
under rising numbers, the last one marked, as in the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizár, CRYPTO 2015): pieces that are altered, moved or left out, also at the end, are
found. The name of the file is sealed in, so that none can stand in for another.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from lib.sealing import CIPHER, SealError

MAGIC = b"HEZUO SEALED FILE 1\n"
PIECE = 1024 * 1024
TAG = 16
MAX_HEAD = 1000
# RFC 7914: 128 MB and about half a second for a try; who guesses pays it each time.
SCRYPT = {"n": 2**17, "r": 8, "p": 1}


class SealedFileError(SealError):
    """A sealed file cannot be opened. The message is Chinese and says why."""


@dataclass(frozen=True)
class Secret:
    """What files are sealed with: 32 random bytes, or words that somebody keeps in mind."""

    content: bytes
    is_words: bool = False

    @classmethod
    def words(cls, text: str) -> "Secret":
        return cls(text.encode(), is_words=True)

    def derived(self, salt: bytes) -> bytes:
        """64 bytes: the key of a file, and what its head shows to know the secret by."""
        if self.is_words:
            return Scrypt(salt=salt, length=64, **SCRYPT).derive(self.content)
        return HKDF(algorithm=SHA256(), length=64, salt=salt, info=MAGIC).derive(self.content)


def seal_to(target: IO[bytes], name: str, pieces: Iterable[bytes], secret: Secret) -> int:
    """Write the pieces (of any size) sealed under `name`; how many bytes were sealed."""
    salt = os.urandom(16)
    both = secret.derived(salt)
    head = {
        "name": name,
        "salt": base64.b64encode(salt).decode(),
        "words": secret.is_words,
        "known_by": base64.b64encode(both[32:48]).decode(),
    }
    told = json.dumps(head, ensure_ascii=False).encode() + b"\n"
    target.write(MAGIC + told)
    cipher, sealed = CIPHER(both[:32]), 0
    for number, piece, is_last in _marked(_even(pieces)):
        target.write(cipher.encrypt(_nonce(number, is_last), piece, told))
        sealed += len(piece)
    return sealed


def open_from(source: IO[bytes], name: str, secret: Secret) -> Iterator[bytes]:
    """The pieces, each one checked before it is given out.

    Raises SealedFileError where the file is no sealed one, or another one, where the secret is
    wrong, and where anything was altered or is missing. Only after the last piece is it certain
    that nothing was cut off.
    """
    if source.read(len(MAGIC)) != MAGIC:
        raise SealedFileError(f"{name}：不是本系统加密的备份文件")
    told = source.readline(MAX_HEAD)
    try:
        head = json.loads(told)
        salt, known = (base64.b64decode(head[key], validate=True) for key in ("salt", "known_by"))
        is_words, named = bool(head["words"]), str(head["name"])
    except (ValueError, KeyError, TypeError):
        raise SealedFileError(f"{name}：文件头损坏") from None
    if named != name:
        raise SealedFileError(f"{name}：里面封的是“{named}”，不是这个文件")
    if is_words != secret.is_words:
        raise SealedFileError(
            f"{name}：加密方式不同（{'口令' if is_words else '密钥'}），请核对文件"
        )
    both = secret.derived(salt)
    if both[32:48] != known:
        raise SealedFileError(f"{name}：{'口令' if is_words else '密钥'}不对")
    yield from _opened(source, name, CIPHER(both[:32]), told)


def _opened(source: IO[bytes], name: str, cipher: CIPHER, told: bytes) -> Iterator[bytes]:
    size = PIECE + TAG
    for number, piece, is_last in _marked(iter(lambda: source.read(size), b"")):
        try:
            yield cipher.decrypt(_nonce(number, is_last), piece, told)
        except InvalidTag:
            where = f"第 {number + 1} MB"
            if is_last:
                raise SealedFileError(f"{name}：文件不完整或末尾损坏（{where}处）") from None
            raise SealedFileError(f"{name}：{where}处损坏或被改动过") from None


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, the last one shorter."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def _marked(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Each with its number and whether it is the last; one empty piece of nothing."""
    number, before = 0, next(pieces, b"")
    for piece in pieces:
        yield number, before, False
        number, before = number + 1, piece
    yield number, before, True


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])

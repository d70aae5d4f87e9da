"""Encryption of personal fields and the keyed blind index that finds them by exact value.

AES-256-GCM; every ciphertext names its key, so keys can be rotated. The cipher stands only here,
so it can be replaced (by SM4 where that is demanded) without touching anything else.
"""

import base64
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# 256-bit keys, nonces of 12 bytes, tags of 16; also of whole files (lib/sealed_files.py).
CIPHER = AESGCM


class SealError(ValueError):
    """A key is missing or malformed, or a ciphertext was damaged."""


def key_bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise SealError("a seal key is not base64") from error
    if len(key) != 32:
        raise SealError("a seal key must be 32 bytes")
    return key


class Sealer:
    """Seals and opens short texts.

    `keys`: "1:<base64>,2:<base64>"; the last one seals, all of them open.
    `index_key`: base64 of 32 bytes, for the blind index. It cannot be rotated row by row.
    """

    def __init__(self, keys: str, index_key: str) -> None:
        pairs = [part.strip().partition(":") for part in keys.split(",") if part.strip()]
        if not pairs:
            raise SealError("no seal key is given")
        self._ciphers = {name: CIPHER(key_bytes(value)) for name, _, value in pairs}
        self._active = pairs[-1][0]
        self._index = hmac.new(key_bytes(index_key), digestmod="sha256")

    def seal(self, text: str, context: str) -> str:
        """Encrypt; `context` (table.column) is authenticated, so a value cannot be moved."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self._active].encrypt(nonce, text.encode(), context.encode())
        return f"{self._active}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """Decrypt. Raises SealError when the key is unknown or the text was damaged."""
        name, _, body = sealed.partition(":")
        if name not in self._ciphers:
            raise SealError(f"seal key {name!r} is not among the configured keys")
        raw = base64.b64decode(body)
        try:
            return self._ciphers[name].decrypt(raw[:12], raw[12:], context.encode()).decode()
        except InvalidTag as error:
            raise SealError("a sealed value was damaged or moved") from error

    def is_current(self, sealed: str) -> bool:
        """Whether the value was sealed with the active key."""
        return sealed.partition(":")[0] == self._active

    def index(self, text: str, context: str) -> str:
        """Keyed digest for exact look-up: 32 hexadecimal characters."""
        digest = self._index.copy()  # the key is set up once
        digest.update(f"{context}\0{text}".encode())
        return digest.hexdigest()[:32]

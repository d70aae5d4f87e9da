"""How a message's body is encrypted, beside TLS: SM4 (GB/T 32907), chosen for each client. Pure.

An encrypted body is the JSON object {"encdata": base64}: the nonce (GCM, 12 bytes) or initial value
(CBC, 16), then what is encrypted, then with GCM the tag (16). What is signed is this object, so
that nothing is decrypted that the client has not sent.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK, NONCE, TAG = 16, 12, 16  # bytes
FIELD = "encdata"


class CannotBeOpenedError(ValueError):
    """It is not encrypted, or with another key."""


class BodyCipher(Protocol):
    """One way of encrypting. `key`: 16 bytes."""

    def open(self, data: bytes, key: bytes) -> bytes:
        """What was encrypted. Raises CannotBeOpenedError."""

    def close(self, text: bytes, key: bytes) -> bytes:
        """The text encrypted."""


class Gcm:
    """SM4-GCM."""

    def open(self, data: bytes, key: bytes) -> bytes:
        nonce, text, tag = data[:NONCE], data[NONCE:-TAG], data[-TAG:]
        if len(data) < NONCE + TAG:
            raise CannotBeOpenedError
        opening = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        try:
            return opening.update(text) + opening.finalize()
        except InvalidTag:
            raise CannotBeOpenedError from None

    def close(self, text: bytes, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        closing = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        return nonce + closing.update(text) + closing.finalize() + closing.tag


class Cbc:
    """SM4-CBC with PKCS#7: for programs whose library knows no GCM."""

    def open(self, data: bytes, key: bytes) -> bytes:
        first, text = data[:BLOCK], data[BLOCK:]
        if not text or len(data) % BLOCK:
            raise CannotBeOpenedError
        opening = Cipher(algorithms.SM4(key), modes.CBC(first)).decryptor()
        bare = PKCS7(BLOCK * 8).unpadder()
        try:
            return bare.update(opening.update(text) + opening.finalize()) + bare.finalize()
        except ValueError:
            raise CannotBeOpenedError from None

    def close(self, text: bytes, key: bytes) -> bytes:
        first, filled = secrets.token_bytes(BLOCK), PKCS7(BLOCK * 8).padder()
        closing = Cipher(algorithms.SM4(key), modes.CBC(first)).encryptor()
        whole = filled.update(text) + filled.finalize()
        return first + closing.update(whole) + closing.finalize()


CIPHERS: Mapping[str, BodyCipher] = {"sm4-gcm": Gcm(), "sm4-cbc": Cbc()}


def key_of(digest: bytes) -> bytes:
    """The SM4 key of a secret, from its SHA-256: never the key that signs."""
    return hmac.digest(digest, b"sm4", "sha256")[:BLOCK]


def opened(cipher: str, body: bytes, key: bytes) -> bytes:
    """The message in an encrypted body. Raises CannotBeOpenedError."""
    try:
        data = base64.b64decode(json.loads(body)[FIELD], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CannotBeOpenedError from None
    return CIPHERS[cipher].open(data, key)


def closed(cipher: str, text: str, key: bytes) -> str:
    """The encrypted body of an answer."""
    data = CIPHERS[cipher].close(text.encode(), key)
    return json.dumps({FIELD: base64.b64encode(data).decode()})

"""A file that waits in the database until it is confirmed: name, fingerprint, bytes as text."""

import base64
import hashlib
from typing import Any


def fingerprint(content: bytes) -> str:
    """What a confirmation is bound to, and by which the same file is known again."""
    return hashlib.sha256(content).hexdigest()


def kept(file_name: str, content: bytes) -> dict[str, Any]:
    """The columns of a file that came; the end of a long name says more than its beginning."""
    return {
        "file_name": file_name[-120:],
        "sha256": fingerprint(content),
        "content": as_text(content),
    }


def as_text(content: bytes) -> str:
    """Bytes as a column of text keeps them."""
    return base64.b64encode(content).decode()


def given_back(content: str) -> bytes:
    """The bytes of `as_text`; of a kept file empty once they are forgotten."""
    return base64.b64decode(content)

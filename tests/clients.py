"""Test clients share one chain of middleware, as all requests to a served portal do.

Each `Client()` would make its own at its first request, and WhiteNoise would look at every static
file anew: a twentieth of the tests' CPU.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import setting_changed
from django.test.client import ClientHandler

CHAIN = (
    "_view_middleware",
    "_template_response_middleware",
    "_exception_middleware",
    "_middleware_chain",
)


@pytest.fixture(autouse=True, scope="session")
def _one_chain() -> Iterator[None]:
    made: list[ClientHandler] = []

    def load_middleware(self: Any, is_async: bool = False) -> None:
        if not made:
            super(ClientHandler, self).load_middleware(is_async)
            made.append(self)
        for name in CHAIN:
            setattr(self, name, getattr(made[0], name))

    def forget(**_: Any) -> None:
        """Middleware reads settings when it is made."""
        made.clear()

    ClientHandler.load_middleware = load_middleware  # type: ignore[method-assign]
    setting_changed.connect(forget)
    yield
    setting_changed.disconnect(forget)
    del ClientHandler.load_middleware

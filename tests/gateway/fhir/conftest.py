"""The people, the hospital and the claims of tests/claims, and the service that reads them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.claims.conftest import (  # noqa: F401
    agree,
    book,
    catalogue,
    counter,
    paper,
    register,
    wang,
)
from tests.gateway.fhir.official import MissingError, definitions
from tests.gateway.fhir.validating import Validator

BASE = "/fhir/r4/"


@pytest.fixture(scope="session")
def official() -> Validator:
    """The official definitions; without them it is skipped, saying why."""
    try:
        return Validator(definitions())
    except MissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def get(as_user: Callable[[User], Client]) -> Callable[..., HttpResponse]:
    """Asks the service as somebody; amounts in `.json()` are floats: exact ones are in its text."""

    def ask(user: User, address: str, given: Any = None, **headers: str) -> HttpResponse:
        client = as_user(user)
        found: Any = client.get(BASE + address, given or {}, headers=headers)
        assert found["Content-Type"] == "application/fhir+json; charset=utf-8"
        return found

    return ask

"""Spoilt messages of every transaction, by every kind of client, and spoilt searches of FHIR.

A few here; `bench/gateway_fuzz.py` says by the environment how many.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from gmssl_pyx import sm2_key_generate

from accounts.models import Division
from accounts.roles import Role
from enrollment.models import Person
from funds.models import Book
from gateway.clients.models import Client
from gateway.clients.signing import SIGNERS
from institutions.models import CatalogueItem, Institution
from tests.claims.conftest import Register
from tests.conftest import make_user
from tests.gateway.conftest import System, client_of
from tests.gateway.fuzzing import Fuzz, Other
from tests.gateway.messages import with_the_tables
from tests.gateway.programs import Program, a_client
from tests.gateway.test_contract_answers import ANSWERED, CLEARING, World

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "80"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
FEW = REQUESTS < 1_000
EACH = 8 if FEW else 40  # messages where one good one would be done
TOLD = 5_000
pytestmark = [with_the_tables, pytest.mark.slow, pytest.mark.seconds(60)]


@pytest.fixture
def fuzz(
    system: System,
    register: Register,
    village_a: Division,
    village_b: Division,
    book: Book,
    hospital: Institution,
    township_hospital: Institution,
    cast: SimpleNamespace,
    catalogue: dict[str, CatalogueItem],
    settings: SimpleNamespace,
) -> Fuzz:
    def person(name: str, village: Division) -> Person:
        return register.person(name, register.household(village))

    other = System(client_of(township_hospital))
    theirs = person("赵别家", village_b)
    programs, keys = [], sm2_key_generate()
    ways = [(signing, "none") for signing in SIGNERS]
    ways += [("hmac-sha256", "sm4-gcm"), ("sm2", "sm4-cbc")]
    for kind in Client.Kind.values:
        for signing, cipher in ways:
            issued = a_client(
                cast.secadmin, hospital, name=f"{signing}{cipher}", kind=kind, signing=signing,
                cipher=cipher, per_minute=60_000,
                public_key=keys[0].hex() if signing == "sm2" else "",
            )  # fmt: skip
            programs.append(Program.of(issued, keys=keys))
    clerk = make_user("fhir-clerk", "读者", Role.INSTITUTION_CLERK, institution_code=hospital.code)
    readers = []
    for user in (clerk, cast.hospital_clerk):
        reader = Browser(raise_request_exception=False)
        reader.force_login(user)
        readers.append(reader)
    world = World(system, person("王建国", village_a), cast)
    return Fuzz(
        world, Other(World(other, theirs, cast)), programs, readers,
        [theirs, person("钱三", village_b)], seed=SEED,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def loud_again() -> Iterator[None]:
    yield
    logging.disable(logging.NOTSET)


def test_whatever_comes_in_is_answered(fuzz: Fuzz) -> None:
    logging.disable(logging.WARNING)  # a line for each request
    began, told = time.monotonic(), TOLD
    turns = [*ANSWERED, *CLEARING]
    while (sent := fuzz.seen["messages"] + fuzz.seen["searches"]) < REQUESTS:
        if not turns:
            turns = [*ANSWERED, *CLEARING]
        cache.clear()
        fuzz.play(turns.pop(fuzz.chance.randrange(len(turns))), EACH)
        for _ in range(EACH // 4):
            fuzz.search()
        if sent >= told or len(fuzz.faults) > TOLD:
            told += TOLD
            sys.stdout.write(f"{dict(fuzz.seen)} {time.monotonic() - began:.0f} s\n")
            sys.stdout.flush()
    sys.stdout.write(f"{dict(fuzz.seen)} {time.monotonic() - began:.0f} s\n")
    kinds: dict[str, bytes] = {}
    for what, body in fuzz.faults:
        kinds.setdefault(what[:150], body)
    for what, body in kinds.items():
        sys.stdout.write(f"WRONG {what}\n   {body[:3000]!r}\n")
    assert not kinds
    assert fuzz.seen["done"] and fuzz.seen["refused"]

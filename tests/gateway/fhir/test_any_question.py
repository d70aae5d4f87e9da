"""Whatever is asked: no fault of the portal's, no page, and of no other institution anything."""

from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Division, User
from accounts.roles import Role
from claims.models import Settlement
from enrollment.models import Person
from gateway.fhir import names
from gateway.identifiers import mdtrt_id, psn_no
from institutions.models import Institution
from tests.claims.conftest import Register, line
from tests.conftest import make_user
from tests.gateway.fhir.asking import problem, questions


def numbers(claim: Settlement) -> set[str]:
    """Everything by which it, its person, cover and institution are called."""
    visit = claim.visit
    return {
        claim.number, mdtrt_id(visit), psn_no(visit.person), visit.institution.code,
        names.coverage_id("500225", visit.enrollment_id),
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.seconds(60)
def test_any_question_is_answered_and_says_nothing_of_others(
    cast: SimpleNamespace,
    counter: Callable[..., Settlement],
    wang: Person,
    register: Register,
    village_b: Division,
    hospital: Institution,
    township_hospital: Institution,
    as_user: Callable[[User], Client],
) -> None:
    code = township_hospital.code
    other = make_user("other", "何医", Role.INSTITUTION_CLERK, institution_code=code)
    li = register.person("李秀兰", register.household(village_b))
    one = counter(wang, line("X01", "100", "10"))
    two = counter(li, line("X01", "50", "10"), institution=township_hospital, actor=other)
    ours, theirs = numbers(one), numbers(two)
    statuses: Counter[tuple[int, bool]] = Counter()
    clients = ((as_user(cast.hospital_clerk), ours), (as_user(other), theirs))

    @settings(
        max_examples=100, deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(questions(ours | theirs), st.booleans())
    def ask(address: str, second: bool) -> None:
        client, own = clients[second]
        answer = client.get(f"/fhir/r4/{address}")
        assert problem(answer, own) == "", address
        statuses[answer.status_code, b'"resource"' in answer.content] += 1

    ask()
    # Of both kinds were many: questions that find something, and those that are refused.
    assert statuses[200, True] >= 3 and statuses[400, False] >= 10

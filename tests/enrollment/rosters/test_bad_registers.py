"""Every bad register gets a verdict: never an error page, never a byte half-written."""

import resource
from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from desk.jobs import FAULT
from enrollment.models import Person
from enrollment.rosters.models import RegisterImport, RegisterRow
from lib.tables.child import MEMORY
from tests.enrollment.rosters.bad import SOURCES, cases_of


def answer_of(register: RegisterImport) -> str:
    if register.status == RegisterImport.Status.FAILED:
        return "refused"
    assert register.status == RegisterImport.Status.CHECKED
    if register.error_count:
        return "wrong"
    return "warned" if register.warning_count else "fine"


@pytest.mark.slow
def test_there_are_enough_of_them() -> None:
    kinds = defaultdict(int)
    for source in SOURCES:
        for kind, _, _ in cases_of(source):
            kinds[kind] += 1
    assert len(kinds) >= 40
    assert sum(kinds.values()) >= 150


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES, ids=lambda one: one.__name__)
def test_every_bad_register_gets_its_verdict(
    source: Callable[[], Any],
    as_user: Callable[[Any], Client],
    cast: SimpleNamespace,
    book_a: Any,
    village_a: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    clerk = as_user(cast.clerk_a)
    surprises = []
    shown = set()
    before = largest_child()
    for kind, wanted, content in cases_of(source):
        RegisterImport.objects.exclude(status="failed").update(status="discarded")
        with django_capture_on_commit_callbacks(execute=True):
            response = clerk.post(
                reverse("enrollment:register_upload"),
                {"file": SimpleUploadedFile("名册.xlsx", content)},
            )
        assert response.status_code == 302, kind
        register = RegisterImport.objects.first()
        if kind not in shown:
            assert clerk.get(response["Location"]).status_code == 200, kind
            shown.add(kind)
        answer = answer_of(register)
        assert register.failure != FAULT, kind
        if wanted not in {answer, "any"}:
            surprises.append((kind, wanted, answer, register.failure, told(register)))
        if answer == "wrong":
            assert all(
                problem[2]
                for row in RegisterRow.objects.filter(register=register, verdict="e")
                for problem in row.problems
            )
    assert not surprises
    assert not Person.objects.exists()
    # The hungriest child of this process so far: earlier tests may have had a hungrier one, and
    # Linux counts with a child what this process held when it was begun.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert largest_child() <= max(MEMORY, before, own)


def largest_child() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def told(register: RegisterImport) -> list[Any]:
    rows = RegisterRow.objects.filter(register=register).exclude(problems=[])
    return [row.problems[0][2] for row in rows[:2]]

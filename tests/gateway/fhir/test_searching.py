"""Searching: by number and day, page by page, within the caller's scope, strict about names."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Division, User
from accounts.roles import Role
from claims.models import Settlement
from enrollment.models import Person
from gateway.fhir import names
from gateway.identifiers import mdtrt_id, psn_no
from institutions.models import Institution
from tests.claims.conftest import Register, line, stay
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
Get = Callable[..., Any]
OF_CLAIMS = ("Claim", "ClaimResponse", "ExplanationOfBenefit")


@pytest.fixture
def two(
    counter: Callable[..., Settlement], wang: Person, register: Register, village_b: Division
) -> tuple[Settlement, Settlement]:
    """王建国 of 龙水镇 settled on 10 March, 李秀兰 of 万古镇 on 20 March."""
    li = register.person("李秀兰", register.household(village_b))
    first = counter(
        wang, line("X01", "100", "10"), on=date(2026, 3, 10),
        visit=stay(date(2026, 3, 1), date(2026, 3, 9)),
    )  # fmt: skip
    return first, counter(li, line("X01", "50", "10"))


def ids(bundle: Any) -> list[str]:
    return [one["resource"]["id"] for one in bundle.get("entry", [])]


def test_claims_are_found_by_number_person_day_and_status(
    get: Get, cast: SimpleNamespace, two: tuple[Settlement, Settlement]
) -> None:
    wangs, lis = (one.number for one in two)
    patient = psn_no(two[0].visit.person)
    visit = mdtrt_id(two[1].visit)
    for kind in OF_CLAIMS:
        for given, found in (
            ({}, [lis, wangs]),
            ({"identifier": wangs}, [wangs]),
            ({"identifier": f"{names.system('setl-id')}|{wangs}"}, [wangs]),
            ({"identifier": f"{names.system('mdtrt-id')}|{visit}"}, [lis]),
            ({"identifier": f"http://elsewhere|{wangs}"}, []),
            ({"_id": f"{wangs},{lis}"}, [lis, wangs]),
            ({"patient": patient}, [wangs]),
            ({"patient": f"Patient/{patient}"}, [wangs]),
            ({"patient": f"{names.base()}/Patient/{patient}"}, [wangs]),
            ({"patient": f"Practitioner/{patient}"}, []),
            ({"patient": "50022600000000000000000001"}, []),
            ({"created": "2026-03-10"}, [wangs]),
            ({"created": "2026-03"}, [lis, wangs]),
            ({"created": "gt2026-03-10"}, [lis]),
            ({"created": ["ge2026-03-11", "le2026-03-20"]}, [lis]),
            ({"created": "ne2026-03-10"}, [lis]),
            ({"created": "lt2026"}, []),
            ({"status": "active", "patient": patient}, [wangs]),
            ({"status": "cancelled"}, []),
        ):
            assert ids(get(cast.auditor, kind, given).json()) == found, (kind, given)


def test_other_kinds_are_found_by_their_numbers(
    get: Get, cast: SimpleNamespace, two: tuple[Settlement, Settlement]
) -> None:
    person, cover = two[0].visit.person, two[0].visit.enrollment
    number, covered = psn_no(person), names.coverage_id("500225", cover.pk)
    for kind, given, found in (
        ("Patient", {"identifier": number}, [number]),
        ("Patient", {"_id": number}, [number]),
        ("Coverage", {"identifier": covered}, [covered]),
        ("Coverage", {"beneficiary": f"Patient/{number}", "status": "active"}, [covered]),
        ("Coverage", {"patient": number, "status": "draft"}, []),
        ("Organization", {"identifier": "H50022500001", "active": "true"}, ["H50022500001"]),
        ("Organization", {"active": "false"}, []),
        ("ExplanationOfBenefit", {"coverage": f"Coverage/{covered}"}, [two[0].number]),
        ("ClaimResponse", {"request": f"Claim/{two[0].number}"}, [two[0].number]),
        ("Claim", {"provider": "Organization/H50022500001"}, [one.number for one in two[::-1]]),
    ):
        assert ids(get(cast.auditor, kind, given).json()) == found, (kind, given)


def test_pages_follow_each_other_by_a_link(
    get: Get,
    cast: SimpleNamespace,
    as_user: Callable[[User], Client],
    two: tuple[Settlement, Settlement],
) -> None:
    first = get(cast.auditor, "Claim", {"_count": "1", "status": "active"}).json()
    links = {one["relation"]: one["url"] for one in first["link"]}
    assert ids(first) == [two[1].number]
    assert links["next"].startswith(f"{names.base()}/Claim?_count=1&status=active&_cursor=")
    path = links["next"].removeprefix(names.base().removesuffix("/fhir/r4"))
    second = as_user(cast.auditor).get(path).json()
    assert ids(second) == [two[0].number]
    assert [one["relation"] for one in second["link"]] == ["self"]
    turned = path.replace("/Claim?", "/Coverage?")
    assert as_user(cast.auditor).get(turned).status_code == 400


@pytest.mark.parametrize(
    "address,named",
    [
        ("Claim?colour=red", "colour"),
        ("Claim?created:missing=true", "created:missing"),
        ("Claim?_sort=created", "_sort"),
        ("Claim?_include=*", "_include"),
        ("Claim?created=2026-02-30", "created"),
        ("Claim?created=yesterday", "created"),
        ("Claim?created=ap2026-03", "created"),
        ("Claim?created=0000", "created"),
        ("Claim?status=paid", "status"),
        ("Claim?status=", "status"),
        ("Claim?_count=0", "_count"),
        ("Claim?_count=many", "_count"),
        ("Claim?_count=1&_count=2", "_count"),
        ("Claim?_cursor=abc", "_cursor"),
        ("Claim?identifier=" + "1,2," * 30, "identifier"),
        ("Claim/1?_summary=true", "_summary"),
    ],
)
def test_what_is_not_understood_is_named(
    get: Get, cast: SimpleNamespace, address: str, named: str
) -> None:
    found = get(cast.auditor, address)
    assert found.status_code == 400
    (issue,) = found.json()["issue"]
    assert issue["location"] == [f"http.{named}"] and named in issue["diagnostics"]


def test_a_resident_id_does_not_stand_in_an_address(
    get: Get, cast: SimpleNamespace, wang: Person
) -> None:
    given = {"identifier": f"{names.system('resident-id')}|{wang.resident_id}"}
    found = get(cast.auditor, "Patient", given)
    assert found.status_code == 400
    assert wang.resident_id not in found.content.decode()


def test_each_sees_what_lies_within_the_own_scope(
    get: Get,
    cast: SimpleNamespace,
    two: tuple[Settlement, Settlement],
    township_hospital: Institution,
) -> None:
    other = make_user(
        "other", "何医", Role.INSTITUTION_CLERK, institution_code=township_hospital.code
    )
    wangs, lis = (one.number for one in two)
    numbers = [psn_no(one.visit.person) for one in two]
    for user, claims, patients in (
        (cast.clerk_a, [wangs], [numbers[0]]),
        (cast.clerk_b, [lis], [numbers[1]]),
        (cast.auditor, [lis, wangs], numbers[::-1]),
        (cast.hospital_clerk, [lis, wangs], numbers[::-1]),
        (other, [], []),
        (cast.other_officer, [], []),
    ):
        for kind in OF_CLAIMS:
            assert ids(get(user, kind).json()) == claims, (user.username, kind)
            seen = [n for n in (wangs, lis) if get(user, f"{kind}/{n}").status_code == 200]
            assert sorted(seen) == sorted(claims), (user.username, kind)
        assert ids(get(user, "Patient").json()) == patients, user.username
        assert len(ids(get(user, "Coverage").json())) == len(patients), user.username
        for number in numbers:
            wanted = 200 if number in patients else 404
            assert get(user, f"Patient/{number}").status_code == wanted


def test_a_page_costs_the_same_statements_however_long_it_is(
    as_user: Callable[[User], Client],
    cast: SimpleNamespace,
    counter: Callable[..., Settlement],
    register: Register,
    village_a: Division,
) -> None:
    def asked(kind: str) -> int:
        client = as_user(cast.hospital_clerk)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(f"/fhir/r4/{kind}").status_code == 200
        return len(captured)

    kinds = (*OF_CLAIMS, "Patient", "Coverage", "Organization")
    counts = []
    for round_ in range(2):
        for at in range(1 + 3 * round_):
            person = register.person(f"赵{at}{round_}", register.household(village_a))
            counter(person, line("X01", str(at + 10), "10"), line("X02", "2", "5"))
        counts.append({kind: asked(kind) for kind in kinds})
    assert counts[0] == counts[1]
    # Session and user; settlements, measures, layers, steps, lines.
    assert counts[1]["ExplanationOfBenefit"] == 7
    assert (counts[1]["Patient"], counts[1]["Coverage"], counts[1]["Organization"]) == (3, 4, 3)

"""What the database leaves for the rules is never too few: made-up counties, judged both ways."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Division
from claims.models import Invoice, Settlement
from enrollment.models import Enrollment, IdentityStatus, Person
from institutions.models import Institution
from lib.periods import Month
from supervision import services
from supervision.candidates.reading import candidates
from supervision.candidates.statements import STATEMENTS
from supervision.claim_rows import counted_claims
from supervision.gathering import Batch, gather
from supervision.models import Alert, LibraryGap, LibraryHit, LibraryPoint, VisitDenial
from supervision.rules import SCREENS, Need
from supervision.rules.bounds import Bounds
from supervision.thresholds import trying
from supervision.thresholds.cards import InForce
from tests.claims.conftest import Register
from tests.supervision.planting import FIRST, Planter, _guards, day, plant

pytestmark = pytest.mark.django_db
BY_QUERYSETS = {"A01", "A14", "A15", "A18", "A24", "A26", "A30"}
POINTS = (
    ("sex", "2", "W", {}), ("age", "child", "W", {}), ("age", "working_age", "B", {}),
    ("age", "newborn", "M", {}), ("insurance", "maternity", "W", {}), ("care_kind", "bed", "B", {}),
    ("institution_level", "2", "M", {}), ("course", "3", "B", {"window": "stay"}),
    ("duplicate", "", "W", {"pair_code": "B", "window": "day"}),
    ("same_incision", "甲组", "B", {"window": "same_operation"}),
    ("same_incision", "甲组", "M", {"window": "same_operation"}),
    ("frequency", "2", "W", {"unit": "time"}), ("cycle", "2", "M", {"window": "7d"}),
)  # fmt: skip

lines = st.fixed_dictionaries(
    {
        "name": st.sampled_from(("甲药", "乙药", "丙药")),
        "category": st.sampled_from(("western_drug", "bed", "laboratory", "surgery", "nursing")),
        "amount": st.sampled_from(("2.00", "300.00")),
        "quantity": st.sampled_from((1, Decimal("2.5"), 31)),
    },
    optional={
        "charged_on": st.integers(3, 9).map(day),
        "limit_amount": st.just(Decimal("100.00")),
        "supply_days": st.sampled_from((0, 2, 40)),
        "item_code": st.sampled_from("WBM"),
    },
)
claims = st.fixed_dictionaries(
    {
        "who": st.integers(0, 5),
        "starts": st.sampled_from((-1, 3, 4, 5, 6, 40)),
        "days": st.sampled_from((0, 0, 0, 1, 3, 5)),
        "at": st.sampled_from(("few", "few", "hospital", "far")),
        "total": st.sampled_from(("12.00", "12.00", "12.01", "6000.00", "50000.00")),
        "code": st.sampled_from(("J06.9", "J06.9", "S72.0", "O80.0", "C61", "P22.0", "")),
        "source": st.sampled_from(("counter", "counter", "paper")),
        "lines": st.lists(lines, max_size=4),
    },
    optional={
        "off": st.sampled_from(("1.20", "12.00")),
        "fund": st.sampled_from(("0.01", "11.00")),
        "account": st.just("1.00"),
        "withdrawn": st.booleans(),
        "invoice": st.tuples(st.sampled_from("甲乙"), st.integers(500, 503), st.integers(3, 30)),
        "denied": st.booleans(),
        "price_level": st.sampled_from(("village", "county")),
    },
)
people = st.lists(
    st.tuples(
        st.sampled_from(("", "1", "2")), st.sampled_from((None, 4, 5)),
        st.sampled_from(("", "", "dibao")), st.booleans(), st.sampled_from((2026, 1990, 2015)),
    ),
    min_size=6, max_size=6,
)  # fmt: skip


@pytest.fixture
def planter(county: Division, village_a: Division, village_b, register: Register, cast) -> Planter:
    for at in range(6):
        register.person(f"钱{at}", register.household(village_b if at > 3 else village_a))
    planter = Planter(county, cast.clerk_a, cast.supervisor)
    for name in ("few", "hospital"):
        planter.place(name)
    Institution.objects.filter(pk=planter.at["few0"].pk).update(beds=1)
    LibraryPoint.objects.bulk_create(
        LibraryPoint(
            area=county, batch=1, seq=at, kind=kind, subject="drug", code=code, name=f"点{at}",
            value=value, text=value, sure=True, first_day=day(2), **more,
        )
        for at, (kind, value, code, more) in enumerate(POINTS)
    )  # fmt: skip
    return planter


def test_every_rule_has_its_statement() -> None:
    """One that has none is asked of every claim, which is right and slow."""
    rules = {screen.rule.code for screen in SCREENS}
    assert rules == STATEMENTS.keys() | BY_QUERYSETS


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],  # a county is told as it was drawn: to shrink it takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    whos=people, first=st.lists(claims, min_size=2, max_size=9),
    then=st.lists(claims, min_size=1, max_size=5), month=st.booleans(),
)  # fmt: skip
def test_what_is_left_out_has_nothing(
    planter: Planter, whos: Any, first: Sequence[Any], then: Sequence[Any], month: bool
) -> None:
    """In two runs, the second among what the first has seen; once more over the month."""
    with transaction.atomic():
        _planted(planter, whos, first)
        services.screen_new_claims(area=planter.area, most=100)
        _planted(planter, (), then)
        assert _judged(planter.area, month) == _judged_all(planter.area, month)
        transaction.set_rollback(True)


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(whos=people, rows=st.lists(claims, min_size=4, max_size=12))
def test_each_rule_is_found_by_its_own_statement(
    planter: Planter, whos: Any, rows: Sequence[Any]
) -> None:
    """What another rule's statement leaves beside it hides nothing that is wrong with its own."""
    with transaction.atomic():
        _planted(planter, whos, rows)
        _alone(planter.area)
        transaction.set_rollback(True)


def test_each_planted_wrong_is_found_by_its_own_statement(
    county: Division, village_a: Division, register: Register, cast: Any
) -> None:
    """Some of each kind, so that no rule that can be planted is left out."""
    for at in range(100):
        register.person(f"孙{at}", register.household(village_a))
    planter = Planter(county, cast.clerk_a, cast.supervisor)
    plant(planter, 1)
    assert planter.truth.keys() <= _alone(county)


def _alone(area: Division) -> set[str]:
    """For each rule that says something: the same of what its statement alone leaves. Returns which
    these are."""
    taken = list(counted_claims().order_by("pk").values_list("pk", flat=True))
    month = Month.of(FIRST)
    whole = _said_of(area, taken, taken, month)
    told = {rule for rule, _, _ in whole}
    for rule in sorted(told):
        left = candidates(area, taken, Bounds(), month, asked=frozenset({rule}))
        mine = {hit for hit in _said_of(area, left, taken, month) if hit[0] == rule}
        assert mine == {hit for hit in whole if hit[0] == rule}, rule
    return told


def _said_of(
    area: Division, asked: Sequence[int], taken: Sequence[int], month: Month
) -> set[tuple[str, int, str]]:
    """Rule, settlement and words of what the rules say when these are asked."""
    rows = Settlement.objects.filter(pk__in=asked).order_by("pk")
    batch = Batch.of(area, rows, month, taken)
    known, given = gather(batch, Bounds(), ends_run=False)
    known, given = replace(known, outlived=batch.claims), given | {Need.OUTLIVED}
    screens = [one for one in SCREENS if one.rule.needs <= given]
    hits = (hit for one in screens for hit in one.find(batch.claims, known))
    return {(hit.rule, hit.settlement, hit.finding) for hit in hits}


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(whos=people, rows=st.lists(claims, min_size=4, max_size=12), narrow=st.booleans())
def test_a_trial_finds_the_same_with_and_without(
    planter: Planter, whos: Any, rows: Sequence[Any], narrow: bool
) -> None:
    """By wider and by narrower thresholds than those in force."""
    wide = Bounds(split_days=20, group_persons=2, large_total=5000, short_days=4, shops=2, packs=5)
    less = Bounds(split_days=3, group_persons=9, large_total=90_000, short_days=1, shops=9)
    other = less if narrow else wide
    with transaction.atomic():
        _planted(planter, whos, rows)
        assert _tried(planter.area, other) == _tried_all(planter.area, other)
        transaction.set_rollback(True)


def _tried_all(area: Division, other: Bounds) -> Any:
    def all_of_them(_: Division, taken: Sequence[int], *__: Any, **___: Any) -> Sequence[int]:
        return taken

    with patch.object(trying, "candidates", all_of_them):
        return _tried(area, other)


def _tried(area: Division, other: Bounds) -> Any:
    """Hits of the months by what holds and by the other bounds."""
    found: list[Any] = []
    settled = counted_claims().order_by("settled_on").values_list("settled_on", flat=True)
    for month in sorted({Month.of(on) for on in settled}):
        taken = list(trying.of_month(area, month).order_by("pk").values_list("pk", flat=True))
        found += trying.both_found(area, taken, month, InForce(), InForce(bounds=other))
    return [sorted((*key, hit.finding) for key, hit in one.items()) for one in found]


def test_a_prescription_is_measured_by_the_level_of_its_prices(planter: Planter) -> None:
    """20.00 at a hospital of the county, which may go up to 40.00, are too much where it is paid
    as a village clinic, up to 15.00; at a clinic paid as the hospital they are not."""
    covers = list(Enrollment.objects.select_related("person", "household").order_by("pk"))
    with transaction.atomic():
        with connection.cursor() as cursor:
            _guards(cursor, "DISABLE")
            as_clinic = planter.claim(
                covers[0], 5, at="hospital", total="20.00", price_level="village"
            )
            planter.claim(covers[1], 9, at="clinic", total="20.00", price_level="county")
            _guards(cursor, "ENABLE")
        services.screen_new_claims(area=planter.area, most=100)
        found = Alert.objects.filter(rule="A10").values_list("settlement", flat=True)
        assert list(found) == [as_clinic.pk]
        transaction.set_rollback(True)


def _judged_all(area: Division, month: bool) -> Any:
    def all_of_them(_: Division, taken: Sequence[int], *__: Any) -> Sequence[int]:
        return taken

    with patch.object(services, "candidates", all_of_them):
        return _judged(area, month)


def _judged(area: Division, month: bool) -> Any:
    """Everything that a run leaves, which is then taken back."""
    with transaction.atomic():
        rows = services.unscreened(area)
        if month:
            rows = counted_claims().filter(division__code__startswith=area.code)
        seen = services.screen(
            area, rows.order_by("pk"), most=100, month=Month.of(FIRST) if month else None
        )
        found = (
            sorted({(hit.rule, hit.settlement, hit.finding, hit.amount) for hit in seen.hits}),
            seen.looked_at,
            sorted(Alert.objects.values_list("rule", "settlement", "certainty", "finding")),
            sorted(LibraryHit.objects.values_list("point", "settlement")),
            sorted(LibraryGap.objects.values_list("settlement", "kind", "missing", "points")),
            sorted((pk, str(said)) for pk, said in _screened()),
        )
        transaction.set_rollback(True)
    return found


def _screened() -> Any:
    return Settlement.objects.order_by("pk").values_list("pk", "screened__open")


def _planted(planter: Planter, whos: Any, rows: Sequence[Any]) -> None:
    covers = list(Enrollment.objects.select_related("person", "household").order_by("pk"))
    with connection.cursor() as cursor:
        _guards(cursor, "DISABLE")
        for cover, who in zip(covers, whos, strict=False):
            _somebody(planter, cover, who)
        for row in rows:
            _claimed(planter, covers, dict(row))
        _guards(cursor, "ENABLE")


def _somebody(planter: Planter, cover: Enrollment, who: Any) -> None:
    sex, died, aided, listed, born = who
    Person.objects.filter(pk=cover.person_id).update(
        sex=sex, death_date=None if died is None else day(died), birth_date=date(born, 1, 3)
    )
    Enrollment.objects.filter(pk=cover.pk).update(premium_status=aided)
    if listed:
        IdentityStatus.objects.create(
            person=cover.person, code="dibao", first_day=date(2025, 1, 1), source="民政局"
        )


def _claimed(planter: Planter, covers: Sequence[Enrollment], row: dict[str, Any]) -> None:
    cover, starts, at = covers[row.pop("who")], row.pop("starts"), row.pop("at")
    invoice, denied = row.pop("invoice", None), row.pop("denied", False)
    withdrawn = row.pop("withdrawn", False)
    if at == "far":
        row["far"] = "远方医院"
    claim = planter.claim(cover, starts, at=at if at != "far" else "clinic", **row)
    if withdrawn:
        Settlement.objects.filter(pk=claim.pk).update(status="withdrawn", withdrawn_reason="录错")
    if invoice is not None:
        issuer, number, on = invoice
        if not Invoice.objects.filter(issuer=issuer, number=f"7{number:07d}").exists():
            planter.invoice(claim, f"7{number:07d}", issuer, on)
    if denied and not VisitDenial.objects.filter(visit=claim.visit).exists():
        VisitDenial.objects.create(
            visit=claim.visit, division=cover.division, told="本人到窗口", evidence="笔录",
            told_by=planter.by, status="confirmed", handled_by=planter.decider, conclusion="查过",
        )  # fmt: skip

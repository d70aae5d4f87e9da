"""Who ordered the lines of a bill: where he may work, and what was decided on paying for him."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from desk.kept import Kept, among, given
from institutions.eligibility import Span, refused_on
from institutions.models import Eligibility, Institution, Practitioner
from institutions.practice.models import PracticePlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One decision that he works there, from a day to a day."""

    institution: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """`spans`, `places`: the latest decision first. `licence`: "" where nobody registered it."""

    code: str
    institution: int
    licence: str
    licence_from: date | None
    licence_until: date | None
    spans: Sequence[Span]
    places: Sequence[Place]

    def covers(self, institution: int, day: date) -> bool:
        """Whether his registration or another place of practice holds there on the day."""
        if self.licence_from is not None and day < self.licence_from:
            return True  # the licence before this one, of which nothing is kept
        if self.licence_until is not None and day > self.licence_until:
            return False
        if institution == self.institution:
            return True
        there = [one for one in self.places if one.institution == institution]
        held = next((one for one in there if one.first_day <= day), None)
        return held is not None and day <= held.last_day

    def refused_at(self, place: Institution, day: date) -> str:
        """Why what he did there on the day is not paid, "" when it is: suspended or ended
        (医保发〔2024〕23号), or at a place of which no registration covers the day (医师法
        第十四条: 按照注册的执业地点执业). Of whom no licence is registered, the place is not asked.
        """
        if words := refused_on(self.spans, day):
            return words
        if not self.licence or self.covers(place.pk, day):
            return ""
        # Where he is registered is his own and the county's: who asks may be any hospital.
        return (
            f"医师 {self.code} {day} 在{place.name}没有有效的执业注册或多点执业备案，"
            "费用医保不予支付，急诊、抢救除外"
        )


def _doctors() -> QuerySet[Practitioner]:
    one_there = Practitioner.objects.filter(institution_id=given("beside")).values("pk")[:1]
    wanted = Q(among("code", given("codes"))) | Q(pk=one_there)
    return Practitioner.objects.filter(wanted).annotate(
        decided=ArraySubquery(
            Eligibility.objects.decided()
            .filter(practitioner=OuterRef("pk"))
            .values(
                json=JSONObject(
                    state="state", first="first_day", last="last_day", evidence="evidence"
                )
            )
        ),
        elsewhere=ArraySubquery(
            PracticePlace.objects.decided()
            .filter(practitioner=OuterRef("pk"))
            .values(json=JSONObject(at="institution_id", first="first_day", last="last_day"))
        ),
    )


DOCTORS = Kept(_doctors)


def doctors_of(codes: Iterable[str], *, beside: Institution | None = None) -> dict[str, Doctor]:
    """Code of a practitioner → what is known of him, wherever he is registered; one statement.

    `beside`: with one of those who are registered there, asked for or not; without any the county
    keeps none of that institution, and who is unknown tells nothing.
    """
    there = beside.pk if beside is not None else 0
    rows = DOCTORS(codes=sorted(set(codes)), beside=there)
    return {row.code: _doctor(row) for row in rows}


def _doctor(row: Any) -> Doctor:
    return Doctor(
        code=row.code,
        institution=row.institution_id,
        licence=row.licence,
        licence_from=row.licence_from,
        licence_until=row.licence_until,
        spans=[
            Span(
                state=one["state"],
                first_day=date.fromisoformat(one["first"]),
                last_day=date.fromisoformat(one["last"]) if one["last"] else None,
                name=row.name,
                evidence=one["evidence"],
            )
            for one in row.decided
        ],
        places=[
            Place(
                institution=one["at"],
                first_day=date.fromisoformat(one["first"]),
                last_day=date.fromisoformat(one["last"]),
            )
            for one in row.elsewhere
        ],
    )

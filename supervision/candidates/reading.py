"""What the statements leave of the settlements of a run."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import Division
from claims.models import Settlement, Visit
from claims.prescriptions import DECOCTION, DRUGS, EXAMINATIONS
from lib.periods import Month
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Subject, Terms
from supervision.candidates.statements import LIBRARY, NOW, SHARED, STATEMENTS
from supervision.claim_rows import VILLAGE_DIGITS, listed_when_paid, with_standing
from supervision.gathering import PACKED, denied_persons, injured, tops_of
from supervision.library.models import LibraryPoint
from supervision.library.reading import ages_of
from supervision.rules import SCREENS
from supervision.rules.bounds import Bounds
from supervision.rules.charges import ONCE_A_DAY
from supervision.rules.empty_days import BY_THE_DAY
from supervision.rules.library.patient import GRADES
from supervision.rules.other_person import (
    BIRTH,
    MAX_MOTHER,
    MEN_ONLY,
    MIN_MOTHER,
    NEWBORN,
    WOMEN_ONLY,
)
from supervision.rules.premium_aid import ALWAYS_AIDED

# What its rule reads is gathered without the new claims (Need.OUTLIVED), but for a trial.
WITHOUT = frozenset({"A01"})
# Asked in the run over a month alone (Need.MONTHS).
OF_A_MONTH = frozenset({"A30"})
LOOKED_AT = "SELECT settlement FROM screening_now"
# A part of each statement, and no temporary table: the application's role makes none
# (accounts/granting.py).
TAKEN = "screening_now AS MATERIALIZED ({columns})".format(
    columns=NOW.format(rows="SELECT unnest(%(taken)s::bigint[])", village=VILLAGE_DIGITS)
)


EVERY = frozenset(screen.rule.code for screen in SCREENS) - WITHOUT


def candidates(
    area: Division,
    taken: Sequence[int],
    bounds: Bounds,
    month: Month | None,
    *,
    asked: frozenset[str] = EVERY,
) -> Sequence[int]:
    """Of the settlements that are `taken` those of which a rule that is `asked` may say something,
    in order. Three to five statements, however many there are. A rule without a statement is asked
    of all."""
    wanted = set(asked)
    if month is None:
        wanted -= OF_A_MONTH
    has_library = LibraryPoint.objects.filter(area=area).exists()
    if not has_library:
        wanted = {code for code in wanted if STATEMENTS.get(code) != LIBRARY}
    worded = _by_rows(area, month).items()
    lazily = {code: rows for code, rows in worded if code.partition("-")[0] in wanted}
    if not wanted <= STATEMENTS.keys() | lazily.keys():
        return taken
    if not wanted:
        return []
    texts = {text: None for code, text in sorted(STATEMENTS.items()) if code in wanted}
    facts = {"taken": list(taken), **_facts(area, bounds, _said(taken))}
    if has_library:
        facts |= asdict(ages_of(area.code))
    parts = list(texts)
    for code, rows in sorted(lazily.items()):
        text, given = _named(rows, code)
        parts.append(text)
        facts |= given
    shared = ", ".join(
        f"{name} AS {'NOT ' if name in SHORT else ''}MATERIALIZED ({text})"
        for name, text in SHARED.items()
    )
    union = " UNION ".join(f"({text})" for text in parts)
    text = f"WITH {TAKEN}, {shared} SELECT settlement FROM ({union}) u (settlement) ORDER BY 1"  # noqa: S608 - ours
    with connection.cursor() as cursor:
        # What is compiled for a statement that runs a second takes longer than the statement.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(text, facts)
        return [number for (number,) in cursor.fetchall()]


# Read where they are used, by what is known there.
SHORT = frozenset({"said", "coded", "others"})


def _by_rows(area: Division, month: Month | None) -> dict[str, QuerySet[Any]]:
    """Rules whose condition another room words: by its querysets."""
    rows = Settlement.objects.filter(pk__in=RawSQL(LOOKED_AT, [])).order_by()  # noqa: S611 - ours
    # Annotated: of which columns no type knows.
    stood: Any = with_standing(rows)
    on_paper: Any = with_standing(rows.filter(visit__source=Visit.Source.PAPER))
    aided = "visit__enrollment__premium_status"
    listed = listed_when_paid()
    found: dict[str, QuerySet[Any]] = {
        "A01": rows.filter(visit__person__death_date__lt=F("visit__ends")),
        "A14": stood.filter(covered=False),
        "A15": injured(rows),
        "A17-account": stood.filter(account_amount__gt=0, of_the_account=False),
        "A18": rows.filter(
            Q(~Exists(listed.filter(code=OuterRef(aided))), ~Q(**{aided: ""}))
            | Q(Exists(listed.filter(code__in=ALWAYS_AIDED)), **{aided: ""})
        ),
        "A24": rows.filter(visit__person__in=denied_persons()),
        "A26": on_paper.filter(Q(event_at__isnull=False) | Q(changed_at__isnull=False)),
    }
    if month is not None:
        found["A30"] = rows.filter(pk__in=tops_of(area, month).values("pk"))
    return found


def _named(rows: QuerySet[Any], code: str) -> tuple[str, dict[str, Any]]:
    """The statement with its values by name, so that it stands beside the others."""
    text, given = rows.values("pk").query.sql_with_params()
    names = [f"{code}_{at}" for at in range(len(given))]
    left = iter(names)
    named = re.sub(r"%s", lambda _: f"%({next(left)})s", text)
    return named, dict(zip(names, given, strict=True))


Limit = int | None
Limits = tuple[Limit, Limit, Limit, Limit, Limit]
Said = tuple[int, str, str, Limit, Limit, Limit, Limit, Limit]


def _said(taken: Sequence[int]) -> list[Said]:
    """Pack, care, level, and what the measures say of them: the share outside the catalogues (in
    ten thousandths), and of a prescription the medicines, antibiotics, days and fen at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {TAKEN} SELECT pack, care, level FROM screening_now UNION"  # noqa: S608 - ours
            " SELECT pack, care, prices FROM screening_now",
            {"taken": list(taken)},
        )
        wanted: Sequence[tuple[int, str, str]] = cursor.fetchall()
    packs = Pack.objects.in_bulk({pack for pack, _, _ in wanted})
    terms = {pk: terms_of(pack) for pk, pack in packs.items()}
    return [(pack, care, level, *_of(terms[pack], care, level)) for pack, care, level in wanted]


def _of(terms: Terms, care: str, level: str) -> Limits:
    asked = Subject(categories={"level": level, "care": care})
    share = terms.bill.consent_limit and terms.bill.consent_limit.ratios.find(asked)
    off = share.value if share else None
    limits = terms.prescriptions
    if limits is None:
        return off, None, None, None, None
    amount = limits.amounts.find(asked)
    days = min(limits.max_days, limits.max_days_chronic)
    return off, limits.max_drugs, limits.max_antibiotics, days, amount.value if amount else None


def _facts(area: Division, bounds: Bounds, said: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """What the statements compare with, by name."""
    columns = [list(column) for column in zip(*said, strict=True)] or [[] for _ in SAID]
    return {
        **asdict(bounds),
        **{f"said_{name}": column for name, column in zip(SAID, columns, strict=True)},
        "area": area.pk,
        "village": VILLAGE_DIGITS,
        "gone": [str(status) for status in Settlement.NOT_COUNTED],
        "herbs": DECOCTION,
        "drugs": sorted(DRUGS),
        "tests": sorted(EXAMINATIONS),
        "by_the_day": sorted(BY_THE_DAY),
        "once_a_day": sorted(ONCE_A_DAY),
        "packed": list(PACKED),
        "women_only": _at_the_start(WOMEN_ONLY),
        "men_only": _at_the_start(MEN_ONLY),
        "newborn": _at_the_start(NEWBORN),
        "birth": _at_the_start(BIRTH),
        "min_mother": MIN_MOTHER,
        "max_mother": MAX_MOTHER,
        "levels": list(GRADES),
        "grades": [least for least, _ in GRADES.values()],
    }


SAID = ("packs", "cares", "levels", "off", "drugs", "antibiotics", "days", "prescribed")


def _at_the_start(pattern: re.Pattern[str]) -> str:
    return f"^(?:{pattern.pattern})"

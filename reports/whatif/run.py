"""One what-if from beginning to end: read the year, check ourselves, compute, compare."""

import hashlib
import time
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
from django.db.models import Count, Sum

from accounts.errors import Refusal
from accounts.models import Division
from claims.adjudication import Decisions, adjudicate
from claims.assistance.models import KEY, AidApplication
from claims.models import Settlement
from claims.recovery.models import left_of
from desk.jobs import Tell
from lib.money import to_fen
from policies.loader import PackError, load_adopted
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Terms
from reports.whatif.balance import balance, books_of
from reports.whatif.checking import keep_check, known_check
from reports.whatif.columns import Codes, Year
from reports.whatif.compare import compare, self_check
from reports.whatif.facts import Facts
from reports.whatif.layers import Beyond, beyond_the_base, paid_by_layer
from reports.whatif.loading import load_year
from reports.whatif.together import one_moment

STAGES = ("read", "baseline", "draft", "compare")


def read_policy(source: str, name: str) -> Terms:
    """The terms of a text. Raises Refusal with everything that is wrong with it."""
    try:
        return load_adopted(source, name)
    except PackError as error:
        raise Refusal("；".join(str(problem) for problem in error.problems), "policy") from None


def simulate(
    *, area: Division, year: int, source: str, name: str, on: date, progress: Tell
) -> dict[str, Any]:
    """The figures of the draft ``source`` on the area's claims of ``year``, as JSON values.

    ``on`` is today. Amounts are fen, ratios 1/10000, months 1/100. ``progress`` is told percent and
    stage between the steps, never inside the transaction that reads. Raises Refusal when the draft
    or the year cannot be computed.
    """
    terms = read_policy(source, name)
    progress(5, "读取结算数据")
    clock = [time.perf_counter()]
    with one_moment() as begin:
        adopted = _packs_of(area, year)
        codes = Codes.of(terms, *(terms_of(pack) for pack in adopted))
        aid = _aid_beside(area, year)
        beyond = begin(partial(beyond_the_base, area=area, year=year, packs=adopted))
        facts = Facts(area, year, codes)
        columns = load_year(area=area, year=year, codes=codes, begin=begin, facts=facts)
        pack = _mostly(adopted, columns)
        books = books_of(area=area, terms=terms_of(pack), year=year, on=on)
        names = dict(
            Division.objects.filter(code__startswith=area.code, level=Division.Level.TOWNSHIP)
            .order_by("code")
            .values_list("code", "name")
        )
    facts.keep()
    clock.append(time.perf_counter())
    progress(70, "按原办法重算核对")
    key, checked = known_check(facts, columns, pack)
    if checked is None:
        checked = self_check(columns, pack.pk, _decide(columns, terms_of(pack)))
        keep_check(facts, key, checked)
    clock.append(time.perf_counter())
    progress(80, "按试算办法计算")
    decisions = _decide(columns, terms)
    clock.append(time.perf_counter())
    progress(90, "比较汇总")
    settled = _layers(columns, adopted, beyond.result())
    figures = compare(columns, terms, decisions, {int(c): n for c, n in names.items()}, settled)
    figures["differences"] = _named(figures["differences"], "rows")
    clock.append(time.perf_counter())
    return {
        "area": {"code": area.code, "name": area.name},
        "year": year,
        "policy": {
            "title": terms.title,
            "version": terms.version,
            "first_day": str(terms.valid_from),
            "last_day": str(terms.valid_to),
            "sha256": hashlib.sha256(source.encode()).hexdigest(),
        },
        "baseline": {"pack": pack.pk, "name": pack.name, "version": pack.version},
        "check": _named(checked, "examples"),
        "aid": aid,
        **figures,
        "fund": None if books is None else balance(*books, columns, decisions),
        "seconds": dict(zip(STAGES, np.diff(clock).round(2).tolist(), strict=True)),
    }


def _aid_beside(area: Division, year: int) -> dict[str, int]:
    """Assistance that was applied for out of a cap which claims share: a what-if settles claims
    alone, so that their layer finds the whole cap; the page says how much of it that leaves out."""
    rows = AidApplication.objects.standing().filter(
        policy_year=year, division__code__startswith=area.code
    )
    found = rows.exclude(counter="").aggregate(
        count=Count("pk"), amount=Sum(left_of(KEY), default=Decimal(0))
    )
    return {"count": found["count"], "amount": to_fen(found["amount"])}


def _decide(year: Year, terms: Terms) -> Decisions:
    return adjudicate(year.cases(terms), terms, year.opening(terms))


def _layers(year: Year, packs: list[Pack], beyond: Beyond) -> dict[str, tuple[str, int]]:
    """Code → name and fen of each layer as settled."""
    terms = {pack.pk: terms_of(pack) for pack in packs}
    names = {code: name for each in terms.values() for code, name in each.layer_names.items()}
    return {
        code: (names.get(code, code), paid)
        for code, paid in paid_by_layer(year, terms, beyond).items()
    }


def _packs_of(area: Division, year: int) -> list[Pack]:
    """The measures under which claims of the year were settled."""
    settled = Settlement.objects.counted().filter(
        policy_year=year, division__code__startswith=area.code
    )
    return list(Pack.objects.filter(pk__in=settled.order_by().values("pack")))


def _mostly(packs: list[Pack], year: Year) -> Pack:
    """The measures that most of the year's claims were settled under."""
    ids, counts = np.unique(year.pack, return_counts=True)
    most = int(ids[counts.argmax()])
    return next(pack for pack in packs if pack.pk == most)


def _named(found: dict[str, Any], key: str) -> dict[str, Any]:
    """The rows under ``key`` with the numbers of their settlements."""
    wanted = [row["claim"] for row in found[key]]
    numbers = dict(Settlement.objects.filter(pk__in=wanted).values_list("pk", "number"))
    return found | {key: [row | {"number": numbers[row["claim"]]} for row in found[key]]}

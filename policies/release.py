"""The gate before a changed text is put in force: tried on a year's claims, read, signed by two."""

from typing import Any

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.rooms import answers
from policies.models import Pack, Trial
from policies.terms import Terms
from policies.workflow import TRIALS


def claim_years(area_code: str) -> list[int]:
    """The years of the area that have claims, the latest first; claims know."""
    return sorted(
        {year for years in _ask("claim_years", area_code) for year in years}, reverse=True
    )


def claim_count(area_code: str, year: int) -> int:
    """How many claims stand for the year."""
    return sum(_ask("claim_count", area_code, year))


def already_done(pack: Pack) -> list[str]:
    """What was done already in the days of a version, by the measures of then: a sentence each."""
    asked = pack.area.code, pack.first_day, pack.last_day
    return [sentence for told in _ask("already_done", *asked) for sentence in told]


def unknown_levels(pack: Pack, terms: Terms) -> list[str]:
    """Levels that institutions have in its days and that the text does not know: a sentence each.
    Measures that pay no visit know none, and lack none."""
    known = terms.vocabulary.get("level", {})
    if not known:
        return []
    asked = pack.area.code, pack.first_day, pack.last_day, known.keys()
    return [sentence for told in _ask("unknown_levels", *asked) for sentence in told]


def probed(pack: Pack) -> dict[str, Any] | None:
    """What a probe of this text found, None where nobody asked for one: the page of the probe, its
    findings of which nothing is said, and those that are meant."""
    found = _ask("probed", pack.area.code, pack.sha256)
    return next((each for each in found if each is not None), None)


def _ask(name: str, *asked: Any) -> list[Any]:
    return list(answers("ROOMS_OF_MEASURES", name, *asked))


@all_or_nothing()
def keep_trial(
    *, area: Division, sha256: str, year: int, simulation: int, totals: dict[str, Any]
) -> Trial:
    """What a what-if found of a text, once for each; the columns are named in `Trial`."""
    found, _ = Trial.objects.get_or_create(
        simulation=simulation, defaults={"area": area, "sha256": sha256, "year": year, **totals}
    )
    return found


@all_or_nothing()
def sign_trial(*, actor: User, trial: Trial) -> Trial:
    """Somebody has read what differs and answers for it; the second must be another person."""
    row = TRIALS.lock(trial.pk)
    event = "read_trial" if row.status == Trial.Status.COMPUTED else "sign_trial"
    return TRIALS.take(row, event, actor=actor)


def release_problem(pack: Pack) -> str:
    """Why a proposed text may not be adopted yet; "" when it may.

    An area without claims has nothing to try it on. Elsewhere it has been tried, word for word, on
    one of the two latest years that have claims, and two people have signed what differs. A year
    that has just begun says little: the trial had at least half as many claims as the fuller of
    the two has now.
    """
    counts = {year: claim_count(pack.area.code, year) for year in claim_years(pack.area.code)[:2]}
    if not counts:
        return ""
    fuller = max(counts, key=lambda year: (counts[year], year))
    least = (counts[fuller] + 1) // 2
    trials = Trial.objects.of_text(pack).filter(year__in=counts, claims__gte=least)
    if trials.filter(status=Trial.Status.SIGNED).exists():
        return ""
    if trials.exists():
        return "试算的差异还没有两人签字，请在办法页上看过差异以后签字"
    return (
        f"这份文本还没有在 {fuller} 年度的结算单上试算过：该年度现有 {counts[fuller]:,} 笔，"
        "试算须至少算过一半。请先试算，再由两人签字"
    )


def refuse_unreleased(pack: Pack) -> None:
    """Raises Refusal while the gate is shut."""
    if problem := release_problem(pack):
        raise Refusal(f"现在还不能采用：{problem}")

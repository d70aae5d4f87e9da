"""退还超支分担: what a township or an institution paid of a year's overspend beyond what it bears.

The overspend of a year may become less after it was charged and paid (a claim came back, quotas
were shared out anew), or somebody paid too much. What goes back is worked out here, so that it is
never more than came; it is made a voucher like all that the measures ask.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from accounts.models import Division
from funds.law.known import overspends
from funds.law.overspends import RETURNED, Who, bears_of, received_of, returned_of
from funds.law.working import Step, Working, cited, rules_of
from funds.models import ZERO, Book
from funds.services.posting import EventLine
from institutions.models import Institution
from lib.money import told


def give_back(book: Book, year: int, on: date) -> Working:
    """What came in this year and is too much."""
    return _working(RETURNED[0], book, year, on)


def give_back_earlier(book: Book, year: int, on: date) -> Working:
    """The same of what came in years that are over."""
    return _working(RETURNED[1], book, year, on)


def _working(event: str, book: Book, year: int, on: date) -> Working:
    terms, rules = rules_of(book, year)
    article = rules.overspend["township"].article if "township" in rules.overspend else ""
    found = overspends(book, year)
    bears = bears_of(found or (), year)
    paid, back = received_of(book, year), returned_of(book, year)
    now = _less(received_of(book, year, on.year), returned_of(book, year, on.year))
    over = dict(_beyond(_less(paid, back), bears))
    due = {
        who: max(ZERO, min(yuan, now.get(who, ZERO)))
        if event == RETURNED[0]
        else yuan - max(ZERO, min(yuan, now.get(who, ZERO)))
        for who, yuan in over.items()
    }
    towns = Division.objects.in_bulk([town for town, _, _ in over])
    steps, lines = [], []
    for (town, level, code), yuan in due.items():
        if yuan > 0:
            who = (town, level, code)
            how = (
                f"已缴 {told(paid[who])} 元，已退还 {told(back.get(who, ZERO))} 元，"
                f"应承担 {told(bears.get(who, ZERO))} 元"
            )
            steps.append(Step(f"{_called(towns[town], level, code)}多缴", yuan, how, article))
            lines.append(
                EventLine(
                    yuan,
                    township=towns[town],
                    funding_level=level,
                    institution_code=code,
                    policy_year=year,
                )
            )
    return Working(
        event=event,
        year=year,
        law=cited(terms, article),
        source=f"{year}年度超支分担多缴 {told(sum(due.values(), ZERO))} 元",
        steps=tuple(steps),
        lines=tuple(lines),
        stops=tuple(_stops(found is None, year, on)),
        nothing=f"{year}年度没有多缴的超支分担",
    )


def _stops(is_open: bool, year: int, on: date) -> Iterator[str]:
    if on < date(year, 12, 31):
        yield f"{year}年度还没有结束，应承担多少未定，不能退还"
    if is_open:
        yield f"{year}年度还没有分配街镇额度，请先在“街镇额度”分配"


def _less(one: dict[Who, Decimal], other: dict[Who, Decimal]) -> dict[Who, Decimal]:
    return {who: one.get(who, ZERO) - other.get(who, ZERO) for who in dict.fromkeys([*one, *other])}


def _beyond(paid: dict[Who, Decimal], bears: dict[Who, Decimal]) -> Iterator[tuple[Who, Decimal]]:
    """Who paid more than they bear. What an institution's payment without its name left pays for
    the township's institutions that have not paid all of theirs, as where it clears."""
    for who, yuan in paid.items():
        _, level, code = who
        if level == "institution" and not code:
            still = [
                amount - paid.get(other, ZERO)
                for other, amount in bears.items()
                if other[:2] == who[:2] and other != who
            ]
            owed = bears.get(who, ZERO) + sum((max(ZERO, one) for one in still), ZERO)
        else:
            owed = bears.get(who, ZERO)
        if yuan > owed:
            yield who, yuan - owed


def _called(town: Division, level: str, code: str) -> str:
    if level == "township":
        return f"{town.name}人民政府（办事处）"
    name = Institution.objects.filter(code=code).values_list("name", flat=True).first()
    return f"{town.name}的{name or code or '定点医疗机构（未指明）'}"

"""参合情况年报, 筹资与到位表, 医疗救助情况表: people, and what was paid for them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse

from claims.assistance.models import AidApplication
from enrollment.models import EnrollmentQuerySet, IdentityStatus
from funds.events import FUNDING_LEVELS
from funds.models import ZERO
from lib.money import to_fen, to_yuan
from reports.behind import NONE, claims, postings_up_to, spans
from reports.behind import covers as covered_list
from reports.finance import finance
from reports.grids import Cell, Grid, Head
from reports.indicators import quotient, ratio
from reports.population import covered, population, township_of
from reports.statements.asked import Asked, Told
from reports.statements.care import care_of

# Years of age at the end of the month: from, below. Grown up at 18, old at 60.
AGES: tuple[tuple[str, int, int | None], ...] = (
    ("0–6岁", 0, 7),
    ("7–17岁", 7, 18),
    ("18–59岁", 18, 60),
    ("60岁以上", 60, None),
)


def _born(day: date, years: int) -> date:
    """The last birthday by which somebody is so old on that day."""
    year = day.year - years
    if (day.month, day.day) == (2, 29) and not _leaps(year):
        return date(max(year, 1), 2, 28)
    return day.replace(year=max(year, 1))


def _leaps(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def tell_enrolled(asked: Asked) -> Told:
    terms = asked.terms
    year = terms.year.of(asked.day)
    covers = covered(asked.area, year, asked.day)
    tiers = dict(terms.vocabulary["tier"])
    statuses = _premium_statuses(covers)
    counts = _counts(asked.day, tiers, statuses)
    narrowed = _narrowed(asked.day, tiers, statuses)
    led = partial(covered_list, asked.month, policy_year=year)
    rows: Any = covers.values(town=township_of("division__code")).annotate(**counts)
    found = {row["town"]: row for row in rows}
    eligible = population(area=asked.area, year=year, day=asked.day, earlier=asked.day).eligible
    towns = asked.townships()
    table = [
        [
            Cell(code, "code"),
            Cell(name),
            *_line(
                found.get(code, {}), narrowed, eligible.get(code, 0), partial(led, township=code)
            ),
        ]
        for code, name in towns.items()
    ]
    whole = {name: sum(row[name] for row in found.values()) for name in counts}
    names = dict(IdentityStatus.Code.choices)
    heads = [
        Head("代码", "code"), Head("乡镇"), Head("应参人数", "count"), Head("参保人数", "count"),
        Head("参保率", "ratio"), Head("男", "count"), Head("女", "count"),
        *(Head(title, "count") for title, _, _ in AGES),
        *(Head(names.get(one, one) or "一般居民", "count") for one in statuses),
        *(Head(name, "count") for name in tiers.values()),
    ]  # fmt: skip
    total = [Cell("", "code"), Cell("合计"), *_line(whole, narrowed, sum(eligible.values()), led)]
    checks = _adds_up(whole, tiers, statuses)
    return Told(
        (Grid("参合情况", heads, table, total, hidden=frozenset({0})),),
        f"{year} 年度，截至 {asked.day:%Y年%m月%d日}已缴费并开始享受待遇的人；"
        "年龄按月末周岁，属性按缴费时的身份，乡镇按参保时的村组",
        checks,
    )


def _premium_statuses(covers: EnrollmentQuerySet) -> list[str]:
    """Those that anybody paid by, ordinary people first."""
    found = covers.order_by("premium_status").values_list("premium_status", flat=True).distinct()
    return list(found)


def _counts(day: date, tiers: Mapping[str, str], statuses: Sequence[str]) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "people": Count("pk"),
        "male": Count("pk", filter=Q(person__sex="1")),
        "female": Count("pk", filter=Q(person__sex="2")),
    }
    for at, (_, least, below) in enumerate(AGES):
        age = Q(person__birth_date__lte=_born(day, least))
        if below is not None:
            age &= Q(person__birth_date__gt=_born(day, below))
        counts[f"age{at}"] = Count("pk", filter=age)
    for at, status in enumerate(statuses):
        counts[f"status{at}"] = Count("pk", filter=Q(premium_status=status))
    for at, tier in enumerate(tiers):
        counts[f"tier{at}"] = Count("pk", filter=Q(tier=tier))
    return counts


def _narrowed(
    day: date, tiers: Mapping[str, str], statuses: Sequence[str]
) -> dict[str, dict[str, str]]:
    """The fields of the list of covers that leave what a column counts."""
    found: dict[str, dict[str, str]] = {"people": {}, "male": {"sex": "1"}, "female": {"sex": "2"}}
    for at, (_, least, below) in enumerate(AGES):
        found[f"age{at}"] = {"born_by": _born(day, least).isoformat()}
        if below is not None:
            found[f"age{at}"]["born_after"] = _born(day, below).isoformat()
    found |= {f"status{at}": {"status": one or NONE} for at, one in enumerate(statuses)}
    return found | {f"tier{at}": {"tier": one} for at, one in enumerate(tiers)}


def _line(
    row: Mapping[str, int],
    narrowed: Mapping[str, dict[str, str]],
    eligible: int,
    led: Callable[..., str],
) -> list[Cell]:
    people = row.get("people", 0)
    first, *rest = [
        Cell(row.get(name, 0), "count", led(**asked)) for name, asked in narrowed.items()
    ]
    return [Cell(eligible, "count"), first, Cell(ratio(people, eligible), "ratio"), *rest]


def _adds_up(
    whole: Mapping[str, int], tiers: Mapping[str, str], statuses: Sequence[str]
) -> tuple[tuple[str, bool], ...]:
    def of(kind: str, number: int) -> int:
        return sum(whole[f"{kind}{at}"] for at in range(number))

    parts = {
        "年龄": of("age", len(AGES)),
        "属性": of("status", len(statuses)),
        "档次": of("tier", len(tiers)),
    }
    agrees = {name: number == whole["people"] for name, number in parts.items()}
    return tuple(
        (f"各{name}之和 = 参保人数：" + ("相等" if is_even else "不相等"), is_even)
        for name, is_even in agrees.items()
    )


def tell_funding(asked: Asked) -> Told:
    terms = asked.terms
    year = terms.year.of(asked.day)
    books = finance(area=asked.area, month=asked.month, policy_year=year)
    people = population(area=asked.area, year=year, day=asked.day, earlier=asked.day)
    owed = covered_list(asked.month, policy_year=year)
    rows = []
    for funder, due in people.due.items():
        received = books.received[funder]
        where = postings_up_to(asked.month, funder=funder, policy_year=year)
        rows.append([Cell(FUNDING_LEVELS[funder]), *_arrived(due, received, owed, where)])
    all_due, all_in = sum(people.due.values()), sum(books.received.values())
    where = postings_up_to(asked.month, funder="every", policy_year=year)
    heads = [
        Head("来源级次"),
        Head("应到位", "yuan"),
        Head("已到位", "yuan"),
        Head("未到位", "yuan"),
        Head("到位率", "ratio"),
        Head("占已到位", "ratio"),
    ]
    for row, funder in zip(rows, people.due, strict=True):
        row.append(Cell(ratio(books.received[funder], all_in), "ratio"))
    total = [
        Cell("合计"),
        *_arrived(all_due, all_in, owed, where),
        Cell(ratio(all_in, all_in), "ratio"),
    ]
    return Told(
        (Grid("筹资与到位", heads, rows, total),),
        f"归属 {year} 年度，自开始缴费至 {asked.day:%Y年%m月%d日}；应到位按已缴费人员的筹资标准",
    )


def _arrived(due: int, received: int, owed: str, where: str) -> list[Cell]:
    return [
        Cell(to_yuan(due), "yuan", owed),
        Cell(to_yuan(received), "yuan", where),
        Cell(to_yuan(due - received), "yuan"),
        Cell(ratio(received, due), "ratio"),
    ]


def tell_assistance(asked: Asked) -> Told:
    """What medical assistance did: at the counter, on application, and for premiums."""
    care, dates = care_of(asked), spans(asked.month)
    year = asked.terms.year.of(asked.day)
    aided = covered(asked.area, year, asked.day).filter(other_amount__gt=0)
    sponsored = aided.aggregate(people=Count("pk"), amount=Sum("other_amount", default=ZERO))
    paid = AidApplication.objects.filter(
        division__code__startswith=asked.area.code,
        status=AidApplication.Status.PAID,
        policy_year=year,
        applied_on__lte=asked.day,
    ).aggregate(number=Count("pk"), amount=Sum("amount", default=ZERO))
    done = care.of("year")
    where = claims(dates["year"], only="assistance")
    sponsors = covered_list(asked.month, policy_year=year, aided="on")
    lines = (
        ("资助参保（人）", sponsored["people"], sponsored["amount"], sponsors),
        ("一站式救助（人次）", done.assisted, to_yuan(done.assistance), where),
        ("依申请救助（件，已支付）", paid["number"], paid["amount"], reverse("claims:aids")),
    )
    rows = [
        [
            Cell(title),
            Cell(number, "count", link),
            Cell(amount, "yuan", link),
            Cell(_each(amount, number), "yuan"),
        ]
        for title, number, amount, link in lines
    ]
    amount = sum((Decimal(line[2]) for line in lines), ZERO)
    total = [Cell("合计"), Cell(""), Cell(amount, "yuan"), Cell("")]
    heads = [
        Head("项目"),
        Head("人（次、件）", "count"),
        Head("金额", "yuan"),
        Head("次均", "yuan"),
    ]
    return Told(
        (Grid("医疗救助情况", heads, rows, total, widths={0: 30}),),
        f"{year} 年度累计至 {asked.day:%Y年%m月%d日}；一站式按结算日期，依申请按受理日期，"
        "资助参保按参保人员的其他补助",
    )


def _each(amount: Decimal, number: int) -> Decimal | None:
    each = quotient(to_fen(amount), number)
    return None if each is None else to_yuan(each)

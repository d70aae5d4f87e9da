"""Searches at the window among a county's people: p50 and p95 in ms, and the statements of each.

    DATABASE_URL=postgres://…/own_database python bench/search.py --people 1000000

Needs the environment of the portal (docs/operations.md) and a database of its own. An empty one
is filled first: divisions, households, people, last year's cover and receipts by COPY. Then every
kind of search is sent to the page that clerks use, by a clerk of one township and by an officer
of the county; times are of the whole answer, from the request to the last byte of the page. Then
come the door, a household and its payment page, last the progress board of the county, a township
and a village. Figures go to standard output.
"""

import argparse
import io
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.db.models import F  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.errors import Refusal  # noqa: E402
from accounts.fields import blind_index, sealer  # noqa: E402
from accounts.models import Division, User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from enrollment.cover.campaigns import open_campaign  # noqa: E402
from enrollment.cover.enrolling import enroll_household  # noqa: E402
from enrollment.models import Campaign, Enrollment, Household, Person, Receipt, ReceiptBook  # noqa: E402
from enrollment.people.models import PERSON_NUMBER  # noqa: E402
from lib.resident_id import check_character  # noqa: E402
from lib.spelling import spell  # noqa: E402
from policies.models import Pack  # noqa: E402
from policies.services import adopt_pack, propose_pack  # noqa: E402

DAY = date(2025, 10, 15)
FIRST_DAY = date(2010, 1, 1)
TIER = "tier1"
PASSWORD = "bench-of-one-window-1"
TOWNSHIPS, VILLAGES, GROUPS = 24, 15, 8
# The commonest surnames and how many of a thousand bear them, about as in the whole country.
SURNAMES = {
    "王": 76, "李": 72, "张": 68, "刘": 54, "陈": 46, "杨": 31, "黄": 22, "赵": 23, "周": 21,
    "吴": 20, "徐": 14, "孙": 15, "马": 13, "朱": 13, "胡": 12, "郭": 12, "何": 11, "林": 10,
    "罗": 10, "高": 10, "梁": 8, "谢": 7, "唐": 7, "邓": 6, "冯": 6, "韩": 6, "曹": 6, "曾": 5,
    "彭": 5, "萧": 5, "蔡": 5, "潘": 5, "田": 5, "董": 5, "袁": 5, "于": 5, "余": 4, "叶": 4,
    "蒋": 4, "杜": 4, "苏": 4, "魏": 4, "程": 4, "吕": 4, "丁": 4, "沈": 4, "任": 4, "姚": 4,
}  # fmt: skip
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国长生庆云海燕春梅文志新红小晓东"
    "林波辉鹏飞慧玲萍莉凤琴珍宏亮金龙德福贵成才学友安康乐山石川江河"
)


def copy(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into the model's table. Columns not named get the field's default."""
    rest = [f for f in model._meta.concrete_fields if f.attname not in names]
    constant = [_constant(field) for field in rest]
    columns = ", ".join([*names, *(field.attname for field in rest)])
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(_text(value) for value in [*row, *constant]))
        buffer.write("\n")
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {model._meta.db_table} ({columns}) FROM STDIN", buffer)


def _constant(field: Any) -> Any:
    if getattr(field, "auto_now_add", False):
        return timezone.now() if isinstance(field, models.DateTimeField) else DAY
    value = field.get_default()
    return "" if value is None and not field.null else value


def _text(value: Any) -> str:
    return r"\N" if value is None else str(value)


def households(division: Division, first_id: int, count: int) -> Iterator[tuple[Any, ...]]:
    code = division.code
    prefix = code[:6] + code[7:9] + code[10:12] + code[12:14]
    for serial in range(1, count + 1):
        yield first_id + serial - 1, f"{prefix}{serial:04d}", division.pk, f"{serial} 号"


def members(ids: Sequence[int], first_id: int, rng: random.Random) -> Iterator[tuple[Any, ...]]:
    """One to five people in each household; some are dead."""
    surnames, weights = list(SURNAMES), list(SURNAMES.values())
    pk = first_id
    seal, context = sealer().seal, PERSON_NUMBER
    for household in ids:
        size = rng.choice((1, 2, 3, 3, 4, 4, 5))
        family = rng.choices(surnames, weights)[0]
        for place in range(size):
            surname = rng.choices(surnames, weights)[0] if place == 1 else family
            name = surname + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2, 2))))
            sounds = spell(name)
            born = date(1940, 1, 1) + timedelta(days=rng.randrange(30_000))
            male = rng.random() < 0.5
            body = f"{500000 + pk // 900:06d}{born:%Y%m%d}{pk % 900:03d}"
            number = body + check_character(body)
            dead = date(2024, 5, 1) if rng.random() < 0.005 else None
            yield (
                pk, household, place + 1, "0" if place == 0 else "8", name, sounds.pinyin,
                sounds.initials, "1" if male else "2", born, seal(number, context),
                blind_index("resident_id", number), dead,
            )  # fmt: skip
            pk += 1


PERSON = (
    "id", "household_id", "member_number", "relationship", "name", "pinyin", "initials", "sex",
    "birth_date", "resident_id", "resident_id_index", "death_date",
)  # fmt: skip


def set_up() -> list[Division]:
    """County with townships, villages and groups, its people and measures. Gives the groups."""
    county = Division.objects.create(
        code="500225", name="大足县", level="county", first_day=FIRST_DAY
    )
    below = [county]
    for level, count, digits in (("township", TOWNSHIPS, 3), ("village", VILLAGES, 3),
                                 ("group", GROUPS, 2)):  # fmt: skip
        first = {"township": 100, "village": 201, "group": 1}[level]
        name = {"township": "{}号镇", "village": "第{}村", "group": "{}组"}[level]
        below = Division.objects.bulk_create(
            Division(
                code=f"{above.code}{first + i:0{digits}d}", name=name.format(i + 1), level=level,
                parent=above, first_day=FIRST_DAY,
            )
            for above in below
            for i in range(count)
        )  # fmt: skip
    officers = {
        role: User.objects.create(username=role.value, name=role.value, role=role, division=county)
        for role in (Role.SUPERVISOR, Role.APPROVER, Role.ACCOUNTANT)
    }
    source = (ROOT / "policies" / "packs" / "dazu.yaml").read_text(encoding="utf-8")
    pack = propose_pack(actor=officers[Role.SUPERVISOR], area=county, source=source)
    adopt_pack(actor=officers[Role.APPROVER], pack=pack, approval="府发〔2026〕1号")
    open_campaign(actor=officers[Role.ACCOUNTANT], area=county, year=2026)
    town = Division.objects.get(code="500225100")
    User.objects.create(username="clerk", name="经办", role=Role.TOWNSHIP_CLERK, division=town)
    village = Division.objects.get(code="500225100201")
    User.objects.create(username="cadre", name="干部", role=Role.VILLAGE_CADRE, division=village)
    return below


def fill(people: int) -> None:
    """Divisions, households, people, statuses, and half of them enrolled for the year."""
    groups = set_up()
    rng = random.Random(20251015)
    each = max(round(people / 3.14 / len(groups)), 1)
    household, person = 1, 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'enrollment_person'"
            " AND indexname IN ('person_name_trigrams', 'person_initials', 'person_pinyin')"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    for start in range(0, len(groups), 100):
        here, ids = [], []
        for group in groups[start : start + 100]:
            here += households(group, household, each)
            ids += range(household, household + each)
            household += each
        copy(Household, ("id", "number", "division_id", "address"), here)
        rows = list(members(ids, person, rng))
        person += len(rows)
        copy(Person, PERSON, rows)
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
    _enrol_half()
    _give_statuses()
    with connection.cursor() as cursor:
        for model in (Household, Person, Receipt):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (SELECT max(id) FROM {table}))"
            )
        cursor.execute("VACUUM ANALYZE")


def _enrol_half() -> None:
    """Every second household has paid 120 yuan for each living member."""
    clerk = User.objects.get(username="clerk")
    campaign, pack = Campaign.objects.get(), Pack.objects.get()
    total = Household.objects.count()
    book = ReceiptBook.objects.create(
        township_id=clerk.division_id, clerk=clerk, year=2026, code="BENCH", first_number=1,
        last_number=total, next_number=total + 1,
    )  # fmt: skip
    paid = Person.objects.living().alias(odd=F("household_id") % 2).filter(odd=0)
    heads = Person.objects.filter(relationship="0")
    counts: dict[int, int] = {}
    for household in paid.values_list("household_id", flat=True):
        counts[household] = counts.get(household, 0) + 1
    places = dict(Household.objects.values_list("pk", "division_id"))
    names = dict(heads.values_list("household_id", "name"))
    copy(
        Receipt,
        ("id", "book_id", "number", "household_id", "division_id", "campaign_id", "channel",
         "amount", "payer_name", "issued_by_id", "issued_on"),
        (
            (pk, book.pk, pk, pk, places[pk], campaign.pk, "cash", 120 * count,
             names.get(pk, "户主"), clerk.pk, DAY)
            for pk, count in counts.items()
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO enrollment_enrollment (
                person_id, household_id, division_id, campaign_id, year, pack_id, tier, status,
                premium_status, premium_amount, personal_amount, central_amount,
                provincial_amount, city_amount, county_amount, other_amount, credit_amount,
                account_amount, consecutive_years, cover_first_day, cover_last_day, receipt_id,
                entered_by_id, entered_at)
            SELECT p.id, h.id, h.division_id, %s, 2026, %s, 'tier2', 'active', '', 200, 120, 40,
                0, 30, 10, 0, 0, 40, 1, '2026-01-01', '2026-12-31', h.id, %s, now()
            FROM enrollment_person p JOIN enrollment_household h ON h.id = p.household_id
            WHERE h.id %% 2 = 0 AND p.death_date IS NULL
            """,
            [campaign.pk, pack.pk, clerk.pk],
        )


def _give_statuses() -> None:
    """One of thirty is on 低保, one of a hundred on 五保, so that special groups are counted."""
    with connection.cursor() as cursor:
        for code, share in (("dibao", 30), ("wubao", 100)):
            cursor.execute(
                "INSERT INTO enrollment_identitystatus (person_id, code, first_day, source, batch)"
                " SELECT id, %s, '2024-01-01', '县民政局', '' FROM enrollment_person"
                " WHERE id %% %s = 0",
                [code, share],
            )


def searches(rng: random.Random, user: User, tries: int) -> dict[str, list[str]]:
    """Kind of search → texts of people in the user's scope; common names on purpose."""
    scope = Person.objects.visible_to(user).select_related("household")
    ids = list(scope.order_by().values_list("pk", flat=True))
    people = list(scope.filter(pk__in=rng.sample(ids, tries)))
    surnames = list(SURNAMES)[:10]
    return {
        "resident id": [one.resident_id for one in people],
        "household number": [one.household.number for one in people],
        "certificate number": [one.certificate_number for one in people],
        "whole name": [one.name for one in people],
        "surname (王…)": [surnames[i % len(surnames)] for i in range(tries)],
        "two characters": [one.name[:2] for one in people],
        "two from the end": [one.name[-2:] for one in people],
        "initials (wxm)": [one.initials for one in people],
        "two initials (wx)": [one.initials[:2] for one in people],
        "one letter (w)": [one.initials[:1] for one in people],
        "pinyin": [one.pinyin for one in people],
        "not there": [f"{one.name}龘"[-4:] for one in people],
    }


def measure(client: Client, texts: Sequence[str]) -> tuple[float, float, float, set[int], int]:
    """p50, p95 and worst in ms, numbers of statements, and pages that found nobody."""
    spent, statements, empty = [], set(), 0
    for text in texts:
        started = time.perf_counter()
        response = client.post("/enrollment/", {"text": text}, follow=True)
        page = response.content
        spent.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"status {response.status_code}")
        empty += "没有找到相符的家庭".encode() in page
    for text in texts[:: max(len(texts) // 5, 1)]:
        with CaptureQueriesContext(connection) as queries:
            client.post("/enrollment/", {"text": text}, follow=True)
        statements.add(len(queries))
    spent.sort()
    at = lambda share: spent[min(int(len(spent) * share), len(spent) - 1)]  # noqa: E731
    return at(0.5), at(0.95), spent[-1], statements, empty


def report(tries: int) -> None:
    rng = random.Random(7)
    print(f"{'search':<20} {'scope':<9} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8} {'SQL':>5} none")
    for username, scope in (("clerk", "township"), ("supervisor", "county")):
        user = User.objects.get(username=username)
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        client.post("/enrollment/", {"text": "王"})  # templates and connections are warm
        for kind, texts in searches(rng, user, tries).items():
            p50, p95, worst, statements, empty = measure(client, texts)
            count = "/".join(map(str, sorted(statements)))
            print(
                f"{kind:<20} {scope:<9} {p50:8.1f} {p95:8.1f} {worst:8.1f} {count:>5} {empty:>4}",
                flush=True,
            )


def boards(tries: int) -> None:
    """The progress board, from the county down to a village."""
    for username in ("supervisor", "clerk", "cadre"):
        client = Client(HTTP_HOST="localhost")
        client.force_login(User.objects.get(username=username))
        spent = []
        for _ in range(tries):
            started = time.perf_counter()
            client.get("/enrollment/progress")
            spent.append((time.perf_counter() - started) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get("/enrollment/progress")
        spent.sort()
        print(
            f"progress board of the {username:<11} p50 {spent[len(spent) // 2]:8.1f} ms,"
            f" worst {spent[-1]:8.1f} ms, {len(queries)} statements"
        )


def _awaits_payment(clerk: User, pk: int) -> bool:
    """Enrol the household for the year to come; False where that is refused, as for the dead."""
    household = Household.objects.get(pk=pk)
    members = list(household.members.filter(death_date=None))
    with suppress(Refusal):
        enroll_household(actor=clerk, household=household, members=members, tier=TIER, on=DAY)
    return Enrollment.objects.filter(household=household, year=DAY.year + 1).exists()


def window(tries: int) -> None:
    """What a clerk opens at the window: the door, a household, and the page of its payment."""
    clerk = User.objects.get(username="clerk")
    clerk.set_password(PASSWORD)
    clerk.save(update_fields=["password"])
    client = Client(HTTP_HOST="localhost")
    client.force_login(clerk)
    rows = Household.objects.visible_to(clerk).order_by().values_list("pk", flat=True)
    some = random.Random(11).sample(list(rows), tries)
    due = [pk for pk in some if _awaits_payment(clerk, pk)]
    signed = {"username": "clerk", "password": PASSWORD}
    print(f"payment is waited for in {len(due)} of {tries} households")
    asked: dict[str, Callable[[int], HttpResponse]] = {
        "the door": lambda _: Client(HTTP_HOST="localhost").get("/sign-in"),
        "signing in": lambda _: Client(HTTP_HOST="localhost").post("/sign-in", signed),
        "first page": lambda _: client.get("/"),
        "a household": lambda pk: client.get(f"/enrollment/households/{pk}"),
        "renewing it": lambda pk: client.get(f"/enrollment/households/{pk}/renew"),
        "its payment": lambda pk: client.get(f"/enrollment/households/{pk}/payment"),
    }
    for name, ask in asked.items():
        ask(some[0])
        spent, statuses = [], set()
        for pk in some:
            started = time.perf_counter()
            statuses.add(ask(pk).status_code)
            spent.append((time.perf_counter() - started) * 1000)
        with CaptureQueriesContext(connection) as queries:
            ask(some[0])
        spent.sort()
        print(
            f"{name:<14} p50 {spent[tries // 2]:6.1f} ms, p95 {spent[tries * 95 // 100]:6.1f} ms,"
            f" worst {spent[-1]:6.1f} ms, {len(queries)} statements, {statuses}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--tries", type=int, default=40, help="searches of each kind")
    options = parser.parse_args()
    settings.TODAY = DAY
    call_command("migrate", verbosity=0)
    if not Person.objects.exists():
        started = time.perf_counter()
        fill(options.people)
        print(f"filled in {time.perf_counter() - started:.0f} s")
    print(f"{Person.objects.count()} people in {Household.objects.count()} households")
    report(options.tries)
    window(options.tries)
    boards(7)


if __name__ == "__main__":
    main()

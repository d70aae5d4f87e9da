"""Check that the books are whole: in the database, or in an exported file."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.granting import role_problems
from desk.models import RowSeal
from desk.papers import altered_papers
from desk.rooms import answers
from desk.row_seals import head, row_problems
from funds.events import EVENTS
from funds.guards import guard_problems
from funds.models import Book, Seal, Voucher
from funds.payments.checking import payment_problems
from funds.records import book_records, one_view
from funds.verify import (
    FIRST_LINK,
    Outcome,
    Record,
    changes_since,
    head_missing,
    read_export,
    verify,
)

Reading = Callable[[], Iterable[Record]]


class Command(BaseCommand):
    help = (
        "核验账目：借贷平衡、编号连续、封存链完整、数据库守护在位、留存单据未改，"
        "不再变动的行与封存时相同，"
        "支付批次、结算单与凭证逐笔相符。"
        "有问题时列出，退出码为 1。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", help="只核验这个统筹区（6 位区划代码）")
        parser.add_argument("--file", type=Path, help="核验导出的全账文件，不看数据库")
        parser.add_argument("--earlier", type=Path, help="再与先前的导出文件比较")
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            help="先前记下的封存链或行封存链末端指纹，须仍在链中（可写多次）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file, earlier = options["file"], options["earlier"]
        for path in (file, earlier):
            if path is not None and not path.is_file():
                raise CommandError(f"找不到文件 {path}")
        if file is not None:
            faults = self._check(partial(read_export, file), earlier)
            for one in options["head"]:
                found = head_missing(one.lower(), read_export(file))
                faults += len(found)
                self._say(found)
        else:
            books = Book.objects.select_related("area")
            if options["area"]:
                books = books.filter(area__code=options["area"])
            if not books:
                raise CommandError("没有可核验的账套，请检查区划代码或先建账")
            compared = _book_named(earlier) if earlier else ""
            if earlier and compared not in {book.code for book in books}:
                raise CommandError(f"先前的导出是账套 {compared or '（无）'}，不在要核验的账套里")
            faults = 0
            with one_view():
                for book in books:
                    same = book.code == compared
                    faults += self._check(partial(book_records, book), earlier if same else None)
            areas = {book.area_id: book.area for book in books}.values()
            faults += self._say(
                chain(
                    guard_problems(),
                    unknown_events(),
                    altered_papers(),
                    row_problems(),
                    heads_missing(options["head"]),
                    *(payment_problems(area) for area in areas),
                    room_problems(books),
                )
            )
            self.stdout.write(f"行封存链末端指纹 {head()}")
            for problem in role_problems():  # no fault of the books
                self.stdout.write(f"提醒：{problem}（见 docs/operations.md“两个数据库角色”）")
        if faults:
            raise SystemExit(1)

    def _say(self, problems: Iterable[object]) -> int:
        """Each on a line; how many there are."""
        number = 0
        for number, problem in enumerate(problems, start=1):  # noqa: B007 - counted at the end
            self.stdout.write(str(problem))
        return number

    def _check(self, reading: Reading, earlier: Path | None) -> int:
        outcome: Outcome = verify(reading())
        if earlier is not None:
            outcome.findings += changes_since(read_export(earlier), reading())
        for line in outcome.lines():
            self.stdout.write(line)
        return len(outcome.findings)


def heads_missing(heads: Iterable[str]) -> Iterator[str]:
    """Ends of a chain that were noted earlier and are in none any more."""
    for one in (given.strip().lower() for given in heads):
        seals, links = Seal.objects.filter(digest=one), RowSeal.objects.filter(digest=one)
        if one != FIRST_LINK and not seals.exists() and not links.exists():
            yield f"先前记下的末端 {one} 不在封存链中，链被重算或截断过"


def room_problems(books: Iterable[Book]) -> Iterator[str]:
    """What rooms above booked and their own rows say otherwise (`book_problems(area)` of
    `settings.ROOMS_OF_BOOKS`)."""
    for area in {book.area_id: book.area for book in books}.values():
        for found in answers("ROOMS_OF_BOOKS", "book_problems", area):
            yield from found


def unknown_events() -> list[str]:
    """Vouchers of an event that the list does not know: the database keeps no list of its own."""
    strange = Voucher.objects.exclude(event__in=EVENTS).select_related("period", "book__area")
    return [
        f"凭证 {one.label}：事项“{one.event}”不在事项表中" for one in strange.order_by("pk")[:20]
    ]


def _book_named(path: Path) -> str:
    for record in read_export(path):
        if record.get("kind") == "book":
            return str(record.get("book"))
    return ""

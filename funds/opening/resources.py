"""Opening balances in the table that the old books are copied into."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division
from desk.master_cells import SHOWN, Cell, Choice, Known, MasterWidget, Whole, Words, Yuan, coded
from desk.masterdata import MasterResource, Plan, Verdict
from funds.balances import book_of
from funds.events import FUNDING_LEVELS
from funds.models import ZERO, Book
from funds.opening.models import Opening, OpeningLine
from funds.opening.rules import NAMES, Rules
from funds.opening.services import obstacle, propose_opening
from funds.papers import tier_names
from lib import typed_text
from lib.tables.writing import Sheet

CODE, NAME = "科目编号", "科目名称"


class AccountCell(MasterWidget):
    """An account by the number that the book's chart prints, and by its name in the column
    beside."""

    kind = "code"
    rules: Rules

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        name = row.get(NAME, "")
        if not value and not name:
            raise ValueError("没有填写，请补上")
        return self.rules.account_named(value, name)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return self.rules.code_of(value) if value in self.rules.accounts else value


class Balance(Yuan):
    """Yuan on one side; an empty cell is nothing."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal:
        fen = typed_text.amount(value) if value else 0
        if fen is not None and fen < 0:
            raise ValueError(f"“{value[:SHOWN]}”是负数；余额在另一方的，填在另一栏")
        return super().clean(value, row, **kwargs) or ZERO

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value or None


class Town(Known):
    """A township by its code or its name; an empty cell is none."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        return super().clean(value, row, **kwargs) if value else None


class Tier(MasterWidget):
    """A tier by its name or code in the measures in force."""

    def __init__(self) -> None:
        self.names: Mapping[str, str] = {}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        if value and not self.names:
            raise ValueError("还没有采用办法，不知道有哪些档次；请先采用办法，或不分档")
        return Choice(self.names.items()).clean(value, row) if value else ""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.names.get(value, value or "")


class OpeningResource(MasterResource):
    kind = "funds.opening"
    noun = "期初余额表"
    permission = "funds.propose_opening"
    rest = "一份表就是全部余额，更正时也要写全"
    hint = (
        "没有金额的行不读；借方、贷方合计须相等。确认后成为一份待审批的期初余额，"
        "由另一人同意后记账。"
    )

    account = Cell("account", CODE, AccountCell())
    account_name = Cell("account_name", NAME, Words(80), readonly=True)
    debit = Cell("debit", "借方余额", Balance(), in_header=True)
    credit = Cell("credit", "贷方余额", Balance(), in_header=True)
    tier = Cell("tier", NAMES["tier"], Tier())
    township = Cell("township", NAMES["township"], Town(NAMES["township"], by="name"))
    institution_code = Cell("institution_code", NAMES["institution_code"], coded(12))
    funding_level = Cell("funding_level", NAMES["funding_level"], Choice(FUNDING_LEVELS.items()))
    policy_year = Cell("policy_year", NAMES["policy_year"], Whole(2000, 2100))

    class Meta:
        model = OpeningLine
        import_id_fields = (
            "account", "tier", "township", "institution_code", "funding_level", "policy_year",
        )  # fmt: skip

    def prepare(self) -> None:
        area = Division.objects.get(code=self.actor.county_code)
        asked = self.options.get("fund_type")
        self.book = book_of(area, asked) if asked else _waiting(area)
        self.rules = Rules(self.book)
        self.before = Opening.objects.of_book(self.book).in_force().first()
        if found := obstacle(self.book, self.before):
            raise Refusal(found)
        self.fields["account"].widget.rules = self.rules
        self.fields["tier"].widget.names = tier_names(self.book)
        towns = self.rules.townships.values()
        self.fields["township"].widget.rows = {
            key: one for one in towns for key in (one.code, one.name)
        }

    def refuse_columns(self, columns: frozenset[str]) -> None:
        if not columns & {"account", "account_name"}:
            raise Refusal(f"表头缺少“{CODE}”或“{NAME}”列，请补上；{self.layout.advice}", "file")

    def rows(self) -> Any:
        """Nothing is compared: a table stands for itself, and takes no place of rows."""
        return OpeningLine.objects.none()

    def to_export(self) -> list[OpeningLine]:
        """Those in force, to be corrected; else every account that may have a balance."""
        if self.before is not None:
            rows = list(self.before.lines.select_related("township"))
        else:
            rows = [OpeningLine(account=one.code) for one in self.rules.opened]
        for row in rows:
            row.account_name = self.rules.name_of(row.account)
        return rows

    def template(self) -> Sheet:
        """Every account of the book, so that nobody looks for its number."""
        return self.exported()

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        if not (instance.debit or instance.credit):
            return
        instance.account_name = self.rules.name_of(instance.account)

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        """Rows of the template that were left without an amount, and are right otherwise."""
        self._was = None
        return not (import_validation_errors or instance.debit or instance.credit)

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        return self.rules.faults(row)

    def plan(self, content: bytes) -> Plan:
        found = super().plan(content)
        if not found.is_refused and (wrong := self.rules.together(_filled(found))):
            raise Refusal(wrong, "file")
        return found

    def write(self, plan: Plan) -> None:
        propose_opening(
            actor=self.actor,
            book=self.book,
            lines=_filled(plan),
            evidence=self.options["evidence"],
            reason=self.options["reason"],
            on=self.on,
            corrects=self.options.get("corrects") == "True",
        )


def _waiting(area: Division) -> Book:
    """Before anybody has said which: the first book that still lacks its balances, else one that
    can take them, so that one whose business has begun closes the page to no other."""
    books = Book.objects.filter(area=area).select_related("area").order_by("pk")
    before = {book.pk: Opening.objects.of_book(book).in_force().first() for book in books}
    free = [book for book in books if not obstacle(book, before[book.pk])]
    lacking = [book for book in free if before[book.pk] is None]
    return next(iter([*lacking, *free]), None) or book_of(area)


def _filled(plan: Plan) -> list[OpeningLine]:
    return [line.row for line in plan.lines if line.verdict == Verdict.NEW]

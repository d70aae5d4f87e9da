"""Receipt books issued by the accountant's table, each by the service of the window."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from accounts.roles import Role
from desk.master_cells import Cell, Known, Whole, Words
from desk.masterdata import MasterResource, Plan, of_line
from enrollment.collection.books import BOOK_CODE, BOOK_CODE_RULE, MAX_NUMBER, issue_book
from enrollment.collection.models import ReceiptBook
from enrollment.collection.models.receipts import ReceiptBookQuerySet
from lib.tables.reading import Row
from lib.typed_text import FULL_WIDTH_LATIN


def _code(text: str) -> str:
    code = text.translate(FULL_WIDTH_LATIN)
    if not BOOK_CODE.fullmatch(code):
        raise ValueError(BOOK_CODE_RULE)
    return code


class ReceiptBookResource(MasterResource):
    kind = "enrollment.receipt_books"
    noun = "票据本"
    permission = "enrollment.prepare"
    hint = "只发放新本；已发放的本子不在这里改，转交、交回、挂失在“票据本”里办理。"

    code = Cell("code", "票据本号", Words(20, kind="code", fold=_code), required=True)
    year = Cell("year", "参保年度", Whole(2000, 2100), required=True)
    clerk = Cell("clerk", "领用人用户名", Known("乡镇经办", by="username"), required=True)
    name = Cell("clerk__name", "领用人", Words(40), readonly=True)
    first_number = Cell("first_number", "起号", Whole(1, MAX_NUMBER), required=True)
    last_number = Cell("last_number", "止号", Whole(1, MAX_NUMBER), required=True)

    # The book came with the county: its first numbers were written on before.
    carried_through = Cell("carried_through", "原系统已用至", Whole(1, MAX_NUMBER))

    class Meta:
        model = ReceiptBook
        import_id_fields = ("code",)

    def prepare(self) -> None:
        """Clerks of the area, also those who had a book and are gone: their books stay in the
        table."""
        here = User.objects.filter(division__code__startswith=self.actor.county_code)
        clerks = here.filter(role=Role.TOWNSHIP_CLERK) | here.filter(receiptbook__isnull=False)
        found = clerks.select_related("division").distinct()
        self.fields["clerk"].widget.rows = {clerk.username: clerk for clerk in found}

    def rows(self) -> ReceiptBookQuerySet:
        rows = ReceiptBook.objects.visible_to(self.actor).select_related("clerk", "township")
        return rows.order_by("-year", "code")

    def look(self, rows: Sequence[Row]) -> None:
        """A number may be taken elsewhere, which the actor does not see."""
        codes = {row.cells["code"] for row in rows}
        self.taken = set(ReceiptBook.objects.filter(code__in=codes).values_list("code", flat=True))

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if was is not None:
            told = "已经发放，不能用表修改；转交、交回、挂失请在“票据本”里办理"
            return {"code": f"票据本 {row.code} {told}"}
        if row.code in self.taken:
            return {"code": "这个票据本号已发放过，请核对"}
        if not row.clerk.is_active or row.clerk.role != Role.TOWNSHIP_CLERK:
            return {"clerk": f"{row.clerk.name}已不在岗，票据本只能发给在岗的乡镇经办"}
        if row.last_number < row.first_number:
            return {"last_number": f"止号不能小于起号 {row.first_number}"}
        used = row.carried_through
        if used is not None and not row.first_number <= used <= row.last_number:
            told = f"应在 {row.first_number} 至 {row.last_number} 之间，没有用过的留空"
            return {"carried_through": told}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            book = line.row
            with of_line(line):
                issue_book(
                    actor=self.actor,
                    clerk=book.clerk,
                    year=book.year,
                    code=book.code,
                    first_number=book.first_number,
                    last_number=book.last_number,
                    carried_through=book.carried_through,
                )

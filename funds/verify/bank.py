"""The banks' statements beside the vouchers: lines, what of them is which voucher's money, and the
reconciliation tables (余额调节表) of closed months, worked out anew."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from funds.verify.figures import OPENING
from funds.verify.records import FIRST_LINK, Record, fen_of, line_digest, yuan_told

# What the group of a line begins with → how it is told.
GROUPED = {"": "未核对", "match": "已勾对", "voucher": "已核销", "offset": "退回冲抵"}
# Whose statements collecting explains: of the residents' fund alone.
COLLECTION, RESIDENT = "1002", "/resident"
FROM_LINE = "bank-line:"  # how the key of a voucher begins that was booked from a line
SIDES = ("bank_in", "bank_out", "book_in", "book_out")
Item = tuple[str, str, int]  # day, number, fen; out of the account negative


class Banks:
    """Of each account by its role: lines in their order, vouchers that moved it, and tables."""

    def __init__(self, wrong: Callable[[str, str], None]) -> None:
        self.wrong = wrong
        self.lines: dict[str, list[Record]] = defaultdict(list)
        self.heads: dict[str, str] = {}
        self.broken: set[str] = set()
        self.matches: dict[tuple[str, str], Record] = {}
        self.tables: dict[str, dict[str, Record]] = defaultdict(dict)
        self.vouchers: dict[str, dict[str, Item]] = defaultdict(dict)
        self.openings: set[str] = set()
        self.red: dict[str, str] = {}
        self.from_line: set[str] = set()
        self.is_residents = False
        self.opened: dict[str, Record] = {}

    def take_voucher(self, record: Record) -> None:
        moved: Counter[str] = Counter()
        for posting in record["postings"]:
            if posting["account"][:3] == "100":
                moved[posting["account"]] += fen_of(posting["debit"]) - fen_of(posting["credit"])
        label = record["label"]
        for account, fen in moved.items():
            self.vouchers[account][label] = record["occurred_on"], label, fen
        if record["key"].startswith(FROM_LINE):
            self.from_line.add(label)
        self.is_residents = record["book"].endswith(RESIDENT)
        if record["event"] == OPENING:
            self.openings.add(label)
        if original := record["reversal_of"]:
            self.red |= {label: original, original: label}

    def take_line(self, record: Record) -> None:
        """Each line against its link; the first that differs of an account is the bad one, or the
        one behind which a line is missing."""
        account = record["account"]
        link = line_digest(self.heads.get(account, FIRST_LINK), record)
        if record["digest"] != link and account not in self.broken:
            self.broken.add(account)
            self.wrong(
                line_named(record), "与逐行指纹不符：这一行被改动过，或它前面的行被增删、改动过"
            )
        self.heads[account] = record["digest"]
        self.lines[account].append(record)

    def take_match(self, record: Record) -> None:
        self.matches[record["account"], record["group"]] = record

    def take_opening(self, record: Record) -> None:
        """What bank and books had apart when the book began."""
        self.opened[record["account"]] = record

    def take_table(self, record: Record) -> None:
        self.tables[record["account"]][record["month"]] = record

    def finish(self, closed: Iterable[str]) -> None:
        months = set(closed)
        for account in sorted({*self.lines, *self.tables, *self.opened}):
            self._opening(account)
            self._serials(account)
            self._groups(account)
            self._once(account)
            before = self._before_all(account)
            for month, table in sorted(self.tables[account].items()):
                if month in months:
                    self._table(account, table, before)
                before = table
        if self.is_residents and self.lines[COLLECTION]:
            self._without_line(months)
        for account, group in sorted(self.matches.keys() - self._known_groups()):
            self.wrong(f"银行流水 {account}", f"{group} 没有流水，也没有留下说明")

    def _known_groups(self) -> set[tuple[str, str]]:
        """Matches of vouchers alone have no line: a voucher and what takes it back."""
        of_lines = {(account, one["group"]) for account, rows in self.lines.items() for one in rows}
        return of_lines | {key for key, one in self.matches.items() if fen_of(one["amount"]) == 0}

    def _serials(self, account: str) -> None:
        seen = set()
        for one in self.lines[account]:
            key = one["day"], one["serial"]
            if key in seen:
                self.wrong(line_named(one), "同一天的流水号重复")
            seen.add(key)

    def _groups(self, account: str) -> None:
        """Lines of a match sum to its vouchers; lines that took each other back sum to nothing."""
        groups: dict[str, list[Record]] = defaultdict(list)
        for one in self.lines[account]:
            groups[one["group"]].append(one)
        for group, lines in groups.items():
            at_bank = sum(fen_of(one["amount"]) for one in lines)
            if group.startswith("offset:") and at_bank:
                self.wrong(line_named(lines[0]), f"冲抵的流水合计 {yuan_told(at_bank)}，不为零")
            if group.startswith("voucher:"):
                self._booked(account, group.removeprefix("voucher:"), lines, at_bank)
            if not group.startswith("match:"):
                continue
            match = self.matches.get((account, group))
            labels = list(match["vouchers"]) if match else []
            in_books = sum(self.vouchers[account].get(label, ("", "", 0))[2] for label in labels)
            if match is None or at_bank != in_books or at_bank != fen_of(match["amount"]):
                self.wrong(
                    line_named(lines[0]),
                    f"勾对的流水合计 {yuan_told(at_bank)}，"
                    f"凭证 {'、'.join(labels) or '（不见了）'} 合计 {yuan_told(in_books)}",
                )

    def _booked(self, account: str, label: str, lines: list[Record], at_bank: int) -> None:
        """What lines of the collection account settle is booked in one voucher of the same sum."""
        _, _, fen = self.vouchers[account].get(label, ("", "", None))
        if fen != at_bank:
            told = "不见了" if fen is None else f"记的是 {yuan_told(fen)}"
            self.wrong(
                line_named(lines[0]), f"核销的流水合计 {yuan_told(at_bank)}，凭证 {label} {told}"
            )

    def _once(self, account: str) -> None:
        """No voucher is the money of two matches, or of a match and of lines beside it."""
        groups: dict[str, set[str]] = defaultdict(set)
        for one in self.lines[account]:
            if one["group"].startswith("voucher:"):
                groups[one["group"].removeprefix("voucher:")].add(one["group"])
        for (of, group), match in self.matches.items():
            for label in match["vouchers"] if of == account else ():
                groups[label].add(group)
        for label, found in groups.items():
            if len(found) > 1:
                self.wrong(f"凭证 {label}", f"{account} 的流水重复勾对：{'、'.join(sorted(found))}")

    def _without_line(self, closed: set[str]) -> None:
        """Entries of the collection account without a line: those that were booked from one, and
        in closed months all of the time of the statements that no table accounts for."""
        taken = {one["group"].removeprefix("voucher:") for one in self.lines[COLLECTION]}
        taken |= {
            label
            for (account, _), one in self.matches.items()
            if account == COLLECTION
            for label in one["vouchers"]
        }
        days = [one["day"] for one in self.lines[COLLECTION]]
        told = max((month for month in self.tables[COLLECTION] if month in closed), default="")
        items = self.opened.get(COLLECTION, {}).get("items", ())
        taken |= {one["settled"]["number"] for one in items if one["settled"]}
        for day, label, fen in self.vouchers[COLLECTION].values():
            month = day[:7]
            if not fen or label in taken or label in self.openings or label in self.red:
                continue
            if label in self.from_line:
                self.wrong(f"凭证 {label}", "据银行流水记账，却没有流水与它核销")
            elif month in closed and month > told and min(days)[:7] <= month and day < max(days):
                self.wrong(f"凭证 {label}", f"收入户 {yuan_told(fen)} 没有对应的银行流水")

    def _before_all(self, account: str) -> Record | None:
        """The bank's balance with which the book began, as a table before the first one."""
        if (opened := self.opened.get(account)) is None:
            return None
        return {"month": opened["day"][:7], "bank": opened["bank"], "since": opened["day"]}

    def _opening(self, account: str) -> None:
        """Book and bank balance of the opening day, both adjusted; what settled an item is of its
        amount and there."""
        if (opened := self.opened.get(account)) is None:
            return
        where = f"期初 {account}"
        book = sum(fen for _, label, fen in self.vouchers[account].values()
                   if label in self.openings)  # fmt: skip
        bank = fen_of(opened["bank"])
        known = {True: set(self.vouchers[account].values()),
                 False: {_item(one) for one in self.lines[account]}}  # fmt: skip
        for one in opened["items"]:
            of_bank, fen = one["side"].startswith("bank"), fen_of(one["amount"])
            book, bank = (book + fen, bank) if of_bank else (book, bank + fen)
            by = one["settled"]
            if by and (_item(by) not in known[of_bank] or fen_of(by["amount"]) != fen):
                self.wrong(where, f"未达账项 {one['number']} 由 {by['number']} 核销，两者不符")
        if book != bank:
            told = f"{yuan_told(bank)} 和 {yuan_told(book)}"
            self.wrong(where, f"加减未达账项后的银行、账面余额不等：{told}")

    def _apart(self, account: str, of_bank: bool) -> list[Record]:
        items = self.opened.get(account, {}).get("items", ())
        return [one for one in items if one["side"].startswith("bank") == of_bank]

    def _table(self, account: str, table: Record, before: Record | None) -> None:
        where, last = f"{table['month']} 余额调节表 {account}", f"{table['month']}-31"
        book = sum(fen for day, _, fen in self.vouchers[account].values() if day <= last)
        if fen_of(table["book"]) != book:
            self.wrong(where, f"账面余额是 {table['book']}，按凭证重算是 {yuan_told(book)}")
        listed = {side: [_item(one) for one in table["items"].get(side, ())] for side in SIDES}
        for one in self._unknown(account, listed):
            self.wrong(where, f"列有 {one[0]} {one[1]} {yuan_told(one[2])}，流水和凭证中没有")
        for what in self._left_out(account, table, listed, last):
            self.wrong(where, f"没有列 {what}，它也没有勾对")
        sums = {side: sum(fen for *_, fen in items) for side, items in listed.items()}
        bank = fen_of(table["bank"]) + sums["book_in"] + sums["book_out"]
        adjusted = fen_of(table["book"]) + sums["bank_in"] + sums["bank_out"]
        if bank != adjusted:
            told = f"{yuan_told(bank)} 和 {yuan_told(adjusted)}"
            self.wrong(where, f"调节后的银行、账面余额不等：{told}")
        self._goes_on(account, table, before, where)

    def _goes_on(self, account: str, table: Record, before: Record | None, where: str) -> None:
        """The bank's balance is that of the table before with the lines in between."""
        if before is None or before["since"] is None:
            return
        first, last = f"{before['month']}-32", f"{table['month']}-31"
        moved = sum(
            fen_of(one["amount"]) for one in self.lines[account] if first < one["day"] <= last
        )
        expected = fen_of(before["bank"]) + moved
        if fen_of(table["bank"]) != expected:
            self.wrong(
                where,
                f"对账单余额是 {table['bank']}，{before['month']} 的余额加其间流水是"
                f" {yuan_told(expected)}",
            )

    def _unknown(self, account: str, listed: Mapping[str, list[Item]]) -> Iterator[Item]:
        lines = {_item(one) for one in (*self.lines[account], *self._apart(account, True))}
        vouchers = {*self.vouchers[account].values(), *map(_item, self._apart(account, False))}
        for side, items in listed.items():
            known = lines if side.startswith("bank") else vouchers
            yield from (one for one in items if one not in known)

    def _left_out(
        self, account: str, table: Record, listed: Mapping[str, list[Item]], last: str
    ) -> Iterator[str]:
        """Lines and vouchers of the table's time that it does not list and nothing explains."""
        if table["since"] is None:
            return
        told = {one for items in listed.values() for one in items}
        by_opening = set()
        for one in self.opened.get(account, {}).get("items", ()):
            by = one["settled"]
            by_opening |= {_item(by)} if by else set()
            if not (by and by["day"] <= last) and _item(one) not in told:
                yield f"启用前未达账项 {one['number']} {one['amount']}"
        for one in self.lines[account]:
            if one["group"] or _item(one) in by_opening:
                continue
            if one["day"] <= last and _item(one) not in told:
                yield line_named(one)
        matched = {label for (of, _), one in self.matches.items() if of == account
                   for label in one["vouchers"]}  # fmt: skip
        taken = {one["group"].removeprefix("voucher:") for one in self.lines[account]}
        explained = matched | taken | self.openings
        for item in self.vouchers[account].values():
            day, label, fen = item
            is_red = label in self.red and self.red[label] not in matched
            if is_red or not fen or label in explained or item in by_opening:
                continue
            if table["since"][:7] <= day[:7] and day <= last and item not in told:
                yield f"凭证 {label} {yuan_told(fen)}"


def line_named(line: Record) -> str:
    return f"银行流水 {line['account']} {line['day']} {line['serial']}"


def _item(one: Record) -> Item:
    return one["day"], one.get("serial") or one["number"], fen_of(one["amount"])

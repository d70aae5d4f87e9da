"""The book, record by record: vouchers, months, the chain, settlements, and what depends on all."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from funds.verify.bank import Banks
from funds.verify.figures import OPENING, PERIODS, Moved, facts_of, figure_problems, sums_of_visit
from funds.verify.records import (
    CHARTS,
    DIMENSIONS,
    FIRST_LINK,
    FORMAT,
    OF_MONTH,
    READ,
    SUMS_OF_SETTLEMENT,
    WORDS,
    Charts,
    Finding,
    Record,
    canonical,
    content_digest,
    fen_of,
    seal_digest,
    voucher_digest,
    yuan_told,
)


@dataclass
class Outcome:
    """`unsealed`: vouchers not yet in the chain, which is no fault. `head`: the last link.
    `recomputed`: figures of which everything was worked out anew."""

    findings: list[Finding] = field(default_factory=list)
    book: str = ""
    vouchers: int = 0
    postings: int = 0
    seals: int = 0
    settlements: int = 0
    figures: int = 0
    recomputed: int = 0
    bank_lines: int = 0
    bank_matches: int = 0
    bank_tables: int = 0
    unsealed: int = 0
    head: str = FIRST_LINK

    @property
    def whole(self) -> bool:
        return not self.findings

    def lines(self) -> list[str]:
        """What to print, in Chinese."""
        if self.whole:
            return [
                f"{self.book} 账目完整：凭证 {self.vouchers} 张，分录 {self.postings} 条，"
                f"已封存 {self.seals} 张，待封存 {self.unsealed} 张"
                + (f"，结算单 {self.settlements} 张" if self.settlements else "")
                + (f"，月报指标 {self.figures} 项" if self.figures else "")
                + (f"（{self.recomputed} 项由记录重算）" if self.figures else "")
                + (f"，银行流水 {self.bank_lines} 行" if self.bank_lines else "")
                + (f"，余额调节表 {self.bank_tables} 份" if self.bank_tables else ""),
                f"封存链末端指纹 {self.head}",
            ]
        return [f"{self.book} 发现 {len(self.findings)} 处问题："] + [
            f"  {finding}" for finding in self.findings
        ]


class Verifier:
    """Takes records in the order of the export, then `finish()` gives the outcome."""

    def __init__(self) -> None:
        self.outcome = Outcome()
        self.accounts: frozenset[str] = frozenset()
        self.first_month = ""
        self.openings: list[str] = []
        self.printed: Charts = {}
        self.periods: dict[str, Record] = {}
        self.numbers: dict[str, set[int]] = {}
        self.digests: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self.turned: dict[str, str] = {}
        self.reversals: dict[str, str] = {}
        self.sealed: dict[str, int] = {}
        self.turnover: dict[str, dict[str, list[int]]] = {}
        self.balances: dict[str, dict[str, list[int]]] = {}
        self.settlements: set[str] = set()
        self.settled: dict[str, dict[str, int]] = {}
        self.told: dict[str, dict[str, int]] = {}
        self.moved: Moved = {}
        self.care: dict[str, Counter[str]] = {}
        self.figures: list[Record] = []
        self.banks = Banks(self.wrong)
        self.end: Record | None = None

    def wrong(self, where: str, what: str) -> None:
        self.outcome.findings.append(Finding(where, what))

    def take(self, record: Record) -> None:
        kind = record.get("kind")
        step = getattr(self, f"take_{kind}", None) if isinstance(kind, str) else None
        if step is None:
            self.wrong("文件", f"有一行不认识的内容（kind={kind!r}），文件可能被改动")
            return
        try:
            step(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            where = str(record.get("label") or record.get("month") or record.get("voucher") or kind)
            self.wrong(where, f"记录残缺或格式不对（{type(error).__name__}: {error}）")

    def take_book(self, record: Record) -> None:
        if record["format"] not in READ:
            self.wrong("文件", f"导出格式 {record['format']} 与本程序（{FORMAT}）不符")
        self.outcome.book = record["book"]
        self.accounts = frozenset(record["accounts"])
        self.first_month = record.get("first_month", "")
        self.printed = record.get("printed", {})
        for chart, printed in self.printed.items():
            for account in sorted(self.accounts - printed.keys()):
                self.wrong(f"科目表 {chart}", f"没有科目 {account} 的编号和名称")

    def take_period(self, record: Record) -> None:
        self.periods[record["month"]] = record

    def take_balance(self, record: Record) -> None:
        month = self.balances.setdefault(record["month"], {})
        month[record["account"]] = [fen_of(record["debit"]), fen_of(record["credit"])]

    def take_voucher(self, record: Record) -> None:
        label, postings = record["label"], record["postings"]
        self.outcome.vouchers += 1
        self.outcome.postings += len(postings)
        if label in self.digests:
            self.wrong(label, "凭证号重复")
        self.digests[label] = voucher_digest(record)
        self.numbers.setdefault(record["month"], set()).add(record["number"])
        self._head(label, record)
        self._postings(label, record)
        self.banks.take_voucher(record)
        if content_digest(record) != record["content_digest"]:
            self.wrong(label, "内容与记账时的指纹不符，凭证或其分录被改动过")

    def _head(self, label: str, record: Record) -> None:
        if record["book"] != self.outcome.book:
            self.wrong(label, f"属于另一账套 {record['book']}")
        if label != f"{record['month']}-{record['number']:04d}":
            self.wrong(label, "凭证号与月份、序号不符")
        if record["month"] not in self.periods:
            self.wrong(label, f"所在月份 {record['month']} 不在账上")
        if record["occurred_on"][:7] != record["month"]:
            self.wrong(label, f"日期 {record['occurred_on']} 不在 {record['month']} 月")
        if self.first_month:
            self._place(label, record)
        if other := self.keys.get(record["key"]):
            self.wrong(label, f"与凭证 {other} 防重键相同（{record['key']}）")
        self.keys[record["key"]] = label
        if original := record["reversal_of"]:
            if original in self.reversals:
                self.wrong(label, f"凭证 {original} 已被 {self.reversals[original]} 红冲过")
            self.reversals[original] = label

    def _place(self, label: str, record: Record) -> None:
        """Before the first month there is what the book began with, of the day before, alone."""
        is_opening, is_before = record["event"] == OPENING, record["month"] < self.first_month
        if is_before and not is_opening:
            self.wrong(label, f"记在账套启用（{self.first_month}）以前，而不是期初余额")
        if not is_opening:
            return
        self.openings.append(label)
        begins = date.fromisoformat(f"{self.first_month}-01") - timedelta(days=1)
        if record["occurred_on"] != begins.isoformat():
            self.wrong(label, f"期初余额应记在启用前一日 {begins}，现为 {record['occurred_on']}")
        for posting in record["postings"]:
            if posting["account"][0] not in "123":
                self.wrong(label, f"期初余额中有收入、支出科目 {posting['account']}")

    def _postings(self, label: str, record: Record) -> None:
        postings = record["postings"]
        red = record["reversal_of"] is not None
        debit = credit = 0
        moved = self.turnover.setdefault(record["month"], {})
        by_event = self.moved.setdefault((record["month"], record["event"]), {})
        for place, posting in enumerate(postings, start=1):
            if posting["line"] != place:
                self.wrong(label, f"第 {place} 行分录缺失或顺序被改动")
            if posting["account"] not in self.accounts:
                self.wrong(label, f"第 {place} 行用了科目表以外的科目 {posting['account']}")
            in_debit, in_credit = fen_of(posting["debit"]), fen_of(posting["credit"])
            if (in_debit == 0) == (in_credit == 0):
                self.wrong(label, f"第 {place} 行借贷须有且只有一方有金额")
            elif (in_debit + in_credit < 0) != red:
                self.wrong(label, f"第 {place} 行金额正负不对：只有红字凭证为负")
            debit += in_debit
            credit += in_credit
            total = moved.setdefault(posting["account"], [0, 0])
            total[0] += in_debit
            total[1] += in_credit
            what = posting["account"], posting["policy_year"]
            by_event[what] = by_event.get(what, 0) + in_credit - in_debit
        if len(postings) < 2:
            self.wrong(label, "分录少于两条")
        if debit != credit:
            self.wrong(label, f"借贷不平：借方 {yuan_told(debit)}，贷方 {yuan_told(credit)}")
        if debit != fen_of(record["amount"]):
            self.wrong(label, f"分录合计 {yuan_told(debit)} 与凭证金额 {record['amount']} 不符")
        self.bodies[label] = _body(postings, 1)
        if red:
            self.turned[label] = _body(postings, -1)

    def take_seal(self, record: Record) -> None:
        sequence, label = record["sequence"], record["voucher"]
        self.outcome.seals += 1
        if sequence != self.outcome.seals:
            self.wrong("封存链", f"第 {self.outcome.seals} 环缺失（读到第 {sequence} 环）")
            self.outcome.seals = sequence
        if record["previous"] != self.outcome.head:
            self.wrong("封存链", f"第 {sequence} 环（凭证 {label}）与前一环不相接")
        if label in self.sealed:
            self.wrong(label, f"在封存链中出现两次（第 {self.sealed[label]}、{sequence} 环）")
        self.sealed[label] = sequence
        if label not in self.digests:
            self.wrong(label, f"已封存（第 {sequence} 环），但凭证不见了")
        elif seal_digest(record["previous"], sequence, self.digests[label]) != record["digest"]:
            self.wrong(label, f"与封存指纹不符（第 {sequence} 环），封存后被改动过")
        self.outcome.head = record["digest"]

    def take_settlement(self, record: Record) -> None:
        """What a settlement says of itself, to the fen; its share of the month's sums."""
        number, where = record["number"], f"结算单 {record['number']}"
        self.outcome.settlements += 1
        if number in self.settlements:
            self.wrong(where, "结算单号重复")
        self.settlements.add(number)
        fen = {name: fen_of(text) for name, text in record["amounts"].items()}
        for name, parts in SUMS_OF_SETTLEMENT.items():
            summed = sum(sign * fen[part] for part, sign in parts.items())
            if fen[name] != summed:
                told = f"{WORDS[name]} {yuan_told(fen[name])}，按各项重算是 {yuan_told(summed)}"
                self.wrong(where, told)
        paid = sum(fen_of(one["amount"]) for one in record["funds"])
        if fen["fund"] != paid:
            self.wrong(where, f"基金支付 {yuan_told(fen['fund'])}，各基金合计是 {yuan_told(paid)}")
        if record["counted"]:
            month = self.settled.setdefault(record["settled_on"][:7], dict.fromkeys(OF_MONTH, 0))
            for name in OF_MONTH:
                month[name] += 1 if name == "count" else fen[name]
            if visit := record.get("visit"):
                care = self.care.setdefault(record["settled_on"][:7], Counter())
                care.update(sums_of_visit(visit, fen, record["funds"]))

    def take_settled(self, record: Record) -> None:
        self.told[record["month"]] = {
            name: record[name] if name == "count" else fen_of(record[name]) for name in OF_MONTH
        }

    def take_figure(self, record: Record) -> None:
        self.outcome.figures += 1
        self.figures.append(record)

    def take_bank_line(self, record: Record) -> None:
        self.outcome.bank_lines += 1
        self.banks.take_line(record)

    def take_bank_match(self, record: Record) -> None:
        self.outcome.bank_matches += 1
        self.banks.take_match(record)

    def take_bank_table(self, record: Record) -> None:
        self.outcome.bank_tables += 1
        self.banks.take_table(record)

    def take_bank_opening(self, record: Record) -> None:
        self.banks.take_opening(record)

    def take_end(self, record: Record) -> None:
        self.end = record

    def finish(self) -> Outcome:
        """The checks that need everything: gaps, reversals, closed months, counts."""
        if not self.outcome.book:
            self.wrong("文件", "缺少账套一行，不是完整的账目导出")
        for month, period in self.periods.items():
            there = self.numbers.get(month, set())
            for number in sorted(set(range(1, period["next_number"])) - there):
                self.wrong(f"{month}-{number:04d}", "缺号：凭证不见了")
            for number in sorted(there - set(range(1, period["next_number"]))):
                self.wrong(f"{month}-{number:04d}", "凭证号超出该月已发的号")
        for original, label in self.reversals.items():
            if original not in self.bodies:
                self.wrong(label, f"所红冲的凭证 {original} 不见了")
            elif self.turned.get(label) != self.bodies[original]:
                self.wrong(label, f"与所红冲的凭证 {original} 不是逐行相反")
        for label in self.digests:
            if label not in self.sealed:
                self.outcome.unsealed += 1
                if self.periods.get(label[:7], {}).get("status") == "closed":
                    self.wrong(label, "月份已结账而凭证未封存，可能是后来插入的")
        self._opening()
        self._charts()
        self._closing_balances()
        self._months_settled()
        self._figures()
        self.banks.finish(
            month for month, period in self.periods.items() if period["status"] == "closed"
        )
        self._counts()
        return self.outcome

    def _opening(self) -> None:
        """One is in force where there is any, and the first of them is the first of the chain."""
        red = {*self.reversals, *self.reversals.values()}
        live = [label for label in self.openings if label not in red]
        if self.openings and len(live) != 1:
            told = "、".join(live) if live else "全部已红冲"
            self.wrong("期初余额", f"应有一张有效的凭证，现为 {len(live)} 张（{told}）")
        if self.openings:
            first = min(self.openings)
            if self.sealed.get(first, 1) != 1:
                self.wrong(first, f"期初余额应是封存链第 1 环，现为第 {self.sealed[first]} 环")

    def _charts(self) -> None:
        """A month keeps the chart of the month before, or in January a later one."""
        before = ""
        for month in sorted(self.periods) if self.printed else ():
            chart = self.periods[month]["chart"]
            if chart not in self.printed or chart not in CHARTS:
                self.wrong(month, f"科目表 {chart} 不在导出中")
                continue
            if before and chart != before:
                if not month.endswith("-01"):
                    self.wrong(month, f"科目表在年中由 {before} 换成 {chart}")
                if CHARTS.index(chart) < CHARTS.index(before):
                    self.wrong(month, f"科目表由 {before} 退回 {chart}")
            before = chart

    def _closing_balances(self) -> None:
        """What was kept at each closing against all postings up to then."""
        running: dict[str, list[int]] = {}
        for month in sorted(self.periods):
            for account, (debit, credit) in self.turnover.get(month, {}).items():
                before = running.get(account, [0, 0])
                running[account] = [before[0] + debit, before[1] + credit]
            if self.periods[month]["status"] != "closed":
                if month in self.balances:
                    self.wrong(month, "有结账余额而月份未结账，结账后又被打开")
                continue
            kept = self.balances.get(month, {})
            for account in sorted(set(kept) | set(running)):
                if kept.get(account, [0, 0]) != running.get(account, [0, 0]):
                    self.wrong(month, f"科目 {account} 的结账余额与分录合计不符")

    def _months_settled(self) -> None:
        """What the reports sum of each month against its settlements."""
        nothing = dict.fromkeys(OF_MONTH, 0)
        for month in sorted({*self.settled, *self.told}):
            found, told = self.settled.get(month, nothing), self.told.get(month, nothing)
            for name in OF_MONTH:
                if found[name] != told[name]:
                    one, other = (
                        str(given[name]) if name == "count" else yuan_told(given[name])
                        for given in (told, found)
                    )
                    self.wrong(month, f"结算的{WORDS[name]}合计为 {one}，按结算单重算是 {other}")

    def _figures(self) -> None:
        """The figures of the months' reports against vouchers and settlements."""
        known: dict[tuple[str, str, int], Mapping[str, int]] = {}
        for figure in self.figures:
            try:
                at = figure["month"], figure["period"], figure["policy_year"]
                if at not in known:
                    known[at] = facts_of(*at, self.moved, self.care)
                anew, found = figure_problems(figure, known[at])
            except (KeyError, TypeError, ValueError) as error:
                self.wrong(f"{figure.get('month')}：月报指标", f"记录残缺（{error!r}）")
                continue
            self.outcome.recomputed += anew
            for what in found:
                period = PERIODS[figure["period"]]
                name = " ".join(filter(None, (figure["code"], figure["name"])))
                self.wrong(figure["month"], f"月报指标“{name}”（{period}）{what}")

    def _counts(self) -> None:
        found = {
            "vouchers": self.outcome.vouchers,
            "postings": self.outcome.postings,
            "seals": self.outcome.seals,
            "settlements": self.outcome.settlements,
            "figures": self.outcome.figures,
            "bank_lines": self.outcome.bank_lines,
            "bank_matches": self.outcome.bank_matches,
            "bank_tables": self.outcome.bank_tables,
        }
        if self.end is None:
            self.wrong("文件", "没有结尾一行，文件被截断")
        elif any(self.end.get(name, 0) != count for name, count in found.items()):
            self.wrong("文件", "条数与结尾一行不符，文件被增删过")


def _body(postings: Iterable[Record], sign: int) -> str:
    rows = [
        [p["account"], sign * fen_of(p["debit"]), sign * fen_of(p["credit"])]
        + [p[name] for name in DIMENSIONS]
        for p in postings
    ]
    return hashlib.sha256(canonical(rows)).hexdigest()


def verify(records: Iterable[Record]) -> Outcome:
    """Check one book, record by record in the order of the export."""
    verifier = Verifier()
    for record in records:
        verifier.take(record)
    return verifier.finish()

"""Checks an exported ledger by itself: standard library only, no portal, no database.

    python verify.py EXPORT.jsonl [WORKBOOK.xlsx] [--earlier EARLIER.jsonl] [--head DIGEST]

An export is JSON lines: the book with its accounts, months, balances kept at closing, vouchers with
postings, links of the seal chain, settlements with the sums of their months, the figures of each
month's report, and counts. Every finding names the voucher, the settlement or the figure. Figures
are worked out anew from vouchers and settlements, as far as these say what they are made of; of how
many people are covered they say nothing. With an earlier export it also tells what has changed
since, which catches even somebody who recomputed the whole chain; an end of the chain that was
noted earlier tells that it was, without saying where. With the workbook it compares each line of
序时账 and 月报指标 with the records, amounts to the last digit that is written, adds up 明细账
anew, and names the first row that differs. A posting names its account for ever; the code and
name that people read depend on the chart that the month keeps (`printed`), which changes at the
opening of a year only and moves no balance. What a book that moved in began with is one voucher
of the day before its first month, the first of the chain, and the only one of before. The digests
that the portal writes are defined here and nowhere else.
"""

import hashlib
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

# Of the exported file. An auditor's older copy of this program names the number it does not know.
FORMAT = 4
# 1 has no settlements, 2 no figures; up to 3 an account is printed by the code of its postings.
READ = (1, 2, 3, FORMAT)
CHARTS = ("2008", "2017", "2026")  # in the order in which a book may go from one to another
FIRST_LINK = "0" * 64
AMOUNT = re.compile(r"-?\d{1,12}\.\d{2}")
CONTENT = (
    "book",
    "occurred_on",
    "event",
    "summary",
    "source",
    "key",
    "amount",
    "reversal_of",
    "postings",
)
# What an amount of a settlement is made of, as the claim is computed.
SUMS_OF_SETTLEMENT: Mapping[str, Mapping[str, int]] = {
    "total": dict.fromkeys(
        ("full_self_pay", "borne", "over_limit", "first_self_pay", "in_scope"), 1
    ),
    "personal": {"total": 1, "fund": -1, "hospital": -1, "beyond": 1},
    "cash": {"personal": 1, "account": -1, "credit": -1},
}
OF_MONTH = ("count", "total", "in_scope", "fund", "personal")
WORDS = {"count": "张数", "total": "医疗费总额", "in_scope": "政策范围内金额", "fund": "基金支付"}
WORDS |= {"personal": "个人负担", "cash": "个人现金"}
DIMENSIONS = ("funding_level", "tier", "township", "institution_code", "policy_year")

Record = Mapping[str, Any]
# Chart → account → the code and name that it prints.
Charts = Mapping[str, Mapping[str, list[str]]]


def canonical(value: Any) -> bytes:
    """The one spelling of a record that digests are taken from."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def content_digest(voucher: Record) -> str:
    """Digest of what a voucher says, without its number and who posted it when."""
    return hashlib.sha256(canonical({name: voucher[name] for name in CONTENT})).hexdigest()


def voucher_digest(voucher: Record) -> str:
    """Digest of the whole voucher record as exported."""
    return hashlib.sha256(canonical(voucher)).hexdigest()


def seal_digest(previous: str, sequence: int, digest_of_voucher: str) -> str:
    """The link of the chain that follows `previous`."""
    link = f"{previous}:{sequence}:{digest_of_voucher}"
    return hashlib.sha256(link.encode()).hexdigest()


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `where` is a voucher's label, a month or the chain."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


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
                + (f"（{self.recomputed} 项由记录重算）" if self.figures else ""),
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
        month[record["account"]] = [_fen(record["debit"]), _fen(record["credit"])]

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
            in_debit, in_credit = _fen(posting["debit"]), _fen(posting["credit"])
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
            self.wrong(label, f"借贷不平：借方 {_yuan(debit)}，贷方 {_yuan(credit)}")
        if debit != _fen(record["amount"]):
            self.wrong(label, f"分录合计 {_yuan(debit)} 与凭证金额 {record['amount']} 不符")
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
        fen = {name: _fen(text) for name, text in record["amounts"].items()}
        for name, parts in SUMS_OF_SETTLEMENT.items():
            summed = sum(sign * fen[part] for part, sign in parts.items())
            if fen[name] != summed:
                told = f"{WORDS[name]} {_yuan(fen[name])}，按各项重算是 {_yuan(summed)}"
                self.wrong(where, told)
        paid = sum(_fen(one["amount"]) for one in record["funds"])
        if fen["fund"] != paid:
            self.wrong(where, f"基金支付 {_yuan(fen['fund'])}，各基金合计是 {_yuan(paid)}")
        if record["counted"]:
            month = self.settled.setdefault(record["settled_on"][:7], dict.fromkeys(OF_MONTH, 0))
            for name in OF_MONTH:
                month[name] += 1 if name == "count" else fen[name]
            if visit := record.get("visit"):
                care = self.care.setdefault(record["settled_on"][:7], Counter())
                care.update(_of_visit(visit, fen, record["funds"]))

    def take_settled(self, record: Record) -> None:
        self.told[record["month"]] = {
            name: record[name] if name == "count" else _fen(record[name]) for name in OF_MONTH
        }

    def take_figure(self, record: Record) -> None:
        self.outcome.figures += 1
        self.figures.append(record)

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
                        str(given[name]) if name == "count" else _yuan(given[name])
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
        }
        if self.end is None:
            self.wrong("文件", "没有结尾一行，文件被截断")
        elif any(self.end.get(name, 0) != count for name, count in found.items()):
            self.wrong("文件", "条数与结尾一行不符，文件被增删过")


# ---- the figures of the months ------------------------------------------------------------------

# (month, event) → (account, insurance year) → fen of credit less debit.
Moved = dict[tuple[str, str], dict[tuple[str, int | None], int]]
PERIODS = {"month": "本月", "year": "本年累计"}
# Accounts by their first digit (财会〔2017〕28号): 1 assets, 2 liabilities, 4 income, 5 expense.
YEAR_END = ("income_closed", "expense_closed")
OPENING = "opening"
RECOVERED = ("claim_recovered", "recovery_returned", "recovery_kept")
RECOVERED_EARLIER = "4501-recovery"
PREMIUMS = ("4001-personal", "2001-advance_personal")
PREMIUM_BACK = "prior_premium_refunded"  # an expense; of its insurance year less was raised
SUBSIDIES = ("4101-central", "4101-province", "4101-city", "4101-county")
RAISED = (*PREMIUMS, *SUBSIDIES, "4001-aid", "2001-advance_aid", "4101-township")
SERIOUS, ASSISTANCE = ("390200", "390300"), ("610100",)
GRASSROOTS = ("village", "township", "central")
# Figure of the report → what is divided by what, by the names that `facts_of` and `_of_visit` give;
# None where the records do not say it (people and their cover).
FIGURES: Mapping[str, tuple[str | None, str | None]] = {
    "income": ("income", ""),
    "expense": ("expense", ""),
    "surplus": ("surplus", ""),
    "balance": ("balance", ""),
    "ahead": ("ahead", ""),
    "visits": ("visits", ""),
    "compensated": ("compensated", ""),
    "stays": ("stay visits", ""),
    "cost": ("cost", ""),
    "paid": ("paid", ""),
    "raised_per_person": ("raised", None),
    "in_place_rate": ("raised", None),
    "premium_per_person": ("premiums", None),
    "subsidy_share": ("subsidies", "raised"),
    "beneficiary_rate_visits": ("compensated", None),
    "hospitalisation_rate": ("stay visits", None),
    "average_stay_cost": ("stay cost", "stay visits"),
    "average_payment": ("paid", "compensated"),
    "average_stay_payment": ("stay paid", "stay compensated"),
    "average_stay": ("stay days", "stay visits"),
    "average_stay_personal": ("stay personal", "stay visits"),
    "actual_ratio": ("paid", "cost"),
    "stay_actual_ratio": ("stay paid", "stay cost"),
    "in_scope_ratio": ("paid", "in_scope"),
    "stay_in_scope_ratio": ("stay paid", "stay in_scope"),
    "off_catalogue_share": ("full_self_pay", "cost"),
    "outside_stay_visits": ("outside stay visits", "stay visits"),
    "outside_stay_cost": ("outside stay cost", "stay cost"),
    "outside_stay_paid": ("outside stay paid", "stay paid"),
    "inside_payment_share": ("inside paid", "paid"),
    "grassroots_share": ("grassroots", "stay visits"),
    "use_rate": ("spent", "raised"),
    "surplus_rate": ("raised less spent", "raised"),
    "balance_rate": ("free balance", "raised"),
    "months_payable": ("free balance", "spent in 12 months"),
    "pace_deviation": ("spent", "raised"),
    "serious_visits": ("serious visits", ""),
    "serious_paid": ("serious", ""),
    "serious_lift": ("serious", "serious cost"),
    "assisted": ("assisted", ""),
    "average_assistance": ("assistance", "assisted"),
    "recovered": ("recovered", ""),
    "outside_visits": ("outside visits", ""),
    "direct_settlement_rate": ("outside counter", "outside visits"),
}
SCALES = {"ratio": 10_000, "points": 10_000, "hundredth": 100, "yuan": 1, "count": 1}


def _of_visit(visit: Record, fen: Mapping[str, int], funds: Iterable[Record]) -> dict[str, int]:
    """What one settlement adds to the sums of its month."""
    paid_by = [(one["type"], _fen(one["amount"])) for one in funds]
    serious, assistance = (
        sum(amount for kind, amount in paid_by if kind in kinds) for kinds in (SERIOUS, ASSISTANCE)
    )
    ended, stay, outside = visit["ended"], visit["stay"], visit["place"] == "outside"
    sums = {
        "visits": int(ended),
        "compensated": int(ended and fen["fund"] > 0),
        "days": visit["days"] * ended,
        "counter": int(ended and visit["counter"]),
        "cost": fen["total"],
        "paid": fen["fund"],
        **{name: fen[name] for name in ("in_scope", "full_self_pay", "personal")},
    }
    found = sums | {
        "serious": serious,
        "serious visits": int(ended and serious > 0),
        "serious cost": fen["total"] * (serious > 0),
        "assistance": assistance,
        "assisted": int(ended and assistance > 0),
        "inside paid": 0 if outside else fen["fund"],
        "grassroots": int(ended and stay and visit["level"] in GRASSROOTS),
    }
    for word, belongs in (("stay", stay), ("outside", outside), ("outside stay", stay and outside)):
        if belongs:
            found |= {f"{word} {name}": value for name, value in sums.items()}
    return found


def facts_of(
    month: str, period: str, policy_year: int, moved: Moved, care: Mapping[str, Counter[str]]
) -> Mapping[str, int]:
    """The sums of a month, or of its year so far, as the formulas of the report name them; what did
    not happen is 0. Books and funds raised, less what went back of them, stand as they do when the
    month ends."""
    year, facts = month[:4], Counter[str]()
    first = f"{year}-01" if period == "year" else month
    for one, sums in care.items():
        if first <= one <= month:
            facts.update(sums)
    twelve, two_years = f"{int(year) - 1}{month[4:]}", f"{int(year) - 1}-01"
    paying: Counter[str] = Counter()
    for (one, event), accounts in moved.items():
        if one > month:
            continue
        for (account, of_year), fen in accounts.items():
            facts["balance"] -= fen * (account[0] in "12")
            if event in YEAR_END:
                continue
            if account[:4] in ("4001", "4101") and (of_year or 0) > policy_year:
                facts["ahead"] += fen
            is_back = event == PREMIUM_BACK and account[0] == "5"
            if one >= two_years and (of_year or int(one[:4])) == policy_year:
                facts["raised"] += fen * (account in RAISED or is_back)
                facts["premiums"] += fen * (account in PREMIUMS or is_back)
                facts["subsidies"] += fen * (account in SUBSIDIES)
            facts["income"] += fen * (account[0] == "4" and first <= one)
            facts["expense"] -= fen * (account[0] == "5" and first <= one)
            paying[one] -= fen * (account[0] == "5" and one > twelve)
            if one[:4] == year:
                is_raised = is_back and of_year == policy_year
                facts["spent"] -= fen * (account[0] == "5" and not is_raised)
                is_recovered = account[0] == "5" and event in RECOVERED
                facts["recovered"] += fen * (is_recovered or account == RECOVERED_EARLIER)
    facts["surplus"] = facts["income"] - facts["expense"]
    facts["raised less spent"] = facts["raised"] - facts["spent"]
    facts["free balance"] = facts["balance"] - facts["ahead"]
    facts["spent in 12 months"] = sum(paying.values())
    facts["paying months"] = sum(spent > 0 for spent in paying.values())
    return facts


def figure_problems(figure: Record, facts: Mapping[str, int]) -> tuple[bool, list[str]]:
    """Whether everything of a figure was worked out anew, and what is wrong with it."""
    found, anew = [], figure["key"] in FIGURES
    names = FIGURES.get(figure["key"], (None, None))
    given = {"top": figure["top"], "bottom": figure["bottom"]}
    for (side, told), name in zip(given.items(), names, strict=True):
        worked_out = None if name is None else facts[name] if name else None
        anew = anew and name is not None
        if name is not None and told != worked_out:
            word = "分子" if side == "top" else "分母"
            found.append(f"{word}是 {told}，按记录重算是 {worked_out}（金额以分计）")
    value = _value(figure, facts)
    if figure["value"] != value:
        found.append(f"是 {figure['value']}，按分子分母重算是 {value}")
    return anew, found


def _value(figure: Record, facts: Mapping[str, int]) -> int | str | None:
    """As the report spells it: ratios and counts whole, the others with two decimals."""
    top, bottom, scale = figure["top"], figure["bottom"], SCALES[figure["unit"]]
    if bottom is not None and bottom <= 0:
        return None
    if figure["key"] == "months_payable":
        top *= facts["paying months"]
    value: int = top if bottom is None else _half_up(top * scale, bottom)
    if figure["key"] == "pace_deviation":
        value -= _half_up(int(figure["month"][5:]) * scale, 12)
    return _yuan(value) if figure["unit"] in {"yuan", "hundredth"} else value


def _half_up(numerator: int, denominator: int) -> int:
    """To the nearest whole, halves away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def _fen(text: str) -> int:
    if not AMOUNT.fullmatch(text):
        raise ValueError(f"金额 {text!r} 不是两位小数")
    return int(text.replace(".", ""))


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _body(postings: Iterable[Record], sign: int) -> str:
    rows = [
        [p["account"], sign * _fen(p["debit"]), sign * _fen(p["credit"])]
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


def head_missing(head: str, records: Iterable[Record]) -> list[Finding]:
    """That an end of the chain noted earlier is no link of it any more."""
    links = (record.get("digest") for record in records if record.get("kind") == "seal")
    if head == FIRST_LINK or head in links:
        return []
    return [Finding("封存链", f"先前记下的末端 {head} 不在链中，链被重算或截断过")]


class Now:
    """What an export says, by what it is looked up with."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.vouchers: dict[str, Record] = {}
        self.links: dict[int, str] = {}
        self.closed: dict[str, str] = {}
        self.names: Record = {}
        self.printed: Charts = {}
        for record in records:
            kind = record.get("kind")
            if kind == "voucher":
                self.vouchers[record["label"]] = record
            elif kind == "seal":
                self.links[record["sequence"]] = record["digest"]
            elif kind == "period" and record["status"] == "closed":
                self.closed[record["month"]] = record.get("chart", "")
            elif kind == "book":
                self.names = record["accounts"]
                self.printed = record.get("printed", {})

    def against(self, earlier: Record) -> Iterator[Finding]:
        """What one record of an earlier export says otherwise."""
        kind = earlier.get("kind")
        if kind == "voucher":
            yield from self._voucher(earlier)
        elif kind == "seal" and self.links.get(earlier["sequence"]) != earlier["digest"]:
            where = f"第 {earlier['sequence']} 环"
            yield Finding("封存链", f"{where}与先前的导出不同，链被重算过")
        elif kind == "period" and earlier["status"] == "closed":
            if earlier["month"] not in self.closed:
                yield Finding(earlier["month"], "先前已结账，现在未结账")
            elif (was := earlier.get("chart")) and was != self.closed[earlier["month"]]:
                now = self.closed[earlier["month"]]
                yield Finding(earlier["month"], f"先前按科目表 {was} 结账，现在是 {now}")
        elif kind == "book":
            yield from _renamed(earlier["accounts"], self.names)
            for chart, before in earlier.get("printed", {}).items():
                for code, finding in _reprinted(before, self.printed.get(chart, before)):
                    yield Finding(f"科目表 {chart} 科目 {code}", finding)

    def _voucher(self, earlier: Record) -> Iterator[Finding]:
        label = earlier["label"]
        if label not in self.vouchers:
            yield Finding(label, "先前的导出中有这张凭证，现在没有")
        elif self.vouchers[label] != earlier:
            difference = _difference(earlier, self.vouchers[label])
            yield Finding(label, f"与先前的导出不同：{difference}")


def changes_since(earlier: Iterable[Record], records: Iterable[Record]) -> list[Finding]:
    """What an earlier export says that is different or missing now."""
    now = Now(records)
    return [finding for record in earlier for finding in now.against(record)]


def _renamed(before: Record, now: Record) -> Iterator[Finding]:
    for code, name in before.items():
        if now.get(code) != name:
            yield Finding(f"科目 {code}", f"先前的导出中叫“{name}”，现在是“{now.get(code, '')}”")


def _reprinted(
    before: Mapping[str, list[str]], now: Mapping[str, list[str]]
) -> Iterator[tuple[str, str]]:
    for code, told in before.items():
        if now.get(code) != told:
            yield code, f"先前印作“{' '.join(told)}”，现在是“{' '.join(now.get(code, []))}”"


def _difference(before: Record, after: Record) -> str:
    parts = [
        f"{name} 原为 {before[name]!r}，现为 {after.get(name)!r}"
        for name in before
        if name not in {"postings", "content_digest"} and before[name] != after.get(name)
    ]
    for old, new in zip(before["postings"], after["postings"], strict=False):
        parts += [
            f"第 {old['line']} 行 {name} 原为 {old[name]!r}，现为 {new.get(name)!r}"
            for name in old
            if old[name] != new.get(name)
        ]
    if len(before["postings"]) != len(after["postings"]):
        parts.append(f"分录原有 {len(before['postings'])} 条，现有 {len(after['postings'])} 条")
    return "；".join(parts) or "指纹不同"


def read_export(path: Path) -> Iterator[Record]:
    """The records of an export. A line that is no JSON object comes out as kind `damaged`."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            yield record if isinstance(record, dict) else {"kind": "damaged"}


# ---- the workbook -------------------------------------------------------------------------------

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FIRST_DAY = date(1899, 12, 30)  # day 0 of a sheet's calendar
# Column of 序时账 → what it is called in the records; of the voucher, and of the posting.
OF_VOUCHER = {"凭证号": "label", "日期": "occurred_on", "摘要": "summary", "来源": "source"}
OF_VOUCHER |= {"红冲的凭证": "reversal_of", "制单人": "prepared_by"}
OF_POSTING = {"行号": "line", "借方": "debit", "贷方": "credit"}
OF_POSTING |= {"档次代码": "tier", "乡镇代码": "township", "机构代码": "institution_code"}
OF_POSTING |= {"保险年度": "policy_year"}
OF_FIGURE = {"月份": "month", "编号": "code", "指标": "name", "公式": "formula"}
OF_FIGURE |= {"分子": "top", "分母": "bottom", "单位": "measured_in"}
WHOLE = re.compile(r"(\d{1,9})(?:\.0+)?")
CENT = Decimal("0.01")
USUAL_AMOUNT = re.compile(r"(?:0|-?[1-9]\d{0,11})(?:\.\d{1,2})?")
INTEGERS = {"分子", "分母"}
MONEY_COLUMNS = ("借方", "贷方", "余额")
Row = dict[str, str]


def _parsed(workbook: zipfile.ZipFile, member: str) -> ElementTree.Element:
    # The auditor's own file, by the standard library alone; expat bounds what entities become.
    return ElementTree.fromstring(workbook.read(member))  # noqa: S314


def _elements(file: Any, name: str) -> Iterator[ElementTree.Element]:
    """Each element of this name as it ends; what was read is let go."""
    parents: list[ElementTree.Element] = []
    for event, element in ElementTree.iterparse(file, ("start", "end")):  # noqa: S314 - as above
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if element.tag == f"{MAIN}{name}":
            yield element
            parents[-1].clear()


def sheets_of(workbook: zipfile.ZipFile) -> dict[str, str]:
    """Title of each sheet → its member of the file."""
    links = _parsed(workbook, "xl/_rels/workbook.xml.rels")
    targets = {link.get("Id"): str(link.get("Target")).lstrip("/") for link in links}
    book = _parsed(workbook, "xl/workbook.xml")
    found = {}
    for sheet in book.iter(f"{MAIN}sheet"):
        target = targets[sheet.get(RELATION)]
        found[str(sheet.get("name"))] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def shared_texts(workbook: zipfile.ZipFile) -> list[str]:
    """The texts that cells name by their place."""
    if "xl/sharedStrings.xml" not in workbook.namelist():
        return []
    with workbook.open("xl/sharedStrings.xml") as file:
        return [
            "".join(part.text or "" for part in one.iter(f"{MAIN}t"))
            for one in _elements(file, "si")
        ]


# A cell as programs write it; one that is written otherwise is read by the parser.
CELL = re.compile(
    r'(<c r="([A-Z]{1,3})\d+"(?: s="\d+")?(?:'
    r' t="inlineStr"><is><t[^<>&]*>([^<&\r]*)</t></is></c>'
    r'|(?: t="([a-z]+)")? ?(?:/>|>(?:<v>([^<&\r]*)</v>)?</c>)))'
)
ROW = re.compile(r'<row r="(\d+)"[^<>]*[^<>/]>|<row r="(\d+)">')
ROW_ENDS, PIECE = "</row>", 1024 * 1024
Cells = dict[str, str]


class _Unusual(Exception):  # noqa: N818 - no error: the parser reads it
    """Something in a sheet is written in another way than programs write it."""


def sheet_rows(
    workbook: zipfile.ZipFile, member: str, texts: list[str]
) -> Iterator[tuple[int, Row]]:
    """(number in the sheet, title → text) of each row under the header."""
    titles: Cells = {}
    for number, cells in _rows(workbook, member, texts):
        if not titles:
            titles = cells
        else:
            yield number, {title: cells.get(place, "") for place, title in titles.items()}


def _rows(workbook: zipfile.ZipFile, member: str, texts: list[str]) -> Iterator[tuple[int, Cells]]:
    """Each row by the letters of its columns. A parser takes minutes for a million of them, so rows
    are cut out where they are written as usual; from the first other one on it reads them."""
    done = 0
    try:
        with workbook.open(member) as file:
            for row in _cut_out(file, texts):
                yield row
                done += 1
    except _Unusual:
        with workbook.open(member) as file:
            yield from islice(_parsed_rows(file, texts), done, None)


def _cut_out(file: IO[bytes], texts: list[str]) -> Iterator[tuple[int, Cells]]:
    text, before = "", "<sheetData>"
    reader = io.TextIOWrapper(file, encoding="utf-8", newline="")
    while more := reader.read(PIECE):
        *rows, text = (text + more).split(ROW_ENDS)
        for row in rows:
            start = row.find("<row ")
            # Nothing stands between rows, and before the first no comment that could hold one.
            is_first, before = before, ""
            usual = row[:start].endswith(is_first) and "<!" not in row[:start]
            if start < 0 or not (usual if is_first else start == 0):
                raise _Unusual
            yield _cut(row[start:], texts)


def _cut(row: str, texts: list[str]) -> tuple[int, Cells]:
    found = ROW.match(row)
    if found is None:
        raise _Unusual
    cells = CELL.findall(row, found.end())
    if sum(len(cell[0]) for cell in cells) != len(row) - found.end():
        raise _Unusual
    return int(found.group(1) or found.group(2)), {
        place: inline or (texts[int(value)] if kind == "s" and value else value)
        for _, place, inline, kind, value in cells
    }


def _parsed_rows(file: IO[bytes], texts: list[str]) -> Iterator[tuple[int, Cells]]:
    for row in _elements(file, "row"):
        yield (
            int(str(row.get("r"))),
            {
                "".join(filter(str.isalpha, str(cell.get("r")))): _cell(cell, texts)
                for cell in row.iter(f"{MAIN}c")
            },
        )


def _cell(cell: ElementTree.Element, texts: list[str]) -> str:
    kind, value = cell.get("t", "n"), cell.find(f"{MAIN}v")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
    if value is None or value.text is None:
        return ""
    return texts[int(value.text)] if kind == "s" else value.text


def _plain(title: str, text: str) -> str:
    """A cell as the records spell it: days, amounts, texts without the mark that disarms them.

    A number that is none of the kind (half a day, a third decimal) comes out as it is written.
    """
    if title == "日期" and (day := _whole(text)) is not None:
        return (FIRST_DAY + timedelta(days=day)).isoformat()
    if title in MONEY_COLUMNS:
        return _two_decimals(text)
    if title in INTEGERS | {"数值"}:
        exact = _two_decimals(text) if text else ""
        return exact.removesuffix(".00") if title in INTEGERS else exact
    if title in {"行号", "保险年度"} and (number := _whole(text)) is not None:
        return str(number)
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text


def _whole(text: str) -> int | None:
    """45 of "45" and "45.0"; None of anything else."""
    found = WHOLE.fullmatch(text)
    return int(found.group(1)) if found else None


def _two_decimals(text: str) -> str:
    """An amount with two decimals if it has no more; else its own text.

    A sheet holds binary numbers: what it writes as 0.30000000000000004 is the amount 0.3 to the 15
    digits that a sheet shows and keeps.
    """
    if USUAL_AMOUNT.fullmatch(text):
        yuan, _, rest = text.partition(".")
        return f"{yuan}.{rest:0<2}"
    try:
        exact = Decimal(text or "0")
    except ArithmeticError:
        return text
    shown = Context(prec=15).plus(exact)
    cents = shown.quantize(CENT)
    return f"{cents:.2f}" if shown == cents else text


def expected_rows(records: Iterable[Record]) -> Iterator[Row]:
    """The lines of 序时账 as the records make them: accounts as the chart of their month prints
    them, and beside it as the postings name them."""
    printed: Charts = {}
    charts: dict[str, str] = {}
    for record in records:
        if record.get("kind") == "book":
            printed = record.get("printed", {})
        elif record.get("kind") == "period":
            charts[record["month"]] = record.get("chart", "")
        if record.get("kind") != "voucher":
            continue
        told = printed.get(charts.get(record["month"], ""), {})
        for posting in record["postings"]:
            row = {title: record.get(name) for title, name in OF_VOUCHER.items()}
            row |= {title: posting.get(name) for title, name in OF_POSTING.items()}
            row |= _account_told(posting["account"], told)
            yield {title: "" if value is None else str(value) for title, value in row.items()}


def _account_told(account: str, told: Mapping[str, list[str]]) -> Record:
    if not told:
        return {"科目编号": account}
    code, name = told.get(account, ["", ""])
    return {"科目编号": code, "科目名称": name, "系统科目": account}


def expected_figures(records: Iterable[Record]) -> Iterator[Row]:
    """The rows of 月报指标 as the records make them."""
    for record in records:
        if record.get("kind") == "figure":
            row = {title: record.get(name) for title, name in OF_FIGURE.items()}
            row |= {"期间": PERIODS.get(record["period"]), "数值": shown(record)}
            yield {title: "" if value is None else str(value) for title, value in row.items()}


def shown(figure: Record) -> str:
    """A figure as the workbook has it: ratios in per cent, all but counts with two decimals."""
    value, unit = figure["value"], figure["unit"]
    if value is None or not isinstance(value, int):
        return value or ""
    return _yuan(value) if unit in {"ratio", "points"} else f"{value}.00"


def check_workbook(path: Path, records: Iterable[Record]) -> list[Finding]:
    """The first row of 序时账 and of 月报指标 that is not what the records say, and the first of
    明细账 whose balance is not that of the row before and its own amounts."""
    figures: list[Record] = []
    lines = expected_rows(_passing(records, figures))
    try:
        with zipfile.ZipFile(path) as workbook:
            found = Sheets(workbook, sheets_of(workbook), shared_texts(workbook))
            return [
                *_compared(found.rows("序时账"), lines, _line_named),
                *_compared(found.rows("月报指标"), expected_figures(figures), _figure_named),
                *_running(found.rows("明细账")),
            ]
    except (zipfile.BadZipFile, KeyError, ValueError, ArithmeticError, IndexError) as error:
        return [Finding(path.name, f"打不开或不是导出的账簿（{type(error).__name__}: {error}）")]


def _passing(records: Iterable[Record], figures: list[Record]) -> Iterator[Record]:
    """The records; the figures, of which there are few, are kept for their own sheet."""
    for record in records:
        if record.get("kind") == "figure":
            figures.append(record)
        yield record


def _line_named(row: Row) -> str:
    return f"凭证 {row['凭证号']} 第 {row['行号']} 行"


def _figure_named(row: Row) -> str:
    return f"{row['月份']} {row['指标']}（{row['期间']}）"


@dataclass(frozen=True)
class Sheets:
    """An opened workbook: the members of its sheets, and the texts that cells name by place."""

    workbook: zipfile.ZipFile
    members: Mapping[str, str]
    texts: list[str]

    def rows(self, title: str) -> Iterator[tuple[str, Row]]:
        """Where (sheet and row) and what, over all sheets of one ledger."""
        for name, member in self.members.items():
            if name == title or (name.startswith(title) and name[len(title) :].isdecimal()):
                for number, row in sheet_rows(self.workbook, member, self.texts):
                    if any(row.values()):
                        yield f"{name} 第 {number} 行", row


def _compared(
    rows: Iterator[tuple[str, Row]], wanted: Iterator[Row], named: Callable[[Row], str]
) -> Iterator[Finding]:
    """The first difference between the rows of a sheet and those that the records make."""
    where = "工作簿"
    for where, row in rows:
        expected = next(wanted, None)
        if expected is None:
            yield Finding(where, "记录里没有这一行")
            return
        for title, value in expected.items():
            found = _plain(title, row.get(title, ""))
            if found != value:
                yield Finding(where, f"{title}是 {found!r}，记录是 {value!r}（{named(expected)}）")
                return
    if (missing := next(wanted, None)) is not None:
        yield Finding(where, f"后面缺行：{named(missing)}")


def _running(rows: Iterator[tuple[str, Row]]) -> Iterator[Finding]:
    account, balance = "", 0
    for where, row in rows:
        # The same account throughout, whatever the chart of a year prints for it.
        if (now := row.get("系统科目") or row["科目编号"]) != account:
            account, balance = now, 0
        try:
            debit, credit, told = (_fen(_plain(title, row[title])) for title in MONEY_COLUMNS)
        except ValueError as error:
            yield Finding(where, f"{error}（{row['凭证号']}）")
            return
        balance += debit - credit if account[:1] in DEBIT_SIDE else credit - debit
        if told != balance:
            yield Finding(
                where, f"余额是 {row['余额']}，重算是 {_yuan(balance)}（{row['凭证号']}）"
            )
            return


# The first digit of accounts that stand in debit, assets and expenses, in every chart.
DEBIT_SIDE = ("1", "5")


@dataclass(frozen=True)
class Asked:
    """What is to be checked, and against what."""

    export: Path
    workbook: Path | None
    earlier: Path | None
    head: str


def _taken(names: list[str], option: str) -> str:
    """The value of an option, taken out of the names; "" without it. Raises IndexError."""
    if option not in names:
        return ""
    place = names.index(option)
    value = names[place + 1]
    del names[place : place + 2]
    return value


def _arguments(given: list[str]) -> Asked | None:
    """What is asked for; None when it is not said so."""
    names = list(given)
    try:
        before, head = _taken(names, "--earlier"), _taken(names, "--head")
    except IndexError:
        return None
    earlier = Path(before) if before else None
    paths = [Path(name) for name in names]
    workbook = next((path for path in paths if path.suffix.lower() == ".xlsx"), None)
    rest = [path for path in paths if path is not workbook]
    if len(rest) == 2 and earlier is None:
        earlier = rest.pop()
    if len(rest) != 1:
        return None
    there = [path for path in (rest[0], workbook, earlier) if path is not None]
    whole = all(path.is_file() for path in there)
    return Asked(rest[0], workbook, earlier, head.lower()) if whole else None


def main(arguments: list[str]) -> int:
    """0: whole; 1: something is wrong; 2: wrong usage."""
    asked = _arguments(arguments)
    if asked is None:
        sys.stderr.write(
            "用法：python verify.py 全账.jsonl [账簿.xlsx] [--earlier 先前的全账.jsonl]"
            " [--head 先前记下的末端指纹]\n"
        )
        return 2
    export = asked.export
    outcome = verify(read_export(export))
    if asked.workbook is not None:
        outcome.findings += check_workbook(asked.workbook, read_export(export))
    if asked.earlier is not None:
        outcome.findings += changes_since(read_export(asked.earlier), read_export(export))
    if asked.head:
        outcome.findings += head_missing(asked.head, read_export(export))
    sys.stdout.write("\n".join(outcome.lines()) + "\n")
    return 0 if outcome.whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

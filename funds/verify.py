"""Checks an exported ledger by itself: standard library only, no portal, no database.

    python verify.py EXPORT.jsonl [EARLIER.jsonl]

An export is JSON lines: the book with its accounts, months, balances kept at closing, vouchers with
postings, links of the seal chain, and counts. Every finding names the voucher. With an earlier
export it also tells what has changed since, which catches even somebody who recomputed the whole
chain. The digests that the portal writes are defined here and nowhere else.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Of the exported file. An auditor's older copy of this program names the number it does not know.
FORMAT = 1
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
DIMENSIONS = ("funding_level", "tier", "township", "institution_code", "policy_year")

Record = Mapping[str, Any]


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
    """`unsealed`: vouchers not yet in the chain, which is no fault. `head`: the last link."""

    findings: list[Finding] = field(default_factory=list)
    book: str = ""
    vouchers: int = 0
    postings: int = 0
    seals: int = 0
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
                f"已封存 {self.seals} 张，待封存 {self.unsealed} 张",
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
        self.periods: dict[str, Record] = {}
        self.numbers: dict[str, set[int]] = {}
        self.digests: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self.mirrors: dict[str, str] = {}
        self.reversals: dict[str, str] = {}
        self.sealed: dict[str, int] = {}
        self.turnover: dict[str, dict[str, list[int]]] = {}
        self.balances: dict[str, dict[str, list[int]]] = {}
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
        if record["format"] != FORMAT:
            self.wrong("文件", f"导出格式 {record['format']} 与本程序（{FORMAT}）不符")
        self.outcome.book = record["book"]
        self.accounts = frozenset(record["accounts"])

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
        if other := self.keys.get(record["key"]):
            self.wrong(label, f"与凭证 {other} 防重键相同（{record['key']}）")
        self.keys[record["key"]] = label
        if original := record["reversal_of"]:
            if original in self.reversals:
                self.wrong(label, f"凭证 {original} 已被 {self.reversals[original]} 红冲过")
            self.reversals[original] = label

    def _postings(self, label: str, record: Record) -> None:
        postings = record["postings"]
        red = record["reversal_of"] is not None
        debit = credit = 0
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
            moved = self.turnover.setdefault(record["month"], {})
            total = moved.setdefault(posting["account"], [0, 0])
            total[0] += in_debit
            total[1] += in_credit
        if len(postings) < 2:
            self.wrong(label, "分录少于两条")
        if debit != credit:
            self.wrong(label, f"借贷不平：借方 {_yuan(debit)}，贷方 {_yuan(credit)}")
        if debit != _fen(record["amount"]):
            self.wrong(label, f"分录合计 {_yuan(debit)} 与凭证金额 {record['amount']} 不符")
        self.bodies[label] = _body(postings, 1)
        self.mirrors[label] = _body(postings, -1)

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
            elif self.bodies.get(label) != self.mirrors[original]:
                self.wrong(label, f"与所红冲的凭证 {original} 不是逐行相反")
        for label in self.digests:
            if label not in self.sealed:
                self.outcome.unsealed += 1
                if self.periods.get(label[:7], {}).get("status") == "closed":
                    self.wrong(label, "月份已结账而凭证未封存，可能是后来插入的")
        self._closing_balances()
        self._counts()
        return self.outcome

    def _closing_balances(self) -> None:
        """What was kept at each closing against all postings up to then."""
        running: dict[str, list[int]] = {}
        for month in sorted(self.periods):
            for account, (debit, credit) in self.turnover.get(month, {}).items():
                before = running.get(account, [0, 0])
                running[account] = [before[0] + debit, before[1] + credit]
            if self.periods[month]["status"] != "closed":
                continue
            kept = self.balances.get(month, {})
            for account in sorted(set(kept) | set(running)):
                if kept.get(account, [0, 0]) != running.get(account, [0, 0]):
                    self.wrong(month, f"科目 {account} 的结账余额与分录合计不符")

    def _counts(self) -> None:
        found = {
            "vouchers": self.outcome.vouchers,
            "postings": self.outcome.postings,
            "seals": self.outcome.seals,
        }
        if self.end is None:
            self.wrong("文件", "没有结尾一行，文件被截断")
        elif any(self.end.get(name) != count for name, count in found.items()):
            self.wrong("文件", "条数与结尾一行不符，文件被增删过")


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


def changes_since(earlier: Iterable[Record], records: Iterable[Record]) -> list[Finding]:
    """What an earlier export says that is different or missing now."""
    now: dict[str, Record] = {}
    links: dict[int, str] = {}
    for record in records:
        if record.get("kind") == "voucher":
            now[record["label"]] = record
        elif record.get("kind") == "seal":
            links[record["sequence"]] = record["digest"]
    findings = []
    for record in earlier:
        if record.get("kind") == "voucher":
            label = record["label"]
            if label not in now:
                findings.append(Finding(label, "先前的导出中有这张凭证，现在没有"))
            elif now[label] != record:
                difference = _difference(record, now[label])
                findings.append(Finding(label, f"与先前的导出不同：{difference}"))
        elif record.get("kind") == "seal":
            sequence = record["sequence"]
            if links.get(sequence) != record["digest"]:
                findings.append(Finding("封存链", f"第 {sequence} 环与先前的导出不同，链被重算过"))
    return findings


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


def main(arguments: list[str]) -> int:
    """0: whole; 1: something is wrong; 2: wrong usage."""
    paths = [Path(argument) for argument in arguments]
    if not 1 <= len(paths) <= 2 or not all(path.is_file() for path in paths):
        sys.stderr.write("用法：python verify.py 导出文件.jsonl [先前的导出文件.jsonl]\n")
        return 2
    outcome = verify(read_export(paths[0]))
    if len(paths) == 2:
        outcome.findings += changes_since(read_export(paths[1]), read_export(paths[0]))
    sys.stdout.write("\n".join(outcome.lines()) + "\n")
    return 0 if outcome.whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

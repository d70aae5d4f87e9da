"""What records are made of: their spelling, their digests, their amounts in whole fen."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Of the exported file. An auditor's older copy of this program names the number it does not know.
FORMAT = 6
# 1 has no settlements, 2 no figures; up to 3 an account is printed by the code of its postings;
# up to 4 there are no statements of banks, up to 5 the workbook has no sheet of them.
READ = (1, 2, 3, 4, 5, FORMAT)
WITH_LINES = 6
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


def line_digest(previous: str, line: Record) -> str:
    """The link of a line of a bank's statement in the chain of its account."""
    told = [line[name] for name in ("account", "day", "serial", "amount")]
    return hashlib.sha256(previous.encode() + b":" + canonical(told)).hexdigest()


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `where` is a voucher's label, a month or the chain."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


def fen_of(text: str) -> int:
    if not AMOUNT.fullmatch(text):
        raise ValueError(f"金额 {text!r} 不是两位小数")
    return int(text.replace(".", ""))


def yuan_told(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def half_up(numerator: int, denominator: int) -> int:
    """To the nearest whole, halves away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def read_export(path: Path) -> Iterator[Record]:
    """The records of an export. A line that is no JSON object comes out as kind `damaged`."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            yield record if isinstance(record, dict) else {"kind": "damaged"}

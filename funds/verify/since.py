"""What has changed since an earlier export, or since an end of the chain was noted."""

from collections.abc import Iterable, Iterator, Mapping

from funds.verify.bank import line_named
from funds.verify.records import FIRST_LINK, Charts, Finding, Record


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
        self.lines: dict[tuple[str, str, str], str] = {}
        self.names: Record = {}
        self.printed: Charts = {}
        for record in records:
            kind = record.get("kind")
            if kind == "voucher":
                self.vouchers[record["label"]] = record
            elif kind == "seal":
                self.links[record["sequence"]] = record["digest"]
            elif kind == "bank_line":
                self.lines[_of_bank(record)] = record["amount"]
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
        elif kind == "bank_line":
            now = self.lines.get(_of_bank(earlier))
            if now != earlier["amount"]:
                yield Finding(
                    line_named(earlier), f"先前是 {earlier['amount']}，现在是 {now or '没有'}"
                )
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


def _of_bank(line: Record) -> tuple[str, str, str]:
    return line["account"], line["day"], line["serial"]


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

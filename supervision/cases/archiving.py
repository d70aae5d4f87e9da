"""Putting a case away (归档): what lies in its file, in the order of a file, each with a digest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.fields import blind_index
from accounts.models import User
from desk.changes import all_or_nothing
from desk.models import Paper
from desk.numbers import next_number
from desk.papers import KINDS
from supervision.cases.archive_models import ArchiveLine, CaseArchive
from supervision.cases.models import Case, CaseNote
from supervision.cases.papers import DOCUMENTS
from supervision.cases.workflow import CASES, WORK

SERIES = "医保稽卷"
YEARS = {CaseArchive.Retention.LONG: 30, CaseArchive.Retention.SHORT: 10}
MAX_PAGES = 999
# The order of a file: what was decided first, then how it came to that, the closing last.
FIRST = ("decision", "delivery")
BEFORE = ("filing", "inquiry", "register")
TOLD = ("notice", "notice_delivery")
LAST = ("closing",)
DEFENCE = (
    CaseNote.Kind.STATEMENT,
    CaseNote.Kind.WAIVED,
    CaseNote.Kind.SILENT,
    CaseNote.Kind.HEARING_ASKED,
    CaseNote.Kind.HEARING,
    CaseNote.Kind.COLLECTIVE,
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing in the file of a case."""

    source: str
    title: str
    dated_on: date
    digest: str
    number: str = ""


def standing_archive(case: Case) -> CaseArchive | None:
    """Where the case is put away now."""
    found: CaseArchive | None = case.archives.filter(opened_at=None).first()
    return found


def entries_of(case: Case) -> list[Entry]:
    """All documents, evidence, records and papers of the case, in order."""
    papers = list(_papers(case))
    notes = list(case.notes.order_by("happened_on", "pk"))
    return [
        *_named(papers, FIRST),
        *_named(papers, BEFORE),
        *(_claim(one) for one in case.claims.select_related("settlement").order_by("pk")),
        *(_evidence(one) for one in case.evidence.order_by("obtained_on", "pk")),
        *(_note(one) for one in notes if one.kind not in DEFENCE),
        *_named(papers, TOLD),
        *_words(case),
        *(_note(one) for one in notes if one.kind in DEFENCE),
        *(_measure(one) for one in case.measures.order_by("pk")),
        *(_fine(one) for one in case.fines.order_by("paid_on", "pk")),
        *_named(papers, LAST),
    ]


Printed = tuple[str, Entry]  # the name of the document in `DOCUMENTS`


def _papers(case: Case) -> Iterator[Printed]:
    names = {kind.code: name for name, kind, _ in DOCUMENTS}
    prints = Paper.objects.filter(
        kind__in=names, subject_type=case._meta.label_lower, subject_id=str(case.pk), copy=0
    )
    for one in prints.order_by("pk"):
        yield (
            names[one.kind],
            Entry(
                source=f"paper:{one.pk}",
                title=KINDS[one.kind].title,
                number=one.number,
                dated_on=timezone.localdate(one.printed_at),
                digest=one.fingerprint,
            ),
        )


def _named(papers: list[Printed], names: tuple[str, ...]) -> Iterator[Entry]:
    for name in names:
        yield from (entry for found, entry in papers if found == name)


def digest_of(row: models.Model) -> str:
    """Keyed digest of all that a row says: without the key nobody tries names against it."""
    said = [f"{field.attname}={getattr(row, field.attname)}" for field in row._meta.concrete_fields]
    return blind_index("supervision.archive", "\0".join([row._meta.label_lower, *said]))


def _entry(row: Any, title: str, dated_on: date, number: str = "") -> Entry:
    return Entry(
        source=f"{row._meta.model_name}:{row.pk}",
        title=title[:200],
        dated_on=dated_on,
        digest=digest_of(row),
        number=number[:60],
    )


def _claim(row: Any) -> Entry:
    settlement = row.settlement
    return _entry(row, "涉案结算单", timezone.localdate(row.added_at), settlement.number)


def _evidence(row: Any) -> Entry:
    return _entry(row, f"{row.get_kind_display()}：{row.title}（{row.origin}）", row.obtained_on)


def _note(row: Any) -> Entry:
    return _entry(row, f"{row.get_kind_display()}记录", row.happened_on)


def _measure(row: Any) -> Entry:
    on = row.done_on or timezone.localdate(row.added_at)
    return _entry(row, f"处理措施：{row.get_kind_display()}（{row.target}）", on, row.done_note)


def _fine(row: Any) -> Entry:
    return _entry(row, f"罚款{row.get_kind_display()}凭证", row.paid_on, row.treasury_number)


def _words(case: Case) -> Iterator[Entry]:
    """What the party handed in, each followed by its pages."""
    for word in case.party_words.prefetch_related("scans").order_by("received_on", "pk"):
        told = f"当事人书面答复：{word.get_kind_display()}"
        yield _entry(word, told, word.received_on)
        for at, scan in enumerate(word.scans.all(), start=1):
            yield Entry(
                source=f"wordscan:{scan.pk}",
                title=f"{told}，扫描件 {at}",
                dated_on=word.received_on,
                digest=scan.sha256,
            )


def problem_of_archiving(case: Case) -> str:
    """Why the case may not be put away yet, in Chinese; "" when it may."""
    if not case.is_over:
        return f"案件现为“{case.get_status_display()}”，结案以后才能归档"
    if (standing := standing_archive(case)) is not None:
        return f"案件已归档，卷宗号 {standing}"
    printed = {name for name, _ in _papers(case)}
    lacking = [
        kind.title
        for name, kind, is_due in DOCUMENTS
        if kind.kept and is_due(case) and kind.is_final(case) and name not in printed
    ]
    return f"卷内还缺{'、'.join(lacking)}：请先打印" if lacking else ""


@all_or_nothing()
def archive_case(
    *, actor: User, case: Case, retention: str, pages: Mapping[str, int], on: date
) -> CaseArchive:
    """Put the case away: with the index of all that lies in it. `pages`: by source of an entry, how
    many it has on paper. Raises Refusal."""
    row = CASES.lock(case.pk)
    if not actor.may(WORK):
        raise Refusal("您的角色不能办理归档")
    if wrong := problem_of_archiving(row):
        raise Refusal(wrong)
    if retention not in CaseArchive.Retention.values:
        raise Refusal("请选择保管期限", "retention")
    entries = entries_of(row)
    if not entries:
        raise Refusal("卷内还没有文书、证据和记录，不能归档")
    if {one.source for one in entries} != set(pages):
        raise Refusal("您打开这一页之后，卷内材料有了变化，请核对后再归档")
    years = YEARS.get(CaseArchive.Retention(retention))
    number = next_number(SERIES, row.area.county_code, on.year)
    archive = CaseArchive.objects.create(
        case=row,
        number=f"{SERIES}〔{on.year}〕{number}号",
        retention=retention,
        # 保管期限 is counted from the year after.
        keep_until=date(on.year + years, 12, 31) if years else None,
        archived_on=on,
        archived_by=actor,
    )
    ArchiveLine.objects.bulk_create(
        ArchiveLine(
            archive=archive,
            place=at,
            source=one.source,
            title=one.title,
            number=one.number,
            dated_on=one.dated_on,
            pages=pages[one.source],
            digest=one.digest,
        )
        for at, one in enumerate(entries, start=1)
    )
    record(
        actor=actor,
        action="supervision.archive_case",
        subject=archive,
        after={"lines": len(entries), "pages": sum(pages.values())},
    )
    return archive


def altered_lines(archive: CaseArchive) -> list[str]:
    """What lies in the case otherwise than its index says, in Chinese."""
    now = {one.source: one for one in entries_of(archive.case)}
    lines = {one.source: one for one in archive.lines.all()}
    changed = [
        f"第 {line.place} 项“{line.title}”与归档时不一致"
        for source, line in lines.items()
        if source not in now or now[source].digest != line.digest
    ]
    return changed + [f"“{now[source].title}”不在目录中" for source in now.keys() - lines.keys()]


@dataclass(frozen=True)
class Placed:
    """A line with the pages on which it lies."""

    line: ArchiveLine
    first: int

    @property
    def last(self) -> int:
        return self.first + self.line.pages - 1

    @property
    def told(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}–{self.last}"


def placed(archive: CaseArchive) -> list[Placed]:
    """The index with its page numbers."""
    found, page = [], 1
    for line in archive.lines.all():
        found.append(Placed(line, page))
        page += line.pages
    return found

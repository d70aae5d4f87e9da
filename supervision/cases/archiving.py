"""Putting a case away (归档): what lies in its file, in the order of a file, each with a digest."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
from lib.money import told
from supervision.cases.archive_models import ArchiveLine, CaseArchive
from supervision.cases.execution import fine_paid, problem_of_pauses
from supervision.cases.models import Case, CaseNote
from supervision.cases.papers import DOCUMENTS
from supervision.cases.workflow import CASES, WORK, check_not_excused
from supervision.proof_files import ProofFile

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


# Which columns of a row its digest covers, in order: written out, so that a column that comes to a
# table later leaves the digests of before as they are. An archive names its scheme; another list is
# another scheme.
OF_BEFORE: Mapping[str, str] = {
    "caseclaim": "id case_id settlement_id amount added_by_id added_at",
    "evidence": "id case_id kind title origin obtained_on hold hold_due_on hold_extended "
    "released_on released_how added_by_id added_at",
    "casenote": "id case_id kind happened_on words who added_by_id added_at",
    "measure": "id case_id kind target points amount first_day last_day added_by_id added_at "
    "done_on done_note done_by_id",
    "fineentry": "id case_id kind amount paid_on treasury_number noted_by_id noted_at",
    "partyword": "id division_id review_id order_id case_id kind received_on brought_by way words "
    "evidence entered_by_id entered_at",
}
COLUMNS: dict[int, Mapping[str, str]] = {
    1: OF_BEFORE,
    2: {
        **OF_BEFORE,
        "partyword": f"{OF_BEFORE['partyword']} is_late",
        "delivery": "id case_id document served_on way place receiver relation refusal witness "
        "reference server other_server entered_by_id entered_at",
        "caseofficer": "id case_id user_id named_by_id named_at left_on left_why",
        "casepause": "id case_id kind first_day last_day added_by_id added_at",
    },
}
COLUMNS |= {
    3: {
        **COLUMNS[2],
        "delivery": f"{COLUMNS[2]['delivery']} review_id",
        "casepause": f"{COLUMNS[2]['casepause']} paper paper_on status opinion agreed_by_id"
        " agreed_at",
    },
}
COLUMNS |= {
    4: {
        **COLUMNS[3],
        "casepause": f"{COLUMNS[3]['casepause']} ends_on ended_by_id ended_at end_agreed_by_id"
        " end_agreed_at",
    },
}
COLUMNS |= {
    5: {
        **COLUMNS[4],
        "casepause": f"{COLUMNS[4]['casepause']} end_opinion end_returned_by_id end_returned_at",
    },
}
SCHEME = max(COLUMNS)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing in the file of a case. `row`: whose columns the digest covers."""

    source: str
    title: str
    dated_on: date
    digest: str = ""
    number: str = ""
    row: Any = None


def standing_archive(case: Case) -> CaseArchive | None:
    """Where the case is put away now."""
    found: CaseArchive | None = case.archives.filter(opened_at=None).first()
    return found


def entries_of(case: Case, scheme: int = SCHEME) -> list[Entry]:
    """All documents, evidence, records and papers of the case, in order, as that scheme lists and
    digests them."""
    columns = COLUMNS[scheme]
    return [
        one if one.row is None else replace(one, digest=digest_of(one.row, columns))
        for one in _listed(case)
        if one.row is None or one.row._meta.model_name in columns
    ]


def _listed(case: Case) -> list[Entry]:
    papers = list(_papers(case))
    notes = list(case.notes.order_by("happened_on", "pk"))
    return [
        *_named(papers, FIRST),
        *_named(papers, BEFORE),
        *(_officer(one) for one in case.officers.select_related("user").order_by("pk")),
        *(_claim(one) for one in case.claims.select_related("settlement").order_by("pk")),
        *_evidence(case),
        *(_note(one) for one in notes if one.kind not in DEFENCE),
        *(_pause(one) for one in case.pauses.order_by("first_day", "pk")),
        *_named(papers, TOLD),
        *(_delivery(one) for one in case.deliveries.order_by("served_on", "pk")),
        *_words(case),
        *(_note(one) for one in notes if one.kind in DEFENCE),
        *(_measure(one) for one in case.measures.order_by("pk")),
        *(_fine(one) for one in case.fines.order_by("paid_on", "pk")),
        *_named(papers, LAST),
    ]


Printed = tuple[str, Entry]  # the name of the document in `DOCUMENTS`


NAMES = {kind.code: name for name, kind, _ in DOCUMENTS}


def _prints(case: Case) -> Any:
    """The originals of its documents."""
    return Paper.objects.filter(
        kind__in=NAMES, subject_type=case._meta.label_lower, subject_id=str(case.pk), copy=0
    ).order_by("pk")


def _papers(case: Case) -> Iterator[Printed]:
    for one in _prints(case):
        yield (
            NAMES[one.kind],
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


def digest_of(row: models.Model, columns: Mapping[str, str]) -> str:
    """Keyed digest of what a row says: without the key nobody tries names against it."""
    names = columns[row._meta.model_name or ""].split()
    said = [f"{name}={getattr(row, name)}" for name in names]
    return blind_index("supervision.archive", "\0".join([row._meta.label_lower, *said]))


def _entry(row: Any, title: str, dated_on: date, number: str = "") -> Entry:
    return Entry(
        source=f"{row._meta.model_name}:{row.pk}",
        title=title[:200],
        dated_on=dated_on,
        number=number[:60],
        row=row,
    )


def _officer(row: Any) -> Entry:
    left = f"，{row.left_on} 回避" if row.left_on else ""
    return _entry(row, f"指定办案人员：{row.user.name}{left}", timezone.localdate(row.named_at))


def _pause(row: Any) -> Entry:
    title = f"扣除期间：{row.get_kind_display()}（{row.get_status_display()}）"
    return _entry(row, title, row.first_day, row.paper)


def _delivery(row: Any) -> Entry:
    return _entry(row, f"送达登记：{row.get_document_display()}", row.served_on)


def _claim(row: Any) -> Entry:
    settlement = row.settlement
    return _entry(row, "涉案结算单", timezone.localdate(row.added_at), settlement.number)


def _evidence(case: Case) -> Iterator[Entry]:
    for row in case.evidence.prefetch_related("scans").order_by("obtained_on", "pk"):
        title = f"{row.get_kind_display()}：{row.title}（{row.origin}）"
        yield _entry(row, title, row.obtained_on)
        yield from _scans(
            row.scans.all(), f"{row.get_kind_display()}：{row.title}", row.obtained_on
        )


def _scans(scans: Iterable[ProofFile], title: str, dated_on: date) -> Iterator[Entry]:
    """The pages that follow what they are of; their own digest is that of their bytes."""
    for at, scan in enumerate(scans, start=1):
        yield Entry(
            source=f"{scan._meta.model_name}:{scan.pk}",
            title=f"{title}，扫描件 {at}",
            dated_on=dated_on,
            digest=scan.sha256,
        )


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
        title = f"当事人书面答复：{word.said}"
        yield _entry(word, title, word.received_on)
        yield from _scans(word.scans.all(), title, word.received_on)


def problem_of_archiving(case: Case) -> str:
    """Why the case may not be put away yet, in Chinese; "" when it may."""
    if not case.is_over:
        return f"案件现为“{case.get_status_display()}”，结案以后才能归档"
    if (standing := standing_archive(case)) is not None:
        return f"案件已归档，卷宗号 {standing}"
    if case.status == Case.Status.REVOKED and (paid := fine_paid(case)) > 0:
        return f"决定已撤销，罚款 {told(paid)} 元还在国库：退库并登记以后再归档"
    if wrong := problem_of_pauses(case):
        return wrong
    if case.pauses.filter(last_day=None).exists():
        return "有一段扣除期间还没有结束，请先登记结束日期"
    lacking = _lacking(case)
    return f"卷内还缺{'、'.join(lacking)}：请先打印" if lacking else ""


def _lacking(case: Case) -> list[str]:
    """Documents that were not printed as they stand now: an earlier edition, or a receipt that was
    still blank, does not do."""
    printed = set(_prints(case).values_list("kind", "edition"))
    return [
        kind.title
        for _, kind, is_due in DOCUMENTS
        if kind.kept
        and is_due(case)
        and kind.is_final(case)
        and (kind.code, kind.edition(case)) not in printed
    ]


@all_or_nothing()
def archive_case(
    *, actor: User, case: Case, retention: str, pages: Mapping[str, int], on: date
) -> CaseArchive:
    """Put the case away: with the index of all that lies in it. `pages`: by source of an entry, how
    many it has on paper. Raises Refusal."""
    row = CASES.lock(case.pk)
    if not actor.may(WORK):
        raise Refusal("您的角色不能办理归档")
    check_not_excused(row, actor)
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
        scheme=SCHEME,
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
    now = {one.source: one for one in entries_of(archive.case, archive.scheme)}
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

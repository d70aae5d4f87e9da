"""Step one: the file is read, judged and staged; nothing of the register is written yet."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from accounts.errors import Refusal
from accounts.fields import sealer
from desk.copying import copy_rows
from enrollment.cover.assessing import Assessment
from enrollment.cover.enrolling import season_on
from enrollment.people.models import HOUSEHOLD_BANK, HOUSEHOLD_PHONE, PERSON_NUMBER
from enrollment.rosters import cells
from enrollment.rosters.columns import REGISTER
from enrollment.rosters.facts import Places, gather
from enrollment.rosters.households import Household, Register, Row, collect
from enrollment.rosters.models import (
    RegisterHousehold,
    RegisterImport,
    RegisterRow,
)
from enrollment.rosters.numbers import identify
from enrollment.rosters.verdicts import Judge, counts
from lib import typed_text
from lib.money import to_yuan
from lib.spelling import Spelling, spell

NOT_SPELT = Spelling("", "")
HOUSEHOLD_COLUMNS = (
    "register_id", "seq", "wrong", "idle", "household_id", "division_id", "tier", "address",
    "phone", "receipt_book_id", "receipt_number", "payer_name",
    "old_number", "bank_account", "bank_account_name",
)  # fmt: skip
ROW_COLUMNS = (
    "register_id", "seq", "line", "verdict", "problems", "enrolls", "corrects", "person_id",
    "name", "pinyin", "initials", "sex", "birth_date", "resident_id", "resident_id_index",
    "relationship", "residence", "statuses", "assessment", "consecutive_years",
    "cover_first_day", "pays_id", "old_number",
)  # fmt: skip


def judge_register(register: RegisterImport, on: date) -> dict[str, Any]:
    """Read, judge and stage a register; returns its counts. Raises Refusal or SpreadsheetError.

    Inside the caller's transaction: a worker that dies leaves nothing staged.
    """
    season = None
    if not register.is_carried:
        season = season_on(area_code=register.township.county_code, day=on)
    if season and season.campaign.pk != register.campaign_id:
        raise Refusal("这份名册上传时的缴费期已经结束，请重新上传")
    actor = register.requested_by
    assert actor is not None  # somebody uploads it
    read = read_register(register)
    identify(read, on)
    judge = Judge(
        season=season,
        facts=gather(
            indexes=[row.index for one in read.households for row in one.rows if row.index],
            numbers=_household_numbers(read.households),
            receipts=_receipts(read.households),
            township=register.township,
            year=season.year if season else on.year,
            on=on,
            olds=_old_numbers(read.households),
        ),
        places=Places(register.township, on),
        actor=actor,
        on=on,
        columns=read.columns,
    )
    for household in read.households:
        judge.judge(household)
    judge.finish()
    copy_rows(RegisterHousehold, HOUSEHOLD_COLUMNS, _household_lines(register.pk, read.households))
    copy_rows(RegisterRow, ROW_COLUMNS, _row_lines(register.pk, read.households))
    found = {
        name: to_yuan(count) if name == "open_amount" else count
        for name, count in counts(read.households, carried=season is None).items()
    }
    assessments = [_amounts(one) for one in judge.assessments]
    pack = season.measures.pack if season else None
    return found | {"pack": pack, "assessments": assessments}


def read_register(register: RegisterImport) -> Register:
    """The file's households. Raises SpreadsheetError."""
    with register.opened(REGISTER) as sheet:
        return collect(sheet)


def _household_numbers(households: Iterable[Household]) -> list[str]:
    numbers = {cells.household_number(one.number) for one in households if one.number}
    return sorted(number for number in numbers if number)


def _old_numbers(households: Iterable[Household]) -> list[str]:
    found = {one.old_number for one in households}
    found |= {row.old_number for one in households for row in one.rows}
    return sorted(found - {""})


def _receipts(households: Iterable[Household]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for household in households:
        for code, text in household.receipts:
            number = cells.receipt_number(text)
            if code and number is not None:
                found[typed_text.plain(code).upper()].add(number)
    return found


def _amounts(assessment: Assessment) -> dict[str, str]:
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in assessment.columns().items()
    }


def _flag(value: bool) -> str:
    return "t" if value else "f"


def _household_lines(register_id: int, households: Iterable[Household]) -> Iterable[Sequence[Any]]:
    seal, context = sealer().seal, HOUSEHOLD_PHONE
    for one in households:
        place = one.known.division_id if one.known else one.division.pk if one.division else None
        yield (
            register_id,
            one.seq,
            _flag(one.is_wrong),
            _flag(one.idle),
            one.known.pk if one.known else None,
            place,
            one.tier,
            one.address[:100],
            seal(one.new_phone, context) if one.new_phone else "",
            one.receipt_book_id,
            one.receipt_number,
            one.payer_name,
            one.old_number,
            seal(one.new_bank, HOUSEHOLD_BANK) if one.new_bank else "",
            one.bank_account_name[:40],
        )


def _row_lines(register_id: int, households: Iterable[Household]) -> Iterable[Sequence[Any]]:
    """The number of a person is kept, sealed, only where it will be written."""
    seal, context = sealer().seal, PERSON_NUMBER
    spelt = lru_cache(maxsize=None)(spell)  # every second name comes again; forgotten with the file
    for household in households:
        wanted = not household.is_wrong and not household.idle
        for row in household.rows:
            sealed = ""
            if wanted and row.identity is not None and row.person is None:
                sealed = seal(row.identity.number, context)
            spelling = spelt(row.name) if sealed or row.corrects else NOT_SPELT
            yield _row_line(register_id, household.seq, row, sealed, spelling)


def _row_line(
    register_id: int, seq: int, row: Row, sealed: str, spelling: Spelling
) -> Sequence[Any]:
    # What keeps it out comes first.
    problems = sorted(row.problems, key=lambda one: one.level != cells.ERROR)
    identity = row.identity
    return (
        register_id,
        seq,
        row.line,
        "e" if row.is_wrong else "w" if row.is_doubtful else "r",
        json.dumps([[p.level, p.field, p.message] for p in problems], ensure_ascii=False)
        if problems
        else "[]",
        _flag(row.enrolls),
        _flag(row.corrects),
        row.person.pk if row.person else None,
        row.name[:40],
        spelling.pinyin,
        spelling.initials,
        identity.sex if identity else "",
        identity.birth_date if identity else None,
        sealed,
        row.index if sealed else "",
        row.relationship,
        row.residence,
        ",".join(sorted(row.held)),
        row.assessment,
        row.consecutive_years,
        row.cover_first_day,
        row.pays.pk if row.pays else None,
        row.old_number,
    )

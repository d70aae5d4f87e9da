"""Who the rows are: resident ids read, blind indexes made, the same number twice told."""

from datetime import date

from accounts.fields import sealer
from enrollment.people.numbers import indexes_of
from enrollment.rosters.households import Register, Row
from lib.resident_id import ResidentIdError, parse


def identify(register: Register, on: date) -> None:
    """Read every resident id and its blind index; the same number twice is told at both rows."""
    seen: dict[str, Row] = {}
    index = sealer().index
    for household in register.households:
        for row in household.rows:
            number = _identify(row, seen, on)
            if number:
                row.index = index(number, "resident_id")


def _identify(row: Row, seen: dict[str, Row], on: date) -> str:
    """The person's number; "" when there is none to go by."""
    if not row.name:
        row.blame("name", "没有填写姓名")
    if not row.resident_id:
        row.blame("resident_id", "没有填写身份证号")
        return ""
    if row.is_wrong and any(problem.field == "resident_id" for problem in row.problems):
        return ""
    try:
        row.identity = parse(row.resident_id, on)
    except ResidentIdError as error:
        other = indexes_of(row.resident_id)
        if other:
            row.index, row.other_document = other[0], str(error)
        else:
            row.blame("resident_id", str(error))
        return ""
    number = row.identity.number
    earlier = seen.setdefault(number, row)
    if earlier is not row:
        row.blame("resident_id", f"与第 {earlier.at} 行的身份证号相同，请删去一行或改正")
        if earlier.index:  # told once, however often the number comes again
            earlier.blame("resident_id", f"与第 {row.at} 行的身份证号相同，请删去一行或改正")
            earlier.index = ""
        return ""
    return number

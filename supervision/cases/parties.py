"""Who the party of a case is, as its documents name it (当事人基本情况)."""

from datetime import date

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.templatetags.hezuo import mask_id
from desk.changes import all_or_nothing
from lib import resident_id
from supervision.cases.models import Case
from supervision.cases.workflow import CASES, WORK, check_not_excused


def particulars(case: Case) -> list[list[str]]:
    """Title and words of each; "" of what nobody said. The number of a person is masked: the
    document names the person by it and does not spread it."""
    if case.person is not None:
        household = case.person.household
        number = mask_id(case.person.resident_id)
        address = case.party_address or f"{place_told(household.division)}{household.address}"
        return [["姓名", case.party_name], ["证件号码", number], ["住址", address]]
    rows = [["名称", case.party_name], ["统一社会信用代码", case.party_code]]
    address = case.party_address
    if case.institution is not None:
        rows.append(["执业许可证号", case.institution.licence])
        rows.append(["医保机构代码", case.institution.code])
        address = address or place_told(case.institution.division)
    return [*rows, ["地址", address], ["法定代表人（负责人）", case.party_head]]


def place_told(place: Division) -> str:
    """From the county down."""
    names: list[str] = []
    above: Division | None = place
    while above is not None:
        names.insert(0, above.name)
        above = above.parent
    return "".join(
        name for at, name in enumerate(names) if at == 0 or not name.startswith(names[at - 1])
    )


def address_of(case: Case) -> str:
    return next(words for title, words in particulars(case) if title in {"住址", "地址"})


def missing(case: Case) -> list[str]:
    """What the decision would leave open of its party."""
    return [title for title, words in particulars(case) if not words]


def _is_resident_id(text: str, on: date) -> bool:
    try:
        resident_id.parse(text.strip(), on)
    except ValueError:
        return False
    return True


@all_or_nothing()
def describe_party(
    *, actor: User, case: Case, address: str, on: date, code: str = "", head: str = ""
) -> Case:
    """What a document needs of the party beside its name, until the decision that names it was
    served. Raises Refusal."""
    row = CASES.lock(case.pk)
    if not actor.may(WORK):
        raise Refusal("您的角色不能登记当事人信息")
    check_not_excused(row, actor)
    if row.is_over or row.delivered_on is not None:
        raise Refusal(f"案件现为“{row.get_status_display()}”，不再登记当事人信息")
    if _is_resident_id(code, on):
        raise Refusal("这里填单位的统一社会信用代码，不填身份证号", "code")
    before = audited(row)
    said = {
        "party_code": code.strip()[:40],
        "party_address": resident_id.people_masked(address.strip())[:100],
        "party_head": resident_id.people_masked(head.strip())[:40],
    }
    changed = [column for column, words in said.items() if getattr(row, column) != words]
    for column in changed:
        setattr(row, column, said[column])
    row.save(update_fields=changed)
    record(
        actor=actor,
        action="supervision.describe_party",
        subject=row,
        before=before,
        after=audited(row) | {"changed": changed},
    )
    return row

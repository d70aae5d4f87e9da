"""The rules of possible relations, asked at every door; what seldom is needs a reason."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from accounts.errors import Place, Refusal
from desk.reasons import MIN_REASON
from enrollment.people.models import PAID_COVER, Person
from enrollment.people.relations import Member, remarks

EXPLAINED = "explained"  # the input for the reason, on every page that can be asked


def is_paid(person: Person, on: date) -> bool:
    """Whether cover that is paid for is in force or yet to begin."""
    return person.enrollments.filter(status=PAID_COVER, cover_last_day__gte=on).exists()


def refuse_unseen(person: Person, on: date, *, at: str) -> None:
    """Who somebody with paid cover is, is changed by two people (cover.proposals)."""
    if is_paid(person, on):
        raise Refusal(
            f"{person.name}已缴费参保，姓名、证件号码由另一人审批后才能更正，"
            "请在该户成员处点“申请更正姓名、证件”",
            at,
        )


def as_member(person: Person, key: object = None) -> Member:
    """A row of the register, also one that is not saved yet."""
    return Member(
        person.pk if key is None else key,
        person.name,
        person.relationship,
        person.sex,
        person.birth_date,
        person.death_date,
    )


def refuse_odd(
    members: Iterable[Member],
    *,
    on: date,
    asked: Collection[object],
    at: Callable[[object, str], Place],
    explained: str = "",
) -> None:
    """Raises Refusal for what cannot be, and for what seldom is and was given no reason.

    `members`: the household as it will be, with its dead. `asked`: the keys of those who are new
    or change; what was registered before is not held against who comes today. `at`: where a
    member's input stands.
    """
    odd = [one for one in remarks(list(members), on) if one.key in asked]
    for one in odd:
        if one.impossible:
            raise Refusal(one.text, at=at(one.key, one.field))
    if odd and len(explained.strip()) < MIN_REASON:
        told = "；".join(one.text for one in odd)
        raise Refusal(f"{told}。确属实情的，请在“情况说明”中写明后再保存", at=(EXPLAINED,))

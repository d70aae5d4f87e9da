"""How the register's own rows follow when two records of one person become one."""

from typing import Any

from accounts.models import User
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.rooms import MOVES, STAYS, Unless

FOLLOWS = {
    "enrollment.RegisterEvent.person": STAYS,
    "enrollment.FormerNumber.person": MOVES,
    "enrollment.FormerCertificate.person": MOVES,
    "enrollment.OldNumber.person": MOVES,
    "enrollment.IdentityStatus.person": Unless(("code", "first_day")),
    "enrollment.Person.same_as": MOVES,
    "enrollment.SamePerson.kept": STAYS,
    "enrollment.SamePerson.given_up": STAYS,
    "enrollment.SamePerson.new_head": STAYS,
}


def shown(person: Person, user: User) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Identities and lists, for the page that shows two records side by side."""
    home = person.household
    identity = [
        ("医疗证号", person.certificate_number),
        ("村组", home.division.place),
        ("与户主关系", person.get_relationship_display()),
        ("性别、出生日期", f"{person.get_sex_display()} {person.birth_date}"),
        ("户籍", person.get_residence_display()),
    ]
    if person.death_date:
        identity.append(("死亡日期", str(person.death_date)))
    if person.departure_date:
        identity.append(("迁出日期", str(person.departure_date)))
    lists = [
        (
            IdentityStatus.Code(row.code).label,
            f"{row.first_day} 至 {row.last_day or '今'}（{row.source}）",
        )
        for row in person.statuses.all()
    ]
    others = [
        (one.name, one.get_relationship_display())
        for one in home.members.present().exclude(pk=person.pk)
    ]
    return [("登记", identity), ("同户成员", others), ("身份名单", lists)]

"""The people who work in the demo county. Names of our own; one password for all of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.roles import Role
from demo import names
from demo.places import COUNTY_CODE, Township
from demo.plan import Plan
from demo.providers import Providers

DEMO_PASSWORD = "Dazu-yanshi-2026"  # noqa: S105 - printed by demo_guide, refused in production
# The township whose clerk and cadre the guide introduces: the one with a central hospital.
SHOWN_TOWNSHIP = 1


@dataclass(frozen=True)
class Worker:
    username: str
    name: str
    role: Role
    division_code: str = ""
    institution_code: str = ""


COUNTY_OFFICE = (
    ("chushen", "周文静", Role.REVIEWER),
    ("fuhe", "吴国栋", Role.APPROVER),
    ("kuaiji", "郑淑芬", Role.ACCOUNTANT),
    # A voucher by hand takes three people: kuaiji makes it, jianguan reviews, kuaiji2 enters it.
    ("kuaiji2", "唐玉梅", Role.ACCOUNTANT),
    ("chuna", "冯小兰", Role.CASHIER),
    ("jianguan", "蒋正平", Role.SUPERVISOR),
    # A case takes two who investigate; the auditor checks the law, as in any small county.
    ("jianguan2", "罗明亮", Role.SUPERVISOR),
    ("shenji", "沈严", Role.AUDITOR),
    ("minzheng", "宋佳", Role.CIVIL_AFFAIRS),
)
ADMINISTRATORS = (
    ("xitong", "钱学礼", Role.SYSTEM_ADMIN),
    ("anquan", "孙全", Role.SECURITY_ADMIN),
    ("shenjiguanli", "李察", Role.AUDIT_ADMIN),
)


@dataclass(frozen=True)
class Staff:
    workers: Sequence[Worker]
    clerks: Mapping[int, Worker]  # township clerk by township index
    counters: Mapping[str, Worker]  # who enters claims, by institution code

    def one(self, role: Role) -> Worker:
        """The first in this role: for roles that the county has once."""
        return next(worker for worker in self.workers if worker.role == role)


def staff_of(plan: Plan, townships: Sequence[Township], providers: Providers) -> Staff:
    """One per role, two accountants, a clerk for each township, one at each hospital's counter.

    Village clinics have none: their township's hospital enters for them, as it keeps their books.
    """
    chance = plan.chance("staff")

    def name(male: bool) -> str:
        return names.surname(chance) + names.given(chance, male=male, birth_year=1985)

    workers = [Worker(user, person, role, COUNTY_CODE) for user, person, role in COUNTY_OFFICE]
    workers += [Worker(user, person, role) for user, person, role in ADMINISTRATORS]
    clerks: dict[int, Worker] = {}
    for township in townships:
        shown = township.index == SHOWN_TOWNSHIP
        username = "jingban" if shown else f"jingban{township.index + 1:02d}"
        person = "陈秀英" if shown else name(male=township.index % 2 == 0)
        clerks[township.index] = Worker(username, person, Role.TOWNSHIP_CLERK, township.code)
    workers += clerks.values()
    counters: dict[str, Worker] = {}
    for provider in providers.everyone:
        if provider.is_outside or provider.level == "village":
            continue
        first = not counters
        counters[provider.code] = Worker(
            "yiyuan" if first else f"yiyuan{provider.position + 1:02d}",
            "韩梅" if first else name(male=False),
            Role.INSTITUTION_CLERK,
            institution_code=provider.code,
        )
    workers += counters.values()
    for clinic in providers.clinics.values():
        assert clinic.township is not None
        counters[clinic.code] = counters[providers.hospitals[clinic.township].code]
    village = townships[SHOWN_TOWNSHIP].villages[-1]
    workers.append(Worker("cungan", "杨大山", Role.VILLAGE_CADRE, village.code))
    return Staff(workers, clerks, counters)

"""Divisions, days off and accounts, kept in tables by the system administrator."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts import services
from accounts.duties import second_duty
from accounts.errors import Refusal
from accounts.models import PROGRAM, Division, DivisionQuerySet, User, UserQuerySet
from accounts.passwords import unusable
from accounts.roles import ADMINISTRATORS, INSTITUTION_ROLES, ROLE_NAMES, Role
from desk.master_cells import Cell, Choice, Day, Words, coded
from desk.masterdata import MasterResource, Plan, put
from desk.models import SpecialDay, SpecialDayQuerySet
from lib import typed_text
from lib.divisions import level_of, parent_code
from lib.tables.reading import Row
from lib.workdays import is_workday

# Roles whose work lies at one level; the others' may be the county or a township.
LEVEL_OF_ROLE = {
    Role.TOWNSHIP_CLERK: Division.Level.TOWNSHIP,
    Role.VILLAGE_CADRE: Division.Level.VILLAGE,
}


def _code(text: str) -> str:
    """Raises DivisionCodeError, which says how to mend it."""
    level_of(text)
    return text


def _person(text: str) -> str:
    """Raises ValueError with what cannot stand in a name."""
    name = typed_text.name(text)
    if problem := typed_text.name_problem(name):
        raise ValueError(problem.removeprefix("的"))
    return name


class DivisionResource(MasterResource):
    kind = "accounts.divisions"
    noun = "区划表"
    permission = "accounts.load_divisions"
    hint = "县 6 位、乡镇 9 位、村 12 位、组 14 位；上级应已建立或在同一份表里。名称不同的改名。"
    max_rows = 10_000

    code = Cell(
        "code", "区划代码", Words(20, kind="code", fold=_code), others=("代码",), required=True
    )
    name = Cell("name", "名称", Words(60), others=("区划名称",), required=True)

    class Meta:
        model = Division
        import_id_fields = ("code",)

    def rows(self) -> DivisionQuerySet:
        """All of them: the administrator keeps every area's."""
        return Division.objects.order_by("code")

    def look(self, rows: Sequence[Row]) -> None:
        self.above = {row.cells["code"] for row in rows}

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        above = parent_code(row.code)
        if above and above not in self.above and (above,) not in self._known:
            return {"code": f"代码 {row.code} 的上级 {above} 既不在表中也未建立，请把上级补进表里"}
        return {}

    def write(self, plan: Plan) -> None:
        services.load_divisions(
            actor=self.actor,
            names={line.row.code: line.row.name for line in plan.to_write},
            first_day=self.first_day,
        )

    @property
    def first_day(self) -> date:
        try:
            return date.fromisoformat(self.options["first_day"])
        except (KeyError, ValueError):
            raise Refusal("请填写启用日期", "first_day") from None


class CalendarResource(MasterResource):
    kind = "desk.calendar"
    noun = "节假日安排"
    permission = "accounts.load_calendar"
    hint = (
        "照国务院办公厅的年度通知，一天一行；放假的周末不用写。承诺办结、月结付款的工作日照此计算。"
    )
    max_rows = 2_000

    day = Cell("day", "日期", Day(), required=True)
    arranged = Cell("kind", "安排", Choice(SpecialDay.Kind.choices), required=True)
    name = Cell("name", "名称", Words(20), others=("节日",), required=True)

    class Meta:
        model = SpecialDay
        import_id_fields = ("day",)

    def rows(self) -> SpecialDayQuerySet:
        """One calendar for every area."""
        return SpecialDay.objects.order_by("day")

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if row.kind == SpecialDay.Kind.WORK and is_workday(row.day):
            return {"day": f"{row.day} 不是周末，照常上班，不用写“调休上班”，请核对日期"}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="desk.keep_special_day")


class AccountResource(MasterResource):
    """The people of a county with their roles and places: asked for here, given by the security
    administrator. Whoever has a role already is no longer a matter of the table."""

    kind = "accounts.users"
    noun = "用户表"
    permission = "accounts.manage_users"
    hint = (
        "一人一行。所属代码：县级岗位填县的 6 位代码，乡镇经办填乡镇 9 位，村干部填村 12 位，"
        "定点机构填机构代码，三员不填。读入后由安全管理员授权，再打印密码信函。"
    )
    personal = True

    username = Cell(
        "username", "用户名", Words(40, kind="code"), others=("账号", "登录名"), required=True
    )
    name = Cell("name", "姓名", Words(40, fold=_person), required=True)
    asked_role = Cell(
        "asked_role", "角色", Choice(User.ROLE_CHOICES), others=("岗位",), required=True
    )
    asked_place = Cell("asked_place", "所属代码", coded(14), others=("所属区划代码", "机构代码"))
    asked_note = Cell("asked_note", "同名说明", Words(100))

    class Meta:
        model = User
        import_id_fields = ("username",)

    def prepare(self) -> None:
        """Everybody who works here, and every place: their number is that of a county's offices."""
        users = User.objects.select_related("division").order_by("username")
        self.places = dict(Division.objects.values_list("code", "level"))
        self.working = [
            (one.name, one.username, one.role, one.county_code)
            for one in users
            if one.is_active and not one.is_program
        ]

    def rows(self) -> UserQuerySet:
        return User.objects.order_by("username")

    def to_export(self) -> UserQuerySet:
        return self.rows().asking()

    def blank(self) -> dict[str, Any]:
        """No role yet that could do anything, and no password that anybody could type."""
        return {
            "is_active": False,
            "must_change_password": True,
            "role": Role.AUDIT_ADMIN,
            "password": unusable(),
        }

    def look(self, rows: Sequence[Row]) -> None:
        self.asking: list[tuple[str, str, str, str]] = []

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if was is not None and was.is_program:
            return {"username": f"{was.username} 是{PROGRAM}，请换一个用户名"}
        if was is not None and (was.is_active or was.last_login or not was.asked_role):
            return {"username": f"{was.name}的账号已有角色，改动由安全管理员在“用户”中办理"}
        if problem := self._place(row.asked_role, row.asked_place):
            return {"asked_place": problem}
        code = row.asked_place
        county = code[1:7] if row.asked_role in INSTITUTION_ROLES else code[:6]
        others = [*self.working, *self.asking]
        self.asking.append((row.name, row.username, row.asked_role, county))
        if not row.asked_note and (
            problem := second_duty(row.name, row.asked_role, county, others)
        ):
            return {"name": problem}
        return {}

    def _place(self, role: str, code: str) -> str:
        """What is wrong with the place of a role; "" if nothing."""
        if role in ADMINISTRATORS:
            return "三员不填所属代码" if code else ""
        if not code:
            return "这个角色必须填写所属代码"
        return self._institution(code) if role in INSTITUTION_ROLES else self._division(role, code)

    def _institution(self, code: str) -> str:
        """By its shape: institutions may be loaded after the people who work there."""
        right = len(code) == 12 and code[0] == "H" and code[1:].isdecimal()
        if right and code[1:7] in self.places:
            return ""
        return f"“{code}”应为本县的机构代码：H、县代码 6 位、顺序号 5 位"

    def _division(self, role: str, code: str) -> str:
        level, wanted = self.places.get(code), LEVEL_OF_ROLE.get(Role(role))
        if level is None:
            return f"没有代码为 {code} 的区划，请先在“区划”中核对"
        if wanted and level != wanted:
            return f"{ROLE_NAMES[Role(role)]}的所属应是{wanted.label}，{code} 不是"
        return ""

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="accounts.ask_account")

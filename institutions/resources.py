"""Institutions, their people and the catalogues, kept in tables by the county's supervision."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision
from desk.master_cells import Cell, Choice, Day, Known, Whole, Words, YesOrNo, Yuan, coded
from desk.masterdata import MasterResource, Plan, put
from institutions.agreements.models import AgreementStep, Signing
from institutions.categories import CATEGORY_NAMES
from institutions.keeping import add_items, begins_anew, keep_item
from institutions.mapping import (
    MAX_AT_ONCE,
    Sent,
    known_codes,
    own_institution,
    propose_mappings,
    wrong_with,
)
from institutions.models import (
    Agreement,
    CatalogueItem,
    CatalogueQuerySet,
    Institution,
    InstitutionQuerySet,
    Level,
    Practitioner,
)
from institutions.sent_models import CodeMapping, CodeMappingQuerySet
from institutions.under_measures import level_problem
from lib.tables.reading import Row
from policies.terms import ORIGINS


class InstitutionResource(MasterResource):
    kind = "institutions.institutions"
    noun = "定点机构"
    permission = "institutions.keep"
    hint = "协议在机构建立后另行登记；没有有效协议的机构不能结算。"

    code = Cell("code", "机构代码", coded(12), required=True)
    name = Cell("name", "名称", Words(100), required=True)
    level = Cell("level", "级别", Choice(Level.choices), required=True)
    kind_of = Cell("kind", "类别", Choice(Institution.Kind.choices), required=True)
    division = Cell("division", "所在区划代码", Known("区划"), required=True)
    is_active = Cell("is_active", "执业中", YesOrNo(), required=True)
    beds = Cell("beds", "核定床位", Whole(0, 20_000), kept=True)

    class Meta:
        model = Institution
        import_id_fields = ("code",)

    def prepare(self) -> None:
        places = Division.objects.visible_to(self.actor)
        self.fields["division"].widget.rows = {place.code: place for place in places}

    def rows(self) -> InstitutionQuerySet:
        rows = Institution.objects.visible_to(self.actor).select_related("division")
        return rows.order_by("code")

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        """An institution's code holds its area's: its clerk is scoped by it (decision 0003)."""
        area = self.actor.county_code
        if row.code[1:7] != area:
            return {"code": f"机构代码第 2 至 7 位应是本统筹区代码 {area}"}
        if was is not None:
            # What a visit is judged by has a day and two hands (institutions/registry/).
            for name, words in (("level", "级别"), ("is_active", "执业状态")):
                if getattr(row, name) != getattr(was, name):
                    return {name: f"{words}变更须写明自哪天起，请在机构页面提出"}
            return {}
        problem = level_problem(area, "level", row.level, today())
        return {"level": problem} if problem else {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="institutions.keep_institution")


class PractitionerResource(MasterResource):
    kind = "institutions.practitioners"
    noun = "医师"
    permission = "institutions.keep"
    personal = True

    code = Cell("code", "医师代码", coded(20), required=True)
    name = Cell("name", "姓名", Words(40), required=True)
    institution = Cell("institution", "机构代码", Known("机构"), required=True)
    title = Cell("title", "职称", Words(20))
    qualification = Cell("qualification", "资格证书编码", coded(30), kept=True)
    licence = Cell("licence", "执业证书编码", coded(30), kept=True)
    licence_from = Cell("licence_from", "执业注册自", Day(), kept=True)
    licence_until = Cell("licence_until", "执业注册至", Day(), kept=True)

    class Meta:
        model = Practitioner
        import_id_fields = ("code",)

    def prepare(self) -> None:
        places = Institution.objects.visible_to(self.actor)
        self.fields["institution"].widget.rows = {place.code: place for place in places}

    def rows(self) -> ScopedQuerySet[Practitioner]:
        rows = Practitioner.objects.visible_to(self.actor).select_related("institution__division")
        return rows.order_by("institution__code", "code")

    def look(self, rows: Sequence[Row]) -> None:
        """A code may be somebody's elsewhere, whom the actor does not see."""
        codes = {row.cells["code"] for row in rows}
        self.taken = set(Practitioner.objects.filter(code__in=codes).values_list("code", flat=True))

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if was is None and row.code in self.taken:
            return {"code": f"医师代码 {row.code} 已由外地机构使用，请与医师本人核对"}
        first, last = row.licence_from, row.licence_until
        if first is not None and last is not None and last < first:
            return {"licence_until": f"执业注册至不能早于执业注册自 {first}"}
        if not row.licence and (first is not None or last is not None):
            return {"licence": "填写执业注册日期时，请同时填写执业证书编码"}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="institutions.keep_practitioner")


class AgreementResource(MasterResource):
    """One line an agreement, also those of earlier years: a claim is judged by the agreement of its
    own day."""

    kind = "institutions.agreements"
    noun = "定点协议"
    permission = "institutions.keep"
    hint = (
        "转入原有的协议：每份一行，往年的也可以登记；同一机构的协议期不能重叠，须一次转入。"
        "新签、续签、暂停、终止请在协议页面办理。"
    )

    number = Cell("number", "协议编号", Words(40), required=True)
    institution = Cell("institution", "机构代码", Known("机构"), required=True)
    name = Cell("institution__name", "机构名称", Words(100), readonly=True)
    first_day = Cell("first_day", "起始日期", Day(), required=True)
    last_day = Cell("last_day", "截止日期", Day(), required=True)
    status = Cell("status", "状态", Choice(Agreement.Status.choices), required=True)

    class Meta:
        model = Agreement
        import_id_fields = ("number",)

    def prepare(self) -> None:
        places = Institution.objects.visible_to(self.actor)
        self.fields["institution"].widget.rows = {place.code: place for place in places}

    def rows(self) -> ScopedQuerySet[Agreement]:
        rows = Agreement.objects.visible_to(self.actor).select_related("institution__division")
        return rows.order_by("institution__code", "first_day")

    def look(self, rows: Sequence[Row]) -> None:
        """Numbers of other counties, and what stands beside the lines of the file."""
        numbers = {row.cells["number"] for row in rows}
        self.taken = set(
            Agreement.objects.filter(number__in=numbers).values_list("number", flat=True)
        )
        self.terms: dict[int, dict[str, tuple[date, date]]] = defaultdict(dict)
        signings = Signing.objects.visible_to(self.actor).order_by()
        self.known = set(signings.values_list("institution_id", flat=True))
        for one in self.rows():
            self.known.add(one.institution_id)
            if one.number not in numbers:
                self.terms[one.institution_id][one.number] = (one.first_day, one.last_day)
        states = [Decision.Status.PROPOSED, Decision.Status.APPROVED]
        steps = AgreementStep.objects.filter(agreement__number__in=numbers, status__in=states)
        self.stepped = set(steps.order_by().values_list("agreement_id", flat=True))

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if was is None and row.number in self.taken:
            return {"number": "这个协议编号已由外地机构使用，请核对"}
        if row.last_day < row.first_day:
            return {"last_day": f"截止日期不能早于起始日期 {row.first_day}"}
        if was is not None and (wrong := self._check_change(row, was)):
            return wrong
        beside = self.terms[row.institution_id]
        for number, (first, last) in beside.items():
            if number != row.number and first <= row.last_day and row.first_day <= last:
                return {"first_day": f"与协议 {number}（{first} 至 {last}）的协议期重叠"}
        # Where nothing is yet, a county moves in; what is added later is signed by two.
        if was is None and row.last_day >= self.on and row.institution_id in self.known:
            return {"last_day": "该机构已登记过协议，今天及以后的协议请在页面上由两人签订"}
        beside[row.number] = (row.first_day, row.last_day)
        return {}

    def _check_change(self, row: Any, was: Any) -> Mapping[str, str]:
        """What two people signed, or what is done to an agreement, is no matter of a table."""
        if row.institution_id != was.institution_id:
            return {"institution": "协议不能改到另一机构，请登记新的协议"}
        if was.signing_id is not None:
            return {"number": "由两人签订的协议不能用表格改，暂停、终止请在协议页面提出"}
        if row.status != was.status:
            return {"status": "暂停、终止、恢复须写明自哪天起，请在协议页面提出"}
        return self._check_days(row, was)

    def _check_days(self, row: Any, was: Any) -> Mapping[str, str]:
        days, before = (row.first_day, row.last_day), (was.first_day, was.last_day)
        if was.pk in self.stepped and days != before:
            return {"last_day": "有暂停、终止或恢复的协议不能改日期，新的协议请在页面上由两人签订"}
        if row.last_day > was.last_day:
            return {"last_day": f"不能延长到 {was.last_day} 以后，续签请在页面上由两人签订"}
        if row.first_day < was.first_day and was.first_day > self.on:
            return {"first_day": f"不能提前到 {was.first_day} 以前，请在页面上由两人签订"}
        return {}

    def write(self, plan: Plan) -> None:
        for line in plan.to_write:
            put(line, actor=self.actor, action="institutions.keep_agreement")


class CatalogueResource(MasterResource):
    """Three catalogues in one table. Of each code the latest row is compared with the file.

    What bills are priced by is dated: a change begins a new row and ends the old one the day
    before, since claims refer to what was in force. Only a name is mended in place.
    """

    kind = "institutions.catalogue"
    noun = "三个目录"
    permission = "institutions.keep"
    hint = "限价、支付类别等有变动的，启用日期填新标准执行的日期（明天或以后），旧的用到前一天。"
    max_rows = 10_000

    code = Cell("code", "编码", coded(30), required=True)
    name = Cell("name", "名称", Words(120), required=True)
    catalogue = Cell("catalogue", "目录", Choice(CatalogueItem.Catalogue.choices), required=True)
    category = Cell("category", "费用类别", Choice(CATEGORY_NAMES.items()), required=True)
    payment_class = Cell(
        "payment_class", "支付类别", Choice(CatalogueItem.PaymentClass.choices), required=True
    )
    unit = Cell("unit", "单位", Words(12), required=True)
    price_limit = Cell("price_limit", "限价", Yuan())
    is_traditional = Cell("is_traditional", "中医药", YesOrNo())
    is_essential = Cell("is_essential", "基本药物", YesOrNo())
    is_antibiotic = Cell("is_antibiotic", "抗菌药物", YesOrNo())
    is_limited = Cell("is_limited", "限制使用", YesOrNo())
    origin = Cell("origin", "产地", Choice(ORIGINS.items()))
    first_day = Cell("first_day", "启用日期", Day(), required=True)
    last_day = Cell("last_day", "停用日期", Day())

    class Meta:
        model = CatalogueItem
        import_id_fields = ("code",)

    def prepare(self) -> None:
        self.area = Division.objects.get(code=self.actor.county_code)

    def rows(self) -> CatalogueQuerySet:
        """The latest row of every code: the one in force, or the one that will be."""
        items = CatalogueItem.objects.filter(area=self.area)
        latest = items.order_by("code", "-first_day").distinct("code").values("pk")
        return items.filter(pk__in=latest).order_by("catalogue", "code")

    def blank(self) -> dict[str, Any]:
        return {"area": self.area}

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if row.last_day is not None and row.last_day < row.first_day:
            return {"last_day": f"停用日期不能早于启用日期 {row.first_day}"}
        if was is None:
            return {}
        if begins_anew(row, was):
            return self._check_new_row(row, was)
        if row.first_day != was.first_day:
            return {"first_day": f"其他内容没有变动，启用日期请保持 {was.first_day}"}
        if row.last_day != was.last_day and row.last_day and row.last_day < self.on:
            return {"last_day": "停用日期不能早于今天，已经发生的结算不能改"}
        return {}

    def _check_new_row(self, row: Any, was: Any) -> Mapping[str, str]:
        """Nothing that may have been priced already is priced anew."""
        if was.first_day > self.on:  # not in force yet, nobody has used it; the eve stays covered
            kept = row.first_day == was.first_day
            told = f"这一项将从 {was.first_day} 启用，启用日期请保持不变"
        else:
            kept = row.first_day > max(self.on, was.first_day)
            told = "限价、支付类别等有变动，启用日期请填新标准执行的日期（明天或以后）"
        if not kept:
            return {"first_day": told}
        return {}

    def write(self, plan: Plan) -> None:
        add_items(plan, actor=self.actor)
        for line in plan.to_write:
            if line.was is not None:
                keep_item(line, actor=self.actor, on=self.on)


class PriceHistoryResource(CatalogueResource):
    """Dated versions of items that the catalogue does not have yet, several lines of one code: what
    the old system priced by, and will still be asked of claims of earlier days."""

    kind = "institutions.price_history"
    noun = "目录沿革"
    hint = (
        "只收目录里还没有的编码：同一编码每个版本一行，各写启用、停用日期，现行的停用日期留空。"
        "已有的编码用“三个目录”表变动。"
    )

    class Meta:
        model = CatalogueItem
        import_id_fields = ("code", "first_day")

    def rows(self) -> CatalogueQuerySet:
        return CatalogueItem.objects.filter(area=self.area).order_by("code", "first_day")

    def look(self, rows: Sequence[Row]) -> None:
        codes = {row.cells["code"] for row in rows}
        items = CatalogueItem.objects.filter(area=self.area, code__in=codes)
        self.known = set(items.values_list("code", flat=True))
        self.versions: dict[str, list[tuple[date, date]]] = defaultdict(list)

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        """Only asked of what differs from what is there."""
        if row.code in self.known:
            return {"code": f"{row.code} 已在目录中，变动请用“三个目录”表"}
        last_day = row.last_day or date.max
        if last_day < row.first_day:
            return {"last_day": f"停用日期不能早于启用日期 {row.first_day}"}
        for first, last in self.versions[row.code]:
            if first <= last_day and row.first_day <= last:
                return {"first_day": f"与同一编码 {first} 启用的版本日期重叠，请填停用日期"}
        self.versions[row.code].append((row.first_day, last_day))
        return {}

    def write(self, plan: Plan) -> None:
        add_items(plan, actor=self.actor)


class MappingResource(MasterResource):
    """What an institution without an interface calls the items of the catalogue; its clerk sends
    the table, the county agrees."""

    kind = "institutions.mappings"
    noun = "目录对照"
    permission = "institutions.map_codes"
    hint = "一个机构编码一行；已提交的要改，先在列表中撤销。提交后由医保经办机构同意。"

    own_code = Cell("own_code", "机构项目编码", coded(150), required=True)
    own_name = Cell("own_name", "机构项目名称", Words(200), required=True)
    kind_of = Cell("kind", "目录类别", Choice(CodeMapping.Kind.choices), required=True)
    code = Cell("code", "医保编码", coded(30), required=True)
    first_day = Cell("first_day", "启用日期", Day(), required=True)
    last_day = Cell("last_day", "停用日期", Day())
    spec = Cell("spec", "规格", Words(200))
    pack = Cell("pack", "包装", Words(100))

    class Meta:
        model = CodeMapping
        import_id_fields = ("own_code", "first_day")

    def prepare(self) -> None:
        self.institution = own_institution(self.actor)

    def rows(self) -> CodeMappingQuerySet:
        rows = CodeMapping.objects.visible_to(self.actor).live()
        return rows.filter(institution=self.institution).order_by("own_code", "first_day")

    def blank(self) -> dict[str, Any]:
        return {"institution": self.institution, "details": []}

    def look(self, rows: Sequence[Row]) -> None:
        self.known = known_codes(self.institution, (row.cells["code"] for row in rows))

    def check(self, row: Any, was: Any) -> Mapping[str, str]:
        if was is not None:
            told = f"已对照 {was.code}（{was.get_status_display()}），要改的请先在列表中撤销"
            return {"own_code": told}
        wrong = wrong_with(_sent(row), self.known)
        return {wrong[0]: wrong[1]} if wrong else {}

    def write(self, plan: Plan) -> None:
        lines = plan.to_write
        for begin in range(0, len(lines), MAX_AT_ONCE):
            some = lines[begin : begin + MAX_AT_ONCE]
            try:
                propose_mappings(actor=self.actor, sent=[_sent(line.row) for line in some])
            except Refusal as refusal:
                at = next((one for one in refusal.at if isinstance(one, int)), 0)
                told = f"第 {some[at].number} 行：{refusal.message}；没有写入任何内容"
                raise Refusal(told) from None


def _sent(row: CodeMapping) -> Sent:
    return Sent(
        own_code=row.own_code,
        own_name=row.own_name,
        kind=row.kind,
        code=row.code,
        first_day=row.first_day,
        last_day=row.last_day,
        details=[(title, text) for title, text in row.details],
    )

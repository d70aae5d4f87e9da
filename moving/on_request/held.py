"""Everything that is held about one person (个人信息保护法 第四十五条: 个人有权查阅、复制).

What belongs to the person is found along foreign keys, from the person to covers, visits and
claims. `tests/moving/test_on_request.py` asks that no table that points at any of these is left
out unless it says here why.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.models import AuditLine, Division, User
from accounts.roles import ROLE_NAMES, Role
from accounts.templatetags.hezuo import day, minute
from accounts.trail_names import action_name
from claims.models import Settlement, Visit
from desk.models import Paper
from desk.papers import KINDS, Facts
from enrollment.cover.models import AccountOpening
from enrollment.models import Enrollment, Household, Person, Receipt, Refund
from funds.payments.models import PaymentOrder, Transfer
from moving.leaving.tables import column_title, title_of
from policies.models import Pack
from policies.services import terms_of

# Table → the way from its row to the person. The order of the paper.
WAYS: dict[str, str] = {
    "enrollment.Person": "",
    "enrollment.FormerNumber": "person",
    "enrollment.FormerCertificate": "person",
    "enrollment.OldNumber": "person",
    "enrollment.IdentityStatus": "person",
    "enrollment.ListLine": "person",
    "enrollment.CarriedMending": "cover__person",
    "enrollment.RegisterEvent": "person",
    "enrollment.RegisterRow": "person",
    "enrollment.Proposal": "person",
    "enrollment.SamePerson": "given_up",
    "enrollment.ExpectedChild": "mother",
    "enrollment.CheckLine": "person",
    "enrollment.Enrollment": "person",
    "enrollment.LateEntry": "enrollment__person",
    "enrollment.TaxRow": "enrollment__person",
    "enrollment.SponsorUse": "enrollment__person",
    "enrollment.SponsorFund_people": "person",
    "enrollment.Refund": "enrollment__person",
    "claims.CarriedUsage": "person",
    "claims.CarriedAmount": "person",
    "claims.OldSettlement": "person",
    "claims.OldClaim": "person",
    "claims.Filing": "person",
    "claims.Visit": "person",
    "claims.VisitFiling": "visit__person",
    "claims.Invoice": "visit__person",
    "claims.BillBatch": "visit__person",
    "claims.BillLine": "visit__person",
    "claims.LineRefund": "visit__person",
    "gateway.Message": "visit__person",
    "gateway.SettlementList": "settlement__visit__person",
    "claims.HandedPaper": "visit__person",
    "claims.LateClaim": "visit__person",
    "claims.Scan": "visit__person",
    "supervision.VisitDenial": "visit__person",
    "gateway.DrugSale": "visit__person",
    "gateway.VisitMark": "visit__person",
    "claims.Settlement": "visit__person",
    "claims.SettlementFund": "settlement__visit__person",
    "claims.SettlementStep": "settlement__visit__person",
    "claims.Denial": "settlement__visit__person",
    "claims.Determination": "settlement__visit__person",
    "claims.Approval": "settlement__visit__person",
    "claims.PaymentHold": "settlement__visit__person",
    "claims.Dependent": "settlement__visit__person",
    "claims.Supplement": "settlement__visit__person",
    "claims.Recovery": "settlement__visit__person",
    "claims.PatientRefund": "settlement__visit__person",
    "claims.AidApplication": "person",
    "claims.AidClaim": "application__person",
    "claims.AidCase": "person",
    "claims.SecondPayment": "person",
}
# Tables that point at a person, a cover, a visit or a claim, and are not told: why.
NOT_TOLD: dict[str, str] = {
    "claims.CarriedRow": "the line of a file; what was taken from it stands under CarriedUsage",
    "claims.OldRow": "the line of a file; what was taken from it stands under OldSettlement",
    "claims.BedRow": "the line of a file; what was taken from it stands under Visit",
    "claims.ClearingClaim": "how a month is paid to the institution",
    "claims.BatchClaim": "in which pile the claim was decided",
    "claims.UsageEntry": "the claims' own amounts, added up by limit",
    "supervision.Alert": "what is being looked into is not told to whom it concerns (第十八条)",
    "supervision.SampleItem": "which claims were examined, which is the supervision's own work",
    "supervision.Case": "a case against somebody is told by its own notices and decisions",
    "supervision.CaseClaim": "which claims a case looks into stands in its decision",
    "supervision.LibraryHit": "by which point of the library; what was found stands under Alert",
    "supervision.LibraryGap": "what the library did not judge, which is nothing about the person",
    "supervision.TrialHit": "what rules that are only tried would find; nobody acts on it",
    "gateway.PreCheck": "that rules were asked before; what they find stands under Alert",
    "claims.Screened": "that rules were asked; what they found stands under Alert",
    "supervision.Screening": "that rules were asked; what they found stands under Alert",
}
# Rows of others that name the person: only what concerns the person is told.
PAYEE = {
    "claims.Settlement": "payee_person",
    "claims.Supplement": "payee_person",
}
# Kinds of cells that are masked for who only looks.
NUMBER, PHONE, ACCOUNT = "resident_id", "phone", "account"
# Keys of orders of payment → the rows that they pay.
ORDERS = {
    "settlement": "claims.Settlement",
    "aid": "claims.AidApplication",
    "second": "claims.SecondPayment",
    "supplement": "claims.Supplement",
    "refund": "enrollment.Refund",
}
Cell = dict[str, str]
# Of A4 across, with words of three or four letters in each.
MAX_COLUMNS = 9
# Columns of which each value is a word of the measures.
OF_THE_MEASURES = {
    "tier": "tier",
    "place": "place",
    "care": "care",
    "benefit": "care",
    "referral": "referral",
    "bill_class": "bill_class",
    "diseases": "disease",
    "facts": "fact",
    "reasons": "reason",
    "layer": "layer",
}
Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Section:
    """A table of the paper."""

    title: str
    columns: list[str]
    rows: list[list[Cell]]

    def plain(self) -> Facts:
        """Where a row is too long for a sheet, its columns stand one after the other."""
        if len(self.columns) <= MAX_COLUMNS:
            return {"title": self.title, "columns": self.columns, "rows": self.rows}
        told = [
            [
                {"of": of, **cell}
                for of, cell in zip(self.columns, row, strict=True)
                if any(cell.values())
            ]
            for row in self.rows
        ]
        return {"title": self.title, "long": told, "rows": self.rows[:0]}


def held(person: Person) -> Facts:
    """Plain JSON for the paper: sections with their rows; empty ones are named at the end."""
    sections = [*_sections(person)]
    return {
        "name": person.name,
        "resident_id": person.resident_id,
        "certificate": person.certificate_number,
        "place": person.household.division.place,
        "sections": [one.plain() for one in sections if one.rows],
        "nothing": [one.title for one in sections if not one.rows],
    }


def records_of(person: Person) -> list[int]:
    """The person's record and those that were joined with it."""
    return [
        *Person.objects.filter(Q(pk=person.pk) | Q(same_as=person.pk)).values_list("pk", flat=True)
    ]


def rows_of(label: str, people: Sequence[int]) -> models.QuerySet[Any]:
    """The rows of a table that belong to these records."""
    model, way = apps.get_model(label), WAYS[label]
    rows: models.QuerySet[Any] = model._base_manager.filter(**{f"{way or 'pk'}__in": people})
    return rows.order_by("pk")


def _sections(person: Person) -> Iterator[Section]:
    people, words = records_of(person), words_of(person.household.division.county_code)
    yield _table("户", Household.objects.filter(pk=person.household_id), words)
    opening = AccountOpening.objects.filter(household=person.household_id)
    yield _table(title_of(AccountOpening), opening, words)
    for label, way in WAYS.items():
        rows = rows_of(label, people)
        yield _table(title_of(rows.model), rows, words, but=way.split("__")[0])
    receipts = Enrollment.objects.filter(person__in=people).values("receipt")
    yield _table("收据", Receipt.objects.filter(pk__in=receipts).order_by("pk"), words)
    for label, way in PAYEE.items():
        model = apps.get_model(label)
        rows = model._base_manager.filter(**{f"{way}__in": people}).order_by("pk")
        told = [[_plain(str(one)), _plain(one.get_status_display())] for one in rows]
        yield Section(f"代领：{title_of(model)}", ["单据", "状态"], told)
    keys = [
        f"{key}:{pk}"
        for key, label in ORDERS.items()
        for pk in rows_of(label, people).values_list("pk", flat=True)
    ]
    yield _table("支付单", PaymentOrder.objects.filter(key__in=keys).order_by("pk"), words)
    yield _table("转账", Transfer.objects.filter(order__key__in=keys).order_by("pk"), words)
    yield from _trail(person, people)


def _trail(person: Person, people: Sequence[int]) -> Iterator[Section]:
    """Which papers were printed, and who changed or looked at what."""
    subjects: list[tuple[str, list[str]]] = [
        ("enrollment.person", [str(pk) for pk in people]),
        ("enrollment.household", [str(person.household_id)]),
    ]
    for model in (Enrollment, Refund, Visit, Settlement):
        found = rows_of(model._meta.label, people).values_list("pk", flat=True)
        subjects.append((model._meta.label_lower, [str(pk) for pk in found]))
    mine = Q(pk=None)
    for label, keys in subjects:
        mine |= Q(subject_type=label, subject_id__in=keys)
    papers = list(Paper.objects.filter(mine).select_related("printed_by").order_by("pk"))
    yield Section(
        "打印过的单据",
        ["单据", "编号", "时间", "打印人"],
        [
            [
                _plain(KINDS[one.kind].title if one.kind in KINDS else one.kind),
                _plain(one.number),
                _plain(minute(one.printed_at)),
                _plain(one.printed_by.name),
            ]
            for one in papers
        ],
    )
    mine |= Q(subject_type="desk.paper", subject_id__in=[str(one.pk) for one in papers])
    yield Section(
        "谁办理、查看过",
        ["时间", "操作人", "角色", "操作", "事由"],
        [
            [
                _plain(minute(one.at)),
                _plain(one.user_name),
                _plain(_role(one.role)),
                _plain(action_name(one.action)),
                _plain(one.reason),
            ]
            for one in AuditLine.objects.filter(mine).order_by("pk")
        ],
    )


def _role(code: str) -> str:
    return ROLE_NAMES[Role(code)] if code in set(Role) else code


def _table(title: str, rows: models.QuerySet[Any], words: Words, but: str = "") -> Section:
    """Every column that says something to a person; keys, look-up codes and the way back do not."""
    fields = [one for one in rows.model._meta.concrete_fields if _says(one) and one.name != but]
    joined = [one.name for one in fields if one.is_relation]
    found = [[_cell(row, field, words) for field in fields] for row in rows.select_related(*joined)]
    filled = [at for at, _ in enumerate(fields) if any(any(row[at].values()) for row in found)]
    return Section(
        title,
        [column_title(fields[at]) for at in filled],
        [[row[at] for at in filled] for row in found],
    )


def _says(field: Any) -> bool:
    if field.primary_key or field.column.endswith("_index"):
        return False
    if isinstance(field, models.BinaryField):
        return False
    return not field.is_relation or _named(field.related_model)


def _named(model: Any) -> bool:
    """Whether a row of it has a name to be told by."""
    return model in (User, Division) or model.__str__ is not models.Model.__str__


def _cell(row: Any, field: Any, words: Words) -> Cell:
    if isinstance(field, SealedField):
        kind = PHONE if "phone" in field.name else ACCOUNT if "account" in field.name else NUMBER
        return {kind: str(getattr(row, field.attname) or "")}
    if field.is_relation:
        other = getattr(row, field.name)
        return _plain("" if other is None else str(getattr(other, "name", "") or other))
    if field.choices:
        return _plain(str(getattr(row, f"get_{field.name}_display")() or ""))
    of = OF_THE_MEASURES.get(field.name, "")
    return _text(getattr(row, field.attname), words.get(of, {}))


def _plain(text: str) -> Cell:
    return {"text": text}


def _text(value: Any, words: Mapping[str, str] = MappingProxyType({})) -> Cell:
    if isinstance(value, list):
        return _plain("、".join(words.get(str(one), _said(one)) for one in value))
    return _plain(words.get(str(value), _said(value)))


def words_of(county_code: str) -> Words:
    """What the county's measures call their codes, the latest word for each."""
    found: dict[str, dict[str, str]] = {}
    for pack in Pack.objects.filter(area__code=county_code, status="adopted").order_by("first_day"):
        for dimension, names in terms_of(pack).vocabulary.items():
            found.setdefault(dimension, {}).update(names)
        found.setdefault("layer", {}).update(terms_of(pack).layer_names)
        classes = terms_of(pack).bill.classes.values()
        found.setdefault("bill_class", {}).update({one.code: one.name for one in classes})
    return found


# The first kind that a value is of says how; a moment is a day as well, and truth is a number.
SPELLINGS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (type(None), lambda value: ""),
    (bool, lambda value: "是" if value else "否"),
    (datetime, minute),
    (date, day),
    (Decimal, lambda value: f"{value:f}"),
    (dict, lambda value: "；".join(f"{key}：{_said(one)}" for key, one in value.items())),
    ((list, tuple), lambda value: "、".join(map(_said, value))),
)


def _said(value: Any) -> str:
    spell = next((how for kind, how in SPELLINGS if isinstance(value, kind)), str)
    return spell(value)

"""What is to become of what is registered of institutions."""

from accounts.models import User
from desk.decision_lists import DECIDED, DecisionFilter
from desk.filters import chosen, typed
from desk.listing import Column, Listing, attr
from institutions.listings import of_institution
from institutions.registry.columns import told_becomes, told_was
from institutions.registry.models import RegistryChange, RegistryChangeQuerySet


class ChangeFilter(DecisionFilter):
    decides = "institutions.decide_registry_change"
    column = chosen("事项", "column", RegistryChange.Column.choices)
    institution = typed("机构代码或名称", of_institution)


def changes_of(user: User) -> RegistryChangeQuerySet:
    rows = RegistryChange.objects.visible_to(user)
    return rows.select_related("institution__division", "proposed_by", "decided_by")


CHANGES = Listing(
    "机构登记变更",
    "institutions.view",
    changes_of,
    (
        Column("机构", attr("institution.name"), link="institutions:change"),
        Column("事项", attr("get_column_display")),
        Column("原登记", told_was),
        Column("变更为", told_becomes),
        Column("自", attr("first_day"), "day", sort=True),
        *DECIDED,
    ),
    ChangeFilter,
    empty="没有符合条件的变更",
    hint="在机构页面提出；就诊按其首日登记的级别结算",
)

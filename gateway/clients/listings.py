"""Clients of institutions, and messages that did not prove themselves."""

from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from desk.filters import FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr
from gateway.clients.models import Access, Client, FailedTry


def _holding() -> Q:
    """Of a client's secrets those that open the door now."""
    now = timezone.now()
    ends = Q(secrets__last_at=None) | Q(secrets__last_at__gt=now)
    return Q(secrets__revoked_at=None, secrets__first_at__lte=now) & ends


def with_secrets(rows: "QuerySet[Client]") -> "QuerySet[Client]":
    """With `holding`, how many secrets open the door, and `used_on`, when one last did."""
    holding = Count("secrets", filter=_holding())
    found = rows.annotate(holding=holding, used_on=Max("secrets__used_on"))
    return found.select_related("institution").order_by("institution__code", "pk")


def access_of(row: Any) -> Access:
    """`row` is a client with_secrets."""
    if not row.is_active:
        return Access.OFF
    return Access.ON if row.holding else Access.BARE


def _in_state(rows: Any, value: str) -> Any:
    """`rows` are with_secrets."""
    if value == Access.OFF:
        return rows.filter(is_active=False)
    return rows.filter(is_active=True, **{"holding__gt" if value == Access.ON else "holding": 0})


def _of_institution(rows: Any, value: str) -> Any:
    text = value.strip()
    return rows.filter(Q(institution__code=text) | Q(institution__name__contains=text))


class ClientFilter(FilterForm):
    institution = typed("机构代码或名称", _of_institution)
    kind = chosen("类型", "kind", Client.Kind.choices)
    state = chosen("状态", _in_state, Access.choices)


def _clients(user: User) -> "QuerySet[Client]":
    """The security administrator keeps the clients of every area, as the accounts."""
    return with_secrets(Client.objects.all())


def _own(user: User) -> "QuerySet[Client]":
    return with_secrets(Client.objects.visible_to(user))


def _addresses(row: Client) -> str:
    return "、".join(row.addresses) or "不限"


COLUMNS = (
    Column("名称", attr("name"), sort=True),
    Column("类型", attr("get_kind_display"), sort="kind"),
    Column("接入标识", attr("access_key"), "code"),
    Column("签名方式", attr("get_signing_display"), sort="signing"),
    Column("来源地址", _addresses),
    Column("每分钟", attr("per_minute"), "whole", sort=True),
    Column("有效密钥", attr("holding"), "whole"),
    Column("最近使用", attr("used_on"), "day", sort=True),
    Column("状态", access_of, "status"),
)
CLIENTS = Listing(
    "接入客户端",
    "gateway.manage_clients",
    _clients,
    (
        Column("机构", attr("institution.name"), sort="institution__name", link="gateway:client"),
        *COLUMNS,
    ),
    ClientFilter,
    empty="还没有接入的客户端",
    template="gateway/clients.html",
)
OWN = Listing(
    "本机构接入",
    "gateway.view_own",
    _own,
    (Column("机构", attr("institution.name"), link="gateway:own_client"), *COLUMNS),
    empty="本机构还没有接入的客户端",
    hint="接入标识和密钥由县医保局的安全管理员发放",
    template="gateway/own.html",
)


class FailureFilter(FilterForm):
    key = typed("接入标识", "access_key")
    why = chosen("原因", "why", FailedTry.Why.choices)
    since = day("日期自", "at__date__gte")


def _failures(user: User) -> "QuerySet[FailedTry]":
    """Of every area, and of nobody that is known."""
    return FailedTry.objects.annotate(
        institution=F("client__institution__name"), called=F("client__name")
    )


def _key(row: FailedTry) -> str:
    """What is no client's key is not shown: it may be a secret."""
    return "（没有这个标识）" if row.access_key.startswith("?") else row.access_key


FAILURES = Listing(
    "接入认证失败",
    "gateway.manage_clients",
    _failures,
    (
        Column("时间", attr("at"), "minute", sort=True),
        Column("机构", attr("institution")),
        Column("客户端", attr("called")),
        Column("接入标识", _key, "code"),
        Column("来源地址", attr("origin"), "code", sort=True),
        Column("原因", attr("get_why_display"), sort="why"),
    ),
    FailureFilter,
    empty="没有认证失败的报文",
)

"""Saving an analysis under a name, renaming and removing it."""

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing, change
from reports.analysis.models import NamedView


def keep_view(
    *, actor: User, area: Division, name: str, query: str, is_shared: bool = False
) -> NamedView:
    """`query`: as `AnalysisForm.query` writes it. Raises Refusal for a name that the actor has
    already, and where he may not share."""
    if is_shared and not actor.may("reports.share_view"):
        raise Refusal("全县共用的视图由县级经办人员保存", "is_shared")
    with all_or_nothing():
        view = NamedView.objects.create(
            area=area, owner=actor, name=_named(name), query=query, is_shared=is_shared
        )
        record(
            actor=actor,
            action="reports.keep_view",
            subject=view,
            after={"name": view.name, "query": query, "is_shared": is_shared},
        )
    return view


def rename_view(*, actor: User, view: NamedView, name: str) -> None:
    """Only one's own."""
    own = NamedView.objects.filter(owner=actor)
    with all_or_nothing(), change(own, view.pk, actor=actor, action="reports.rename_view") as row:
        row.name = _named(name)


def remove_view(*, actor: User, view: NamedView) -> None:
    """Only one's own; who shares it loses nothing but the way there."""
    with all_or_nothing():
        row = NamedView.objects.select_for_update().get(pk=view.pk, owner=actor)
        record(actor=actor, action="reports.remove_view", subject=row, before={"name": row.name})
        row.delete()


def _named(name: str) -> str:
    if not name.strip():
        raise Refusal("请填写视图名称", "name")
    return name.strip()

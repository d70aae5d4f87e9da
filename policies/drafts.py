"""Drafts of new measures, edited number by number in the browser (办法草稿)."""

import hashlib
from collections.abc import Mapping

from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from policies.loader import PackError, load_text
from policies.loading.format_one import lifted
from policies.models import Draft, Pack
from policies.numbers import differences, numbers_of, replaced
from policies.problems import Problem
from policies.services import propose_pack
from policies.workflow import DRAFTS


def problems_of(source: str) -> tuple[Problem, ...]:
    """Everything that the checker finds wrong with a text; nothing for a good one."""
    try:
        load_text(source, name="草稿")
    except PackError as error:
        return error.problems
    return ()


@all_or_nothing()
def start_draft(*, actor: User, pack: Pack) -> Draft:
    """A new draft that begins as a copy of `pack`'s text, comments and assumptions included.

    A text of an earlier format is copied in the present one, the only one that can be proposed.
    """
    return DRAFTS.create(
        "start_draft",
        actor=actor,
        area=pack.area,
        base=pack,
        source=lifted(pack.source),
        created_by=actor,
        changed_by=actor,
    )


@all_or_nothing()
def change_numbers(*, actor: User, draft: Draft, values: Mapping[str, str], sha256: str) -> Draft:
    """Write new values at the places they are keyed by; the rest of the text stays as it is.

    `sha256` is the fingerprint of the text that the editor showed: a draft that somebody else has
    changed meanwhile is refused, nothing is lost silently. A text that the checker refuses is kept
    all the same, for a draft may be unfinished; proposing it is what needs a good one.
    """
    draft = DRAFTS.lock(draft.pk)
    DRAFTS.check(draft, "change_draft", actor)
    if fingerprint(draft.source) != sha256:
        raise Refusal("草稿刚被另一人改过，请重新打开后再改，以免覆盖")
    before = draft.source
    draft.source = replaced(before, values)
    if draft.source == before:
        return draft
    draft.changed_by, draft.changed_at = actor, timezone.now()
    draft.save(update_fields=["source", "changed_by", "changed_at"])
    record(
        actor=actor,
        action="policies.change_draft",
        subject=draft,
        after={
            "changes": [
                {"place": each.place, "before": each.before, "after": each.after}
                for each in differences(numbers_of(before), numbers_of(draft.source))
            ]
        },
    )
    return draft


@all_or_nothing()
def propose_draft(*, actor: User, draft: Draft) -> Pack:
    """Put the draft forward as a version for a second person to adopt. Raises Refusal when the
    checker finds anything wrong, or when nothing was changed."""
    draft = DRAFTS.lock(draft.pk)
    DRAFTS.check(draft, "propose_draft", actor)
    if draft.source == lifted(draft.base.source):
        raise Refusal("草稿与原办法完全相同，没有可以提出的改动")
    pack = propose_pack(actor=actor, area=draft.area, source=draft.source)
    DRAFTS.take(draft, "propose_draft", actor=actor, proposed=pack)
    return pack


@all_or_nothing()
def discard_draft(*, actor: User, draft: Draft) -> None:
    """Take an unproposed draft off the list; the trail keeps what it was based on."""
    DRAFTS.move(draft.pk, "discard_draft", actor=actor, discarded_at=timezone.now())


def fingerprint(source: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(source.encode()).hexdigest()

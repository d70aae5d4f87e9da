"""行封存: what no row of the books' business may ever say otherwise, chained like the vouchers.

Triggers and missing rights refuse changes to the application; the owner of the tables can pass
them by. So digests of what never changes (`accounts.rights`) are added to a chain, a few minutes
after a row has come. `row_problems` names the first row of each table that says something else, is
gone, or has come in between later. What later steps add to a row is sealed at theirs, in the same
chain (`accounts.rights.Seal`). Who computes the chain anew is found by an end of it that was noted
elsewhere before (`verify_books --head`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.rights import Seal, declared
from accounts.trail_names import subject_name
from desk.locks import lock_name
from desk.models import RowSeal, RowSealMark

FIRST_LINK = "0" * 64
# Bytes of a row's digest that are kept: 2⁶⁴ tries for two rows that say the same to it.
KEPT_BYTES = 16
# Rows of a link: a third of a megabyte at most.
LINK_ROWS = 10_000
# A key is drawn before its transaction has a number, in the same statement; bulk ones take a while.
SETTLES = timedelta(minutes=2)
Digests = dict[int, bytes]


# Rows of which no link of the step holds a digest. Where few rows ever get there, asking for them
# is cheaper than keeping a list of all others in every link.
UNSEALED = 'id NOT IN (SELECT unnest(ids) FROM desk_rowseal WHERE "table" = %s AND step = %s)'


@shared_task  # type: ignore[untyped-decorator]
def seal_rows() -> int:
    """Seal what has become final in every table; returns how many rows. Harmless twice."""
    return sum(_seal(model, seals, at_rest=False) for model, seals in sealed_tables())


def seal_everything() -> int:
    """Seal all that is final, for whoever knows that nobody writes meanwhile."""
    return sum(_seal(model, seals, at_rest=True) for model, seals in sealed_tables())


def sealed_tables() -> Iterator[tuple[type[models.Model], tuple[Seal, ...]]]:
    """Those of which something never changes, and whose keys rise. The chain is its own seal."""
    for model, rights in declared():
        rises = isinstance(model._meta.pk, models.AutoField)
        if model is not RowSeal and rises and (seals := rights.seals(model)):
            yield model, seals


def head() -> str:
    """The end of the chain: what somebody else should note."""
    last = RowSeal.objects.order_by("sequence").last()
    return last.digest if last else FIRST_LINK


def _seal(model: type[models.Model], seals: Sequence[Seal], *, at_rest: bool) -> int:
    table, sealed = model._meta.db_table, 0
    with transaction.atomic():
        lock_name(_ask("SELECT current_schema()")[0][0], "desk.row_seals")
        horizon = _top(table) if at_rest else _horizon(table)
        for seal in seals:
            again = _freed_since(table, seal)
            while (count := _next_link(table, seal, horizon, again)) is not None:
                sealed, again = sealed + count, []
    return sealed


def _freed_since(table: str, seal: Seal) -> list[int]:
    """Sealed rows that may say otherwise since the last link: they are sealed anew."""
    last = _last_link(table, seal)
    return _ids(table, seal.freed, last.sealed_at) if last and seal.freed else []


def _last_link(table: str, seal: Seal) -> RowSeal | None:
    return RowSeal.objects.filter(table=table, step=seal.step).order_by("sequence").last()


def _next_link(table: str, seal: Seal, horizon: int, again: Sequence[int]) -> int | None:
    """Add a link over the next rows up to `horizon`, those that waited and those to be sealed
    `again`; how many it seals, None where there is nothing to add."""
    last = _last_link(table, seal)
    after, waited = (last.upto, last.waiting) if last else (0, [])
    if seal.is_rare:
        condition = f"id <= %s AND ({seal.since}) AND {UNSEALED}"
        looked_at = _ids(table, condition, horizon, table, seal.step, most=LINK_ROWS)
        final, upto, is_whole = looked_at, after, True
    else:
        new = _ids(table, "id > %s AND id <= %s", after, horizon, most=LINK_ROWS)
        earlier = {*waited, *(one for one in again if one <= after)}
        looked_at = [*_ids(table, "id = ANY(%s)", list(earlier)), *new]
        final = _ids(table, f"id = ANY(%s) AND ({seal.since})", looked_at)
        is_whole = len(new) < LINK_ROWS
        upto = max(after, horizon) if is_whole else new[-1]
    if not final and is_whole:
        return None
    digests = _digests(table, seal.columns, final)
    end = RowSeal.objects.order_by("sequence").last()
    link = RowSeal(
        sequence=end.sequence + 1 if end else 1,
        table=table,
        step=seal.step,
        columns=list(seal.columns),
        after=after,
        upto=upto,
        ids=final,
        waiting=sorted(set(looked_at) - set(final)),
        digests=b"".join(digests[one] for one in final),
        sealed_at=timezone.now(),
        previous=end.digest if end else FIRST_LINK,
    )
    link.digest = link_digest(link)
    link.save(force_insert=True)
    return len(final)


def _horizon(table: str) -> int:
    """Up to which key no row is still to come; 0 while that is not known."""
    mark = RowSealMark.objects.filter(pk=table).first()
    ((oldest, following),) = _ask(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
        " pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    )
    top, now = _top(table), timezone.now()
    settled = mark and mark.noted_at < now - SETTLES and mark.next_transaction <= oldest
    if mark is None or settled:
        RowSealMark.objects.update_or_create(
            pk=table, defaults={"upto": top, "next_transaction": following, "noted_at": now}
        )
    return mark.upto if mark and settled else 0


def link_digest(link: RowSeal) -> str:
    """Of everything that a link says, the link before it included."""
    of = f"{link.table} {link.step}".strip()
    said = (
        *(link.previous, link.sequence, of, ",".join(link.columns), link.after, link.upto),
        *(",".join(map(str, link.ids)), ",".join(map(str, link.waiting))),
        bytes(link.digests).hex(),
    )
    return hashlib.sha256(":".join(map(str, said)).encode()).hexdigest()


def row_problems() -> Iterator[str]:
    """What is wrong with the chain, and the first wrong row of each table, in Chinese."""
    previous, number = FIRST_LINK, 0
    told: set[str] = set()
    tables = {
        model._meta.db_table: (model, {seal.step: seal.freed for seal in rights.seals(model)})
        for model, rights in declared()
    }
    for link in RowSeal.objects.order_by("sequence").iterator(chunk_size=20):
        number += 1
        if link.sequence != number:
            yield f"行封存链：第 {number} 环缺失（读到第 {link.sequence} 环）"
            number = link.sequence
        if link.previous != previous:
            yield f"行封存链：第 {number} 环与前一环不相接"
        if link_digest(link) != link.digest:
            yield f"行封存链：第 {number} 环被改动过"
        previous = link.digest
        if link.table in told:
            continue
        if link.table not in tables:
            told.add(link.table)
            yield f"行封存链：没有封存过的表 {link.table}"
            continue
        model, freed = tables[link.table]
        if found := _first_wrong(link, freed.get(link.step, "")):
            told.add(link.table)
            yield _told(model, *found)
    for model, _ in sealed_tables():
        # Keys begin with 1: no link looks below.
        for key in _ids(model._meta.db_table, "id <= 0", most=1):
            yield _told(model, key, "是封存之后才插入的")


def _first_wrong(link: RowSeal, freed: str) -> tuple[int, str] | None:
    """(key, what is wrong) of the first row of a link that is not as it was sealed."""
    if missing := set(link.columns) - _columns_of(link.table):
        return link.after, f"已封存的列 {'、'.join(sorted(missing))} 不在表中"
    now, kept = _digests(link.table, link.columns, link.ids), bytes(link.digests)
    wrong: dict[int, str] = {}
    for place, key in enumerate(link.ids):
        if key not in now:
            wrong[key] = "已封存，现在不见了"
        elif now[key] != kept[place * KEPT_BYTES : (place + 1) * KEPT_BYTES]:
            wrong[key] = "封存后被改动过"
    if wrong and freed:
        condition = f"id = ANY(%s) AND ({freed})"
        for key in _ids(link.table, condition, list(wrong), link.sealed_at):
            del wrong[key]
    known = [*link.ids, *link.waiting]
    condition = "id > %s AND id <= %s AND id <> ALL(%s)"
    for key in _ids(link.table, condition, link.after, link.upto, known, most=1):
        wrong[key] = "是封存之后才插入的"
    return min(wrong.items()) if wrong else None


def _columns_of(table: str) -> set[str]:
    rows = _ask(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0"
        " AND NOT attisdropped",
        _quoted(table),
    )
    return {name for (name,) in rows}


def _told(model: type[models.Model], key: int, what: str) -> str:
    label, table = model._meta.label_lower, model._meta.db_table
    name, row = subject_name(label), model._base_manager.filter(pk=key).first()
    kind = table if name == label else f"{name} {table}"
    named = row and type(row).__str__ is not models.Model.__str__
    return f"{kind} 第 {key} 行{f'“{row}”' if named else ''}：{what}，请联系审计人员"


def _digests(table: str, columns: Sequence[str], ids: Sequence[int]) -> Digests:
    """What the rows say in these columns; times in the connection's zone, which is UTC."""
    said, name = ", ".join(map(_quoted, columns)), _quoted(table)
    digest = f"substr(sha256(convert_to(jsonb_build_array({said})::text, 'UTF8')), 1, {KEPT_BYTES})"
    rows = _ask(f"SELECT id, {digest} FROM {name} WHERE id = ANY(%s)", list(ids))  # noqa: S608
    return {key: bytes(digest) for key, digest in rows}


def _ids(table: str, condition: str, *given: Any, most: int | None = None) -> list[int]:
    statement = f"SELECT id FROM {_quoted(table)} WHERE {condition} ORDER BY id"  # noqa: S608
    return [key for (key,) in _ask(f"{statement} LIMIT %s", *given, most)]


def _top(table: str) -> int:
    ((top,),) = _ask(f"SELECT coalesce(max(id), 0) FROM {_quoted(table)}")  # noqa: S608
    return int(top)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _ask(statement: str, *given: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(given))
        return list(cursor.fetchall())

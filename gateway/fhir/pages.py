"""A page of found resources: Bundle, with the way to the next one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Q

from gateway.fhir import names
from gateway.fhir.kinds import Kind
from gateway.fhir.outcomes import wrong
from gateway.fhir.parts import Json
from gateway.fhir.searching import all_of

COUNT, CURSOR = "_count", "_cursor"
USUAL, MOST = 50, 100
# Asked of every address alike (`views`).
FORMAT = "_format"
_DIGITS = 6


@dataclass(frozen=True)
class Search:
    """One page that was asked for, newest first; `before`: the key that the last one ended with."""

    kind: Kind
    given: Sequence[tuple[str, str]]
    condition: Q
    count: int
    before: int | None = None
    kept: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, kind: Kind, given: Sequence[tuple[str, str]]) -> "Search":
        """Raises FhirError naming the parameter that is not known or not right."""
        own = {COUNT, CURSOR, FORMAT}
        narrowing = [(name, value) for name, value in given if name not in own]
        single = {}
        for name, value in given:
            if name in own and name in single:
                raise wrong(f"{name}：只能出现一次", name)
            if name in own:
                single[name] = value
        return cls(
            kind=kind,
            given=given,
            condition=all_of(kind.parameters, narrowing),
            count=_count(single.get(COUNT, str(USUAL))),
            before=_before(kind, single[CURSOR]) if CURSOR in single else None,
            kept=[(name, value) for name, value in given if name != CURSOR],
        )

    def link(self, given: Sequence[tuple[str, str]]) -> str:
        query = f"?{urlencode(given)}" if given else ""
        return f"{names.base()}/{self.kind.name}{query}"

    def bundle(self, rows: Sequence[Json], last: int | None) -> Json:
        """`last`: the key of the last row when more follow, else None."""
        links = [{"relation": "self", "url": self.link(self.given)}]
        if last is not None:
            cursor = (CURSOR, signing.dumps(last, salt=_salt(self.kind)))
            links.append({"relation": "next", "url": self.link([*self.kept, cursor])})
        found: Json = {"resourceType": "Bundle", "type": "searchset", "link": links}
        if rows:
            found["entry"] = [
                {
                    "fullUrl": f"{names.base()}/{row['resourceType']}/{row['id']}",
                    "resource": row,
                    "search": {"mode": "match"},
                }
                for row in rows
            ]
        return found


def _salt(kind: Kind) -> str:
    return f"gateway.fhir.{kind.name}"


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text)):
        raise wrong(f"{COUNT}：应为 1 至 {MOST} 的整数", COUNT)
    return min(int(text), MOST)


def _before(kind: Kind, text: str) -> int:
    try:
        return int(signing.loads(text, salt=_salt(kind)))
    except signing.BadSignature:
        raise wrong(f"{CURSOR}：翻页标记不对，请使用上一页返回的 next 链接", CURSOR) from None

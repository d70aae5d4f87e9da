"""Questions that nobody would ask: names, numbers, days and garbage in any place of an address."""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import quote, urlencode

import simplejson
from hypothesis import strategies as st

from gateway.fhir import names
from gateway.fhir.kinds import kinds

STATUSES = {200, 400, 401, 404, 405, 406, 413}
TYPE = "application/fhir+json; charset=utf-8"
KEY = re.compile(r'"(?:Claim|ClaimResponse|ExplanationOfBenefit|Patient|Coverage)/([^"/]+)"')

_text = st.text(max_size=30)
_days = st.builds(
    "{}{}".format,
    st.sampled_from(["", "eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap", "xx"]),
    st.one_of(
        st.dates().map(str),
        st.dates().map(lambda day: f"{day:%Y-%m}"),
        st.integers(0, 99999).map(str),
        st.sampled_from(["2026-02-30", "0000-01-01", "9999-12-31", "2026-13", "2026-03-01T00:00Z"]),
    ),
)
_words = st.sampled_from(
    ["active", "draft", "cancelled", "entered-in-error", "queued", "complete", "true", "false", ""]
)


def _values(known: Collection[str]) -> st.SearchStrategy[str]:
    """Numbers that are there, whole or nearly, besides everything else."""
    numbers = st.sampled_from(sorted(known) or ["1"])
    beginning = st.sampled_from(
        ["", "Patient/", "Claim/", "Organization/", f"{names.base()}/Claim/", "|", "x|"]
        + [f"{names.system(one)}|" for one in ("psn-no", "setl-id", "mdtrt-id", "coverage")]
    )
    near = st.builds(
        lambda number, at, other: number[:at] + other + number[at + 1 :],
        numbers, st.integers(0, 30), st.sampled_from(["", "0", "9", "a", "٣", "%", "'", "\\"]),
    )  # fmt: skip
    number = st.builds("{}{}".format, beginning, st.one_of(numbers, near))
    single = st.one_of(number, _days, _words, _text, st.integers().map(str))
    return st.one_of(single, st.lists(single, max_size=25).map(",".join))


@st.composite
def questions(draw: st.DrawFn, known: Collection[str]) -> str:
    """The address behind the beginning of the service, with its parameters."""
    offered = kinds()
    kind = draw(st.sampled_from([*offered, *offered, "metadata", "Practitioner", ""])) or draw(
        _text
    )
    values = _values(known)
    path = quote(kind, safe="")
    if draw(st.integers(0, 4)) == 0:
        path += f"/{quote(draw(values), safe='')}"
    parameters = [*offered[kind].parameters] if kind in offered else ["_id"]
    others = ["_cursor", "_format", "_sort", "_include", "created:missing"]
    name = st.one_of(
        st.sampled_from([*parameters, "_count"]),
        st.sampled_from(parameters),
        st.one_of(st.sampled_from(others), _text),
    )
    given = draw(st.lists(st.tuples(name, values), max_size=4))
    return f"{path}?{urlencode(given)}" if given else path


def problem(answer: Any, own: Collection[str]) -> str:
    """What is wrong with an answer, "" when nothing is; `own`: the numbers that may stand in it."""
    if answer.status_code not in STATUSES:
        return f"status {answer.status_code}"
    if answer["Content-Type"] != TYPE:
        return f"type {answer['Content-Type']}"
    found = simplejson.loads(answer.content, use_decimal=True)
    if answer.status_code != 200 and found["resourceType"] != "OperationOutcome":
        return f"{answer.status_code} tells {found['resourceType']}"
    if found["resourceType"] == "OperationOutcome":
        return ""
    resources = [one["resource"] for one in found.get("entry", [])] or [found]
    ids = {one["id"] for one in resources if one["resourceType"] in kinds() and "id" in one}
    led = set(KEY.findall(answer.content.decode())) if ids else set()
    foreign = (ids | led) - set(own)
    return f"another's {sorted(foreign)[:3]}" if foreign else ""

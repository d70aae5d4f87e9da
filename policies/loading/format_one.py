"""Texts of earlier formats, read as the present format says the same.

An adopted text never changes (docs/decisions/0009-earlier-formats.md), so what format 1 left to
the program is written here, once, as it was then.  Pure: text in, text out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import yaml

from policies.reading import LOADER

# Format 1 knew these kinds of care by their code.  Every other one took no bed, counted as no stay
# and was booked with the others.
CARES: Mapping[str, str] = {
    "inpatient": "bed: yes, counts_as_stay: yes, booked_as: inpatient, med_type: '21'",
    "delivery": "bed: yes, counts_as_stay: no, booked_as: inpatient, med_type: '52'",
    "outpatient": "bed: no, counts_as_stay: no, booked_as: outpatient, med_type: '11'",
    "special": "bed: no, counts_as_stay: no, booked_as: outpatient, med_type: '14'",
    "chronic": "bed: no, counts_as_stay: no, booked_as: outpatient, med_type: '14'",
    "tuberculosis": "bed: no, counts_as_stay: no, booked_as: outpatient, med_type: '14'",
    "prenatal": "bed: no, counts_as_stay: no, booked_as: outpatient, med_type: '51'",
}
OTHER_CARE = "bed: no, counts_as_stay: no, booked_as: other, med_type: '9900'"
BEDS = tuple(code for code, facts in CARES.items() if "bed: yes" in facts)
STAYS = tuple(code for code, facts in CARES.items() if "counts_as_stay: yes" in facts)
# Every page asked both where some rule read them.
ASKS = "asks: [babies, referred_from]"

# Format 1 kept four layers in columns of their own, all borne by the insurance fund's book and all
# but the serious-illness layer booked as the visit's kind of care was.  A layer of another name
# could not be settled when it paid anything.
BASE_LAYER = (
    'base_layer: {code: basic, name: 基本医疗统筹, book: resident, fund_pay_type: "390100"}'
)
LAYERS: Mapping[str, tuple[str, ...]] = {
    "serious": ("book: resident", 'fund_pay_type: "390200"', "booked_as: serious"),
    "assistance": ("book: resident", 'fund_pay_type: "610100"'),
    "further": ("book: resident", 'fund_pay_type: "610100"'),
}
OTHER_LAYER = ("book: resident", 'fund_pay_type: "999997"')

Edit = tuple[int, int, str]  # replace text[start:end]


def lifted(text: str) -> str:
    """The same measures in the present format; a text of no earlier format as it is.

    Only what format 1 did not say is added, at its place: comments, order and assumptions stay.
    """
    try:
        root = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, RecursionError):
        return text
    if not isinstance(root, yaml.MappingNode):
        return text
    top = _pairs(root)
    written = top.get("format")
    if written is None or written.value != "1":
        return text
    base = (BASE_LAYER,) if "benefits" in top else ()
    # A set, because one node under two names is told once.
    edits = {(*_span(written), "2" + _beside(root, base)), *_cares(top), *_layers(top)}
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _cares(top: Mapping[str, yaml.Node]) -> Iterator[Edit]:
    cares = _pairs(_pairs(top.get("vocabulary")).get("care"))
    for code, node in cares.items():
        name = json.dumps(str(node.value), ensure_ascii=False)
        yield *_span(node), f"{{name: {name}, {CARES.get(code, OTHER_CARE)}, {ASKS}}}"


def _layers(top: Mapping[str, yaml.Node]) -> Iterator[Edit]:
    layers = top.get("layers")
    listed = layers.value if isinstance(layers, yaml.SequenceNode) else [layers]
    for layer in listed:
        code = _pairs(layer).get("code")
        if isinstance(layer, yaml.MappingNode) and code is not None:
            end = code.end_mark.index
            yield end, end, _beside(layer, LAYERS.get(str(code.value), OTHER_LAYER))


def _beside(mapping: yaml.MappingNode, added: Sequence[str]) -> str:
    """More of a mapping, to be put behind one of its values."""
    gap = ", " if mapping.flow_style else "\n" + " " * mapping.start_mark.column
    return "".join(gap + each for each in added)


def _pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): value for key, value in node.value}


def _span(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index

"""The product's tables and checks against the printed tables of the interface.

Every difference is in DEVIATIONS with its reason, and each of those must be one.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.interface.checking import check, check_head
from gateway.interface.reading import (
    Field,
    Node,
    catalogue_columns,
    dictionaries,
    head,
    spec_of,
    transactions,
)
from tests.gateway import messages
from tests.gateway.messages import FIRST_SET, OF_NODES, Printed, with_the_tables

pytestmark = with_the_tables

KINDS = {"string": "text", "bytes": "file", "": "text", "integer": "number"}
# (transaction, node, field) → why the product's table says something else than the printed one.
# None is a contradiction to the interface: each resolves one that the printed tables have in them.
RESOLVED = {
    "noted with its time": {
        *((infno, node, name) for infno in ("3101", "3102") for node, name in (
            ("fsi_encounter_dtos", "adm_date"), ("fsi_encounter_dtos", "dscg_date"),
            ("fsi_diagnose_dtos", "dise_date"), ("fsi_order_dtos", "drord_begn_date"),
            ("fsi_order_dtos", "drord_stop_date"),
        )),
        ("9001", "signinoutb", "sign_time"), ("9002", "sign_time", "sign_time"),
    },
    "an amount printed as text": {("2305", "setlinfo", "hifdm_pay")},
    "numbers of up to six characters": {("", "", "infno")},
    "prices have six decimals and ratios four everywhere else": {
        ("1318", "", "hilist_pric_uplmt_amt"), ("1319", "", "selfpay_prop"),
    },
    "names have 200 everywhere else": {("", "", "fixmedins_name")},
    "a line is uneven in one of three ways, the dictionary of totals knows none of them": {
        ("3202", "", "stmt_rslt"),
    },
}  # fmt: skip
OWN_DICTIONARIES = {"stmt_rslt_line"}
ADDED = {
    ("2208", "setlinfo", "psn_cash_pay"): "the right spelling beside the printed one",
    **{
        ("9102", "fsDownloadOut", name): "what it answers is not printed"
        for name in ("file_qury_no", "filename", "dld_endtime", "size", "sha256", "out")
    },
}


def nodes_of(infno: str) -> dict[tuple[str, str], Node]:
    """Every node of the product's table, by direction and name."""
    spec = spec_of(infno)
    assert spec is not None

    def inside(direction: str, found: Node) -> Iterator[tuple[tuple[str, str], Node]]:
        yield (direction, found.name), found
        for child in found.children.values():
            yield from inside(direction, child)

    tops = [("in", node) for node in spec.asks.values()]
    tops += [("out", node) for node in spec.answers.values()]
    tops += [("in_file", spec.taken)] if spec.taken else []
    tops += [("out_file", spec.given)] if spec.given else []
    return dict(pair for direction, node in tops for pair in inside(direction, node))


def differences(printed: Printed, ours: Field) -> list[str]:
    """What the two say differently."""
    kind = KINDS.get(printed.type, printed.type)
    found = []
    if (printed.name, printed.title) != (ours.name, ours.title):
        found.append("name")
    if kind != ours.kind:
        found.append("kind")
    if printed.dictionary != ours.dictionary:
        found.append("dictionary")
    if printed.required != ours.duty:
        found.append("duty")
    if printed.dictionary:
        known = messages.codes(printed.dictionary)
        if set(known) != set(ours.codes or ()):
            found.append("codes")
        if ours.length < max(int(printed.length or 0), *(len(code) for code in known)):
            found.append("length")
    elif kind == ours.kind == "number" and printed.length:
        if messages.whole_digits(printed.length) != (ours.whole, ours.decimals):
            found.append("digits")
    elif (
        kind == ours.kind
        and kind in ("text", "digits")
        and printed.length
        and int(printed.length) != ours.length
    ):
        found.append("length")
    return found


def every_difference() -> Iterator[tuple[str, str, str]]:
    """Where the product's tables say something else, are short of something or have more."""
    for infno in FIRST_SET:
        ours = nodes_of(infno)
        printed_names: dict[tuple[str, str], list[str]] = {}
        for field in messages.printed_fields(infno):
            node = ours.get((field.direction, field.node))
            if node and field.type in OF_NODES and field.name in node.children:
                continue
            names = printed_names.setdefault((field.direction, field.node), [])
            if field.name not in names:  # 2304 prints hosp_part_amt twice
                names.append(field.name)
            known = node.fields.get(field.name) if node else None
            if known is None or differences(field, known):
                yield infno, field.node, field.name
        for (direction, name), node in ours.items():
            printed = printed_names.get((direction, name), [])
            for more in node.fields.keys() - set(printed):
                yield infno, name, more
            assert [one for one in node.fields if one in printed] == printed
    for field in messages.head_fields():
        if field.name != "input" and differences(field, head().fields[field.name]):
            yield "", "", field.name


class TestTables:
    def test_the_same_transactions_are_meant(self):
        assert tuple(transactions()) == FIRST_SET

    def test_every_field_agrees_but_for_the_named_ones(self):
        resolved = {place for places in RESOLVED.values() for place in places}
        found = set(every_difference())
        assert found - resolved - ADDED.keys() == set()
        assert (resolved | ADDED.keys()) - found == set()

    @pytest.mark.parametrize("infno", FIRST_SET)
    def test_the_nodes_stand_alike(self, infno):
        ours = nodes_of(infno)
        for direction in ("in", "out", "in_file", "out_file"):
            for name, (_, many) in messages.nodes(infno, direction).items():
                node = ours[direction, name]
                assert node.many == many or direction.endswith("file"), name
            for name, (parent, _) in messages.nodes(infno, direction).items():
                if parent:
                    assert name in ours[direction, parent].children

    def test_dictionaries_have_every_code(self):
        for name in dictionaries().keys() - OWN_DICTIONARIES:
            assert set(dictionaries()[name]) == set(messages.codes(name))

    def test_the_files_have_the_printed_columns(self):
        for infno, titles in catalogue_columns().items():
            assert list(titles) == messages.columns(infno)
        assert len(catalogue_columns()) == 14


@pytest.mark.parametrize("infno", FIRST_SET)
class TestMessages:
    @pytest.mark.parametrize("kind", ["full", "wide", "many rows", "minimal"])
    def test_what_the_tables_allow_is_accepted_whole(self, infno, kind):
        spec = spec_of(infno)
        assert spec is not None
        sent = messages.message(
            infno,
            full=kind != "minimal",
            wide=kind == "wide",
            rows=3 if kind == "many rows" else 1,
        )
        checked = check(spec, sent)
        assert checked.faults == ()
        assert checked.unknown == ()
        if kind == "full":
            assert shape(checked.values) == shape({"": sent} if "" in spec.asks else sent)

    def test_whatever_is_wrong_is_refused_naming_it(self, infno):
        spec = spec_of(infno)
        assert spec is not None
        count = 0
        for spoilt in messages.all_spoilt(infno):
            faults = check(spec, spoilt.input).faults
            found = [(fault.node, fault.index, fault.field) for fault in faults]
            place = spoilt.place
            assert found == [(place.node, place.index, place.field)], spoilt.what
            assert place.field in faults[0].message and place.node in faults[0].message
            count += 1
        assert count

    def test_fields_that_no_table_knows_are_named(self, infno):
        spec = spec_of(infno)
        assert spec is not None
        for name, (_, many) in messages.nodes(infno, "in").items():
            sent = messages.message(infno)
            if name in sent:
                part = sent[name][0] if many else sent[name]
                part["no_such_field"] = "x"
                checked = check(spec, sent)
                assert (checked.faults, checked.unknown) == ((), (f"{name}.no_such_field",))


def test_a_code_may_be_longer_than_its_field():
    spec = spec_of("2401")
    assert spec is not None
    for code, known in (("990201", True), ("01", True), ("9902", False)):
        sent = messages.message("2401", real={"cert_type": code})
        assert (check(spec, sent).faults == ()) == known


def shape(part: object) -> object:
    """The names of a message without its values."""
    if isinstance(part, dict):
        return {name: shape(value) for name, value in part.items()}
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return [shape(row) for row in part]
    return None


class TestConditions:
    """What is needed only when another field says so."""

    @pytest.mark.parametrize(
        ("infno", "node", "name", "when"),
        [
            *((infno, "data", "card_sn", {"mdtrt_cert_type": "03"})
              for infno in ("1101", "2201", "2206", "2207", "2303", "2304")),
            ("2401", "mdtrtinfo", "card_sn", {"mdtrt_cert_type": "03"}),
            ("2401", "mdtrtinfo", "oprn_oprt_code", {"med_type": "28"}),
            ("2403", "adminfo", "oprn_oprt_code", {"med_type": "28"}),
            ("2001", "data", "oprn_oprt_code", {"med_type": "28"}),
            ("2301", "feedetail", "init_feedetl_sn", {"cnt": Decimal(-1)}),
            ("3505A", "selinfoDetail", "phar_no", {"MDTRT_SETL_TYPE": "1"}),
            ("4101A", "setlinfo", "coner_tel", {"coner_name": "李四"}),
        ],
    )  # fmt: skip
    def test_it_is_needed_then_and_only_then(self, infno, node, name, when):
        spec = spec_of(infno)
        assert spec is not None
        field = next(
            one for one in messages.asked_fields(infno) if (one.node, one.name) == (node, name)
        )
        sent = messages.message(infno, real={f"{node}.{key}": one for key, one in when.items()})
        assert check(spec, sent).faults == ()
        lacking = messages.spoil(infno, sent, field, 0, None)
        faults = check(spec, lacking.input).faults
        assert [(fault.node, fault.field) for fault in faults] == [(node, name)]
        part = lacking.input[node]
        row = part[0] if isinstance(part, list) else part
        for key in when:
            row.pop(key)
        others = [fault.field for fault in check(spec, lacking.input).faults]
        assert name not in others


class TestHead:
    def good(self) -> dict[str, object]:
        return {
            field.name: messages.value_of(field, wide=True)
            for field in messages.head_fields()
            if field.name != "input"
        }

    def test_a_full_and_a_minimal_head_are_accepted(self):
        assert check_head(self.good()).faults == ()
        needed = {
            field.name: messages.value_of(field)
            for field in messages.head_fields()
            if field.required == "Y" and field.name != "input"
        }
        assert check_head(needed).faults == ()

    def test_whatever_is_wrong_is_refused_naming_it(self):
        for field in messages.head_fields():
            if field.name == "input":
                continue
            length = {"infno": "6", "fixmedins_name": "200"}.get(field.name, field.length)
            for what, value in messages.wrong_values(replace(field, length=length)):
                sent = self.good() | {field.name: value}
                if value is None:
                    del sent[field.name]
                assert [fault.field for fault in check_head(sent).faults] == [field.name], what


def test_how_many_messages_there_are(capsys):
    asked = [field for infno in FIRST_SET for field in messages.asked_fields(infno)]
    spoilt = sum(1 for field in asked for _ in messages.wrong_values(field))
    good = 4 * len(FIRST_SET)
    resolved = sum(len(places) for places in RESOLVED.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\n{good} messages accepted, {spoilt} refused naming the field, 0 deviations; "
            f"{resolved} contradictions of the printed tables resolved, {len(ADDED)} fields added\n"
        )
    assert spoilt > 4000

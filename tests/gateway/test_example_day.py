"""The interface's own example: an invented hospital's days, message by message, amount by amount.

The examples lie beside the checkout (`shared/reference/interface/examples/`). Numbers that a portal
gives out (psn_no, mdtrt_id, setl_id, sign_no, file numbers) are learnt from its answers, everything
else must be what the example says, but for what stands in OURS.
"""

import base64
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
import simplejson
from django.utils import timezone

from accounts.fields import blind_index
from accounts.models import Division
from accounts.roles import Role
from enrollment.models import IdentityStatus, Person
from funds.models import Book
from funds.services import open_book
from gateway.identifiers import psn_no
from gateway.transactions import TRANSACTIONS
from institutions.models import Agreement, CatalogueItem, Institution, Level
from lib.periods import Month
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import Register
from tests.conftest import make_division, make_user
from tests.gateway.conftest import System, client_of
from tests.gateway.messages import _FOUND, with_the_tables

pytestmark = with_the_tables
PACK = Path(__file__).parents[1] / "cases" / "packs" / "example-hospital.yaml"
AREA = "500111"
PEOPLE = (
    ("测试甲", "500111196504129976", "1", date(1965, 4, 12), True),
    ("测试乙", "500111199108259983", "2", date(1991, 8, 25), False),
    ("测试丙", "50011119680106999X", "1", date(1968, 1, 6), False),
)
# Code, category, class, limit from 2026, limited; one limit was lowered on the second day.
ITEMS = (
    ("001109000010000", "bed", "A", "25.00", False),
    ("001102000050000", "consultation", "A", "12.00", False),
    ("001201000040000", "nursing", "A", "18.00", False),
    ("ZA12CAD0073010100142", "chinese_drug", "B", "4.20", True),
    ("001108000010000", "other", "C", "8.00", False),
    ("ZA12HAX0869010101267", "chinese_drug", "B", "13.00", True),
    ("ZA12BAX0110010100142", "chinese_drug", "B", "0.40", True),
    ("001102000010000", "consultation", "A", "10.00", False),
    ("ZD03AAA0043010100166", "chinese_drug", "B", "25.00", False),
)
# Which funds there are, the measures of a county say.
ENTITLEMENT = "2001"
VISIT = 1  # column of 3202's answer: the visit, and behind it the settlement
MEMO = 6  # column of 3202's answer: what the line means, in words
GIVEN_OUT = ("psn_no", "mdtrt_id", "setl_id", "sign_no", "file_qury_no")
# What a portal may say in its own way, each with the reason.
OURS = {
    "setl_time", "sign_time",  # when it was worked out here
    "setl_proc_info",  # the way to the amount; the example leaves it empty
    "crt_payb_lmt_amt",  # what is left of a cap is told in words, where it bound
    "bas_medn_flag",  # the example leaves it empty
    "stmt_rslt_dscr",  # words
    "dld_endtime", "filename",
    "psn_insu_date", "begndate", "enddate",  # since when: of the register here
    "memo", "begntime",  # of an identity: whose list it was, since when
    "invono",  # not kept with a settlement
    "hifdm_pay",  # printed as text in 2305, a number everywhere else
    "psn_type",  # 16 from 60 years on; the example says 15 of everybody
}  # fmt: skip


def examples() -> Iterator[dict[str, Any]]:
    folder = _FOUND[0] / "examples"
    for file in sorted(folder.glob("*.json")):
        text = file.read_text(encoding="utf-8")
        yield simplejson.loads(text, use_decimal=True) | {"name": file.name}


@pytest.fixture
def area(db: None) -> Division:
    return make_division(AREA, "示例区")


@pytest.fixture
def staff(area: Division) -> SimpleNamespace:
    town = make_division(f"{AREA}001", "示例镇", area)
    village = make_division(f"{AREA}001001", "示例村", town)
    return SimpleNamespace(
        village=village,
        clerk=make_user("x_clerk", "经办", Role.TOWNSHIP_CLERK, town),
        supervisor=make_user("x_super", "监管", Role.SUPERVISOR, area),
        approver=make_user("x_appr", "复核", Role.APPROVER, area),
        accountant=make_user("x_acc", "会计", Role.ACCOUNTANT, area),
    )


@pytest.fixture
def day(area: Division, staff: SimpleNamespace) -> System:
    """The hospital, its catalogue, the measures and three insured people."""
    pack = propose_pack(actor=staff.supervisor, area=area, source=PACK.read_text(encoding="utf-8"))
    adopt_pack(actor=staff.approver, pack=pack, approval="示例〔2026〕1号")
    for fund in (Book.FundType.RESIDENT, Book.FundType.ASSISTANCE):
        open_book(actor=staff.accountant, area=area, first_month=Month(2026, 1), fund_type=fund)
    hospital = Institution.objects.create(
        code="H50011100999", name="大足区示例医院", level=Level.COUNTY, division=area
    )
    Agreement.objects.create(
        institution=hospital,
        number="SL-2026",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
    )
    for code, category, payment_class, limit, limited in ITEMS:
        _item(area, code, category, payment_class, limit, limited=limited)
    laboratory = ("002503020030000", "laboratory", "A")
    _item(area, *laboratory, "40.00", last_day=date(2026, 3, 16))
    _item(area, *laboratory, "36.00", first_day=date(2026, 3, 17))
    register = Register(area, staff.clerk, pack)
    for name, number, sex, born, poor in PEOPLE:
        person = register.person(name, register.household(staff.village), covered=False)
        Person.objects.filter(pk=person.pk).update(
            sex=sex,
            birth_date=born,
            resident_id_index=blind_index("resident_id", number),
        )
        person.refresh_from_db()
        person.resident_id = number
        person.save(update_fields=["resident_id"])
        register.cover(person, grant=Decimal(0))
        if poor:
            IdentityStatus.objects.create(
                person=person, code="dibao", first_day=date(2025, 1, 1), source="民政局"
            )
    return System(client_of(hospital))


def _item(
    area: Division, code: str, category: str, payment_class: str, limit: str, **more: Any
) -> None:
    CatalogueItem.objects.create(
        area=area,
        catalogue="drug" if category.endswith("drug") else "service",
        code=code,
        name=f"项目{code}",
        initials="x",
        category=category,
        payment_class=payment_class,
        unit="次",
        price_limit=Decimal(limit),
        is_limited=more.get("limited", False),
        first_day=more.get("first_day", date(2025, 1, 1)),
        last_day=more.get("last_day"),
    )


def told_as(value: Any, known: dict[str, str]) -> Any:
    """The example's value with the numbers that this portal gave out."""
    if isinstance(value, dict):
        return {name: told_as(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [told_as(inner, known) for inner in value]
    return known.get(value, value) if isinstance(value, str) else value


def differences(theirs: Any, ours: Any, known: dict[str, str], path: str = "") -> Iterator[str]:
    """Where the answers differ; numbers given out are learnt on the way."""
    if isinstance(theirs, dict):
        for name, value in theirs.items():
            yield from differences(value, ours.get(name), known, f"{path}.{name}")
    elif isinstance(theirs, list):
        if len(theirs) != len(ours):
            yield f"{path}: {len(theirs)} rows, here {len(ours)}"
        for position, (one, other) in enumerate(zip(theirs, ours, strict=False)):
            yield from differences(one, other, known, f"{path}[{position}]")
    else:
        name = path.rpartition(".")[2]
        if name in GIVEN_OUT and isinstance(ours, str):
            known.setdefault(theirs, ours)
        same = known.get(theirs, theirs) == ours if isinstance(theirs, str) else theirs == ours
        if name not in OURS and not same:
            yield f"{path}: {theirs!r}, here {ours!r}"


def lost_answer_of(day: System, known: dict[str, str]) -> None:
    """What the example leaves out: the visit whose settlement gets no answer."""
    person = Person.objects.get(name="测试丙")
    known["50011100000000000000000003"] = psn_no(person)
    from tests.gateway import hospital as words

    at = date(2026, 3, 17)
    card = words.registration(person, at)
    number = day.ask("2201", card)["data"]["mdtrt_id"]
    day.ask("2203", words.seen(person, number, at))
    one = words.line("1", number, person, "001102000010000", "6", "10.00", at)
    day.ask("2204", words.outpatient_lines("SF20260317000002", one))
    known["500111MZ202603170002"] = number


def test_the_days_of_the_example(day: System, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.gateway import hospital as words

    monkeypatch.setattr(words, "AREA", AREA)
    known: dict[str, str] = {}
    found: list[str] = []
    for example in examples():
        request = told_as(example["request"], known)
        moment = datetime.fromisoformat(request["inf_time"])
        day.at = timezone.make_aware(moment)
        day.on = moment.date()
        assert request["infno"] in TRANSACTIONS
        if example["name"].startswith("20_"):
            lost_answer_of(day, known)
        if example["name"].startswith("22_"):
            known["FS20260317000001"] = handed_in(day, known)
        request = told_as(example["request"], known)
        answer = day.send(request)
        if answer["infcode"] != 0:
            found.append(f"{example['name']}: {answer['err_msg']}")
        elif example["answer"] is not None and request["infno"] != ENTITLEMENT:
            told = example["answer"]["output"]
            found += [
                f"{example['name']} {one}" for one in differences(told, answer["output"], known)
            ]
        if example["name"].startswith("22_"):
            told_here = lines(fetched(day, answer["output"]["fileinfo"]))
            assert [line.pop(MEMO) for line in told_here] == ["机构没有这笔结算"]
            told_there = lines_of("3202_out", known)
            assert [line.pop(MEMO) for line in told_there] == ["null"]
            # The example leaves the numbers of a visit whose answer was lost empty.
            assert {line[VISIT][:8] for line in told_here} == {f"{AREA}JZ"}
            told_here = [[*line[:VISIT], "null", "null", *line[VISIT + 2 :]] for line in told_here]
            assert told_here == told_there
    assert not found, "\n".join(found)


def lines(text: str) -> list[list[str]]:
    return sorted(line.split("\t") for line in text.splitlines())


def lines_of(name: str, known: dict[str, str]) -> list[list[str]]:
    """A file of the example with the numbers given out here."""
    text = (_FOUND[0] / "examples" / f"{name}_file.txt").read_text(encoding="utf-8")
    return [[known.get(part, part) for part in line] for line in lines(text)]


def handed_in(day: System, known: dict[str, str]) -> str:
    """The hospital's own list of the day, uploaded; its number."""
    text = "\n".join("\t".join(line) for line in lines_of("3202_in", known))
    content = base64.b64encode(text.encode()).decode()
    asked = {"in": content, "filename": "3202.txt", "fixmedins_code": "H50011100999"}
    number: str = day.ask("9101", {"fsUploadIn": asked})["file_qury_no"]
    return number


def fetched(day: System, told: dict[str, str]) -> str:
    asked = {name: told[name] for name in ("file_qury_no", "filename")}
    given = day.ask("9102", {"fsDownloadIn": asked | {"fixmedins_code": "H50011100999"}})
    with ZipFile(BytesIO(base64.b64decode(given["fsDownloadOut"]["out"]))) as archive:
        return archive.read(archive.namelist()[0]).decode()

"""王建国 lays his card on the counter, or a voucher, or somebody else's."""

import logging
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accounts.fields import blind_index
from accounts.models import AuditLine, Division
from demo import stand_ins
from desk import plugins
from enrollment.models import Enrollment, FormerNumber, Household, IdentityStatus, Person
from gateway.identifiers import psn_no
from tests.claims.conftest import Register, resident_id
from tests.conftest import make_division, past_the_guards
from tests.gateway.conftest import System
from tests.gateway.hospital import registration

DAY = date(2026, 3, 20)


@pytest.fixture
def wang(register: Register, village_a: Division) -> Person:
    """55, of tier 2, whose household has an account of 40 yuan."""
    return register.person("王建国", register.household(village_a), statuses=["dibao"])


def shows(person: Person, **given: Any) -> dict[str, Any]:
    row = {
        "mdtrt_cert_type": "02",
        "mdtrt_cert_no": person.resident_id,
        "psn_cert_type": "01",
        "certno": person.resident_id,
        "psn_name": person.name,
    }
    return {"data": row | given}


def state(system: System, person: Person, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = system.ask("1101", shows(person, **given))["insuinfo"]
    return found


def test_the_card_tells_who_he_is_what_he_has_and_what_he_bears(
    system: System, wang: Person
) -> None:
    told = system.ask("1101", shows(wang))
    assert told["baseinfo"] == {
        "psn_no": psn_no(wang),
        "psn_cert_type": "01",
        "certno": wang.resident_id,
        "psn_name": "王建国",
        "gend": wang.sex,
        "naty": "1",
        "brdy": "1970-05-01",
        "age": Decimal("55.8"),
        "exp_content": "",
    }
    assert told["insuinfo"] == [
        {
            "balc": Decimal("40.00"),
            "insutype": "390",
            "psn_type": "15",
            "psn_insu_stas": "1",
            "psn_insu_date": "2026-01-01",
            "paus_insu_date": "",
            "cvlserv_flag": "0",
            "insuplc_admdvs": "500225",
            "emp_name": "",
        }
    ]
    assert told["idetinfo"] == [
        {
            "psn_idet_type": "2303",
            "psn_type_lv": "",
            "memo": "低保",
            "begntime": "2025-01-01 00:00:00",
            "endtime": "",
        }
    ]


def test_who_looked_him_up_is_kept_and_no_log_names_him(
    system: System, wang: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        system.ask("1101", shows(wang))
        system.refused("1101", shows(wang, psn_name="李建国"))
    line = AuditLine.objects.get(action="claims.look_up")
    assert (line.user, line.subject_id) == (system.client.user, str(wang.pk))
    assert "王建国" not in caplog.text and wang.resident_id not in caplog.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"psn_name": "李建国"}, "data.psn_name：姓名与参保登记不符"),
        ({"certno": "500225198001010019"}, "data.certno：证件号码与就诊凭证不是同一人"),
        ({"mdtrt_cert_no": "500225198001010019"}, "data.mdtrt_cert_no：身份证号末位校验不符"),
        ({"mdtrt_cert_no": "王建国"}, "data.mdtrt_cert_no：请按证件录入证件号码"),
    ],
)
def test_what_is_not_his_tells_nothing(
    system: System, wang: Person, given: dict[str, str], words: str
) -> None:
    assert system.refused("1101", shows(wang, **given)).startswith(words)
    assert not AuditLine.objects.filter(action="claims.look_up").exists()


def test_numbers_of_households_and_certificates_are_no_credentials(
    system: System, wang: Person
) -> None:
    for number in (wang.household.number, wang.certificate_number):
        words = system.refused("1101", shows(wang, mdtrt_cert_no=number))
        assert "没有这个号码的登记" in words


def test_somebody_of_another_county_is_unknown(
    system: System, other_county: Division, cast: SimpleNamespace, register: Register
) -> None:
    town = make_division("500226101", "昌元镇", other_county)
    village = make_division("500226101201", "昌元镇一村", town)
    home = Household.objects.create(number="5002261012010001", division=village)
    chen = register.person("陈外乡", home, covered=False)
    assert "本县没有这个号码或姓名的登记" in system.refused("1101", shows(chen))
    words = system.refused("5301", {"data": {"psn_no": psn_no(chen)}})
    assert words.startswith("data.psn_no：本统筹区没有这个人员编号")


def test_never_insured_waiting_lapsed_and_dead(
    system: System, register: Register, village_a: Division
) -> None:
    home = register.household(village_a)
    nobody = register.person("张无保", home, covered=False)
    (told,) = state(system, nobody)
    assert (told["psn_insu_stas"], told["psn_insu_date"], told["balc"]) == ("0", "", 0)

    waiting = register.person("赵等待", home, covered=False)
    cover = register.cover(waiting)
    past_the_guards(Enrollment.objects.filter(pk=cover.pk), cover_first_day=date(2026, 5, 1))
    (told,) = state(system, waiting)
    assert (told["psn_insu_stas"], told["psn_insu_date"]) == ("2", "2026-05-01")

    lapsed = register.person("钱断保", home, covered=False)
    register.cover(lapsed, year=2025)
    (told,) = state(system, lapsed)
    assert (told["psn_insu_stas"], told["psn_insu_date"]) == ("4", "2025-01-01")
    assert told["paus_insu_date"] == "2025-12-31"

    dead = register.person("孙故去", home)
    Person.objects.filter(pk=dead.pk).update(death_date=date(2026, 2, 2))
    (told,) = state(system, dead)
    assert (told["psn_insu_stas"], told["paus_insu_date"]) == ("4", "2026-02-02")


def test_earlier_years_are_told_when_asked_for(
    system: System, wang: Person, register: Register
) -> None:
    register.cover(wang, year=2025)
    rows = state(system, wang, begntime="2025-06-01 00:00:00")
    assert [row["psn_insu_stas"] for row in rows] == ["1", "4"]
    assert {row["psn_insu_date"] for row in rows} == {"2025-01-01"}


def test_a_number_given_up_still_finds_its_bearer(
    system: System, register: Register, village_a: Division
) -> None:
    li = register.person("李秀兰", register.household(village_a), born=date(1980, 1, 1))
    former = resident_id(date(1981, 1, 1), 77)
    FormerNumber.objects.create(
        person=li,
        kind="resident_id",
        number=former,
        number_index=blind_index("resident_id", former),
        mistaken=False,
        last_day=date(2025, 6, 30),
    )
    told = system.ask("1101", shows(li, mdtrt_cert_no=former, certno=former))
    assert told["baseinfo"]["certno"] == li.resident_id != former


def test_statements_do_not_grow_with_covers_and_identities(
    system: System, wang: Person, register: Register
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as found:
            state(system, wang, begntime="2015-01-01 00:00:00")
        return len(found)

    few = counted()
    for year in (2022, 2023, 2024, 2025):
        register.cover(wang, year=year)
    for code in ("preferential", "family_planning", "low_income_elderly"):
        IdentityStatus.objects.create(
            person=wang, code=code, first_day=date(2025, 1, 1), source="民政局"
        )
    assert counted() == few <= 24


# -- plug-ins -------------------------------------------------------------------------------------

VOUCHER = {"mdtrt_cert_type": "01"}


def test_a_county_without_vouchers_says_so(system: System, wang: Person) -> None:
    words = system.refused("1101", shows(wang, mdtrt_cert_no="TOKEN1", **VOUCHER))
    assert words == ("data.mdtrt_cert_no：医保电子凭证和社会保障卡读取：本县尚未接通，请改用身份证")
    row = registration(wang, DAY, mdtrt_cert_no="TOKEN1", **VOUCHER)
    assert "本县尚未接通" in system.refused("2201", row)


@override_settings(CREDENTIALS="demo.stand_ins.Credentials")
def test_the_stand_in_reads_vouchers_and_says_what_it_is(
    system: System, wang: Person, register: Register
) -> None:
    token = f"YANSHI-PZ-{wang.resident_id}"
    told = system.ask("1101", shows(wang, mdtrt_cert_no=token, **VOUCHER))
    assert told["baseinfo"]["psn_no"] == psn_no(wang)
    words = system.refused("1101", shows(wang, mdtrt_cert_no="TOKEN1", **VOUCHER))
    assert "演示替身（不是国家医保电子凭证平台）" in words
    card = {"mdtrt_cert_type": "03", "mdtrt_cert_no": f"YANSHI-KA-{wang.resident_id}"}
    assert "card_sn" in system.refused("1101", shows(wang, **card))
    assert (
        system.ask("1101", shows(wang, card_sn="SN1", **card))["baseinfo"]["psn_name"] == "王建国"
    )
    li = register.person("李秀兰", wang.household)
    words = system.refused("2201", registration(li, DAY, mdtrt_cert_no=token, **VOUCHER))
    assert "就诊凭证不是此人的" in words
    system.ask("2201", registration(wang, DAY, mdtrt_cert_no=token, **VOUCHER))


@override_settings(IDENTITY_CHECK="demo.stand_ins.Identity")
def test_names_are_checked_where_the_county_can(
    system: System, wang: Person, register: Register
) -> None:
    system.ask("1101", shows(wang))
    wrong = register.person("不符先生", wang.household)
    words = system.refused("1101", shows(wrong))
    assert words.startswith("data.certno：演示替身（没有核验身份）：姓名与证件号码不符")


@override_settings(ELECTRONIC_SIGNATURE="demo.stand_ins.Signature")
def test_the_stand_in_signs_and_knows_its_own_signature() -> None:
    signer = plugins.signature()
    signed = signer.sign("结算单".encode())
    assert signed.signer == "演示替身（不具法律效力）"
    assert signer.is_right("结算单".encode(), signed)
    assert not signer.is_right("另一张".encode(), signed)


@pytest.mark.parametrize("name", ["Credentials", "Identity", "Signature", "ShortMessages"])
def test_no_stand_in_is_made_in_production(name: str) -> None:
    with override_settings(PRODUCTION=True), pytest.raises(ImproperlyConfigured):
        getattr(stand_ins, name)()
    assert "演示替身" in getattr(stand_ins, name)().title


def test_settings_refuse_a_stand_in_in_production() -> None:
    """As the server starts: the settings themselves are read in a process of their own."""
    given = {
        **os.environ,
        "HEZUO_ENV": "production",
        "HEZUO_CREDENTIALS": "demo.stand_ins.Credentials",
    }
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode and "stand-in of the demonstration" in done.stderr

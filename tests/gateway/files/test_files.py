"""The county hospital hands a file in, takes it back, and nobody else does."""

import base64
import hashlib
import io
import logging
import tracemalloc
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.errors import Refusal
from accounts.models import Division
from gateway.files import reading, services
from gateway.files.models import StoredFile
from gateway.files.reading import check_text, text_rows
from gateway.files.services import edition_of, forget_old_files, hand_out
from institutions.models import Institution
from tests.claims.conftest import TODAY
from tests.gateway.conftest import System, client_of

TEXT = "psn_no\tmedfee\n王建国\t123.45\n李秀兰\tnull\n"


def packed(text: str, name: str = "3202.txt") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return target.getvalue()


ON = TODAY


@pytest.fixture
def his(hospital: Institution) -> System:
    """The system of the county hospital."""
    return System(client_of(hospital))


@pytest.fixture
def theirs(township_hospital: Institution) -> System:
    """That of the township's hospital."""
    return System(client_of(township_hospital))


def sent(system: System, content: bytes, name: str = "3202.zip") -> dict[str, Any]:
    row = {"in": base64.b64encode(content).decode(), "filename": name}
    return {"fsUploadIn": row | {"fixmedins_code": system.client.institution.code}}


def wanted(number: str, name: str, code: str = "plc") -> dict[str, Any]:
    return {"fsDownloadIn": {"file_qury_no": number, "filename": name, "fixmedins_code": code}}


def up(system: System, content: bytes, name: str = "3202.zip") -> dict[str, Any]:
    return system.ask("9101", sent(system, content, name))


def down(system: System, number: str, name: str, code: str = "plc") -> bytes:
    answer = system.ask("9102", wanted(number, name, code))["fsDownloadOut"]
    content = base64.b64decode(answer["out"])
    assert answer["sha256"] == hashlib.sha256(content).hexdigest()
    assert int(answer["size"]) == len(content)
    return content


def test_what_was_handed_in_comes_back_to_its_sender_alone(his: System, theirs: System) -> None:
    content = packed(TEXT)
    answer = up(his, content)
    assert len(answer["file_qury_no"]) == 30 and answer["file_qury_no"].startswith("FS20260320")
    assert (answer["filename"], answer["dld_endtime"]) == ("3202.zip", "2026-04-19")
    number = answer["file_qury_no"]
    assert down(his, number, "3202.zip") == content
    assert down(his, number, "3202.zip", code="H50022500001") == content
    unknown = theirs.refused("9102", wanted(number, "3202.zip"))
    assert unknown.startswith("fsDownloadIn.file_qury_no：没有这个文件查询号")
    other = his.refused("9102", wanted(number, "other.zip"))
    assert other.startswith("fsDownloadIn.filename：文件名与文件查询号不符")
    foreign = his.refused("9102", wanted(number, "3202.zip", "H50022500101"))
    assert foreign.startswith("fsDownloadIn.fixmedins_code：医药机构编号不是本机构")


def test_it_lies_sealed_and_names_nobody_in_the_logs(
    his: System, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        up(his, TEXT.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, sealed FROM gateway_storedfile")
        content, sealed = cursor.fetchone()
    assert bytes(content) == b"" and "王建国" not in sealed
    assert base64.b64encode("王建国".encode()).decode() not in sealed
    told = [line for line in caplog.messages if not line.startswith("(")]
    assert not any("王建国" in line or "3202" in line for line in told)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_rows_are_read_in_any_encoding_and_null_is_empty(his: System, encoding: str) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", TEXT.strip().encode(encoding))
        archive.writestr("b.txt", "张桂芳\t0\r\n\r\n".encode(encoding))
    up(his, target.getvalue())
    rows = list(text_rows(StoredFile.objects.get().opened))
    assert rows == [["psn_no", "medfee"], ["王建国", "123.45"], ["李秀兰", ""], ["张桂芳", "0"]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\0\0", "不是文本"),
        (packed("PK\0"), "不是文本"),
        (packed(TEXT)[:-30], "压缩包无法打开"),
        (packed("x\t" * 3_000_000), "解开后过大"),
        (b"P" * (5 * 1024 * 1024 + 1), "不超过 5 MB"),
    ],
)
def test_what_is_no_text_or_too_much_is_refused_at_its_field(
    his: System, content: bytes, told: str
) -> None:
    words = his.refused("9101", sent(his, content))
    assert words.startswith("fsUploadIn.in：") and told in words
    assert not StoredFile.objects.exists()


def test_a_bomb_that_lies_about_its_size_is_refused_in_little_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten million letters, of which the archive's list says that they are a hundred."""
    monkeypatch.setattr(reading, "MAX_PACKING", 10**6)
    whole = bytearray(packed("\t" * 10_000_000))
    size = (10_000_000).to_bytes(4, "little")
    while (at := whole.find(size)) >= 0:
        whole[at : at + 4] = (100).to_bytes(4, "little")
    tracemalloc.start()
    with pytest.raises(Refusal, match=r"目录与内容不符|压缩包无法打开"):
        check_text(bytes(whole))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 1024 * 1024


def test_an_honest_large_text_is_measured_in_little_memory() -> None:
    lines = "\n".join(f"{n}\t{n * 7919 % 104_729}\t{n * n}" for n in range(60_000))
    content = packed(lines)
    tracemalloc.start()
    assert sum(1 for _ in text_rows(content)) == 60_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 1024 * 1024


def test_an_institution_fills_no_disk(his: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_KEPT", 100)
    up(his, b"x" * 60)
    assert "上传的文件过多" in his.refused("9101", sent(his, b"y" * 60))
    past = StoredFile.objects.get()
    past.valid_until = ON - timedelta(days=1)
    past.save()
    up(his, b"y" * 60)


def test_what_all_may_read_is_made_once_and_seen_in_its_area_only(
    his: System, theirs: System, county: Division, other_county: Division
) -> None:
    made = []

    def make() -> Any:
        made.append(1)
        return iter(["X01\t青霉素", "X02\tnull"]), 2

    def edition(area: Division) -> StoredFile:
        return edition_of(area=area, infno="1301", edition="7", name="1301.txt", make=make, on=ON)

    first, again = edition(county), edition(county)
    assert first.pk == again.pk and made == [1] and first.rows == 2
    elsewhere = edition(other_county)
    assert elsewhere.pk != first.pk and elsewhere.sha256 == first.sha256  # same lines, same bytes
    for client in (his, theirs):
        taken = down(client, first.file_qury_no, "1301.txt.zip")
        assert list(text_rows(taken)) == [["X01", "青霉素"], ["X02", ""]]
        client.refused("9102", wanted(elsewhere.file_qury_no, "1301.txt.zip"))


def test_old_files_go_at_night_and_an_edition_that_is_asked_for_stays(
    his: System, county: Division, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edition(on: date) -> StoredFile:
        return edition_of(
            area=county, infno="1301", edition="7", name="1301.txt",
            make=lambda: (iter(["X01"]), 1), on=on,
        )  # fmt: skip

    edition(ON)
    own = hand_out(
        institution=his.client.institution,
        infno="3202",
        name="r.txt",
        lines=iter("a"),
        rows=1,
        on=ON,
    )
    assert own.rows == 1 and list(text_rows(own.opened)) == [["a"]]
    assert edition(date(2026, 4, 10)).valid_until == date(2026, 5, 10)
    assert "gateway.files.services.forget_old_files" in settings.DAILY
    job = import_string("gateway.files.services.forget_old_files")
    monkeypatch.setattr(services, "today", lambda: own.valid_until)
    assert job() == 0 and forget_old_files is job
    monkeypatch.setattr(services, "today", lambda: own.valid_until + timedelta(days=1))
    assert job() == 1
    assert [one.infno for one in StoredFile.objects.all()] == ["1301"]

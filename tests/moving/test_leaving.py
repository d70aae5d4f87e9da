"""A county takes everything along that is its own, and another house goes on with it."""

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import override_settings

from accounts.models import AuditLine
from claims.models import Settlement
from demo.fingerprint import fingerprint
from demo.staff import DEMO_PASSWORD
from enrollment.models import Person
from funds.models import Book
from launch.keys import fresh_keys
from lib.periods import Month
from moving.leaving.tables import CHINESE, county_tables
from reports.figures import collect
from reports.figures import fingerprint as report_fingerprint
from tests.moving.conftest import Deployment, write_scan

pytestmark = [pytest.mark.seconds(60)]
Deploy = Callable[..., Deployment]
Inside = Callable[[Deployment], Any]


def command(name: str, *given: object, **named: Any) -> str:
    said = StringIO()
    call_command(name, *map(str, given), stdout=said, **named)
    return said.getvalue()


def june() -> str:
    """The digest of June's report."""
    return report_fingerprint(collect(area=Book.objects.earliest("pk").area, month=Month(2026, 6)))


@pytest.fixture(scope="module")
def left(dazu: Deployment, inside: Inside) -> Path:
    """The export of the county, with two scans."""
    write_scan(dazu, "a1", b"%PDF-1 one")
    write_scan(dazu, "b2", b"%PDF-1 two" * 1000)
    folder = dazu.folder / "大足县 2026-11-20"
    with inside(dazu):
        said = command("export_county", folder)
    assert "清单指纹" in said and "扫描件 2 个" in said
    return folder


@pytest.fixture
def copy(left: Path, tmp_path: Path) -> Path:
    shutil.copytree(left, tmp_path / "copy")
    return tmp_path / "copy"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def signed_anew(folder: Path, name: str) -> None:
    """The manifest says of a file what it says now, as somebody does who hides a change."""
    content = (folder / name).read_bytes()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][name] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "rows": len(rows_of(folder / name)),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def refused(deployment: Deployment, inside: Inside, folder: Path, told: str, **named: str) -> None:
    """The import says why, and the deployment is as empty as before."""
    with inside(deployment):
        with pytest.raises(CommandError, match=told):
            command("import_county", folder, **named)
        connection.close()
        assert not Person.objects.exists() and not AuditLine.objects.exists()


def test_files_are_what_the_manifest_says_and_plain_to_read(left: Path, dazu: Deployment) -> None:
    manifest = json.loads((left / "manifest.json").read_text("utf-8"))
    assert manifest["county"] == "大足县"
    for name, told in manifest["files"].items():
        content = (left / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == told["sha256"]
        if name.endswith(".csv"):
            assert len(rows_of(left / name)) == told["rows"]
            assert content.endswith(b"\r\n")
    people = rows_of(left / "enrollment_person.csv")
    assert len(people) == 500
    assert all(one["resident_id"].startswith("1:") for one in people if one["resident_id"])
    assert {one["password"] for one in rows_of(left / "accounts_user.csv")} == {"!"}
    assert not (left / "opened").exists()
    assert not (left / "django_session.csv").exists()
    for file in left.rglob("*"):
        assert not file.is_file() or file.stat().st_mode & 0o077 == 0 or file.suffix != ".csv"


def test_the_page_explains_every_table_and_column_in_chinese(
    left: Path, inside: Inside, dazu: Deployment
) -> None:
    page = (left / "说明.html").read_text("utf-8")
    with inside(dazu):
        tables = county_tables()
    assert len(tables) > 150
    for table in tables:
        assert CHINESE.search(table.title), table.name
        assert f'id="{table.name}"' in page
        for column in table.columns():
            assert CHINESE.search(column.title), (table.name, column.name)
    assert "证件类型" in page and "加密；上下文" in page and "wubao = 农村五保" in page


def test_another_house_goes_on_with_the_export(
    left: Path, dazu: Deployment, deploy: Deploy, inside: Inside
) -> None:
    with inside(dazu):
        before, report = fingerprint(), june()
        paid = Settlement.objects.filter(status="paid").count()
    digest = hashlib.sha256((left / "manifest.json").read_bytes()).hexdigest()
    other = deploy()
    with inside(other):
        said = command("import_county", left, digest=digest)
        assert "核账通过" in said and "已导入 大足县" in said
        assert fingerprint() == before
        assert june() == report
        assert Settlement.objects.filter(status="paid").count() == paid > 0
        assert "行封存链末端指纹" in command("verify_books")
        first = Person.objects.filter(number_kind="resident_id").first()
        assert first is not None and len(first.resident_id) == 18
        with connection.cursor() as cursor:
            # Keys go on, and the guards are awake.
            cursor.execute("SELECT nextval(pg_get_serial_sequence('enrollment_person', 'id'))")
            assert cursor.fetchone()[0] == Person.objects.latest("pk").pk + 1
            with pytest.raises(DatabaseError, match="refused"):
                cursor.execute("UPDATE funds_posting SET debit = debit + 1")
        with pytest.raises(CommandError, match="只能导入刚建好的空部署"):
            command("import_county", left)
    scan = Path("scans", "a1", f"{'a1' * 16}.bin")
    assert (other.folder / scan).read_bytes() == b"%PDF-1 one"
    # And leaves again as it came, but for the note of how it came.
    with inside(other):
        command("export_county", other.folder / "again")
    again = {one.name: one.read_bytes() for one in (other.folder / "again").glob("*.csv")}
    differ = {name for name, content in again.items() if content != (left / name).read_bytes()}
    assert differ <= {"accounts_auditline.csv", "moving_keepingnote.csv", "sequences.csv"}


def test_what_is_altered_cut_or_missing_is_named(
    copy: Path, left: Path, deploy: Deploy, inside: Inside
) -> None:
    other = deploy()
    file = copy / "funds_voucher.csv"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"2026", b"2025", 1))
    refused(other, inside, copy, "funds_voucher.csv 的指纹与清单不符")
    file.write_bytes(content[:-1])
    refused(other, inside, copy, "funds_voucher.csv 应有 .* 字节")
    file.unlink()
    refused(other, inside, copy, "缺少文件 funds_voucher.csv")
    file.write_bytes(content)
    scan = copy / "scans" / "b2" / f"{'b2' * 16}.bin"
    scan.write_bytes(b"%PDF-1 TWO" * 1000)
    refused(other, inside, copy, f"{'b2' * 16}.bin 的指纹与清单不符")
    shutil.copyfile(left / "scans" / "b2" / scan.name, scan)
    refused(other, inside, copy, "清单被改动过", digest="0" * 64)
    (copy / "manifest.json").write_text("[]", encoding="utf-8")
    refused(other, inside, copy, "损坏，读不出来")
    refused(other, inside, copy / "scans", "不是整县导出")


def test_books_that_were_altered_with_their_digests_are_refused(
    copy: Path, deploy: Deploy, inside: Inside
) -> None:
    """Whoever recomputes the manifest is found by the chain, before anything is kept."""
    file = copy / "funds_posting.csv"
    altered = re.sub(rb",[1-9]\d*\.\d\d,", b",1.23,", file.read_bytes(), count=1)
    file.write_bytes(altered)
    signed_anew(copy, file.name)
    refused(deploy(), inside, copy, "核账没有通过，没有导入")


def test_a_row_that_others_refer_to_is_missed(copy: Path, deploy: Deploy, inside: Inside) -> None:
    file = copy / "enrollment_household.csv"
    lines = file.read_bytes().split(b"\r\n")
    file.write_bytes(b"\r\n".join([lines[0], *lines[2:]]))
    signed_anew(copy, file.name)
    refused(deploy(), inside, copy, "表之间对不上")


def test_other_keys_and_another_version_are_told(
    copy: Path, deploy: Deploy, inside: Inside
) -> None:
    other, keys = deploy(), fresh_keys()
    strange = {"SEAL_KEYS": keys["HEZUO_SEAL_KEYS"], "SEAL_INDEX_KEY": keys["HEZUO_INDEX_KEY"]}
    with override_settings(**strange):
        refused(other, inside, copy, "不是导出时的密钥")
    with override_settings(SEAL_INDEX_KEY=keys["HEZUO_INDEX_KEY"]):
        refused(other, inside, copy, "不是导出时的密钥")
    manifest = copy / "manifest.json"
    told = json.loads(manifest.read_text("utf-8"))
    told["latest"]["claims"] = "0001_initial"
    manifest.write_text(json.dumps(told), encoding="utf-8")
    refused(other, inside, copy, "claims：导出 0001_initial，本部署 00")


def test_only_the_owner_of_the_tables_imports(
    left: Path, application: str, deploy: Deploy, inside: Inside
) -> None:
    other = deploy()
    with inside(other):
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {application}")
        with pytest.raises(CommandError, match="只有表的所有者能导入"):
            command("import_county", left)


def test_two_administrators_open_what_is_sealed_and_the_trail_says_why(
    dazu: Deployment, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: typed.pop(0))
    command_of = "moving.management.commands.export_county"
    monkeypatch.setattr(f"{command_of}.getpass", lambda question: typed.pop(0))
    folder, reason = dazu.folder / "opened", "县里改用省级平台，移交数据"
    export: dict[str, Any] = {"open": True, "reason": reason}
    with inside(dazu):
        typed[:] = ["anquan", DEMO_PASSWORD, "anquan", DEMO_PASSWORD]
        with pytest.raises(CommandError, match="孙全不是审计管理员"):
            command("export_county", folder, **export)
        typed[:] = ["anquan", "wrong"]
        with pytest.raises(CommandError, match="用户名或密码不对"):
            command("export_county", folder, **export)
        both = ["anquan", DEMO_PASSWORD, "shenjiguanli", DEMO_PASSWORD]
        typed[:] = both
        with pytest.raises(CommandError, match="事由"):
            command("export_county", folder, open=True)
        assert not folder.exists()
        typed[:] = both
        command("export_county", folder, **export)
        people = {str(one.pk): one for one in Person.objects.all()}
        opened = rows_of(folder / "opened" / "enrollment_person.csv")
        assert len(opened) == 500
        assert all(one["resident_id"] == people[one["id"]].resident_id for one in opened)
        lines = AuditLine.objects.filter(action="moving.export_opened")
        assert {one.user.name for one in lines if one.user} == {"孙全", "李察"}
        assert {one.reason for one in lines} == {reason}
        with pytest.raises(CommandError, match="已经存在"):
            command("export_county", folder)

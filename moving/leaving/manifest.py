"""manifest.json of an export: which files there are, what they must say, and where they fit."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.errors import Refusal
from accounts.fields import blind_index, sealer
from lib.sealing import SealError

FORMAT = 1
MANIFEST, SCANS, SEQUENCES = "manifest.json", "scans.csv", "sequences.csv"
CONTEXT = PROBE = "moving.leaving"
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """One file. `rows`: under the line of the names."""

    sha256: str
    size: int
    rows: int


@dataclass(frozen=True)
class Manifest:
    """`latest`: the last migration of each app; `heads`: ends of the chains as they were."""

    county: str
    made_at: str
    latest: Mapping[str, str]
    heads: list[str]
    files: Mapping[str, Entry]
    sealed: str
    indexed: str

    def text(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"

    def entry(self, name: str) -> Entry:
        if name not in self.files:
            raise Refusal(f"清单里没有文件 {name}")
        return self.files[name]


def latest_migrations() -> dict[str, str]:
    found: dict[str, str] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found[app] = name
    return found


def probes() -> dict[str, str]:
    """By which a deployment sees whether its keys open the export: no secret follows from them."""
    return {
        "sealed": sealer().seal(PROBE, CONTEXT),
        "indexed": blind_index(CONTEXT, PROBE),
    }


def read_manifest(folder: Path, digest: str = "") -> Manifest:
    """Raises Refusal where it is none, another version's, or not the one that was noted."""
    path = folder / MANIFEST
    if not path.is_file():
        raise Refusal(f"{folder} 不是整县导出（没有 {MANIFEST}）")
    content = path.read_bytes()
    if digest and hashlib.sha256(content).hexdigest() != digest.strip().lower():
        raise Refusal(f"{path} 的指纹与导出时记下的不同，清单被改动过")
    try:
        told: dict[str, Any] = json.loads(content)
        number = int(told.pop("format"))
        if number != FORMAT:
            raise Refusal(f"这是第 {number} 版格式的导出，本程序只认第 {FORMAT} 版")
        files = {str(name): Entry(**entry) for name, entry in told.pop("files").items()}
        return Manifest(files=files, **told)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refusal(f"{path} 损坏，读不出来") from None


def refuse_other_keys(manifest: Manifest) -> None:
    """Raises Refusal where this deployment could not read what is sealed, or not find it."""
    try:
        opens = sealer().open(manifest.sealed, CONTEXT) == PROBE
    except SealError:
        opens = False
    if not opens or blind_index(CONTEXT, PROBE) != manifest.indexed:
        raise Refusal(
            "本部署的密钥不是导出时的密钥，导入后证件号、账号都读不出来："
            "请先把密钥备份里的三个密钥（HEZUO_SEAL_KEYS 等）写进本部署，再导入"
        )


def refuse_other_version(manifest: Manifest) -> None:
    """Raises Refusal where the tables are not those of the export."""
    ours = latest_migrations()
    apps = sorted(manifest.latest.keys() | ours.keys())
    if wrong := [app for app in apps if manifest.latest.get(app) != ours.get(app)]:
        told = "；".join(
            f"{app}：导出 {manifest.latest.get(app, '无')}，本部署 {ours.get(app, '无')}"
            for app in wrong
        )
        raise Refusal(f"数据库结构的版本不同，请用导出时的版本导入后再升级（{told}）")


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 and size, read in pieces."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def check_file(folder: Path, name: str, entry: Entry) -> None:
    """Raises Refusal, naming the file."""
    path = folder / name
    if not path.is_file():
        raise Refusal(f"缺少文件 {name}")
    digest, size = digest_of(path)
    if size != entry.size:
        raise Refusal(f"文件 {name} 应有 {entry.size} 字节，现有 {size} 字节，请重新复制")
    if digest != entry.sha256:
        raise Refusal(f"文件 {name} 的指纹与清单不符，被改动过或损坏")

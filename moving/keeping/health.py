"""运行状况: what of the deployment is well, what wants a look and what is broken, in one place.

No norm gives the thresholds; each line says where its figure is from.
"""

import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from celery import current_app
from cryptography import x509
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.utils import timezone
from kombu.exceptions import KombuError

from accounts.granting import role_problems
from desk.jobs import Job
from desk.models import DailyRun, RowSealMark
from desk.tones import TonedChoices
from funds.models import Voucher
from moving.keeping.models import KeepingNote
from moving.keeping.sets import mark_of, portal_keys

# Backups are made at night: a day and two hours. A long weekend without one is too long.
BACKUP_DUE, BACKUP_LATE = timedelta(hours=26), timedelta(days=4)
# A check is asked for once a month (docs/operations.md).
CHECK_DUE, CHECK_LATE = timedelta(days=35), timedelta(days=70)
# Vouchers are sealed every minute, rows every five (settings.CELERY_BEAT_SCHEDULE).
SEAL_DUE, SEAL_LATE = timedelta(minutes=10), timedelta(hours=1)
# A lost job is found by the sweep of five minutes.
JOB_DUE, JOB_LATE = timedelta(minutes=15), timedelta(hours=2)
# Of a disk: PostgreSQL stops when it is full, and a night's backup wants room.
DISK_DUE, DISK_LATE = 0.15, 0.05
# Of the server's connections: windows are turned away at the last one.
LINES_DUE, LINES_LATE = 0.7, 0.9
# A transaction that stays open holds locks and old rows.
OPEN_DUE, OPEN_LATE = timedelta(minutes=15), timedelta(hours=1)
# Most authorities renew in the last month.
CERTIFICATE_DUE, CERTIFICATE_LATE = timedelta(days=30), timedelta(days=7)
CONNECT_SECONDS = 3
Measure = TypeVar("Measure", float, timedelta)


class State(TonedChoices):
    GOOD = "good", "good", "正常"
    LOOK = "look", "wait", "提醒"
    BAD = "bad", "bad", "故障"
    UNKNOWN = "unknown", "wait", "未知"


GOOD, LOOK, BAD, UNKNOWN = State.GOOD, State.LOOK, State.BAD, State.UNKNOWN


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at. `remedy`: what to do, where it is not well."""

    title: str
    status: State
    said: str
    remedy: str = ""


def signs() -> list[Sign]:
    """All of them, in the order of the page; what cannot be asked is told as unknown."""
    found: list[Sign] = []
    for title, look in LOOKS:
        try:
            found += look()
        except (DatabaseError, OSError) as error:
            found.append(Sign(title, UNKNOWN, f"查不出来（{type(error).__name__}）"))
    return found


def _database() -> Iterator[Sign]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_pretty(pg_database_size(current_database())),"
            " current_setting('server_version'),"
            " current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int,"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " (SELECT min(xact_start) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid())"
        )
        size, version, most, used, oldest = cursor.fetchone()
    yield Sign(
        "数据库",
        BAD if waiting else GOOD,
        f"PostgreSQL {version}，{size}"
        + (f"，{len(waiting)} 项结构更新没有执行" if waiting else ""),
        "运行 migrate" if waiting else "",
    )
    share = used / most
    yield Sign(
        "数据库连接",
        _judged(share, LINES_DUE, LINES_LATE),
        f"{used} 个，最多 {most} 个",
        "查看哪些程序连着（pg_stat_activity），或调大 max_connections" if share > LINES_DUE else "",
    )
    age = _age(oldest)
    yield Sign(
        "未结束的事务",
        _judged(age, OPEN_DUE, OPEN_LATE),
        f"最早的已 {_told(age)}" if age else "没有",
        "查看 pg_stat_activity：备份、导入时属正常，其他的请结束" if age > OPEN_DUE else "",
    )
    problems = role_problems()
    yield Sign(
        "数据库角色",
        LOOK if problems else GOOD,
        "；".join(problems) or "应用不是表的所有者",
        "见 docs/operations.md“Two database roles”" if problems else "",
    )


def _queue() -> Iterator[Sign]:
    answers = broker_answers()
    yield Sign(
        "消息队列",
        GOOD if answers else BAD,
        "有应答" if answers else "没有应答，计算最多晚五分钟开始",
        "" if answers else "重新启动消息队列（redis）",
    )
    models = [one for one in apps.get_models() if issubclass(one, Job)]
    oldest: datetime | None = None
    waiting = failed = 0
    since = timezone.now() - timedelta(days=1)
    for model in models:
        rows = model._default_manager.filter(status=Job.Status.WAITING)
        told = rows.aggregate(first=Min("requested_at"))["first"]
        waiting += rows.count()
        failed += model._default_manager.filter(
            status=Job.Status.FAILED, finished_at__gte=since
        ).count()
        oldest = min(filter(None, (oldest, told)), default=None)
    age = _age(oldest)
    yield Sign(
        "等待的计算",
        _judged(age, JOB_DUE, JOB_LATE),
        f"{waiting} 项" + (f"，最早的等了 {_told(age)}" if waiting else ""),
        "查看后台任务（worker）和定时任务（beat）是否在运行" if age > JOB_DUE else "",
    )
    yield Sign(
        "一天内失败的计算",
        LOOK if failed else GOOD,
        f"{failed} 项",
        "失败原因写在各自的页面上" if failed else "",
    )
    last = DailyRun.objects.order_by("-day").values_list("day", flat=True).first()
    late = last is None or (timezone.localdate() - last).days > 1
    yield Sign(
        "每日任务",
        LOOK if late else GOOD,
        f"最近一次 {last:%Y-%m-%d}" if last else "还没有运行过",
        "查看定时任务（beat）和后台任务（worker）是否在运行" if late else "",
    )


def _seals() -> Iterator[Sign]:
    rows = Voucher.objects.filter(seal=None)
    age = _age(rows.aggregate(first=Min("posted_at"))["first"])
    yield Sign(
        "凭证封存",
        _judged(age, SEAL_DUE, SEAL_LATE),
        f"{rows.count()} 张待封存，最早的等了 {_told(age)}" if age else "全部已封存",
        "查看定时任务和后台任务；封存前的改动不留痕迹" if age > SEAL_DUE else "",
    )
    age = _age(RowSealMark.objects.aggregate(last=Min("noted_at"))["last"])
    yield Sign(
        "行封存",
        _judged(age, SEAL_DUE, SEAL_LATE) if age else LOOK,
        f"最近一轮在 {_told(age)}前" if age else "还没有开始",
        "查看定时任务和后台任务；有长时间不结束的事务时也会停" if age > SEAL_DUE or not age else "",
    )


def _disks() -> Iterator[Sign]:
    told: set[int] = set()
    for title, place in (
        ("扫描件所在磁盘", settings.SCANS_ROOT),
        ("备份所在磁盘", settings.BACKUPS_ROOT),
    ):
        folder = _existing(Path(place))
        device = folder.stat().st_dev
        usage = shutil.disk_usage(folder)
        full = 1 - usage.free / usage.total
        same = "（同一个磁盘）" if device in told else ""
        told.add(device)
        yield Sign(
            title,
            _judged(full, 1 - DISK_DUE, 1 - DISK_LATE),
            f"剩余 {usage.free / 2**30:.1f} GB，共 {usage.total / 2**30:.1f} GB{same}",
            "清理或换更大的磁盘；写满后门户不能办业务" if full > 1 - DISK_DUE else "",
        )


def _backups() -> Iterator[Sign]:
    good = KeepingNote.objects.filter(is_good=True).order_by("-began_at")
    last = good.filter(kind=KeepingNote.Kind.BACKUP).first()
    age = _age(last.began_at) if last else None
    failed = KeepingNote.objects.filter(kind=KeepingNote.Kind.BACKUP, is_good=False)
    if last:
        failed = failed.filter(began_at__gt=last.began_at)
    since = f"；之后失败 {failed.count()} 次" if failed.exists() else ""
    yield Sign(
        "备份",
        _judged(age, BACKUP_DUE, BACKUP_LATE) if age is not None else BAD,
        (f"最近一次在 {_told(age)}前，用时 {last.seconds} 秒" if last and age else "还没有备份过")
        + since,
        "运行 backup，并设为每夜自动运行" if age is None or age > BACKUP_DUE or since else "",
    )
    last = good.filter(kind=KeepingNote.Kind.CHECK).first()
    age = _age(last.began_at) if last else None
    yield Sign(
        "恢复核验",
        _judged(age, CHECK_DUE, CHECK_LATE) if age is not None else BAD,
        f"最近一次在 {_told(age)}前，用时 {last.seconds} 秒" if last and age else "还没有核验过",
        "运行 restore latest --check" if age is None or age > CHECK_DUE else "",
    )
    copied = good.filter(kind=KeepingNote.Kind.KEYS, keys=mark_of(portal_keys())).exists()
    yield Sign(
        "密钥备份",
        GOOD if copied else BAD,
        "现用的密钥已另外备份" if copied else "现用的密钥没有备份，丢失后备份也打不开",
        "" if copied else "运行 backup --keys，存到另一处",
    )


def _certificate() -> Iterator[Sign]:
    address = urlsplit(settings.BASE_URL)
    if address.scheme != "https" or not address.hostname:
        yield Sign("网站证书", GOOD if not settings.PRODUCTION else LOOK, "没有用 https")
        return
    ends = _certificate_ends(address.hostname, address.port or 443)
    left = ends - timezone.now()
    status = BAD if left < CERTIFICATE_LATE else LOOK if left < CERTIFICATE_DUE else GOOD
    yield Sign(
        "网站证书",
        status,
        f"{timezone.localtime(ends):%Y-%m-%d} 到期，还有 {max(left.days, 0)} 天",
        "向签发机构续期，换到反向代理上" if status != GOOD else "",
    )


def _certificate_ends(host: str, port: int) -> datetime:
    """When the certificate that browsers are shown ends; read, not trusted. Raises OSError."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=CONNECT_SECONDS) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert(binary_form=True) or b""
    try:
        return x509.load_der_x509_certificate(shown).not_valid_after_utc
    except ValueError as error:
        raise OSError("no certificate") from error


def broker_answers() -> bool:
    """Whether the queue is there, within some seconds."""
    try:
        with current_app.connection_for_read(connect_timeout=2) as broker:
            if current_app.conf.broker_url.startswith("redis"):
                broker.transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2}
            broker.ensure_connection(max_retries=1, timeout=2)
    except (KombuError, OSError):
        return False
    return True


LOOKS: tuple[tuple[str, Callable[[], Iterator[Sign]]], ...] = (
    ("数据库", _database),
    ("消息队列", _queue),
    ("封存", _seals),
    ("磁盘", _disks),
    ("备份", _backups),
    ("网站证书", _certificate),
)


def _judged(found: Measure, due: Measure, late: Measure) -> State:
    return BAD if found > late else LOOK if found > due else GOOD


def _age(since: datetime | None) -> timedelta:
    """How long ago; nothing for nothing, and never in the future."""
    return max(timezone.now() - since, timedelta(seconds=1)) if since else timedelta()


def _told(age: timedelta | None) -> str:
    seconds = int(age.total_seconds()) if age else 0
    if seconds >= 2 * 86400:
        return f"{seconds // 86400} 天"
    if seconds >= 2 * 3600:
        return f"{seconds // 3600} 小时"
    return f"{seconds // 60} 分钟" if seconds >= 120 else f"{seconds} 秒"


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())

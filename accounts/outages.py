"""What an error page says: what has failed, and whether anything has been saved. Asks nobody."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from kombu.exceptions import KombuError

from accounts.database.base import CommitUnknownError

# What changes nothing by itself.
READING = frozenset({"GET", "HEAD", "OPTIONS"})
AGAIN = "请稍后重试；仍不行，请把出错时间告诉系统管理员。"


@dataclass(frozen=True)
class Told:
    """`again_in`: seconds after which it is worth to try again; 0 for nobody knows."""

    status: int
    title: str
    text: str
    again_in: int = 0


AWAY = Told(503, "数据库连接不上", "数据库暂时没有应答，正在恢复。", 30)
FULL = Told(503, "磁盘空间已满", "服务器磁盘已满，暂时不能办理，请马上通知系统管理员。", 300)
QUEUE = Told(503, "后台任务暂停", "消息队列暂时没有应答，后台计算会晚一些开始。", 30)
BUSY = Told(503, "数据库忙", "同时办理的人太多。", 10)
LOCKED = Told(503, "正在被别人办理", "同一笔业务正在另一个窗口办理，没有等到。", 10)
SLOW = Told(503, "办理时间过长", "这次查询或办理超过了时间限制，请缩小范围再试。")
FAULT = Told(500, "系统出错", "")
# By PostgreSQL's codes (Appendix A of its manual); the longest beginning counts.
BY_CODE = {
    "08": AWAY, "57P": AWAY, "53": BUSY, "53100": FULL, "40": LOCKED, "55P03": LOCKED,
    "57014": SLOW, "25P03": SLOW,
}  # fmt: skip


def told_of(error: BaseException | None, method: str) -> Told:
    """The page for a fault that nobody foresaw, or an outage."""
    kind = next((told for one in _chain(error) if (told := _kind(one))), FAULT)
    return Told(kind.status, kind.title, f"{kind.text}{_saved(error, method)}", kind.again_in)


def _saved(error: BaseException | None, method: str) -> str:
    """What is known, and no more."""
    unknown = any(isinstance(one, CommitUnknownError) for one in _chain(error))
    if unknown or getattr(connection, "saved", False):
        return "这次操作可能已保存：请先查询，确认没有办成再重做。"
    if method in READING:
        return f"页面没有打开。{AGAIN}"
    return f"这次操作没有保存。{AGAIN}"


def _kind(error: BaseException) -> Told | None:
    code = getattr(error, "pgcode", None) or ""
    found = [told for begin, told in sorted(BY_CODE.items()) if code and code.startswith(begin)]
    if found:
        return found[-1]
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FULL
    if isinstance(error, KombuError):
        return QUEUE
    if isinstance(error, (OperationalError, InterfaceError)) and not _has_code(error):
        return AWAY
    return None


def _has_code(error: DatabaseError | InterfaceError) -> bool:
    return bool(getattr(error.__cause__, "pgcode", None))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__

"""Telling a worker about a job, without anybody waiting for the broker.

The row is there already and a sweep finds it (docs/decisions/0005-jobs-are-rows.md), so a message
is worth no second of a clerk's: a thread of the process sends them one by one. A broker that is
dead, silent or slow holds up this thread alone; what does not fit in line is left to the sweep.
"""

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Callable

logger = logging.getLogger("hezuo.jobs")

Send = Callable[[], object]
# As many jobs as nobody starts in the five minutes of a sweep.
IN_LINE = 1_000
# Seconds that a command waits at its end for what it has said.
LAST_WORDS = 2


def tell(what: str, send: Send) -> None:
    """Send it now. Never raises: the row waits for the sweep."""
    try:
        send()
    except Exception:
        logger.warning("broker unreachable; %s waits for the next sweep", what)


class Announcer:
    def __init__(self) -> None:
        self._line: queue.Queue[tuple[str, Send]] = queue.Queue(IN_LINE)
        self._pid = 0

    def say(self, what: str, send: Send) -> None:
        """Have it sent soon. `what` names the job in the log. Never waits, never raises."""
        if self._pid != os.getpid():  # threads do not come along when a process forks
            self._pid, self._line = os.getpid(), queue.Queue(IN_LINE)
            threading.Thread(target=self._talk, name="announcer", daemon=True).start()
            atexit.register(self._finish)
        try:
            self._line.put_nowait((what, send))
        except queue.Full:
            logger.warning("line full; %s is not sent now", what)

    def _talk(self) -> None:
        line = self._line
        while True:
            what, send = line.get()
            tell(what, send)
            line.task_done()

    def _finish(self) -> None:
        end = time.monotonic() + LAST_WORDS
        while self._line.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.02)


ANNOUNCER = Announcer()

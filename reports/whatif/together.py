"""Statements on two connections that see one moment of the database."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction

from reports.services import one_view_of_the_data

READERS = 2  # as many as the smallest server has cores
# Of a hundred writing transactions a second every fifth attempt meets one; then one reads alone.
ATTEMPTS = 10

Job = Callable[[], Any]
Begin = Callable[[Job], "Future[Any]"]
Queue = SimpleQueue[tuple[Job, "Future[Any]"] | None]


@contextmanager
def one_moment() -> Iterator[Begin]:
    """A view of the data in which all statements see the same moment, and a function that begins
    a job in it, beside whatever the caller does, and gives its future.

    The connections take their snapshots at the same time, and take them again until PostgreSQL
    says that they are the same: an exported snapshot is known to one server only, and a pooler or
    a sharding engine may send each connection to another.

    Inside somebody's transaction the jobs are done at once on its own connection, for what it has
    written no other connection can see; likewise where writers leave no moment to share.
    """
    if not connection.in_atomic_block:
        for _ in range(ATTEMPTS):
            with one_view_of_the_data():
                _make_room()
                with _readers() as (begin, same):
                    if same:
                        yield begin
                        return
    with one_view_of_the_data():
        _make_room()
        yield at_once


def at_once(job: Job) -> "Future[Any]":
    """Do the job here and now. What it raises is raised here."""
    future: Future[Any] = Future()
    future.set_result(job())
    return future


@contextmanager
def _readers() -> Iterator[tuple[Begin, bool]]:
    """A function that begins a job on one of the readers, and whether all see one moment."""
    waiting: Queue = SimpleQueue()
    go = Event()
    readers = [_Reader(waiting, go) for _ in range(READERS)]

    def begin(job: Job) -> "Future[Any]":
        future: Future[Any] = Future()
        waiting.put((job, future))
        return future

    try:
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.connected.result()
        go.set()
        mine = _snapshot()
        yield begin, all(reader.snapshot.result() == mine for reader in readers)
    finally:
        go.set()
        _forget(waiting)
        for _ in readers:
            waiting.put(None)
        for reader in readers:
            reader.join()


class _Reader(Thread):
    """Does jobs on a connection of its own until there is a None."""

    def __init__(self, waiting: Queue, go: Event) -> None:
        super().__init__(daemon=True)
        self.waiting, self.go = waiting, go
        self.connected: Future[None] = Future()
        self.snapshot: Future[str] = Future()

    def run(self) -> None:
        told: Future[Any] = self.connected
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                _make_room()
                told.set_result(None)
                told = self.snapshot
                self.go.wait()
                told.set_result(_snapshot())
                while (item := self.waiting.get()) is not None:
                    _do(*item)
        except Exception as error:  # told to who waits for it
            if told.done():
                raise
            told.set_exception(error)
        finally:
            connection.close()


def _do(job: Job, future: "Future[Any]") -> None:
    try:
        future.set_result(job())
    except BaseException as error:  # told to who waits for it
        future.set_exception(error)


def _forget(waiting: Queue) -> None:
    """Jobs that nobody will ask for any more."""
    try:
        while True:
            waiting.get_nowait()
    except Empty:
        return


def _snapshot() -> str:
    """What this transaction sees from now on: which transactions count as done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def _make_room() -> None:
    """For the rest of the transaction: sorts of a million rows stay in memory, and no workers are
    started beside the two connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL work_mem = '128MB'; SET LOCAL max_parallel_workers_per_gather = 0"
        )

"""Statements on two connections that see one moment of the database."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from django.db import connection, transaction

from reports.services import one_view_of_the_data

READERS = 2  # as many as the smallest server has cores

Job = Callable[[], Any]
Begin = Callable[[Job], "Future[Any]"]
Queue = SimpleQueue[tuple[Job, "Future[Any]"] | None]


@contextmanager
def one_moment() -> Iterator[Begin]:
    """A view of the data in which all statements see the same moment, and a function that begins
    a job in it, beside whatever the caller does, and gives its future.

    Inside somebody's transaction the jobs are done at once on its own connection, for what it has
    written no other connection can see.
    """
    outermost = not connection.in_atomic_block
    with one_view_of_the_data():
        _make_room()
        if not outermost:
            yield at_once
            return
        with _readers(_exported()) as begin:
            yield begin


def at_once(job: Job) -> "Future[Any]":
    """Do the job here and now. What it raises is raised here."""
    future: Future[Any] = Future()
    future.set_result(job())
    return future


@contextmanager
def _readers(snapshot: str) -> Iterator[Begin]:
    waiting: Queue = SimpleQueue()
    ready: list[Future[Any]] = [Future() for _ in range(READERS)]
    threads = [Thread(target=_read, args=(snapshot, waiting, each), daemon=True) for each in ready]

    def begin(job: Job) -> "Future[Any]":
        future: Future[Any] = Future()
        waiting.put((job, future))
        return future

    try:
        for thread in threads:
            thread.start()
        for each in ready:
            each.result()
        yield begin
    finally:
        _forget(waiting)
        for _ in threads:
            waiting.put(None)
        for thread in threads:
            thread.join()


def _read(snapshot: str, waiting: Queue, ready: "Future[Any]") -> None:
    """Do jobs, in a thread and on a connection of its own, until there is a None."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            _make_room()
            ready.set_result(None)
            while (item := waiting.get()) is not None:
                _do(*item)
    except Exception as error:  # told to who waits for it
        if ready.done():
            raise
        ready.set_exception(error)
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


def _exported() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        return str(cursor.fetchone()[0])


def _make_room() -> None:
    """For the rest of the transaction: sorts of a million rows stay in memory, nothing is compiled
    first, and no workers are started beside the two connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off;"
            " SET LOCAL max_parallel_workers_per_gather = 0"
        )

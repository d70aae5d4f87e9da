"""Two connections that see one moment, and how ids are found."""

import threading
from datetime import date
from itertools import count

import numpy as np
import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import Division
from reports.whatif import tables, together
from reports.whatif.places import Places, place_in
from reports.whatif.run import simulate
from reports.whatif.together import one_moment


def _named(code, name):
    return Division.objects.create(
        code=code, name=name, level=Division.Level.COUNTY, first_day=date(2020, 1, 1)
    )


def _count():
    return Division.objects.count()


@pytest.mark.django_db(transaction=True)
def test_both_connections_see_the_moment_at_which_it_began():
    _named("500101", "万州")
    seen = set()
    both = threading.Barrier(2, timeout=20)

    def look():
        both.wait()  # neither goes on before the other has a job as well
        seen.add(connection.connection.info.backend_pid)
        return _count()

    with one_moment() as begin:
        other = threading.Thread(target=_elsewhere, args=("500102", "涪陵"))
        other.start()
        other.join()
        futures = [begin(look), begin(look)]
        assert [each.result() for each in futures] == [1, 1]
    assert len(seen) == 2
    assert _count() == 2


def _elsewhere(code, name):
    _named(code, name)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_a_job_raises_is_raised_to_who_asks_for_its_result():
    def fail():
        raise ArithmeticError("broken")

    with one_moment() as begin:
        failing, counting = begin(fail), begin(_count)
        assert counting.result() == 0
        with pytest.raises(ArithmeticError, match="broken"):
            failing.result()


@pytest.mark.django_db(transaction=True)
def test_who_gives_up_leaves_no_reader_behind():
    before = threading.active_count()
    done = []
    with pytest.raises(ArithmeticError), one_moment() as begin:
        for number in range(1000):
            begin(lambda number=number: done.append((number, _count())))
        raise ArithmeticError
    assert len(done) < 1000
    assert threading.active_count() == before
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_without_a_second_connection_it_says_so(monkeypatch):
    main, room = threading.get_ident(), together._make_room

    def refused():
        if threading.get_ident() != main:
            raise OperationalError("too many connections")
        room()

    monkeypatch.setattr(together, "_make_room", refused)
    before = threading.active_count()
    with pytest.raises(OperationalError, match="too many"), one_moment():
        pytest.fail("there is nothing to read from")
    assert threading.active_count() == before


@pytest.mark.django_db(transaction=True)
def test_a_writer_between_the_snapshots_makes_them_be_taken_again(monkeypatch):
    taken, snapshot = [], together._snapshot
    lock = threading.Lock()

    def one_after_another():
        """涪陵 is written after the first connection looked and before the others do."""
        with lock:
            if len(taken) == 1:
                other = threading.Thread(target=_elsewhere, args=("500102", "涪陵"))
                other.start()
                other.join()
            taken.append(snapshot())
            return taken[-1]

    monkeypatch.setattr(together, "_snapshot", one_after_another)
    with one_moment() as begin:
        assert [_count(), begin(_count).result(), begin(_count).result()] == [1, 1, 1]
    assert len(taken) == 6
    assert len(set(taken[3:])) == 1 != len(set(taken[:3]))


@pytest.mark.django_db(transaction=True)
def test_where_writers_leave_no_moment_one_connection_reads_alone(monkeypatch):
    snapshots = count()
    monkeypatch.setattr(together, "_snapshot", lambda: str(next(snapshots)))
    monkeypatch.setattr(together, "ATTEMPTS", 2)
    _named("500101", "万州")
    with one_moment() as begin:
        assert begin(lambda: (connection.in_atomic_block, _count())).result() == (True, 1)
        assert begin(threading.get_ident).result() == threading.get_ident()


@pytest.mark.django_db(transaction=True)
def test_a_year_read_by_two_is_the_year_read_by_one(claims, county, pack):
    def run():
        return simulate(
            area=county, year=2026, source=pack.source, name="x", on=date(2026, 6, 30),
            progress=lambda *told: None,
        )  # fmt: skip

    by_two = run()
    with transaction.atomic():
        alone = run()
    assert by_two["check"]["differing"] == 0
    assert by_two["claims"] == 3
    assert by_two | {"seconds": 0} == alone | {"seconds": 0}


@pytest.mark.django_db
def test_ids_far_apart_are_asked_for_one_by_one(monkeypatch):
    asked = []
    monkeypatch.setattr(
        tables, "copy_columns", lambda columns, source, params: asked.append((source, params))
    )
    tables._span({}, tables.VISITS, np.array([3, 4, 9]))
    tables._span({}, tables.VISITS, np.array([3, 400, 9000]))
    assert asked == [
        ("FROM claims_visit v WHERE v.id BETWEEN %s AND %s AND v.ends IS NOT NULL", [3, 9]),
        (
            "FROM claims_visit v WHERE v.id = ANY(%s::bigint[]) AND v.ends IS NOT NULL",
            ["{3,400,9000}"],
        ),
    ]


def test_what_belongs_to_others_is_left_out():
    places = Places(np.array([30, 10, 20]))
    assert places.of(np.array([10, 11, 20, 30, 99])).tolist() == [1, -1, 2, 0, -1]
    sums = places.summed(np.array([20, 10, 20, 99]), np.array([1, 2, 4, 8]))
    assert sums.tolist() == [0, 2, 5]
    assert place_in(np.array([], dtype=np.int64), np.array([1])).tolist() == [-1]
    assert [each.tolist() for each in places.spans(2)] == [[10, 20], [30]]

"""Days of the lunar calendar that rules of the trade count from. No clock, no computation: the
calendar is published for decades ahead, and a table can be checked by anybody."""

from datetime import date

# 春节, 正月初一.
SPRING_FESTIVALS = tuple(
    map(
        date.fromisoformat,
        (
            "2007-02-18", "2008-02-07", "2009-01-26", "2010-02-14", "2011-02-03", "2012-01-23",
            "2013-02-10", "2014-01-31", "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16",
            "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10",
            "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03",
            "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08", "2036-01-28",
            "2037-02-15", "2038-02-04", "2039-01-24", "2040-02-12",
        ),
    )
)  # fmt: skip


def spring_festival(year: int) -> date:
    """The Spring Festival of a year; beyond the table the latest day that it can be, 20 February,
    so that nobody comes too late for want of a table."""
    found = [day for day in SPRING_FESTIVALS if day.year == year]
    return found[0] if found else date(year, 2, 20)

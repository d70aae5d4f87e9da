"""What waits in the second compensation, where the measures know one."""

from datetime import date

from accounts.models import User
from claims.second.listings import has_second, known_between, last_year_s_end, runs
from claims.second.models import SecondGrant, SecondRun
from claims.work import LATE
from desk.jobs import JobQuerySet
from desk.worklist import Note, Where, Work

SECONDS = "claims:seconds"
# The surplus of a year is known when its accounts are closed. No norm gives a day; who has not
# tried it out by then does not mean to.
LAST_MONTH = 6


def to_decide(user: User) -> JobQuerySet[SecondRun]:
    return runs(user).filter(grant__status=SecondGrant.Status.PROPOSED)


def not_tried_yet(user: User, day: date) -> str:
    """The year is over and its measures give one: nobody has tried it out."""
    year_s_end = last_year_s_end(day)
    if day.month > LAST_MONTH or not known_between(user.county_code, year_s_end, year_s_end):
        return ""
    is_tried = runs(user).filter(year=year_s_end.year).exists()
    return "" if is_tried else f"{year_s_end.year} 年度的二次补偿还没有试算"


WORK = (
    Work("二次补偿名单待审批", "claims.decide_second", SECONDS, to_decide, unit="份",
         query="decision=proposed", money="amount", since="grant__proposed_on", late=LATE,
         is_rare=True),
)  # fmt: skip
NOTES = (Note("claims.propose_second", SECONDS, not_tried_yet),)
WHERE = (Where(SECONDS, has_second),)

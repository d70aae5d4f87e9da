"""What village cadres earn by the scale: an example report, for nobody is paid from here."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from accounts.models import Division
from enrollment.collection.models import BookEvent
from enrollment.cover.models import Campaign
from enrollment.progress.figures import PlaceRow, villages
from enrollment.progress.scales import Scale, scale_of


@dataclass(frozen=True)
class RewardRow:
    """A village's reward. Amounts in fen; `net` below zero is to be paid in."""

    place: PlaceRow
    lost_books: int
    per_person: int
    reward: int
    deduction: int

    @property
    def net(self) -> int:
        return self.reward - self.deduction


@dataclass(frozen=True)
class RewardReport:
    scale: Scale
    rows: list[RewardRow]

    @property
    def enrolled(self) -> int:
        return sum(row.place.enrolled for row in self.rows)

    @property
    def reward(self) -> int:
        return sum(row.reward for row in self.rows)

    @property
    def deduction(self) -> int:
        return sum(row.deduction for row in self.rows)

    @property
    def net(self) -> int:
        return self.reward - self.deduction


def lost_books(*, under: Division, campaign: Campaign, day: date) -> dict[str, int]:
    """Village code → receipt books of the campaign lost there until `day`, whole or in part.

    A loss whose numbers were all found again until then is none.
    """
    rows = BookEvent.objects.losses().filter(
        village__code__startswith=under.code, book__year=campaign.year, on__lte=day
    )
    losses = list(rows.values_list("village__code", "book", "first_number", "last_number"))
    lost = BookEvent.objects.filter(on__lte=day).lost_numbers({book for _, book, _, _ in losses})
    gone = {
        (code, book)
        for code, book, first, last in losses
        if not lost[book].isdisjoint(range(first, last + 1))
    }
    return dict(Counter(code for code, _ in gone))


def reward_report(*, under: Division, campaign: Campaign, day: date) -> RewardReport:
    """Each village below `under` by its rate of enrolment: who enrolled × the step it reached.

    A receipt book reported lost in a village (挂失, collection) is deducted from the village cadre
    who kept it; the stationed cadre loses the same again (乡镇筹资方案 五2), which is paid in
    apart. Raises Refusal without measures.
    """
    scale = scale_of(campaign)
    lost = lost_books(under=under, campaign=campaign, day=day)
    names = dict(Division.objects.filter(code__startswith=under.code).values_list("code", "name"))
    rows = []
    for code, place in sorted(villages(code=under.code, campaign=campaign, day=day).items()):
        place.name = names.get(code, code)
        reward = scale.reward(enrolled=place.enrolled, due=place.people)
        rows.append(
            RewardRow(
                place,
                lost_books=lost.get(code, 0),
                per_person=reward // place.enrolled if place.enrolled else 0,
                reward=reward,
                deduction=lost.get(code, 0) * scale.aims.lost_book,
            )
        )
    return RewardReport(scale, rows)

"""By what a measure can be told apart."""

from dataclasses import dataclass

from reports.analysis.measures import Measure, Source

# Who bore two statuses counts in both, and once in the whole.
BORNE = "unnest(string_to_array(codes, ' '))"


@dataclass(frozen=True, slots=True)
class Dimension:
    """`code`: SQL over a settlement as `reports.activity.seen_once` reads it; `where` narrows what
    is told apart at all. `field`: of `reports.listings.ClaimsFilter`, which narrows the list of
    claims to one row; `whole`: what narrows it to all rows. `of`: from what it can be read."""

    key: str
    title: str
    code: str
    field: str
    of: frozenset[Source]
    where: str = "true"
    whole: tuple[tuple[str, str], ...] = ()

    @property
    def tagged(self) -> str:
        """SQL of (id, code): which row a settlement counts in."""
        return f"tagged AS (SELECT id, {self.code} AS code FROM seen WHERE {self.where})"  # noqa: S608

    def fits(self, measure: Measure) -> bool:
        return measure.reads <= self.of


def _of(*sources: Source) -> frozenset[Source]:
    return frozenset(sources)


DIMENSIONS: dict[str, Dimension] = {
    one.key: one
    for one in (
        Dimension(
            "month",
            "月份",
            "to_char(settled_on, 'YYYY-MM')",
            "",
            _of("care", "cover", "accounts", "books"),
        ),
        Dimension(
            "township",
            "乡镇",
            "township",
            "township",
            _of("care", "cover", "accounts", "books"),
        ),
        Dimension("village", "村", "village", "village", _of("care", "cover", "accounts")),
        Dimension("institution", "医疗机构", "institution", "institution", _of("care")),
        Dimension("level", "机构级别", "level", "level", _of("care")),
        Dimension("care", "就医类别", "care", "care", _of("care")),
        Dimension("tier", "档次", "tier", "tier", _of("care", "cover")),
        Dimension(
            "status",
            "困难身份",
            BORNE,
            "status",
            _of("care"),
            whole=(("status", "any"),),
        ),
        Dimension(
            "disease",
            "住院病种",
            "disease",
            "disease",
            _of("care"),
            where="is_stay",
            whole=(("only", "stay"),),
        ),
    )
}

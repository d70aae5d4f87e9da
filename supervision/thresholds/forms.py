"""Putting a version forward, and asking for a trial of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.forms import PlainForm
from claims.forms import date_field
from desk.filters import MonthField
from desk.reasons import reason_field
from lib.periods import Month
from supervision.rules import Rule
from supervision.rules.bounds import CARDS, BoundCard
from supervision.thresholds.cards import DAY_CARDS, EVERY_CARD, SWITCHED, InForce

DEFAULTS = InForce().values


@dataclass(frozen=True)
class Input:
    """A field with its card: what it counts, how far it goes, what it stands at."""

    field: forms.BoundField
    card: BoundCard
    default: int
    now: int


@dataclass(frozen=True)
class RuleInputs:
    """A rule with its switch and its thresholds."""

    rule: Rule
    switch: forms.BoundField
    inputs: Sequence[Input]


class VersionForm(PlainForm):
    """One field for each card, one switch for each rule; all stand at what was released last."""

    first_day = date_field("生效日期")
    evidence = forms.CharField(label="文号或会议纪要", max_length=100)
    reason = reason_field("理由")

    def __init__(self, now: InForce, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        for rule in SWITCHED:
            self.fields[_switch(rule)] = forms.BooleanField(
                label=f"启用 {rule.code} {rule.title}",
                required=False,
                initial=rule.code not in now.off,
            )
        for name, card in EVERY_CARD.items():
            self.fields[name] = forms.IntegerField(
                label=card.name,
                min_value=card.least,
                max_value=card.most,
                initial=now.values[name],
                widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 8}),
            )
        for name, field in self.fields.items():
            if name in EVERY_CARD:
                _name_limits(field, EVERY_CARD[name])

    @property
    def rules(self) -> Iterator[RuleInputs]:
        for rule in SWITCHED:
            inputs = [self._input(name) for name, card in CARDS.items() if card.rule == rule.code]
            yield RuleInputs(rule, self[_switch(rule)], inputs)

    @property
    def days(self) -> Sequence[Input]:
        return [self._input(name) for name in DAY_CARDS]

    def _input(self, name: str) -> Input:
        return Input(self[name], EVERY_CARD[name], DEFAULTS[name], self.now.values[name])

    @property
    def asked(self) -> dict[str, Any]:
        """As `services.propose_version` takes it."""
        said = self.cleaned_data
        return {
            "values": {name: said[name] for name in EVERY_CARD},
            "off": [rule.code for rule in SWITCHED if not said[_switch(rule)]],
            **{name: said[name] for name in ("first_day", "evidence", "reason")},
        }


def _switch(rule: Rule) -> str:
    return f"on_{rule.code}"


def _name_limits(field: forms.Field, card: BoundCard) -> None:
    """The remedy, beside the field: how far a county may go."""
    told = f"“{card.name}”应在 {card.least} 至 {card.most} {card.unit}之间"
    field.error_messages |= {
        "required": f"请填写“{card.name}”",
        "invalid": f"“{card.name}”应为整数",
        "min_value": told,
        "max_value": told,
    }


class TrialForm(PlainForm):
    first = MonthField(label="首月")
    last = MonthField(label="末月")

    @property
    def span(self) -> dict[str, Month]:
        return {name: self.cleaned_data[name] for name in ("first", "last")}

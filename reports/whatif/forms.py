"""Choosing what to try on which year."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef

from accounts.forms import PlainForm
from accounts.models import User
from claims.models import Settlement
from enrollment.models import Campaign
from policies.models import Draft, Pack


class SimulationForm(PlainForm):
    """A year of the user's area, and a version or a draft of its measures.

    After cleaning, `policy` is the Pack or Draft itself.
    """

    year = forms.TypedChoiceField(
        label="用哪一年的结算单",
        coerce=int,
        error_messages={"required": "请选择年度", "invalid_choice": "没有这个年度，请重新选择"},
    )
    policy = forms.ChoiceField(
        label="试算办法",
        error_messages={"required": "请选择办法", "invalid_choice": "没有这个办法，请重新选择"},
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settled = Settlement.objects.visible_to(user).counted()
        years = (
            Campaign.objects.visible_to(user)
            .filter(Exists(settled.filter(policy_year=OuterRef("year"))))
            .order_by("-year")
            .values_list("year", flat=True)
        )
        packs = Pack.objects.visible_to(user).defer("source")
        drafts = Draft.objects.visible_to(user).being_edited()
        self._packs = {f"pack-{pack.pk}": pack for pack in packs}
        self._drafts = {
            f"draft-{draft.pk}": draft for draft in drafts.select_related("base").defer("source")
        }
        year, policy = self.fields["year"], self.fields["policy"]
        assert isinstance(year, forms.ChoiceField) and isinstance(policy, forms.ChoiceField)
        year.choices = [(str(one), f"{one} 年度") for one in years]
        policy.choices = [
            ("草稿", [(key, str(draft)) for key, draft in self._drafts.items()]),
            (
                "版本",
                [(key, f"{one}（{one.get_status_display()}）") for key, one in self._packs.items()],
            ),
        ]

    def clean_policy(self) -> Pack | Draft:
        key = self.cleaned_data["policy"]
        return self._drafts.get(key) or self._packs[key]

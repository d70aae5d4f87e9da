"""Kinds of care (就医类别): what a county calls them, and what each of them means elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# National codes of the kind of care (接口 med_type), as the interface standard lists them.
MED_TYPES: Mapping[str, str] = {
    "11": "普通门诊",
    "12": "门诊挂号",
    "13": "急诊",
    "14": "门诊慢特病",
    "19": "意外伤害门诊",
    "21": "普通住院",
    "22": "外伤住院",
    "23": "转外诊治住院",
    "24": "急诊转住院",
    "25": "异地住院",
    "26": "单病种住院",
    "27": "自主就医",
    "28": "日间手术",
    "41": "定点药店购药",
    "51": "生育门诊",
    "52": "生育住院",
    "53": "计划生育手术",
}
# Subdivisions of 14 (140104, 140201 …), and codes of a place's own.
MED_TYPE_PATTERN = re.compile(r"14\d{4}|99\d{2,4}")

# Fields of the entry page that the engine reads and that only some kinds of care ask for, with
# what the rules call them.
ASKED_FIELDS: Mapping[str, str] = {"babies": "babies", "referred_from": "prior_deductible"}
FIELD_NAMES: Mapping[str, str] = {"babies": "婴儿数", "referred_from": "转出的住院"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A field of the entry page that the pack itself invents; the answer is kept with the visit.

    ``options``: code → name, for ``choice`` only.
    """

    code: str
    name: str
    kind: Literal["text", "whole", "choice"]
    required: bool
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """One kind of care.

    ``bed``: days in a hospital bed, so that two cannot overlap and a day of discharge is wanted.
    ``counts_as_stay``: a hospital stay (住院人次) of the statistics and of screening; a delivery
    takes a bed and is counted by itself.  ``booked_as``: key of ``BOOKED_AS``.  ``med_type``:
    national code.  ``asks``: keys of ``ASKED_FIELDS``; ``questions``: the pack's own fields.
    """

    code: str
    name: str
    bed: bool
    counts_as_stay: bool
    booked_as: str
    med_type: str
    asks: frozenset[str]
    questions: tuple[Question, ...]

"""1901: the dictionaries of the interface, and the county's own words beside them."""

from collections.abc import Mapping
from datetime import date

from accounts.errors import Refusal
from gateway.asked import Answer, Asked, Transaction
from gateway.interface.reading import dictionaries, dictionaries_of
from policies.services import Measures
from policies.terms import Terms

# What the types of the county's own words begin with: local_care, local_fact … They are what
# `exp_content` takes (docs/hospital-interface.md).
LOCAL = "local_"
LONGEST = 20  # of a value
VALID, INVALID = "1", "0"
TOP = "0"  # the parent of what has none
# The edition of the standard whose values these are: V1.1.27, October 2024.
PRINTED, EDITION = date(2024, 10, 1), 127
MAX_TOLD = 60


def words(asked: Asked) -> Answer:
    """1901: every word is valid and none has a parent."""
    row = asked.row()
    kind = row["type"]
    national = dictionaries().get(kind)
    terms = None if national is not None else _terms(asked, row["date"])
    found = national if national is not None else _local(kind, terms)
    if found is None:
        raise _unknown(kind, terms)
    if row["Vali_Flag"] != VALID or row["parent_value"] not in {TOP, kind}:
        return {"list": []}
    long = [value for value in found if len(value) > LONGEST]
    if long:
        asked.warn(f"{len(long)} 个代码超过 {LONGEST} 位，没有列出")
    created, version = (PRINTED, EDITION) if terms is None else (terms.valid_from, terms.version)
    return {
        "list": [
            {
                "type": kind,
                "label": label,
                "value": value,
                "parentValue": row["parent_value"],
                "sort": number,
                "valiFlag": VALID,
                "createUser": "国家医保局" if terms is None else terms.area.name,
                "createDate": created,
                "version": version,
            }
            for number, (value, label) in enumerate(found.items(), 1)
            if value not in long
        ]
    }


def _unknown(kind: str, terms: Terms | None) -> Refusal:
    """What to ask for instead: the dictionary of the field that was named, or the county's own."""
    meant = "、".join(dictionaries_of().get(kind, ()))
    if meant:
        told = f"没有字典 {kind}：字段 {kind} 用的字典是 {meant}，请按字典名查询"
        return Refusal(told, at=("data", "type"))
    own = "、".join(LOCAL + one for one in terms.vocabulary) if terms else ""
    told = f"没有字典 {kind[:MAX_TOLD]}；本县自有的字典：{own}"[:180]
    return Refusal(told, at=("data", "type"))


def _terms(asked: Asked, day: date) -> Terms:
    return Measures.on(area_code=asked.institution.division.county_code, day=day).terms


def _local(kind: str, terms: Terms | None) -> Mapping[str, str] | None:
    if terms is None or not kind.startswith(LOCAL):
        return None
    name = kind.removeprefix(LOCAL)
    if name == "care":
        return {code: care.name for code, care in terms.cares.items()}
    return terms.vocabulary.get(name)


TRANSACTIONS = {"1901": Transaction(words)}

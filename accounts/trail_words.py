"""What an audit line changed, in the words of the pages: names of columns, choices, lists."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Field
from django.utils import timezone

from accounts.models import AuditLine
from accounts.trail_names import EXPORT_NAMES, SUBJECT_NAMES

EMPTY: tuple[Any, ...] = (None, "", [], {})
# What lines say beside the columns of their row.
WORDS = {
    "book": "账套",
    "edition": "第几次编制",
    "head": "封存链末端",
    "month": "月份",
    "report": "报表",
    "sha256": "文件指纹",
    "sort": "排序",
    "added": "新增",
    "applied_through": "已处理到",
    "assessments": "缴费标准",
    "care": "就医类别",
    "certificates": "医疗证",
    "changed": "改动的项目",
    "counter": "累计项",
    "created_at": "登记时间",
    "criteria": "条件",
    "diseases": "病种",
    "ended": "取消",
    "ends": "取消",
    "enrollments": "参保登记",
    "entered_at": "登记时间",
    "fields": "改动的项目",
    "ground": "事由",
    "holders": "更新后人数",
    "holders_before": "更新前人数",
    "id": "编号",
    "line": "行",
    "matched": "已匹配",
    "members": "成员",
    "mistaken": "原登记有误",
    "on": "日期",
    "open": "未匹配",
    "people": "人员",
    "person": "成员",
    "procedures": "诊疗项目",
    "reasons": "不予支付情形",
    "recorded_at": "登记时间",
    "refused": "未同意",
    "resident_id, phone, account": "证件号码、电话、账号",
    "rows": "行数",
    "settled": "已结清",
    "statuses": "身份",
    "targets": "任务",
    "tries": "次数",
    "uses": "用款",
    "villages": "村数",
    "visit_id": "就诊",
    "voucher": "凭证",
    "what": "内容",
    "year": "年度",
}
# Of what the rows are that stand in a line under these keys.
ROWS = {"members": "enrollment.person", "enrollments": "enrollment.enrollment"}
# A moment as the trail keeps it: in UTC, with its zone behind it.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?\+\d\d:\d\d")
Columns = Mapping[str, "Field[Any, Any]"]


def _columns_of(label: str) -> dict[str, "Field[Any, Any]"]:
    try:
        columns = apps.get_model(label)._meta.concrete_fields
    except (LookupError, ValueError):
        return {}
    return {name: one for one in columns for name in (one.name, one.attname)}


@cache
def _all_columns() -> Columns:
    """Columns of every kind of thing the trail tells of, for rows told beside the line's own."""
    found: dict[str, Field[Any, Any]] = {}
    for label in SUBJECT_NAMES:
        for name, column in _columns_of(label).items():
            if name not in found or not found[name].flatchoices:
                found[name] = column
    return found


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _name(key: str, own: Columns) -> str:
    """A key in Chinese: a column, a word of the table, or the kind of row that person:5 names."""
    for column in (own.get(key), None if key in WORDS else _all_columns().get(key)):
        if column is None:
            continue
        if _is_chinese(str(column.verbose_name)):
            return str(column.verbose_name)
        if column.related_model in apps.get_models():
            label = column.related_model._meta.label_lower
            if label in SUBJECT_NAMES:
                return SUBJECT_NAMES[label]
    kind, colon, number = key.partition(":")
    subject = SUBJECT_NAMES.get(f"enrollment.{kind}", "") if colon else ""
    return f"{subject} {number}" if subject else WORDS.get(key, key)


def _kind_of(key: str) -> str:
    """Of what the rows under a key are: members are people, person:5 is one."""
    return ROWS.get(key) or f"enrollment.{key.partition(':')[0]}"


def _value(key: str, value: Any, own: Columns) -> Any:
    """A value as a page shows it; plain numbers and texts that have no name stay."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        inner = _columns_of(_kind_of(key))
        return "，".join(
            f"{_name(str(name), inner)} {_value(str(name), one, inner)}"
            for name, one in value.items()
            if one not in EMPTY
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        mark = "；" if any(isinstance(one, Mapping) for one in value) else "、"
        return mark.join(str(_value(key, one, own)) for one in value)
    return _text(key, value, own) if isinstance(value, (str, int)) else value


def _text(key: str, value: str | int, own: Columns) -> Any:
    """A single value: a moment in local time, a column's name, a choice's."""
    if MOMENT.fullmatch(str(value)):
        return f"{timezone.localtime(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M}"
    if key == "what":
        return EXPORT_NAMES.get(str(value), value)
    if key in {"changed", "fields"}:
        return _name(str(value), own)
    column = own.get(key) or _all_columns().get("code" if key in CODES else key)
    choices = dict(column.flatchoices) if column is not None else {}
    return choices.get(value, WORDS.get(str(value), value))


# Keys under which codes of statuses stand.
CODES = frozenset({"added", "ended", "ends", "statuses"})


def changes(line: AuditLine) -> list[tuple[str, Any, Any]]:
    """What a line tells: (column in Chinese, before, after); None where a side says nothing."""
    before, after = line.before or {}, line.after or {}
    own = {} if line.action == "export" else _columns_of(line.subject_type)

    def told(key: str, value: Any) -> Any:
        return None if value is None else _value(key, value, own)

    return [
        (_name(key, own), told(key, before.get(key)), told(key, after.get(key)))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) not in EMPTY or after.get(key) not in EMPTY
    ]

"""The page that is filled in on site, made for a tablet and a bad connection, and what it sends.

Its script (static/inspection.js) keeps what was typed in the browser until it has arrived; without
the script the page is a plain form that is sent whole.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.clock import today
from accounts.errors import Refusal
from accounts.fields import blind_index
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import minute
from claims.paper_intake.scans import MAX_BYTES
from supervision.inspections.answering import (
    Taken,
    Typed,
    fills,
    finish_inspection,
    standing,
    take_answers,
    take_photo,
)
from supervision.inspections.models import (
    Answer,
    Inspection,
)
from supervision.inspections.workflow import FILLS

# What one parcel may hold: every item of the longest checklist, several times over.
MAX_SENT = 400
# A sweep is over before that: what tells of an earlier day comes from a clock that is wrong.
LONGEST_KEPT = timedelta(days=366)


def _one(request: Request, pk: int) -> Inspection:
    return get_visible(
        Inspection,
        request.user,
        "place__institution__division",
        "place__sweep__checklist",
        "of_order",
        pk=pk,
    )


@asks(FILLS)
def site(request: Request, pk: int) -> HttpResponse:
    """The page; POST is the plain form of a browser without scripts."""
    row = _one(request, pk)
    told = fills(row, request.user)
    if told or row.status not in Inspection.UNFINISHED:
        messages.warning(request, told or f"这次检查现为“{row.get_status_display()}”，不能再填写")
        return redirect("supervision:inspection", pk)
    if request.method == "POST":
        with refusals_as_messages(request):
            sent = _typed_plainly(request, row)
            taken = take_answers(actor=request.user, inspection=row, typed=sent)
            for one in taken:
                if one.state in {"conflict", "refused"}:
                    messages.warning(request, one.words or _conflict_words(one))
            messages.success(request, "已保存")
        return redirect("supervision:site", pk)
    now = standing(row)
    items = [(item, now.get(item.code)) for item in row.items]
    context = {
        "row": row,
        "groups": [(name, list(some)) for name, some in groupby(items, lambda one: one[0].group)],
        "number": len(items),
        "photos": row.photos.filter(reply=None),
        "team": row.team.select_related("user"),
        # Whose answers wait in this browser: another account does not send them.
        "owner": blind_index("supervision.tablet", str(request.user.pk))[:16],
        "made": _milliseconds(timezone.now()),
        "standing": {code: _told(one) for code, one in now.items()},
        "on": today(),
        "max_bytes": MAX_BYTES,
    }
    return render(request, "supervision/inspections/site.html", context)


def _typed_plainly(request: Request, row: Inspection) -> list[Typed]:
    """What differs from what stands, of a form without scripts."""
    now = standing(row)
    typed = []
    for item in row.items:
        value = request.POST.get(f"value-{item.code}", "")
        note = request.POST.get(f"note-{item.code}", "")
        stands = now.get(item.code)
        if not value or (stands and (stands.value, stands.note) == (value, note.strip())):
            continue
        typed.append(
            Typed(
                item=item.code,
                key=uuid4(),
                base=_uuid(request.POST.get(f"base-{item.code}", "")),
                value=value,
                note=note,
                typed_at=timezone.now(),
            )
        )
    return typed


@acts(FILLS)
def answers(request: Request, pk: int) -> HttpResponse:
    """What a tablet had kept: a list of answers as JSON, each with what became of it in return."""
    row = _one(request, pk)
    try:
        typed = _read(json.loads(request.body))
        taken = take_answers(actor=request.user, inspection=row, typed=typed)
    except Refusal as refusal:
        return JsonResponse({"refused": refusal.message}, status=409)
    except (ValueError, KeyError, TypeError, RecursionError):
        return JsonResponse({"refused": "送来的内容读不出来，请重新打开页面"}, status=400)
    return JsonResponse({"taken": [_answered(one) for one in taken]})


def _read(sent: Any) -> Sequence[Typed]:
    """Raises ValueError, KeyError or TypeError for what no page of ours sends."""
    if not isinstance(sent, list) or len(sent) > MAX_SENT:
        raise TypeError
    return [
        Typed(
            item=str(one["item"])[:30],
            key=UUID(str(one["key"])),
            base=_uuid(str(one.get("base") or "")),
            value=str(one["value"])[:20],
            note=str(one.get("note", "")).replace("\0", ""),
            typed_at=_moment(one.get("typed_at")),
        )
        for one in sent
    ]


def _uuid(text: str) -> UUID | None:
    """None for no key; what is none either stands for an answer that nobody knows."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


def _moment(text: Any) -> datetime:
    """The tablet's clock, if it says anything that may be so: one that was reset tells of 1970, or
    of a year that no table keeps."""
    found = parse_datetime(text) if isinstance(text, str) else None
    now = timezone.now()
    if found is None or found.tzinfo is None or found < now - LONGEST_KEPT:
        return now
    return found


def _answered(one: Taken) -> dict[str, Any]:
    words = one.words or (_conflict_words(one) if one.state == "conflict" else "")
    present = _told(one.present) if one.present else None
    return {
        "item": one.item,
        "key": str(one.key),
        "state": one.state,
        "words": words,
        "present": present,
    }


def _conflict_words(one: Taken) -> str:
    if one.present is None:
        return "这一项刚在另一台平板上改过"
    told = {"good": "符合", "bad": "不符合", "none": "不适用"}
    value = told.get(one.present.value, one.present.value)
    note = f"（{one.present.note}）" if one.present.note else ""
    who = f"{one.present.answered_by.name} {minute(one.present.received_at)}"
    return f"{who}在另一台平板上填的是“{value}”{note}"


def _told(one: Answer) -> dict[str, Any]:
    return {
        "key": str(one.key),
        "value": one.value,
        "note": one.note,
        "at": _milliseconds(one.received_at),
    }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@acts(FILLS)
def photos(request: Request, pk: int) -> HttpResponse:
    """One photo of a tablet."""
    row = _one(request, pk)
    file = request.FILES.get("file")
    try:
        key = UUID(request.POST.get("key", ""))
        if file is None:
            raise Refusal("没有照片，请重新拍摄", "file")
        if (file.size or 0) > MAX_BYTES:
            raise Refusal(f"照片不超过 {MAX_BYTES // 1024 // 1024} MB", "file")
        photo = take_photo(
            actor=request.user,
            inspection=row,
            item=request.POST.get("item", "")[:30],
            key=key,
            content=file.read(),
        )
    except Refusal as refusal:
        return JsonResponse({"refused": refusal.message}, status=409)
    except ValueError:
        return JsonResponse({"refused": "送来的内容读不出来，请重新打开页面"}, status=400)
    return JsonResponse({"photo": photo.pk, "key": str(photo.key)})


@acts(FILLS)
def finish(request: Request, pk: int) -> HttpResponse:
    row = _one(request, pk)
    with refusals_as_messages(request, f"{row}已完成"):
        finish_inspection(
            actor=request.user,
            inspection=row,
            present=request.POST.get("present", ""),
            remark=request.POST.get("remark", ""),
        )
        return redirect("supervision:inspection", pk)
    return redirect("supervision:site", pk)


@shows(FILLS)
def worker(request: Request) -> HttpResponseBase:
    """The service worker, below whose address the pages on site lie: it may keep them and no
    others."""
    return render(
        request, "supervision/inspections/worker.js", content_type="text/javascript; charset=utf-8"
    )

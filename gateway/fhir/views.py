"""Answers of the FHIR service: resources, pages of them, or an OperationOutcome."""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import simplejson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from accounts.permissions import public
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from enrollment.models import Person
from gateway.fhir import definitions, people
from gateway.fhir.door import CLEAR, reader
from gateway.fhir.kinds import Kind, kinds
from gateway.fhir.outcomes import FhirError, not_found, not_supported, outcome, shown
from gateway.fhir.pages import FORMAT, Search
from gateway.fhir.parts import Json

TYPE = "application/fhir+json; charset=utf-8"
JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json", "text/json"})
ACCEPTED = JSON_FORMATS | {"*/*", "application/*"}
# Why somebody wants a person's data in the clear; percent-encoded UTF-8.
REASON = "X-Reveal-Reason"
# What FHIR takes for the number of a resource.
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
METHODS = ("GET", "HEAD")

View = Callable[..., Json]


def answered(found: Json, status: int = HTTPStatus.OK) -> HttpResponse:
    """Amounts are written as they stand in the books, never through floats."""
    text = simplejson.dumps(found, use_decimal=True, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type=TYPE)


def speaks(view: View) -> Callable[..., HttpResponseBase]:
    """A view of the service: reading, JSON, and told as an OperationOutcome what is wrong."""

    @public
    @csrf_exempt
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        try:
            if request.method not in METHODS:
                told = f"只能读取，不支持 {shown(request.method or '')}"
                raise FhirError(HTTPStatus.METHOD_NOT_ALLOWED, "not-supported", told)
            _refuse_other_formats(request)
            return answered(view(request, *args, **given))
        except FhirError as error:
            response = answered(outcome(error.code, error.told, error.at), error.status)
            if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
                response["Allow"] = ", ".join(METHODS)
            return response

    return asked


def _refuse_other_formats(request: HttpRequest) -> None:
    wanted = request.GET.get(FORMAT)
    accepted = {
        one.partition(";")[0].strip() for one in request.headers.get("Accept", "").split(",")
    }
    accepted.discard("")
    # A plus sign in an address is read as a space.
    fits = wanted.replace(" ", "+") in JSON_FORMATS if wanted else True
    if not fits or (not wanted and accepted and not accepted & ACCEPTED):
        told = "只提供 JSON，请以 application/fhir+json 读取"
        raise FhirError(HTTPStatus.NOT_ACCEPTABLE, "not-supported", told, FORMAT if wanted else "")


def _kind(name: str) -> Kind:
    found = kinds().get(name)
    if found is None:
        told = f"没有 {shown(name)} 这类资源，可读 {'、'.join(kinds())}"
        raise FhirError(HTTPStatus.NOT_FOUND, "not-supported", told)
    return found


@speaks
def metadata(request: HttpRequest) -> Json:
    """What is served; open, as it says nothing of anybody."""
    return definitions.capabilities(kinds())


@speaks
def structure(request: HttpRequest, name: str) -> Json:
    """The definition of an extension, at its canonical address; open as well."""
    found = definitions.structures().get(name)
    if found is None:
        raise not_found("StructureDefinition")
    return found


@speaks
def search(request: HttpRequest, kind: str) -> Json:
    """One page of what the caller sees."""
    user, found = reader(request), _kind(kind)
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    asked = Search.of(found, given)
    rows = found.rows(user).filter(asked.condition).order_by("-pk")
    if asked.before is not None:
        rows = rows.filter(pk__lt=asked.before)
    page = list(rows[: asked.count + 1])
    shown_rows = page[: asked.count]
    more = len(page) > asked.count
    return asked.bundle(
        [found.said(row) for row in shown_rows], shown_rows[-1].pk if more else None
    )


@speaks
def read(request: HttpRequest, kind: str, key: str) -> Json:
    """One resource; out of scope is the same as not there."""
    user, found = reader(request), _kind(kind)
    unknown = [name for name in request.GET if name != FORMAT]
    if unknown:
        raise not_supported(f"{shown(unknown[0])}：读取单个资源时没有这个参数", unknown[0])
    rows = found.rows(user).filter(found.by_id(key)).order_by("pk")
    row = rows.first() if ID.fullmatch(key) else None
    if row is None:
        raise not_found(found.name)
    if isinstance(row, Person) and REASON in request.headers:
        return _in_the_clear(user, row, unquote(request.headers[REASON]))
    return found.said(row)


def _in_the_clear(user: User, person: Person, reason: str) -> Json:
    """For who may see it and says why; the trail keeps who and why, as on the page."""
    if not user.may(CLEAR):
        raise FhirError(HTTPStatus.FORBIDDEN, "forbidden", "您的角色不能查看完整证件信息")
    try:
        with all_or_nothing():
            record(
                actor=user,
                action="enrollment.reveal",
                subject=person.household,
                after={"people": [person.pk], "what": "name, birth_date, resident_id, phone"},
                reason=given_reason(reason, asks="查看完整证件信息的事由"),
            )
    except Refusal as refusal:
        told = f"{REASON}：{refusal.message}"
        raise FhirError(HTTPStatus.BAD_REQUEST, "required", told, REASON) from None
    return people.patient(person, clear=True)


@speaks
def nothing(request: HttpRequest, rest: str = "") -> Json:
    """Any other address of the service."""
    told = "没有这个地址，请查看 metadata"
    raise FhirError(HTTPStatus.NOT_FOUND, "not-found", told)

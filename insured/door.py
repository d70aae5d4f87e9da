"""Who is at the door: a receipt's number, the number of the document, and a code to the own phone;
or, where the county reads them, an electronic voucher (医保电子凭证), which has proved its bearer.

Nobody is told which of the three was wrong, nor whether somebody is in the register at all. Tries
are counted beside those of the officers (`SignInFailure`, marked `me`), by person, by address and
in all: behind the limits nothing is looked up, sent or written, and the trail says when one was
reached. A browser in which somebody has been let in keeps a mark and is counted for that person by
itself, so that nobody who only knows a number keeps its bearer out. A code holds in the browser
that asked for it alone, and opens once: the row of its asking counts until somebody got in by it,
and stands until he has left. The code goes to the phone of the person, never to the household's:
what an adult is ill of is the adult's own (个人信息保护法 第二十八条).
"""

import json
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.conf import settings
from django.core import signing
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.audit import record
from accounts.errors import Refusal
from accounts.fields import blind_index, sealer
from accounts.models import SignInFailure, SignInFailureQuerySet
from accounts.origin import current, network
from accounts.sign_in import one_at_a_time
from desk import plugins
from desk.announcing import Announcer, tell
from enrollment.models import Enrollment, Person
from enrollment.people.numbers import indexes_of, plain
from lib import resident_id, typed_text
from lib.sealing import SealError

logger = logging.getLogger("hezuo.insured")

Kind = SignInFailure.Kind
# In a quarter of an hour (SignInFailure.LOCKED_FOR): one code and five wrong entries for a person,
# twenty from an address, as at the officers' door. With six digits a guesser who has receipt and
# number gets 576 tries a day at a million codes.
ALLOWED, ALLOWED_FROM_AN_ADDRESS = 6, 20
# From everywhere. Whoever has many receipts with their numbers and many addresses has one in fifty
# a day to hit any code at all: 19 200 tries at a million. So many unfinished askings no county has.
ALLOWED_IN_ALL: Mapping[str, int] = {Kind.ASKED: 1_000, Kind.CODE: 200, Kind.VOUCHER: 1_000}
MARK = "me"
# Vouchers are counted by themselves: while their program is down, codes open as before.
BY_CODE = (Kind.ASKED, Kind.CODE)
DIGITS = 6
ASKED, ENTERED, KNOWN = "me-asked", "me", "me-known"
CODE_SECONDS, SHOWN_SECONDS, KNOWN_SECONDS = 10 * 60, 15 * 60, 180 * 24 * 3600
PATH = "/me/"
NOBODY = (0, "")
LOCKED = "试的次数过多，请 15 分钟以后再试，或到乡镇窗口查询"
WRONG = "验证码不对、已用过或已过期，请核对；收不到验证码的，请到乡镇窗口核对登记的手机号"
CLOSED = "本县尚未开通网上查询，请到乡镇窗口查询"
NO_VOUCHERS = "本县尚未接通医保电子凭证，请用缴费收据号查询，或到乡镇窗口查询"
NOT_HERE = "凭证本人不在本县的参保登记中，请到参保地查询；登记的证件号码有变化的，请到乡镇窗口更正"
# Shown by its bearer to the portal, at no institution.
AT_HOME = ""
NO_ANSWER = "医保电子凭证暂时读不出来，请稍后再试，或用缴费收据号查询"
USED = "这个二维码已经用过，请在手机上刷新凭证后重新扫码"
# Digits of a person's key within what the browser keeps: as long for nobody as for anybody.
KEY_DIGITS = 19
# Messages leave after the answer, one by one: how long a gateway takes would tell that there was
# one to send.
MESSENGER = Announcer()


def is_open() -> bool:
    """Whether the county can send a code at all."""
    return plugins.is_connected(plugins.SHORT_MESSAGE)


def reads_vouchers() -> bool:
    """Whether a program tells whose a voucher is."""
    return plugins.is_connected(plugins.CREDENTIALS)


@dataclass(frozen=True)
class Door:
    """Where somebody tries. `name`: what a person's tries are counted under. `device`: MARK, or
    the mark of a browser in which this person has been let in."""

    name: str
    device: str
    origin: str | None

    def count(self, kind: SignInFailure.Kind) -> int:
        """One more try, by its key, or Refusal. The officers' own limits do not see it: they count
        by theirs.

        The try that reaches a limit leaves a line in the trail, for whoever it was."""
        counted = (
            _tries(*((kind,) if kind == Kind.VOUCHER else BY_CODE))
            .filter(device=self.device)
            .aggregate(
                person=Count("pk", filter=Q(username=self.name)),
                address=Count("pk", filter=Q(origin=self.origin)),
                all=Count("pk", filter=Q(kind=kind)),
            )
        )
        allowed = {"person": ALLOWED}
        if self.device == MARK:
            allowed |= {"address": ALLOWED_FROM_AN_ADDRESS, "all": ALLOWED_IN_ALL[kind]}
        left = {what: most - counted[what] for what, most in allowed.items()}
        if min(left.values()) <= 0:
            raise Refusal(LOCKED)
        row = SignInFailure.objects.create(
            username=self.name, origin=self.origin, device=self.device, kind=kind
        )
        reached = [REACHED[what] for what, one in left.items() if one == 1]
        if reached:
            record(actor=None, action="insured.lock", subject=row, reason="、".join(reached))
        return row.pk


REACHED = {"person": "同一证件号试满", "address": "同一地址试满", "all": "全县试满"}


def ask_code(*, receipt: str, number: str, known: str, on: date) -> str:
    """Have a code sent where all belongs together; what comes back for the browser is sealed, as
    long, and there as soon whether it does or not. Raises Refusal where the door is closed or too
    much was tried."""
    if not is_open():
        raise Refusal(CLOSED)
    name = _name(number)
    with _knocking(name, known) as knocks:
        asking = knocks.count(Kind.ASKED)
        key, phone = _bearer(receipt, number, on)
    nonce = secrets.token_hex(16)
    say = tell if settings.CELERY_TASK_ALWAYS_EAGER else MESSENGER.say
    say("a code", partial(_send, phone, _code(key, nonce)))
    person, row = (f"{one:0{KEY_DIGITS}d}" for one in (key, asking))
    return _sealed({"person": person, "asking": row, "nonce": nonce, "name": name})


@dataclass(frozen=True)
class Entered:
    """Who got in, by which asking, and what the browser keeps to be known by."""

    person: Person
    asking: int
    known: str


def enter(*, asked: str, code: str, known: str) -> Entered:
    """The person whose code it is, once. Raises Refusal, the same whatever was wrong."""
    said = _opened(asked)
    key, asking = int(said["person"]), int(said.get("asking", 0))
    with _knocking(said["name"], known) as knocks:
        knocks.count(Kind.CODE)
        right = constant_time_compare(_code(key, said["nonce"]), code.strip())
        unused = _askings(asking).filter(counts=True).exists()
        if right and unused and (person := Person.objects.filter(pk=key).first()):
            _tries(*BY_CODE).filter(username=said["name"], device=knocks.device).update(
                counts=False
            )
            _askings(asking).update(counts=False)  # perhaps of a time before the browser was known
            record(actor=None, action="insured.enter", subject=person)
            return Entered(person, asking, _mark_of(knocks))
    raise Refusal(WRONG, "code")


def enter_by_voucher(*, token: str, known: str, on: date) -> Entered:
    """The person whose voucher was shown (展码), once. Raises Refusal: unknown, used, too many.

    Counted beside the tries of codes, by what was shown or by a browser that is known, by address
    and in all. The program that reads it is asked with no lock held, for it may take its time.
    """
    if not reads_vouchers():
        raise Refusal(NO_VOUCHERS, "token")
    shown = _name(token)
    whose, device = _mark(known)
    with _knocking(whose if device else shown, known) as knocks:
        tried = knocks.count(Kind.VOUCHER)
    person, number = _shown_by(token, tried, on)
    name = _name(number)
    with _knocking(name, known) as knocks:
        spent = SignInFailure.objects.filter(kind=Kind.VOUCHER, counts=False)
        if spent.filter(username=shown).exists():
            raise Refusal(USED, "token")
        _tries(Kind.VOUCHER).filter(Q(username=shown) | Q(pk=tried)).update(counts=False)
        rows = [
            SignInFailure(
                username=one, origin=knocks.origin, device=MARK, kind=Kind.VOUCHER, counts=False
            )
            for one in (shown, name)
        ]
        _, session = SignInFailure.objects.bulk_create(rows)
        record(actor=None, action="insured.enter", subject=person, reason="医保电子凭证")
        return Entered(person, session.pk, _mark_of(knocks))


def _shown_by(token: str, tried: int, on: date) -> tuple[Person, str]:
    """Who showed it, and by which number. Raises Refusal; that the program failed is no try."""
    try:
        holder = plugins.credentials().holder(
            kind=plugins.VOUCHER, number=token, card_sn="", institution=AT_HOME
        )
    except Refusal as refusal:
        raise Refusal(refusal.message, "token") from None
    except Exception as error:  # its words may name who was asked about
        logger.warning("a voucher could not be read: %s", type(error).__name__)
        SignInFailure.objects.filter(pk=tried).delete()
        raise Refusal(NO_ANSWER, "token") from None
    indexes = indexes_of(holder.number)
    former = Q(former_numbers__number_index__in=indexes, former_numbers__mistaken=False)
    people = Person.objects.filter(same_as=None, death_date=None)
    bearers = people.filter(Q(resident_id_index__in=indexes) | former).distinct()[:2]
    if len(bearers) != 1:
        raise Refusal(NOT_HERE, "token")
    (person,) = bearers
    # Numbers of different documents look alike; those after GB 11643 are one person's alone.
    same = typed_text.letters(holder.name) == typed_text.letters(person.name)
    if not (same if holder.name else _is_ones_own(holder.number, on)):
        raise Refusal(NOT_HERE, "token")
    return person, holder.number


def _is_ones_own(number: str, on: date) -> bool:
    try:
        resident_id.parse(plain(number), on)
    except resident_id.ResidentIdError:
        return False
    return True


@contextmanager
def _knocking(name: str, known: str) -> Iterator[Door]:
    """One at a time through this door: whatever is sent side by side is counted as in a row, by
    address and in all too. `known`: what the browser kept."""
    whose, device = _mark(known)
    with one_at_a_time(MARK):
        yield Door(name, device if whose == name else MARK, network(current.get().address))


def _mark(known: str) -> tuple[str, str]:
    """Whose browser it is and its mark, empty for a new one."""
    try:
        whose, device = signing.loads(known, salt=KNOWN, max_age=KNOWN_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return "", ""
    return whose, device


def _mark_of(knocks: Door) -> str:
    """The same again, or one of its own. It names the person by the keyed hash alone."""
    device = f"{MARK}{secrets.token_hex(7)}" if knocks.device == MARK else knocks.device
    return signing.dumps([knocks.name, device], salt=KNOWN)


def _send(phone: str, code: str) -> None:
    """To the phone, if there is one. That it could not be sent is the log's to say, for any answer
    would tell that all belonged together."""
    if not phone:
        return
    text = f"医保查询验证码 {code}，10 分钟内有效。不要告诉任何人。"
    try:
        plugins.short_messages().send(phone=phone, text=text)
    except Exception as error:  # its words may name the phone
        logger.warning("a code could not be sent: %s", type(error).__name__)


def _sealed(asked: Mapping[str, str]) -> str:
    """Signed with its time, and sealed: whoever reads a signed key learns whether there is one."""
    return signing.dumps(sealer().seal(json.dumps(asked), ASKED), salt=ASKED)


def _opened(asked: str) -> Mapping[str, str]:
    try:
        sealed = signing.loads(asked, salt=ASKED, max_age=CODE_SECONDS)
        said: Mapping[str, str] = json.loads(sealer().open(sealed, ASKED))
    except (signing.BadSignature, SealError):
        raise Refusal(WRONG, "code") from None
    return said


def let_in(response: HttpResponse, entered: Entered) -> None:
    """Its own short session: no user of the portal, sent to no other page of it."""
    told = signing.dumps([entered.person.pk, entered.asking], salt=ENTERED)
    _keep(response, ENTERED, told, SHOWN_SECONDS)
    _keep(response, KNOWN, entered.known, KNOWN_SECONDS)


def keep_asked(response: HttpResponse, asked: str) -> None:
    _keep(response, ASKED, asked, CODE_SECONDS)


def let_out(request: HttpRequest, response: HttpResponse) -> None:
    """The session ends here too, for whoever has a copy of what the browser kept."""
    _, asking = _session(request)
    _askings(asking).filter(counts=False).delete()
    for name in (ASKED, ENTERED):
        response.delete_cookie(name, path=PATH, samesite="Strict")


def who(request: HttpRequest) -> Person | None:
    """Who has come in, within the last quarter of an hour."""
    pk, asking = _session(request)
    if not _askings(asking).filter(counts=False).exists():
        return None
    rows = Person.objects.filter(pk=pk, same_as=None, death_date=None)
    return rows.select_related("household__division__parent").first()


def _session(request: HttpRequest) -> tuple[int, int]:
    """The person and the asking that the browser was let in by; zeros for none."""
    text = request.COOKIES.get(ENTERED, "")
    try:
        person, asking = signing.loads(text, salt=ENTERED, max_age=SHOWN_SECONDS)
    except (signing.BadSignature, TypeError):
        return 0, 0
    return person, asking


def _keep(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=PATH,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict",
    )


def _name(number: str) -> str:
    """What the tries of a person are counted under: a keyed hash, of whoever is in no register
    too."""
    return f"?{MARK}{blind_index('insured.door', plain(number))[:32]}"


def _code(person: int, nonce: str) -> str:
    digest = salted_hmac("insured.code", f"{person}:{nonce}", algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 10**DIGITS:0{DIGITS}d}"


def _tries(*kinds: str) -> SignInFailureQuerySet:
    return SignInFailure.objects.counting(timezone.now()).filter(kind__in=kinds)


def _askings(key: int) -> SignInFailureQuerySet:
    """The row of one asking, or of one entry by voucher. It counts while its code is unused, and
    stands while its session goes on."""
    return SignInFailure.objects.filter(pk=key, kind__in=[Kind.ASKED, Kind.VOUCHER])


def _bearer(receipt: str, number: str, on: date) -> tuple[int, str]:
    """Key and phone of who bears the number, stands on the receipt of this or the last year, and
    has a phone; else NOBODY. Of somebody no more is read than of nobody: that takes time."""
    book, _, serial = plain_receipt(receipt).rpartition("-")
    indexes = indexes_of(number)
    if not (book and serial.isdecimal() and len(serial) <= 9 and indexes):
        return NOBODY
    covers = Enrollment.objects.filter(
        person__resident_id_index__in=indexes,
        person__same_as=None,
        person__death_date=None,
        receipt__book__code=book,
        receipt__number=int(serial),
        receipt__voided_at=None,
        year__gte=on.year - 1,
    )
    key, phone = covers.values_list("person", "person__phone").first() or NOBODY
    return (key, phone) if phone else NOBODY


def plain_receipt(text: str) -> str:
    """As typed, without blanks, whatever the dash."""
    return "".join(text.split()).replace("－", "-").replace("—", "-").upper()[:40]

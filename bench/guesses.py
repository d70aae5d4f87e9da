"""The page of the insured tried with guesses, at the portal's own web server.

    DATABASE_URL=postgres://…/own_database python bench/guesses.py --guesses 10000

Needs the environment of the portal (docs/operations.md) and a database of its own; an empty one is
given a demo county. The last digits of a document, receipts, people of no register and codes are
guessed from many addresses, from one, and from one IPv6 network, side by side. It ends with an
error where somebody got in, where a limit let one try more or less through, where an answer or its
time tells whether somebody exists, where a guessed number stands in the trail, the list of tries or
the server's log, where the bearer stays locked out, and on any status of 500 and above.
"""

import argparse
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
DAY = "2026-12-01"

from windows import start_server  # noqa: E402 - sets Django up

from accounts.models import AuditLine, SignInFailure  # noqa: E402
from enrollment.models import Enrollment, Person  # noqa: E402
from insured import door  # noqa: E402
from lib.resident_id import check_character  # noqa: E402

# The server's: a kept connection to the database, and messages that leave after the answer.
os.environ |= {
    "HEZUO_TODAY": DAY,
    "HEZUO_ENV": "local",
    "HEZUO_TRUSTED_PROXIES": "1",
    "HEZUO_SHORT_MESSAGE": "demo.stand_ins.ShortMessages",
}
PHONES = 60
# What differs from answer to answer whoever asks: typed text, tokens, the moment.
TOKEN = re.compile(r'value="[^"]*"|"X-CSRFToken": "[^"]*"')
DATED = {"date", "expires", "content-length", "set-cookie"}
# How often a right pair answers later than a wrong one, if their times are the same: one half.
APART = 0.06


@dataclass(frozen=True)
class Answer:
    """`told`: all that a guesser can compare. `cookies`: name → value."""

    told: tuple[object, ...]
    status: int
    page: str
    where: str
    cookies: Mapping[str, str]
    seconds: float


@dataclass
class Browser:
    """One connection; every request may come from another address."""

    port: int
    kept: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(
        self, path: str, form: Mapping[str, str] | None, address: str, **cookies: str
    ) -> Answer:
        kept = self.kept | cookies
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in kept.items()),
            "X-Forwarded-For": address,
        }
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = kept.get("csrftoken", "")
        began = time.perf_counter()
        self.line.request("GET" if body is None else "POST", path, body, headers)
        got = self.line.getresponse()
        page = got.read().decode()
        seconds = time.perf_counter() - began
        given = {}
        for cookie in got.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            given[name] = value
        same = sorted((k.lower(), v) for k, v in got.getheaders() if k.lower() not in DATED)
        lengths = sorted((name, len(value)) for name, value in given.items())
        told = (got.status, tuple(same), tuple(lengths), TOKEN.sub("", page))
        return Answer(told, got.status, page, got.headers.get("Location", ""), given, seconds)

    def opened(self) -> "Browser":
        self.kept |= self.ask("/me/", None, "10.0.0.1").cookies
        return self


@dataclass(frozen=True)
class Guess:
    """One try. `asked`: what the browser was given for the asking before, for a code."""

    form: Mapping[str, str]
    address: str
    asked: str = ""

    def sent(self, browser: Browser) -> Answer:
        if self.asked:
            return browser.ask("/me/code", self.form, self.address, **{door.ASKED: self.asked})
        return browser.ask("/me/", self.form, self.address)


@dataclass(frozen=True)
class Insured:
    """Somebody with a phone, and what he would type."""

    pk: int
    receipt: str
    number: str

    @property
    def form(self) -> dict[str, str]:
        return {"receipt": self.receipt, "number": self.number}


def a_county() -> tuple[list[Insured], list[Insured]]:
    """Those who have a phone and those who have none, each on a receipt of this year."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "-v0"], check=True)
    seed = ["seed_demo", "--if-empty", "--persons", "500", "--year", DAY[:4], "--through", DAY]
    subprocess.run([*manage, *seed], check=True)
    covers = Enrollment.objects.filter(
        year=int(DAY[:4]), receipt__voided_at=None, person__death_date=None, person__same_as=None
    ).exclude(receipt=None)
    found = [
        Insured(one.person_id, one.receipt.full_number, one.person.resident_id)
        for one in covers.select_related("person", "receipt__book").order_by("pk")[: PHONES * 2]
    ]
    for at, one in enumerate(found[:PHONES]):
        person = Person.objects.get(pk=one.pk)
        person.phone = f"1390000{at:04d}"
        person.save(update_fields=["phone"])
    return found[:PHONES], found[PHONES:]


def addresses(chance: random.Random) -> Iterator[str]:
    """Never one twice."""
    start = chance.randrange(1, 200)
    for at in range(1 << 24):
        yield f"{start}.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}"


def other_digits(number: str, at: int) -> str:
    """The same place and birthday; the last four are right by the check character."""
    body = number[:14] + f"{(int(number[14:17]) + 1 + at) % 1000:03d}"
    return body + check_character(body)


def nobody(at: int) -> str:
    body = f"110101{1940 + at % 60:04d}{at // 60 % 12 + 1:02d}{at % 28 + 1:02d}{at % 1000:03d}"
    return body + check_character(body)


class Town:
    """The county, its server, and everything that was guessed."""

    def __init__(self, port: int, threads: int, log: Path) -> None:
        self.port, self.threads, self.log = port, threads, log
        self.chance = random.Random(1)
        self.people, self.silent = a_county()
        self.from_anywhere = addresses(self.chance)
        self.wrong: list[str] = []
        self.guessed: set[str] = set()
        self.guesses = 0
        self.statuses: Counter[int] = Counter()
        self.let_in = 0
        self.tries: list[str] = []
        self.seen: dict[str, set[tuple[object, ...]]] = {}

    def demand(self, held: bool, words: str) -> None:
        print(f"  {'ok   ' if held else 'WRONG'} {words}")
        if not held:
            self.wrong.append(words)

    def anew(self) -> None:
        """Nothing counts any more; what the list of tries said is kept to be looked through."""
        self.tries += [str(row) for row in SignInFailure.objects.values_list()]
        SignInFailure.objects.all().delete()

    def browser(self) -> Browser:
        return Browser(self.port).opened()

    def code(self, asked: Callable[[], Answer]) -> tuple[Answer, str]:
        """What the stand-in sent after the asking; "" for nothing."""
        before = len(self.log.read_text())
        answer = asked()
        for _ in range(60):
            found = re.findall(r"验证码 ([0-9]{6})", self.log.read_text()[before:])
            if found:
                return answer, found[-1]
            time.sleep(0.05)
        return answer, ""

    def flood(self, what: str, guesses: Sequence[Guess], many: int) -> None:
        """Side by side, each once; exactly `many` are let through to be looked at."""
        self.anew()
        for one in guesses:
            self.guessed |= {one.form["number"]} if "number" in one.form else set()
        answers: list[Answer] = []
        lock = threading.Lock()
        waiting = iter(guesses)

        def work() -> None:
            browser = self.browser()
            while True:
                with lock:
                    one = next(waiting, None)
                if one is None:
                    return
                answer = one.sent(browser)
                with lock:
                    answers.append(answer)

        began = time.monotonic()
        crowd = [threading.Thread(target=work) for _ in range(self.threads)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        self.judge(what, answers, many, time.monotonic() - began)

    def judge(self, what: str, answers: Sequence[Answer], many: int, seconds: float) -> None:
        self.guesses += len(answers)
        self.statuses.update(one.status for one in answers)
        locked = [one for one in answers if door.LOCKED in one.page]
        looked = [one for one in answers if door.LOCKED not in one.page]
        print(f"{what}: {len(answers)} guesses in {seconds:.1f} s, {len(looked)} looked at")
        self.let_in += sum("/me/page" in one.where or door.ENTERED in one.cookies for one in looked)
        self.demand(len(looked) == min(many, len(answers)), f"exactly {many} were looked at")
        step = "code" if any(door.WRONG in one.page for one in looked) else "ask"
        self.seen.setdefault(f"{step}, looked at", set()).update(one.told for one in looked)
        self.seen.setdefault(f"{step}, limit", set()).update(one.told for one in locked)
        tries = SignInFailure.objects.count()
        self.demand(tries <= many + PHONES, f"{tries} rows of tries: nothing behind a limit")

    def enters(self, one: Insured, browser: Browser, address: str) -> bool:
        """The bearer, by the code to the own phone."""
        answer, code = self.code(lambda: browser.ask("/me/", one.form, address))
        browser.kept |= answer.cookies
        if not code:
            return False
        answer = browser.ask("/me/code", {"code": code}, address)
        browser.kept |= answer.cookies
        return browser.ask("/me/page", None, address).status == 200

    def asked_for(self, people: Sequence[Insured]) -> list[str]:
        """What the browsers of guessers keep who have receipt and number of all these."""
        browser = self.browser()
        self.anew()
        kept = []
        for one in people:
            answer = browser.ask("/me/", one.form, next(self.from_anywhere))
            kept.append(answer.cookies[door.ASKED])
        return kept


def floods(town: Town, guesses: int) -> None:
    victim, others = town.people[0], town.people[1:]
    many = {part: guesses * share // 100 for part, share in SHARES.items()}
    where = town.from_anywhere
    digits = [
        Guess(victim.form | {"number": other_digits(victim.number, at)}, next(where))
        for at in range(min(many["digits"], 998))
    ]
    digits += [
        Guess(one.form | {"number": other_digits(one.number, at)}, next(where))
        for at in range(-(-(many["digits"] - len(digits)) // len(others)))
        for one in others
    ][: many["digits"] - len(digits)]
    town.flood("last digits, many addresses", digits, door.ALLOWED_IN_ALL[door.Kind.ASKED])
    book, _, serial = victim.receipt.rpartition("-")
    receipts = [
        Guess(
            {"receipt": f"{book}-{int(serial) + at + 1:08d}", "number": victim.number}, next(where)
        )
        for at in range(many["receipts"])
    ]
    town.flood("receipts at one number, many addresses", receipts, door.ALLOWED)
    unknown = [
        Guess(victim.form | {"number": nobody(at)}, next(where)) for at in range(many["nobody"])
    ]
    town.flood("people of no register", unknown, door.ALLOWED_IN_ALL[door.Kind.ASKED])
    single = [
        Guess(victim.form | {"number": nobody(9000 + at)}, "198.51.100.7")
        for at in range(many["address"])
    ]
    town.flood("from one address", single, door.ALLOWED_FROM_AN_ADDRESS)
    network = [
        Guess(victim.form | {"number": nobody(20000 + at)}, f"2001:db8:1:2::{at + 1:x}")
        for at in range(many["network"])
    ]
    town.flood("from one IPv6 network", network, door.ALLOWED_FROM_AN_ADDRESS)
    [asked] = town.asked_for([victim])
    codes = [
        Guess({"code": f"{at * 37 % 10**6:06d}"}, next(where), asked) for at in range(many["codes"])
    ]
    town.flood("codes at one person, many addresses", codes, door.ALLOWED)
    kept = town.asked_for(others)
    spread = [
        Guess({"code": f"{at * 41 % 10**6:06d}"}, next(where), kept[at % len(kept)])
        for at in range(many["spread"])
    ]
    town.flood("codes at many people", spread, door.ALLOWED_IN_ALL[door.Kind.CODE])


# Percent of the guesses.
SHARES = {
    "digits": 25, "receipts": 15, "nobody": 15, "address": 10, "network": 10, "codes": 10,
    "spread": 15,
}  # fmt: skip


def answers_tell_nothing(town: Town, rounds: int) -> None:
    """Right pairs among wrong ones, in turn, never behind a limit: words, and times."""
    print(f"what an answer tells, {rounds} of each in turn")
    town.anew()
    browser = town.browser()
    taken: dict[str, list[float]] = {}
    for at in range(rounds):
        right = town.people[at % PHONES]
        tries = {
            "right": right.form,
            "other receipt": right.form | {"receipt": town.people[(at + 7) % PHONES].receipt},
            "other digits": right.form | {"number": other_digits(right.number, at)},
            "of no register": right.form | {"number": nobody(at)},
            "without a phone": town.silent[at % len(town.silent)].form,
        }
        if tries["other receipt"]["receipt"] == right.receipt:
            tries["other receipt"]["receipt"] = "X-00000001"
        for what in town.chance.sample(sorted(tries), len(tries)):
            answer = browser.ask("/me/", tries[what], next(town.from_anywhere))
            town.seen.setdefault("ask, looked at", set()).add(answer.told)
            taken.setdefault(what, []).append(answer.seconds)
            if what in ("right", "of no register"):
                cookie = {door.ASKED: answer.cookies[door.ASKED]}
                entered = browser.ask("/me/code", {"code": "x"}, next(town.from_anywhere), **cookie)
                town.seen.setdefault("code, looked at", set()).add(entered.told)
                taken.setdefault(f"code, {what}", []).append(entered.seconds)
        town.anew()
    for what, seconds in taken.items():
        base = taken["code, right" if what.startswith("code") else "right"]
        share = later(base, seconds)
        middle = statistics.median(seconds) * 1000
        words = f"{what}: median {middle:.2f} ms, the right one later in {share:.1%} of all pairs"
        town.demand(abs(share - 0.5) <= APART, words)


def later(one: Sequence[float], other: Sequence[float]) -> float:
    """How often a draw of the one is later than a draw of the other; a half: nobody can tell."""
    ordered = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    below = won = 0
    for _, of_other in ordered:
        below += of_other
        won += 0 if of_other else below
    return won / (len(one) * len(other))


def bearer_is_let_in(town: Town) -> None:
    """Locked by others, known in the own browser all the same; a quarter of an hour later too."""
    print("the bearer")
    town.anew()
    person = town.people[5]
    own = town.browser()
    town.demand(town.enters(person, own, "192.0.2.5"), "gets in by the own code")
    own.kept.pop(door.ENTERED, None)
    guesser = town.browser()
    for _ in range(30):
        guesser.ask("/me/", person.form | {"receipt": "X-1"}, next(town.from_anywhere))
    town.demand(not town.enters(person, town.browser(), "192.0.2.6"), "is locked out elsewhere")
    town.demand(town.enters(person, own, "192.0.2.5"), "gets in where he was before")
    for row in SignInFailure.objects.filter(counts=True):
        row.at -= SignInFailure.LOCKED_FOR + timedelta(seconds=1)
        row.save(update_fields=["at"])
    for _ in range(30):  # behind the limit before; they did not make it longer
        guesser.ask("/me/", person.form | {"number": nobody(7)}, "198.51.100.9")
    town.demand(town.enters(person, town.browser(), "192.0.2.6"), "gets in after 15 minutes")
    town.demand(town.enters(person, town.browser(), "192.0.2.7"), "and at once again elsewhere")


def trail_is_clean(town: Town, since: int) -> None:
    print("the trail")
    lines = AuditLine.objects.filter(pk__gt=since)
    counted = Counter(lines.values_list("action", flat=True))
    print(f"  {dict(counted)}")
    reasons = Counter(lines.filter(action="insured.lock").values_list("reason", flat=True))
    print(f"  limits reached: {dict(reasons)}")
    town.demand(len(reasons) == len(door.REACHED), "it says which limits were reached")
    town.demand(counted["insured.enter"] == 4, "four times somebody came in: the bearer")
    rows = [str(row) for row in lines.values_list()]
    town.anew()
    texts = "\n".join([*rows, *town.tries, town.log.read_text(errors="replace")])
    known = {one.number for one in [*town.people, *town.silent]}
    stood = set(re.findall(r"[0-9]{17}[0-9X]", texts)) & (town.guessed | known)
    town.demand(not stood, f"none of {len(town.guessed)} guessed numbers stands anywhere")
    receipts = {one.receipt for one in town.people}
    town.demand(not any(one in texts for one in receipts), "no receipt either")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--port", type=int, default=8790)
    given = parser.parse_args()
    assert date.fromisoformat(DAY)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server"
        with log.open("wb") as said:
            town = Town(given.port, given.threads, log)
            since = getattr(AuditLine.objects.order_by("-pk").first(), "pk", 0)
            server = start_server(given.port, 2, said)
            try:
                answers_tell_nothing(town, given.rounds)
                floods(town, given.guesses)
                bearer_is_let_in(town)
                trail_is_clean(town, since)
            finally:
                server.terminate()
                server.wait()
    print("all")
    for what, seen in town.seen.items():
        town.demand(len(seen) == 1, f"{what}: {len(seen)} kind of answer")
    town.demand(not town.let_in, f"{town.guesses} guesses, {town.let_in} got in")
    worst = max(town.statuses)
    town.demand(worst < 500, f"statuses {dict(town.statuses)}")
    return 1 if town.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

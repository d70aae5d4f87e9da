"""Hundreds of files that mean harm, through every upload page of a running portal.

    script/manage seed_demo …  # a demo county on DATABASE_URL, HEZUO_ENV=local
    python bench/hostile_uploads.py --files 600

Starts the web server and a worker as `script/server` does and signs in as the demo county's people.
Every page with a file input is found by looking at all pages; each gets its share of every kind in
`bench/hostile_files.py`. Told are answers, times, and the most memory that web, worker and reading
children held. Wrong is: a status ≥ 500, a refusal without Chinese words, a dead server process, a
job that does not end, a traceback in a log. The exit code tells all.
"""

import argparse
import http.client
import io
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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode, urljoin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from django.apps import apps  # noqa: E402
from django.urls import URLPattern, URLResolver, get_resolver  # noqa: E402
from openpyxl import load_workbook  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import may  # noqa: E402
from bench.hostile_files import KINDS, Columns  # noqa: E402
from demo.staff import DEMO_PASSWORD  # noqa: E402
from desk.jobs import FAULT, Job, carry_on  # noqa: E402

FORM = re.compile(r"<form[^>]*multipart/form-data.*?</form>", re.DOTALL)
TAG = re.compile(
    r"<(input|select|textarea)\b([^>]*)>(.*?)(?=<(?:input|select|textarea)\b|</form>)", re.DOTALL
)
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
SAID = re.compile(
    r'<div[^>]*class="[^"]*(?:alert|hz-fielderror|hz-failure)[^"]*"[^>]*>(.*?)</div>', re.DOTALL
)
BLANK = re.compile(r'href="([^"]*(?:/blank|/template)[^"]*)"')
CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")
KINDS_OF_PROCESS = {"launch.web": "web", "celery": "worker", "lib.tables.child": "reader"}
DONE_WITHIN = 900


@dataclass
class Browser:
    """One signed-in person: a connection for each question, cookies kept."""

    port: int
    user: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, path: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[int, str, bytes, str]:
        """Status, where to, body and its type; redirects are not followed."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": kind, "X-CSRFToken": self.cookies.get("csrftoken", "")}
        line.request("GET" if body is None else "POST", path, body, headers)
        answer = line.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        line.close()
        return (
            answer.status,
            answer.headers.get("Location", ""),
            content,
            answer.headers.get("Content-Type", ""),
        )

    def sign_in(self) -> None:
        self.ask("/sign-in")
        form = {"username": self.user, "password": DEMO_PASSWORD}
        status, *_ = self.ask(
            "/sign-in", urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        if status != 302:
            raise SystemExit(f"{self.user} cannot sign in: {status}")


@dataclass(frozen=True)
class Door:
    """A form with a file on a page."""

    user: str
    page: str
    action: str
    file: str
    fields: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]


def pages(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Every page that needs nothing in its address, with its permission."""
    for entry in (resolver or get_resolver()).url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from pages(entry, where)
        elif isinstance(entry, URLPattern) and "<" not in where:
            permission = getattr(entry.callback, "permission", None)
            if permission and not where.endswith(("/export", "sign-out")):
                yield where, permission


def doors(browsers: dict[str, Browser]) -> list[Door]:
    found: dict[str, Door] = {}
    for user in User.objects.filter(username__in=browsers):
        for page, permission in pages():
            if not may(user.role, permission):
                continue
            status, _, content, kind = browsers[user.username].ask(page)
            if status != 200 or not kind.startswith("text/html"):
                continue
            html = content.decode()
            for form in FORM.findall(html):
                door = read_form(browsers[user.username], page, form, html)
                found.setdefault(door.action, door)
    return list(found.values())


def read_form(browser: Browser, page: str, form: str, html: str) -> Door:
    """What else the form asks, answered with the first choice or something likely."""
    fields, file = [], ""
    action = re.match(r'<form[^>]*?action="([^"]*)"', form)
    for tag, attributes, inside in TAG.findall(form):
        said = dict(ATTRIBUTE.findall(attributes))
        name, kind = said.get("name", ""), said.get("type", "text")
        if kind == "file":
            file = name
        elif tag == "select":
            values = [one for one in re.findall(r'<option[^>]*value="([^"]*)"', inside) if one]
            fields.append((name, values[0] if values else ""))
        elif name and kind not in {"checkbox", "submit", "radio"}:
            likely = "2026-12-01" if "date" in kind or "day" in name or "_on" in name else "测试"
            fields.append((name, unescape(said.get("value", "")) or likely))
    columns: Columns = ("名称", "代码")
    for link in BLANK.findall(html):
        status, _, content, _ = browser.ask(unescape(link))
        if status == 200 and content.startswith(b"PK"):
            sheet = load_workbook(io.BytesIO(content)).worksheets[0]
            lines = [
                [str(cell) for cell in line if cell] for line in sheet.iter_rows(values_only=True)
            ]
            columns = max(lines[:3], key=len)
            break
    target = unescape(action[1]) if action and action[1] else page
    return Door(browser.user, page, target, file, tuple(fields), tuple(columns))


def body_of(door: Door, name: str, content: bytes) -> tuple[bytes, str]:
    mark = f"----{random.getrandbits(80):x}"
    parts = b""
    for key, value in door.fields:
        parts += (
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        )
    said = name.replace('"', "%22").encode("utf-8", "surrogatepass")
    parts += f'--{mark}\r\nContent-Disposition: form-data; name="{door.file}"; filename="'.encode()
    parts += said + b'"\r\nContent-Type: application/octet-stream\r\n\r\n' + content
    return parts + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


class Memory:
    """The most that each kind of process held, looked at five times a second."""

    def __init__(self, roots: list[int]) -> None:
        self.roots, self.stop = roots, threading.Event()
        self.before, self.most = Counter[str](), Counter[str]()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def begin(self) -> None:
        """Every page has been looked at once: what comes now is the files' work."""
        self.before, self.most = self.most, Counter()

    def _watch(self) -> None:
        while not self.stop.wait(0.2):
            for kind, held in self.now():
                self.most[kind] = max(self.most[kind], held)

    def now(self) -> list[tuple[str, int]]:
        """Kind and MB of every process below the roots."""
        parents, facts = {}, {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
            except OSError:
                continue
            parents[int(folder.name)] = int(stat[1])
            facts[int(folder.name)] = command, int(stat[21]) * 4096 >> 20
        told = []
        for pid, (command, held) in facts.items():
            above = pid
            while above > 1 and above not in self.roots:
                above = parents.get(above, 0)
            if above in self.roots:
                kind = next(
                    (name for mark, name in KINDS_OF_PROCESS.items() if mark in command), ""
                )
                told.append((kind, held))
        return told


@dataclass
class Told:
    answers: Counter[str] = field(default_factory=Counter)
    taken: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def post(browser: Browser, door: Door, kind: str, seed: int, told: Told) -> None:
    name, content = KINDS[kind](random.Random(seed), door.columns)
    body, boundary = body_of(door, name, content)
    began = time.monotonic()
    what = f"{door.action} {kind} {seed}"
    try:
        status, where, answer, _ = browser.ask(door.action, body, boundary)
    except OSError as error:
        told.wrong.append(f"{what}: {error!r}")
        return
    told.taken.setdefault(door.action, []).append((time.monotonic() - began, kind))
    if status >= 500:
        told.wrong.append(f"{what}: {status}")
    if where:
        status, _, answer, _ = browser.ask(urljoin(door.action, where))
        if status != 200:
            told.wrong.append(f"{what}: {status} behind {where}")
        told.answers["taken, judged by a worker or shown"] += 1
        return
    html = answer.decode("utf-8", "replace")
    said = [re.sub(r"<[^>]*>|\s+", " ", one).strip() for one in SAID.findall(html)]
    words = (
        unescape("；".join(one for one in said if one)) or re.sub(r"<[^>]*>|\s+", " ", html)[:200]
    )
    if not CHINESE.search(words) or re.search(r"[A-Za-z]{3,} [a-z]{2,} ", words):
        told.wrong.append(f"{what}: {status} {words[:120]}")
    told.answers[re.sub(r"\d+|“[^”]*”", "…", words)[:70]] += 1


def start(name: str, command: list[str], logs: Path, **more: str) -> "subprocess.Popen[bytes]":
    with (logs / name).open("wb") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | more)


def wait_for_jobs(told: Told) -> Counter[str]:
    """Until none is unfinished; how they ended."""
    kinds: list[Any] = [model for model in apps.get_models() if issubclass(model, Job)]
    until = time.monotonic() + DONE_WITHIN
    carry_on.delay()  # there is no beat here, and the demo county's report waits for one
    while any(model.objects.unfinished().exists() for model in kinds):
        if time.monotonic() > until:
            told.wrong += [
                f"{m.__name__}: {m.objects.unfinished().count()} did not end" for m in kinds
            ]
            break
        time.sleep(1)
    ended = Counter[str]()
    for model in kinds:
        for status, failure in model.objects.values_list("status", "failure"):
            ended[f"{model.__name__} {status}"] += 1
            if failure == FAULT or (failure and not CHINESE.search(failure)):
                told.wrong.append(f"{model.__name__}: {failure[:100]}")
    return ended


def attack(given: argparse.Namespace, told: Told, memory: Memory) -> None:
    names = ["jingban", "kuaiji", "yiyuan", "chushen", "fuhe", "chuna", "jianguan", "shenji",
             "cungan", "xitong", "anquan", "shenjiguanli"]  # fmt: skip
    browsers = {name: Browser(given.port, name) for name in names}
    for browser in browsers.values():
        browser.sign_in()
    found = doors(browsers)
    memory.begin()
    print(f"{len(found)} doors: " + "  ".join(f"{door.action} ({door.user})" for door in found))
    work: SimpleQueue[tuple[Door, str, int]] = SimpleQueue()
    chance = random.Random(given.seed)
    kinds = [one for one in KINDS if one != "measures"]
    queued = []
    for number in range(given.files):
        door = found[number % len(found)]
        of_text = door.action.startswith("/policies") and chance.random() < 0.7
        kind = "measures" if of_text else kinds[number // len(found) % len(kinds)]
        queued.append((door, kind, given.seed * 1_000_000 + number))
    chance.shuffle(queued)
    for one in queued:
        work.put(one)

    def sender() -> None:
        while True:
            try:
                door, kind, seed = work.get_nowait()
            except Empty:
                return
            post(browsers[door.user], door, kind, seed, told)

    with ThreadPoolExecutor(given.senders) as pool:
        for done in [pool.submit(sender) for _ in range(given.senders)]:
            done.result()


def tracebacks(logs: Path) -> list[str]:
    """The last line of every traceback that a process has logged."""
    found = []
    for log in sorted(logs.iterdir()):
        text = log.read_text(errors="replace")
        if "Traceback" in text or '"ERROR"' in text:
            found += [f"{log.name}: {line[:300]}" for line in text.splitlines() if "rror" in line][
                :10
            ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--port", type=int, default=8766)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logs, told = Path(tempfile.mkdtemp(prefix="hostile-")), Told()
    web = [sys.executable, "-m", "launch.web", "--port", str(given.port)]
    worker = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "2"]
    worker += ["--without-gossip", "--without-mingle"]
    parts = [
        start("web", web, logs, HEZUO_PROCESS="web"),
        start("worker", worker, logs, HEZUO_PROCESS="worker"),
    ]
    memory = Memory([part.pid for part in parts])
    began = time.monotonic()
    try:
        wait_for_web(given.port)
        attack(given, told, memory)
        posted = time.monotonic() - began
        ended = wait_for_jobs(told)
        status, *_ = Browser(given.port, "").ask("/sign-in")
        if status != 200 or any(part.poll() is not None for part in parts):
            told.wrong.append("web or worker is gone")
    finally:
        memory.stop.set()
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait()
    report(told, memory, posted, ended)
    told.wrong += tracebacks(logs)
    for wrong in told.wrong:
        print("WRONG", wrong)
    print(f"logs: {logs}" if told.wrong else "no error page, no silence, every job ended")
    return 1 if told.wrong else 0


def wait_for_web(port: int) -> None:
    for _ in range(300):
        try:
            if Browser(port, "").ask("/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server does not answer")


def report(told: Told, memory: Memory, posted: float, ended: Counter[str]) -> None:
    number = sum(map(len, told.taken.values()))
    print(f"{number} files posted in {posted:.0f} s")
    for door, taken in sorted(told.taken.items()):
        middle, (most, kind) = statistics.median(one for one, _ in taken), max(taken)
        print(
            f"  {door:40}{len(taken):>4} files, median {middle:.2f} s, worst {most:.2f} s ({kind})"
        )
    for answer, count in told.answers.most_common():
        print(f"  {count:>4} × {answer}")
    print("  jobs:", ", ".join(f"{count} {kind}" for kind, count in sorted(ended.items())))
    for kind, most in sorted(memory.most.items()):
        if kind:
            print(
                f"  {kind}: at most {memory.before[kind]} MB before the files, {most} MB with them"
            )


if __name__ == "__main__":
    sys.exit(main())

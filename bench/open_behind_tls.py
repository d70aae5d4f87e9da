"""A county moves in as in service: the image's own commands, two database roles, nginx and TLS.

    SUPERUSER_URL=postgres://postgres@127.0.0.1:5432/postgres REDIS_URL=redis://127.0.0.1:6379/15 \\
        python bench/open_behind_tls.py [--nginx nginx] [--shots FOLDER]

Makes an empty database with an owner and an application of its own, runs what `Dockerfile` and
`docker-compose.yml` run (migrate as the owner, collectstatic, `open_county`, launch.web, worker and
beat as the application) with throw-away secrets, puts deploy/nginx.conf and a gateway with a
certificate of its own making before it, and plays tests/story/opening.py in Chromium against
https. All of it is stopped and dropped at the end. Not in January: a year's end is another story.
"""

import argparse
import base64
import contextlib
import os
import secrets
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import psycopg2
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.proxy import behind_tls, proxied  # noqa: E402
from tests.chromium import chromium  # noqa: E402
from tests.screen import SWITCHES  # noqa: E402
from tests.story.opening import FILES, Opening, handed_out  # noqa: E402

PORT = 8780  # the portal's; the proxy has the next one, the gateway the one after
WAIT = 90  # seconds for a part to be ready; of the image's health checks web's is the longest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--nginx", default="nginx")
    parser.add_argument("--shots", type=Path, help="a folder for a picture of each step")
    given = parser.parse_args()
    with ExitStack() as stack:
        address, words, began = stack.enter_context(deployed(given.nginx))
        page = stack.enter_context(browsing())
        day = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        files = stack.enter_context(files_of(day.year))
        opening = Opening(page, address, day, words, files=files, shots=given.shots)
        opening.whole()
        for what, at in opening.reached.items():
            print(f"{at - began:7.1f} s  {what}")
        print(f"complaints of the browser: {opening.complaints or 'none'}")
        return 1 if opening.complaints else 0


@contextmanager
def files_of(year: int) -> Iterator[Path]:
    """The county's files as of this year."""
    with tempfile.TemporaryDirectory(prefix="county-") as folder:
        environment = os.environ | {"COUNTY_YEAR": str(year)}
        subprocess.run([sys.executable, FILES / "make.py", folder], env=environment, check=True)
        yield Path(folder)


@contextmanager
def deployed(nginx: str) -> Iterator[tuple[str, Mapping[str, str], float]]:
    """The portal in production settings: its address, the three administrators' one-time passwords,
    and when the database was empty."""
    address = f"https://localhost:{PORT + 2}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hezuo-")))
        owner, application, role = stack.enter_context(database())
        environment = settings_of(address, application, folder)
        owners = environment | {"DATABASE_URL": owner, "HEZUO_DATABASE_ROLE": role}
        began = time.monotonic()
        manage(owners, "migrate", "--no-input")
        manage(environment, "collectstatic", "--no-input")
        told = manage(environment, "open_county", "--file", str(FILES / "00-开县.yaml"))
        for command, more in (
            (["-m", "launch.web", "--port", str(PORT), "--processes", "2", "--threads", "4"], {}),
            (["-m", "celery", "-A", "config", "worker", "--loglevel", "INFO", "--concurrency", "2"],
             {"HEZUO_PROCESS": "worker"}),
            (["-m", "celery", "-A", "config", "beat", "--loglevel", "INFO", "--schedule",
              str(folder / "beat"), "--pidfile", ""], {}),
        ):  # fmt: skip
            stack.enter_context(running(command, environment | more, folder))
        behind = stack.enter_context(proxied(nginx, PORT))
        certificate = stack.enter_context(behind_tls(nginx, PORT + 2, behind))
        ready(certificate)
        yield address, handed_out(told), began


@contextmanager
def database() -> Iterator[tuple[str, str, str]]:
    """An empty one: the owner's address, the application's, and the application's role."""
    url = urlsplit(os.environ["SUPERUSER_URL"])
    name = f"hezuo_open_{os.getpid()}"
    owner, role, word = f"{name}_owner", name, secrets.token_hex(16)
    made = psycopg2.connect(url.geturl())
    made.autocommit = True
    with made.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {owner} LOGIN CREATEDB PASSWORD '{word}'")
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{word}'")
        cursor.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 LOCALE 'C.UTF-8'")
    place = f"{url.hostname}:{url.port or 5432}/{name}"
    try:
        yield f"postgres://{owner}:{word}@{place}", f"postgres://{role}:{word}@{place}", role
    finally:
        with made.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            cursor.execute(f"DROP ROLE {role}, {owner}")
        made.close()


def settings_of(address: str, application: str, folder: Path) -> dict[str, str]:
    """As docker-compose.yml sets them; nothing of the caller's own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "HEZUO_ENV": "production",
        "DATABASE_URL": application,
        "REDIS_URL": os.environ["REDIS_URL"],
        "HEZUO_QUEUE": f"hezuo-open-{os.getpid()}",
        "HEZUO_SECRET_KEY": secrets.token_urlsafe(48),
        "HEZUO_SEAL_KEYS": f"1:{_key()}",
        "HEZUO_INDEX_KEY": _key(),
        "HEZUO_ALLOWED_HOSTS": "localhost",
        "HEZUO_BASE_URL": address,
        "HEZUO_TRUSTED_PROXIES": "1",
        "HEZUO_STATIC_ROOT": str(folder / "static"),
        "HEZUO_SCANS_ROOT": str(folder / "scans"),
        "HEZUO_BACKUPS_ROOT": str(folder / "backups"),
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def manage(environment: Mapping[str, str], *command: str) -> str:
    program = [sys.executable, "manage.py", *command]
    done = subprocess.run(
        program, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


@contextmanager
def running(command: list[str], environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """A part of the image; what it says is shown when it did not end well."""
    log = (folder / f"{'-'.join(command[1:5]).replace('.', '-')}.log").open("w+")
    part = subprocess.Popen(
        [sys.executable, *command], env=environment, cwd=ROOT, stdout=log, stderr=log
    )
    try:
        yield
    except BaseException:
        log.seek(0)
        lines = [line for line in log if '"level": "INFO"' not in line]
        sys.stderr.write("".join(lines[-40:]))
        raise
    finally:
        part.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            part.wait(40)
        part.kill()
        log.close()


def ready(certificate: Path) -> None:
    """Waits until /readyz answers 200 through everything; the certificate is really checked."""
    context = ssl.create_default_context(cafile=certificate)
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        line = HTTPSConnection("localhost", PORT + 2, timeout=10, context=context)
        with contextlib.suppress(OSError):
            line.request("GET", "/readyz")
            if line.getresponse().status == 200:
                return
        line.close()
        time.sleep(0.5)
    raise SystemExit("the portal did not get ready")


@contextmanager
def browsing() -> Iterator[Page]:
    """A clerk's screen; only the certificate of our own making is excused."""
    program = chromium()
    if program is None:
        raise SystemExit("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        screen = {"width": 1366, "height": 768}
        page = browser.new_page(viewport=screen, locale="zh-CN", ignore_https_errors=True)
        page.set_default_timeout(15_000)
        yield page
        browser.close()


if __name__ == "__main__":
    sys.exit(main())

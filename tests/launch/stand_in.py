"""A portal in miniature for the launcher's tests: real Django is neither needed nor wanted.

`portal()` lays out a checkout with manage.py, a WSGI page and a Celery application, and an
environment that borrows the packages of the one running the tests.
"""

import json
import shutil
import sys
from pathlib import Path

from launch.environment import STAMP, fingerprints
from tests.launch.conftest import CHECKOUT

MANAGE = """
import os, sys
import psycopg2
connection = psycopg2.connect(os.environ["DATABASE_URL"])
connection.autocommit = True
cursor = connection.cursor()
name, *rest = sys.argv[1:]
if name == "migrate":
    cursor.execute("CREATE TABLE IF NOT EXISTS receipt (household text)")
    role = os.environ["HEZUO_DATABASE_ROLE"]
    cursor.execute(f"GRANT SELECT, INSERT ON receipt TO {role}")
elif name == "seed_demo":
    print("seeding", rest)
    cursor.execute("INSERT INTO receipt VALUES ('王建国')")
elif name == "open_county":
    print("这是空库", *rest)
elif name == "demo_guide":
    print("演示账号: zhangli")
elif name == "add":
    cursor.execute("INSERT INTO receipt VALUES (%s)", rest)
elif name == "count":
    cursor.execute("SELECT count(*) FROM receipt")
    print(cursor.fetchone()[0], os.getcwd(), os.environ["HEZUO_ENV"])
elif name in {"backup", "restore"}:
    cursor.execute("SELECT current_user")
    print(name, *rest, cursor.fetchone()[0], os.environ["HEZUO_SECRETS_FILE"])
elif name == "fail":
    sys.exit(3)
"""
CELERY = """
import os
from pathlib import Path
from celery import Celery
app = Celery("stand-in", broker=os.environ["REDIS_URL"])
@app.task
def note(text):
    Path("var/noted").write_text(text)
"""
WSGI = """
import os
import psycopg2
def application(environ, start_response):
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM receipt")
    text = f"{cursor.fetchone()[0]} {os.getpid()} {os.getppid()}"
    connection.close()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
"""
TESTS = """
import os
import psycopg2
def test_own_database():
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    cursor = connection.cursor()
    cursor.execute("SHOW fsync")
    assert cursor.fetchone() == ("off",)
    assert os.environ["HEZUO_ENV"] == "test"
def test_wrong():
    assert os.environ.get("FAIL") is None
"""


def portal(checkout: Path) -> Path:
    """Lay out the miniature in this folder."""
    for name in ("launch", "script"):
        shutil.copytree(CHECKOUT / name, checkout / name)
    (checkout / "requirements.txt").write_text("", encoding="ascii")
    (checkout / "requirements-dev.txt").write_text("", encoding="ascii")
    (checkout / "manage.py").write_text(MANAGE, encoding="utf-8")
    (checkout / "config").mkdir()
    (checkout / "config" / "__init__.py").write_text(CELERY, encoding="utf-8")
    (checkout / "config" / "wsgi.py").write_text(WSGI, encoding="utf-8")
    (checkout / "tests").mkdir()
    (checkout / "tests" / "test_stand_in.py").write_text(TESTS, encoding="utf-8")
    _borrow_environment(checkout)
    return checkout


def _borrow_environment(checkout: Path) -> None:
    """An environment folder of links, recorded as installed: it finds the packages of this
    one, and costs nothing to make."""
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", venv)
    (venv / "lib").symlink_to(Path(sys.prefix) / "lib")
    marks = fingerprints(checkout, development=True)
    marks["python"] = str(Path(sys.executable).resolve())
    (venv / STAMP).write_text(json.dumps(marks), encoding="utf-8")

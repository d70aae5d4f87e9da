"""nginx as a county has it: the shipped configuration before the portal, and TLS before that."""

import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parent.parent / "deploy" / "nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# What a county's own gateway does; docs/operations.md says which headers it sets.
GATEWAY = """
events {{ worker_connections 1024; }}
http {{
{places}  access_log off;
  error_log /dev/stderr crit;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    client_max_body_size 40m;
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
    }}
  }}
}}
"""


@contextmanager
def proxied(program: str, portal: int) -> Iterator[int]:
    """nginx with the shipped configuration before the portal on this machine; its port."""
    folder, port = _folder(), portal + 1
    text = CONFIGURATION.read_text(encoding="utf-8")
    for old, new in (
        (r"server web:8000 resolve;", f"server 127.0.0.1:{portal};"),
        (r"listen 8080;", f"listen 127.0.0.1:{port};"),
        (r"http \{\n", "http {\n" + _places(folder)),
    ):
        text, found = re.subn(old, new, text)
        if found != 1:
            raise SystemExit(f"{CONFIGURATION} has no {old}")
    with _running(program, folder, text, port):
        yield port


@contextmanager
def behind_tls(program: str, port: int, behind: int) -> Iterator[Path]:
    """A gateway that ends TLS with a certificate of its own making, before the port `behind`; the
    file of its certificate."""
    folder = _folder()
    certificate = folder / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "60"]
    request += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    request += ["-keyout", str(folder / "key.pem"), "-out", str(certificate)]
    subprocess.run(request, check=True, capture_output=True)
    text = GATEWAY.format(places=_places(folder), port=port, folder=folder, behind=behind)
    with _running(program, folder, text, port):
        yield certificate


def _folder() -> Path:
    """Where bodies wait too: of a program that root starts, other users' processes write them."""
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    folder.chmod(0o755)
    return folder


def _places(folder: Path) -> str:
    return "".join(f"  {one}_temp_path {folder / one};\n" for one in TEMPORARY)


@contextmanager
def _running(program: str, folder: Path, text: str, port: int) -> Iterator[None]:
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    more = f"pid {folder / 'pid'}; daemon off;"
    subprocess.run([*command, "-t", "-q", "-g", more], check=True)
    running = subprocess.Popen([*command, "-g", more])
    try:
        for _ in range(50):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(folder)

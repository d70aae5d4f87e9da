"""`python -m launch.ready`: exit 0 when the portal in this container is ready, for Docker.

The request carries the portal's public name, which is the only one that it answers to.
"""

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

PORT = 8000


def is_ready(port: int, environment: Mapping[str, str]) -> bool:
    """Whether /readyz on this machine answers 200 to a request for the portal's own name."""
    connection = HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", "/readyz", headers={"Host": public_name(environment)})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def public_name(environment: Mapping[str, str]) -> str:
    """A host name that HEZUO_ALLOWED_HOSTS lets pass. In it `*` stands for every name, and a
    leading dot for every name below."""
    first = environment.get("HEZUO_ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    return first if first not in {"", "*"} else "127.0.0.1"


if __name__ == "__main__":
    sys.exit(0 if is_ready(PORT, os.environ) else 1)

"""`python -m launch server|manage|backup|restore|test|check [ARGUMENTS]`: what script/ runs."""

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from launch import commands, server
from launch.console import LaunchError
from launch.places import Places
from launch.supervisor import StopRequested

USAGE = (
    "用法 (usage): script/server [--empty] | script/manage … | script/backup … | script/restore …"
    " | script/test … | script/check"
)
# What a command takes; one that is not named here hands on whatever it is given.
TAKES: dict[str, tuple[list[str], ...]] = {"server": ([], ["--empty"]), "check": ([],)}
CHECKOUT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Errors meant for the user go to stderr."""
    # Until a supervisor takes over, a SIGTERM ends steps such as pip like a Ctrl-C would.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    name, *rest = arguments or ("",)
    runs: dict[str, Callable[[], int]] = {
        "server": lambda: server.serve(Places.of(CHECKOUT), empty=bool(rest)),
        "manage": lambda: commands.manage(Places.of(CHECKOUT), rest),
        "backup": lambda: commands.manage(Places.of(CHECKOUT), ["backup", *rest]),
        "restore": lambda: commands.manage(Places.of(CHECKOUT), ["restore", *rest]),
        "test": lambda: commands.test(Places.of(CHECKOUT, tests=True), rest),
        "check": lambda: commands.check(Places.of(CHECKOUT, tests=True)),
    }
    if name not in runs or rest not in TAKES.get(name, (rest,)):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        return runs[name]()
    except LaunchError as error:
        print(f"错误: {error}", file=sys.stderr, flush=True)
        return 1
    except (KeyboardInterrupt, StopRequested):
        return commands.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

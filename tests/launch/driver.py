"""A launcher in a process of its own, for tests that kill it: `driver.py FOLDER PART...`.

Each PART is a name and a shell command, as in `web=exec sleep 60`; `ready` is printed when all
have been started.
"""

import sys
from pathlib import Path

from launch.console import say
from launch.processes import wait_until
from launch.supervisor import Part, StopRequested, Supervisor, end_strays


def main(folder: Path, given: list[str]) -> None:
    records = folder / "processes.json"
    for name in end_strays(records, patience=0.5):
        say(f"ended {name}")
    with Supervisor(logs=folder, records=records) as supervisor:
        try:
            for text in given:
                name, _, command = text.partition("=")
                supervisor.start(part(folder, name, command))
            say("ready")
            supervisor.run()
        except StopRequested:
            pass
    say("stopped")


def part(folder: Path, name: str, command: str) -> Part:
    return Part(
        name=name,
        title=name,
        command=lambda: ["/bin/sh", "-c", f"echo $$ >> {name}.pids; {command}"],
        environment={"PATH": "/usr/bin:/bin"},
        folder=folder,
        service=name == "database",
        patience=1.0 if "trap ''" in command else 5.0,
    )


def pids(folder: Path, name: str, count: int) -> list[int]:
    """The first `count` processes that this part has had, waiting for them."""
    file = folder / f"{name}.pids"

    def read() -> list[int]:
        return [int(line) for line in file.read_text().split()] if file.is_file() else []

    assert wait_until(lambda: len(read()) >= count, 15), f"{name}: {read()}"
    return read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

"""What a running server leaves for `script/manage` to find it by."""

import json
from typing import Any

from launch.places import Places
from launch.processes import find_process


def running_server(places: Places) -> dict[str, Any] | None:
    """The state of this checkout's living server; None when there is none, or it is not up to
    the point where its database answers."""
    try:
        state: dict[str, Any] = json.loads(places.state.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    process = find_process(int(state["pid"]))
    if process is None or not process.alive or process.started != state["started"]:
        return None
    return state

"""The broker in a wheel: it answers, and what was queued survives its death."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from launch.broker import Broker, file_broker, find_server, ping
from launch.console import LaunchError
from launch.places import socket_folder
from launch.processes import spawn, wait_until

TOWNSHIP = "柳林镇"


@pytest.fixture
def broker(folder: Path) -> Iterator[Broker]:
    program = find_server(Path(sys.prefix))
    assert program is not None
    sockets = socket_folder(folder)
    broker = Broker(program=program, folder=folder / "broker", sockets=sockets)
    broker.prepare()
    yield broker
    shutil.rmtree(sockets)


def start(broker: Broker) -> subprocess.Popen[bytes]:
    process = spawn(broker.command(), environment={}, folder=broker.folder)
    assert wait_until(lambda: broker.is_ready(process.pid), 10)
    return process


def test_a_task_survives_a_killed_broker(broker: Broker) -> None:
    process = start(broker)
    with Connection(broker.url) as connection:
        connection.SimpleQueue("work").put({"township": TOWNSHIP})
    process.kill()
    process.wait()
    assert not ping(broker.socket)

    process = start(broker)
    with Connection(broker.url) as connection:
        message = connection.SimpleQueue("work").get(timeout=5)
        assert message.payload == {"township": TOWNSHIP}
        message.ack()
    process.terminate()
    assert process.wait(10) == 0


def test_only_the_launchers_account_reaches_it(broker: Broker) -> None:
    process = start(broker)
    assert broker.socket.stat().st_mode & 0o077 == 0
    listening = Path(f"/proc/{process.pid}/net/tcp").read_text(encoding="ascii")
    inodes = [
        os.readlink(entry)
        for entry in Path(f"/proc/{process.pid}/fd").iterdir()
        if "socket:" in os.readlink(entry)
    ]
    assert inodes
    assert not [inode for inode in inodes if inode[8:-1] in listening.split()], "no TCP port"
    process.terminate()
    process.wait(10)


def test_something_else_on_the_socket_is_not_taken_for_a_broker(broker: Broker) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(broker.socket))
        other.listen()
        other.settimeout(5)
        pinging = subprocess.Popen(
            [
                *(sys.executable, "-c"),
                "import sys; from pathlib import Path; from launch.broker import ping; "
                "sys.exit(ping(Path(sys.argv[1])))",
                str(broker.socket),
            ],
            cwd=Path(__file__).parent.parent.parent,
        )
        connection, _ = other.accept()
        connection.sendall(b"-ERR go away\r\n")
        connection.close()
        assert pinging.wait(10) == 0, "False, not True"


def test_without_the_wheel_celery_works_with_files(folder: Path) -> None:
    assert find_server(folder) is None
    environment = file_broker(folder / "queue")
    assert environment["REDIS_URL"] == "filesystem://"
    queue = environment["HEZUO_BROKER_FOLDER"]
    options = {"data_folder_in": queue, "data_folder_out": queue, "control_folder": queue}
    with Connection("filesystem://", transport_options=options) as connection:
        connection.SimpleQueue("work").put({"township": TOWNSHIP})
        assert connection.SimpleQueue("work").get(timeout=5).payload == {"township": TOWNSHIP}


def test_a_socket_path_that_celery_could_not_read_is_refused(folder: Path) -> None:
    with pytest.raises(LaunchError, match="套接字"):
        Broker(program=Path("valkey-server"), folder=folder, sockets=folder)

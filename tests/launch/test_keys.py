"""The local server's keys are made once and never quietly replaced."""

import base64
from pathlib import Path

import pytest

from launch.console import LaunchError
from launch.keys import fresh_keys, kept_keys


def test_keys_are_made_once_and_kept_private(folder: Path) -> None:
    file = folder / "secrets.env"
    keys = kept_keys(file, {}, database_exists=False)
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_keys(file, {}, database_exists=True) == keys
    number, _, key = keys["HEZUO_SEAL_KEYS"].partition(":")
    assert (number, len(base64.b64decode(key))) == ("1", 32)
    assert len(base64.b64decode(keys["HEZUO_INDEX_KEY"])) == 32
    assert fresh_keys() != keys


def test_the_environment_comes_first_and_is_not_written_down(folder: Path) -> None:
    file = folder / "secrets.env"
    given = {"HEZUO_SECRET_KEY": "from the environment"}
    keys = kept_keys(file, given, database_exists=False)
    assert keys["HEZUO_SECRET_KEY"] == "from the environment"
    assert "HEZUO_SECRET_KEY" not in file.read_text(encoding="utf-8")


def test_lost_keys_of_an_existing_database_stop_the_start(folder: Path) -> None:
    """New ones would leave every sealed id and bank account unreadable for ever."""
    with pytest.raises(LaunchError, match="HEZUO_SEAL_KEYS"):
        kept_keys(folder / "secrets.env", {}, database_exists=True)
    assert not (folder / "secrets.env").exists()


def test_a_key_rotated_by_hand_is_read_back(folder: Path) -> None:
    file = folder / "secrets.env"
    keys = kept_keys(file, {}, database_exists=False)
    text = file.read_text(encoding="utf-8")
    rotated = f"{keys['HEZUO_SEAL_KEYS']},2:{keys['HEZUO_INDEX_KEY']}"
    text = f"# rotated\n\n{text.replace(keys['HEZUO_SEAL_KEYS'], rotated)}"
    file.write_text(text, encoding="utf-8")
    assert kept_keys(file, {}, database_exists=True)["HEZUO_SEAL_KEYS"] == rotated

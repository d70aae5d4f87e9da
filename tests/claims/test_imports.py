"""No module of claims needs another to be imported before it: commands and rooms that are named in
the settings import single ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.claims.alone import names


@pytest.mark.seconds(120)
def test_each_module_can_be_imported_alone() -> None:
    assert "claims.recovery.receiving" in names()
    asked = [sys.executable, str(Path(__file__).with_name("alone.py"))]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout == ""

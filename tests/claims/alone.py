"""Imports every module of claims by itself, each with none of the others loaded but those that the
models bring, and prints those that cannot be. Run by test_imports.py in a fresh interpreter."""

import importlib
import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]


def names() -> list[str]:
    found = (ROOT / "claims").rglob("*.py")
    paths = [path.relative_to(ROOT) for path in found if "migrations" not in path.parts]
    return sorted(".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths)


def forget(kept: set[str]) -> None:
    """Unload what was imported since, also from the packages that hold it."""
    for name in [one for one in sys.modules if one.startswith("claims.") and one not in kept]:
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        if hasattr(sys.modules.get(parent), child):
            delattr(sys.modules[parent], child)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from desk import papers

    kept = set(sys.modules)
    for name in names():
        forget(kept)
        papers.KINDS.clear()  # which refuses a kind that is declared a second time
        try:
            importlib.import_module(name)
        except ImportError as error:
            sys.stdout.write(f"{name}: {error}\n")


if __name__ == "__main__":
    main()

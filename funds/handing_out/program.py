"""The checker as it is handed out: one file that needs nothing but Python, put together from the
modules of `funds/verify/`."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

from funds import verify

PARTS = ("records", "figures", "bank", "books", "since", "workbook", "run")


@cache
def program() -> str:
    """What the package says of itself, what the parts import, and the parts one below another."""
    home, imported, bodies = Path(verify.__file__).parent, Imported(), []
    for part in PARTS:
        bodies.append(_body((home / f"{part}.py").read_text("utf-8"), imported))
    told = ast.get_docstring(ast.parse((home / "__init__.py").read_text("utf-8")), clean=False)
    return "\n\n\n".join([f'"""{told}"""\n\n{imported}', *bodies]) + "\n"


class Imported:
    """What of the standard library the parts import, each once."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.names: dict[str, set[str]] = defaultdict(set)

    def take(self, node: ast.Import | ast.ImportFrom) -> None:
        names = {one.name for one in node.names}
        if isinstance(node, ast.Import):
            self.modules |= names
        elif node.module and not node.module.startswith(f"{verify.__name__}."):
            self.names[node.module] |= names

    def __str__(self) -> str:
        lines = [f"import {one}" for one in sorted(self.modules)]
        for module, names in sorted(self.names.items()):
            lines.append(f"from {module} import {', '.join(sorted(names))}")
        return "\n".join(lines)


def _body(source: str, imported: Imported) -> str:
    """A part under its own first words, without its imports."""
    lines, tree = source.splitlines(), ast.parse(source)
    words = (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")
    for node in tree.body:
        is_import = isinstance(node, ast.Import | ast.ImportFrom)
        if is_import or node is tree.body[0]:
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported.take(node)
    return f"# ---- {words}\n\n" + "\n".join(lines).strip()

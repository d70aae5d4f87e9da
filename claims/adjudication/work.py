"""One group of claims on its way through one scheme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from claims.adjudication.columns import Fen, Mask
from claims.adjudication.lookup import Part
from claims.adjudication.trace import Told, Trace, Words, yuan
from claims.adjudication.usage import Usage
from policies.terms.tables import Table


@dataclass(slots=True)
class Work:
    """One group of claims on its way through one scheme.

    ``label`` names the layer in sentences.  ``total``, ``in_scope`` and ``scope_of`` are the
    bill's own amounts, of which a reviewer took ``cut`` off; ``most`` is what may be paid at all,
    so that no counter is moved by more than is paid, and ``balance`` what pays it, where that is
    one; ``earlier`` is what a yearly layer has already added up before.
    """

    part: Part
    at: NDArray[np.int64]
    usage: Usage
    trace: Trace
    label: str
    article: str
    total: Fen
    cut: Fen
    in_scope: Fen
    scope_of: Mapping[str, Fen]
    most: Fen
    earlier: Fen | None = None
    asks_unreferred: bool = False
    balance: Fen | None = None
    balance_name: str = ""

    def base_words(self, name: str, i: int) -> str:
        """How a base of that name is called: of the whole bill a reviewer may have cut some."""
        whole = name.startswith(("总费用", "个人尚需负担"))
        return f"核减后{name}" if whole and self.cut[i] else name

    def bound_words(self, i: int) -> str:
        """How what may be paid at all bounds claim ``i``."""
        most = int(self.most[i])
        by_balance = self.balance is not None and self.balance[i] <= most
        return f"，以{self.balance_name if by_balance else '尚未支付的'}{yuan(most)}为限"

    def cited(self, table: Table) -> Words:
        """The article of the row that each claim found in the table."""
        return lambda i: self.part.article(table, i)

    def note(self, told: Told, sentence: Words, when: Mask | None = None) -> None:
        """Record one step of the claims, or of those ``when`` it did something to."""
        self.trace.note(self.at, told, sentence, when)

    def zeros(self) -> Fen:
        return np.zeros(len(self.at), dtype=np.int64)

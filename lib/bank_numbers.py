"""Numbers of bank accounts: what one looks like, how it is shown, and whether a sealed one is still
the number that was written down."""

from collections.abc import Callable
from dataclasses import dataclass

# Of bank books, cards and accounts of firms; no norm says fewer or more.
MIN_DIGITS, MAX_DIGITS = 8, 30
SHAPE = f"{MIN_DIGITS} 至 {MAX_DIGITS} 位数字"


def without_blanks(text: str) -> str:
    """A number as a card groups it (6228 4800 …), in one piece."""
    return "".join(text.split())


def is_account(text: str) -> bool:
    """Whether it may be the number of an account."""
    return text.isascii() and text.isdigit() and MIN_DIGITS <= len(text) <= MAX_DIGITS


def masked_account(account: str) -> str:
    """How pages, papers and lists show an account; "" for none."""
    return f"尾号 {account[-4:]}" if account else ""


@dataclass(frozen=True)
class AccountIndex:
    """Finds sealed accounts of one kind again by exact match. `context` is a literal that never
    changes; `digest(context, text)` is keyed."""

    context: str
    digest: Callable[[str, str], str]

    def of(self, account: str) -> str:
        """Tells nothing of the account; "" for none."""
        return self.digest(self.context, account) if account else ""

    def is_exchanged(self, account: str, index: str) -> bool:
        """Whether it is not the account that was written down. The database lets sealed columns
        change, for keys change; somebody who puts another row's there cannot make the index that
        goes with it."""
        return self.of(account) != index

"""The refusal of a business rule, in words a clerk can act on."""

from collections.abc import Callable, Sequence

Place = tuple[str | int, ...]


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A rule says no. `message` is Chinese: what is wrong and what to do; `at` names the input.

    Services raise it before anything is written or inside the transaction, so nothing stays
    half-done; views show it beside the input or as a message. `at` is the way to the input:
    `("slip_number",)`, or with the group and the place in it: `("lines", 3, "code")`. A plain
    `field` is the short way to write the first.
    """

    def __init__(self, message: str, field: str = "", *, at: Place = ()) -> None:
        super().__init__(message)
        self.message = message
        self.at: Place = at or ((field,) if field else ())
        # What stays although the transaction is undone: a line that says what was answered.
        self.kept: Callable[[], object] | None = None
        # Of a file that is refused whole: every fault of it, where the message names the first.
        self.faults: Sequence[str] = ()

    def told_as(self, message: str, at: Place) -> "Refusal":
        """The same refusal in other words and at another input."""
        other = Refusal(message, at=at)
        other.kept = self.kept
        other.faults = self.faults
        return other

    @property
    def field(self) -> str:
        """The input's own name, without the group it stands in; "" when none is named."""
        return str(self.at[-1]) if self.at else ""

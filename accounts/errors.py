"""The refusal of a business rule, in words a clerk can act on."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A rule says no. `message` is Chinese: what is wrong and what to do; `field` names the input.

    Services raise it before anything is written or inside the transaction, so nothing stays
    half-done; views show it beside the field or as a message.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

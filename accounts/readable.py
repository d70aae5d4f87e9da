"""What a service is told in words: folded, and refused where nobody could read it later."""

from accounts.errors import Refusal
from lib.letters import fold, odd


def readable(text: str, name: str, *at: str | int) -> str:
    """The text as the eye sees it, without blanks around it.

    Rows are append-only and are printed and exported for years: raises Refusal `at` its input
    that names the letter nobody can read. `name` is what pages call the field.
    """
    text = fold(text).strip()
    if problem := odd(text):
        raise Refusal(f"{name}{problem}", at=at)
    return text

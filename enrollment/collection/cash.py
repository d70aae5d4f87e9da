"""Cash at the window: which sums people hand over, and when a counted sum cannot be right."""

from decimal import ROUND_CEILING, Decimal

# Yuan. The notes that premiums are paid with; 100 is the largest of the fifth series of renminbi.
NOTES = (10, 50, 100)
LARGEST_NOTE = Decimal(100)


def usual_sums(due: Decimal) -> list[Decimal]:
    """What is likely to be handed over for `due` beside the exact sum: the next round ones."""
    rounded = {(due / note).to_integral_value(ROUND_CEILING) * note for note in NOTES}
    return sorted(rounded - {due})


def is_doubtful(received: Decimal, due: Decimal) -> bool:
    """Whether a whole note would go back: typed into what stood there, or a digit too many."""
    return received - due >= LARGEST_NOTE

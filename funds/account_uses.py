"""What each bank account of the fund may receive and pay, by the table `USES` beside the events."""

from funds.events import CORRECTIONS, EVENTS, RULE, USES, Event


def options_of(event: Event) -> list[str]:
    """The values of the event's choice whose account may receive or pay it, in their order."""
    choice = event.choice
    if choice is None:
        return []
    pays = event.debit is not choice
    return [
        option
        for option, account in choice.accounts.items()
        if not use_problem(account, event.name, pays=pays)
    ]


def use_problem(account: str, event: str, *, pays: bool) -> str:
    """Why this account may not receive or pay by the event; "" when it may."""
    use = USES.get(account)
    if use is None or event in (*CORRECTIONS, *(use.pays if pays else use.receives)):
        return ""
    right = [one.name for one in USES.values() if event in (one.pays if pays else one.receives)]
    what, may = ("支付", use.pays) if pays else ("收取", use.receives)
    instead = f"，应由{'或'.join(right)}{what}" if right else ""
    allowed = "、".join(dict.fromkeys(EVENTS[name].title for name in may))
    return (
        f"{use.name}不能{what}“{EVENTS[event].title}”{instead}；"
        f"{RULE}规定{use.name}只{what}：{allowed}"
    )

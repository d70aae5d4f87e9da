"""The figures of the months' reports, worked out anew from vouchers and settlements."""

from collections import Counter
from collections.abc import Iterable, Mapping

from funds.verify.records import Record, fen_of, half_up, yuan_told

# (month, event) → (account, insurance year) → fen of credit less debit.
Moved = dict[tuple[str, str], dict[tuple[str, int | None], int]]
PERIODS = {"month": "本月", "year": "本年累计"}
# Accounts by their first digit (财会〔2017〕28号): 1 assets, 2 liabilities, 4 income, 5 expense.
YEAR_END = ("income_closed", "expense_closed")
OPENING = "opening"
RECOVERED = ("claim_recovered", "recovery_returned", "recovery_kept")
RECOVERED_EARLIER = "4501-recovery"
PREMIUMS = ("4001-personal", "2001-advance_personal")
PREMIUM_BACK = "prior_premium_refunded"  # an expense; of its insurance year less was raised
SUBSIDIES = ("4101-central", "4101-province", "4101-city", "4101-county")
RAISED = (*PREMIUMS, *SUBSIDIES, "4001-aid", "2001-advance_aid", "4101-township")
SERIOUS, ASSISTANCE = ("390200", "390300"), ("610100",)
GRASSROOTS = ("village", "township", "central")
# Figure of the report → what is divided by what, by the names that `facts_of` and `sums_of_visit`
# give; None where the records do not say it (people and their cover).
FIGURES: Mapping[str, tuple[str | None, str | None]] = {
    "income": ("income", ""),
    "expense": ("expense", ""),
    "surplus": ("surplus", ""),
    "balance": ("balance", ""),
    "ahead": ("ahead", ""),
    "visits": ("visits", ""),
    "compensated": ("compensated", ""),
    "stays": ("stay visits", ""),
    "cost": ("cost", ""),
    "paid": ("paid", ""),
    "raised_per_person": ("raised", None),
    "in_place_rate": ("raised", None),
    "premium_per_person": ("premiums", None),
    "subsidy_share": ("subsidies", "raised"),
    "beneficiary_rate_visits": ("compensated", None),
    "hospitalisation_rate": ("stay visits", None),
    "average_stay_cost": ("stay cost", "stay visits"),
    "average_payment": ("paid", "compensated"),
    "average_stay_payment": ("stay paid", "stay compensated"),
    "average_stay": ("stay days", "stay visits"),
    "average_stay_personal": ("stay personal", "stay visits"),
    "actual_ratio": ("paid", "cost"),
    "stay_actual_ratio": ("stay paid", "stay cost"),
    "in_scope_ratio": ("paid", "in_scope"),
    "stay_in_scope_ratio": ("stay paid", "stay in_scope"),
    "off_catalogue_share": ("full_self_pay", "cost"),
    "outside_stay_visits": ("outside stay visits", "stay visits"),
    "outside_stay_cost": ("outside stay cost", "stay cost"),
    "outside_stay_paid": ("outside stay paid", "stay paid"),
    "inside_payment_share": ("inside paid", "paid"),
    "grassroots_share": ("grassroots", "stay visits"),
    "use_rate": ("spent", "raised"),
    "surplus_rate": ("raised less spent", "raised"),
    "balance_rate": ("free balance", "raised"),
    "months_payable": ("free balance", "spent in 12 months"),
    "pace_deviation": ("spent", "raised"),
    "serious_visits": ("serious visits", ""),
    "serious_paid": ("serious", ""),
    "serious_lift": ("serious", "serious cost"),
    "assisted": ("assisted", ""),
    "average_assistance": ("assistance", "assisted"),
    "recovered": ("recovered", ""),
    "outside_visits": ("outside visits", ""),
    "direct_settlement_rate": ("outside counter", "outside visits"),
}
SCALES = {"ratio": 10_000, "points": 10_000, "hundredth": 100, "yuan": 1, "count": 1}


def sums_of_visit(visit: Record, fen: Mapping[str, int], funds: Iterable[Record]) -> dict[str, int]:
    """What one settlement adds to the sums of its month."""
    paid_by = [(one["type"], fen_of(one["amount"])) for one in funds]
    serious, assistance = (
        sum(amount for kind, amount in paid_by if kind in kinds) for kinds in (SERIOUS, ASSISTANCE)
    )
    ended, stay, outside = visit["ended"], visit["stay"], visit["place"] == "outside"
    sums = {
        "visits": int(ended),
        "compensated": int(ended and fen["fund"] > 0),
        "days": visit["days"] * ended,
        "counter": int(ended and visit["counter"]),
        "cost": fen["total"],
        "paid": fen["fund"],
        **{name: fen[name] for name in ("in_scope", "full_self_pay", "personal")},
    }
    found = sums | {
        "serious": serious,
        "serious visits": int(ended and serious > 0),
        "serious cost": fen["total"] * (serious > 0),
        "assistance": assistance,
        "assisted": int(ended and assistance > 0),
        "inside paid": 0 if outside else fen["fund"],
        "grassroots": int(ended and stay and visit["level"] in GRASSROOTS),
    }
    for word, belongs in (("stay", stay), ("outside", outside), ("outside stay", stay and outside)):
        if belongs:
            found |= {f"{word} {name}": value for name, value in sums.items()}
    return found


def facts_of(
    month: str, period: str, policy_year: int, moved: Moved, care: Mapping[str, Counter[str]]
) -> Mapping[str, int]:
    """The sums of a month, or of its year so far, as the formulas of the report name them; what did
    not happen is 0. Books and funds raised, less what went back of them, stand as they do when the
    month ends."""
    year, facts = month[:4], Counter[str]()
    first = f"{year}-01" if period == "year" else month
    for one, sums in care.items():
        if first <= one <= month:
            facts.update(sums)
    twelve, two_years = f"{int(year) - 1}{month[4:]}", f"{int(year) - 1}-01"
    paying: Counter[str] = Counter()
    for (one, event), accounts in moved.items():
        if one > month:
            continue
        for (account, of_year), fen in accounts.items():
            facts["balance"] -= fen * (account[0] in "12")
            if event in YEAR_END:
                continue
            if account[:4] in ("4001", "4101") and (of_year or 0) > policy_year:
                facts["ahead"] += fen
            is_back = event == PREMIUM_BACK and account[0] == "5"
            if one >= two_years and (of_year or int(one[:4])) == policy_year:
                facts["raised"] += fen * (account in RAISED or is_back)
                facts["premiums"] += fen * (account in PREMIUMS or is_back)
                facts["subsidies"] += fen * (account in SUBSIDIES)
            facts["income"] += fen * (account[0] == "4" and first <= one)
            facts["expense"] -= fen * (account[0] == "5" and first <= one)
            paying[one] -= fen * (account[0] == "5" and one > twelve and not is_back)
            if one[:4] == year:
                is_raised = is_back and of_year == policy_year
                facts["spent"] -= fen * (account[0] == "5" and not is_raised)
                is_recovered = account[0] == "5" and event in RECOVERED
                facts["recovered"] += fen * (is_recovered or account == RECOVERED_EARLIER)
    facts["surplus"] = facts["income"] - facts["expense"]
    facts["raised less spent"] = facts["raised"] - facts["spent"]
    facts["free balance"] = facts["balance"] - facts["ahead"]
    facts["spent in 12 months"] = sum(paying.values())
    facts["paying months"] = sum(spent > 0 for spent in paying.values())
    return facts


def figure_problems(figure: Record, facts: Mapping[str, int]) -> tuple[bool, list[str]]:
    """Whether everything of a figure was worked out anew, and what is wrong with it."""
    found, anew = [], figure["key"] in FIGURES
    names = FIGURES.get(figure["key"], (None, None))
    given = {"top": figure["top"], "bottom": figure["bottom"]}
    for (side, told), name in zip(given.items(), names, strict=True):
        worked_out = None if name is None else facts[name] if name else None
        anew = anew and name is not None
        if name is not None and told != worked_out:
            word = "分子" if side == "top" else "分母"
            found.append(f"{word}是 {told}，按记录重算是 {worked_out}（金额以分计）")
    value = _value(figure, facts)
    if figure["value"] != value:
        found.append(f"是 {figure['value']}，按分子分母重算是 {value}")
    return anew, found


def _value(figure: Record, facts: Mapping[str, int]) -> int | str | None:
    """As the report spells it: ratios and counts whole, the others with two decimals."""
    top, bottom, scale = figure["top"], figure["bottom"], SCALES[figure["unit"]]
    if bottom is not None and bottom <= 0:
        return None
    if figure["key"] == "months_payable":
        top *= facts["paying months"]
    value: int = top if bottom is None else half_up(top * scale, bottom)
    if figure["key"] == "pace_deviation":
        value -= half_up(int(figure["month"][5:]) * scale, 12)
    return yuan_told(value) if figure["unit"] in {"yuan", "hundredth"} else value

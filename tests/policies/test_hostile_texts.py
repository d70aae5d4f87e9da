"""Texts made to keep the checker busy: each is refused within seconds, with a reason."""

import time

import pytest

from policies.loader import PackError, load_text
from tests.policies.test_pack_checks import SMALL

FLAT = "kind: flat, base: none, amounts: 5, article: 一"


def with_rows(rows: str, anchor: str = "") -> str:
    return SMALL.replace("    ratio: 60%\n", f"    ratio: {anchor}\n{rows}      - {{ratio: 60%}}\n")


def with_benefits(text: str, benefits: str) -> str:
    return text.replace("otherwise:", f"{benefits}otherwise:")


def clauses_by_alias() -> str:
    """A list of 200 clauses that each of 150 rows uses: 11 kB, 30 000 tests a cell."""
    clauses = ",".join(f"{{level: county, days: {n}}}" for n in range(199))
    rows = f"      - {{when: &big [{clauses}], ratio: 1%}}\n" + "".join(
        f"      - {{when: *big, unless: {{days: {n}}}, ratio: {n % 90}%}}\n" for n in range(150)
    )
    return with_rows(rows)


def wide_rows_used_again() -> str:
    rows = "".join(
        f"      - {{when: {{days: {n % 140}, age: {n // 4}}}, ratio: 60%}}\n" for n in range(480)
    )
    more = "".join(
        f"  - {{code: c{n}, name: 甲{n}, kind: scheme, when: {{status: wubao}}, ratio: *r, "
        "article: 一}\n"
        for n in range(22)
    )
    return with_benefits(with_rows(rows, "&r"), more)


def statuses_that_cross() -> str:
    codes = ", ".join(f"s{n}: 身份{n}" for n in range(60))
    rows = "".join(
        f"      - {{when: {{status: s{n % 60}, days: {{from: {n}}}}}, ratio: {n % 90}%}}\n"
        for n in range(300)
    )
    return with_rows(rows).replace("{wubao: 五保}", f"{{{codes}}}")


def laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]\n"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)]
    return SMALL + "".join(lines)


def rules_against_benefits() -> str:
    benefits = "".join(f"  - {{code: c{n}, name: 甲{n}, {FLAT}}}\n" for n in range(499))
    refusals = "".join(
        f"  - {{code: r{n}, name: 丙, when: {{care: inpatient, visit: 3}}, article: 一}}\n"
        for n in range(500)
    )
    return with_benefits(SMALL, benefits) + "refusals:\n" + refusals


def codes() -> str:
    many = ", ".join(f"l{n}: 级{n}" for n in range(30_000))
    return SMALL.replace("{township: ", f"{{{many}, township: ")


def rows() -> str:
    return with_rows("".join(f"      - {{when: {{days: {n}}}, ratio: 1%}}\n" for n in range(600)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (clauses_by_alias, "引用（*）全部展开后超过 100000 项"),
        (wide_rows_used_again, "各表的行数乘条件数太大，检查到这里为止"),
        (statuses_that_cross, "条件的组合过多，无法逐格检查"),
        (laughs, "引用（*）全部展开后超过 100000 项"),
        (rules_against_benefits, "问题太多"),
        (codes, "超过 200 个代码"),
        (rows, "超过 500 项，无法逐项检查"),
        (lambda: SMALL + "x: [" + "1," * 450_000 + "]\n", "超过 100000 项"),
    ],
)
def test_is_refused_in_seconds(make, said):
    """Four seconds at most on one core of the machine that it was measured on; twice that here."""
    text = make()
    began = time.process_time()
    with pytest.raises(PackError) as caught:
        load_text(text, "恶.yaml")
    assert said in str(caught.value)
    assert time.process_time() - began < 8

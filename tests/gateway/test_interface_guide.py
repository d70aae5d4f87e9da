"""What docs/hospital-interface.md tells a hospital's programmer is so."""

import re
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from gateway.clients.admission import CLOCKS_MAY_DIFFER, HEADERS
from gateway.clients.models import LARGEST, PER_MINUTE
from gateway.clients.services import MAX_OVERLAP
from gateway.clients.signing import SIGNERS, Keyed, Signed, digest_of
from gateway.interface.checking import ROWS
from gateway.interface.reading import spec_of, transactions
from gateway.local import EXTRA
from gateway.openapi.fields import answered_nodes
from supervision.rules import RULES, Moment

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "hospital-interface.md").read_text("utf-8")


def test_its_example_of_a_signature_is_right() -> None:
    told = Signed("9001", "1.0.0", "1790000000000", "AK0123456789abcdef", b'{"infno":"9001"}')
    key = digest_of("5f" * 32)
    assert f"`{key.hex()}`" in GUIDE
    for name in ("hmac-sha256", "sm3"):
        signer = SIGNERS[name]
        assert isinstance(signer, Keyed)
        assert f"| `{name}` 的签名 | `{signer.sign(told, key)}` |" in GUIDE


def test_it_names_every_transaction_with_its_nodes() -> None:
    table = GUIDE.split("## 十、")[1]
    rows = re.findall(r"^\| (\w+) \| (.+?) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    told = {infno: rest for infno, *rest in rows if infno in transactions()}
    assert {infno: title for infno, (title, *_) in told.items()} == dict(transactions())
    for infno, (_, nodes, answered) in told.items():
        spec = spec_of(infno)
        assert spec is not None
        for name, node in spec.asks.items():
            assert (f"`{name}`" + ("[]" if node.many else "")) in nodes or not name
        assert answered == answered_nodes(spec)


def test_the_tables_of_fields_are_those_that_messages_are_checked_by() -> None:
    """`script/manage interface_fields > docs/hospital-interface-fields.md` where it fails."""
    out = StringIO()
    call_command("interface_fields", stdout=out)
    assert (DOCS / "hospital-interface-fields.md").read_text("utf-8") == out.getvalue()
    told = out.getvalue().split("## 2204 ")[1].split("\n## ")[0]
    assert "输入 `feedetail`[] 费用明细列表，必传：" in told
    assert "| `cnt` | 数量 | 数值 16,4 | 是 |  |" in told
    assert "| `pric_uplmt_amt` | 定价上限金额 | 数值 16,6 |  |" in told.split("输出")[1]


def test_it_tells_the_limits_that_hold() -> None:
    assert f"通常 {PER_MINUTE}" in GUIDE and LARGEST == 1024 * 1024
    assert f"最多 {ROWS} 行" in GUIDE
    assert f"最多 {MAX_OVERLAP.days} 天" in GUIDE
    assert f"不得超过 {CLOCKS_MAY_DIFFER.seconds // 60} 分钟" in GUIDE
    assert all(f"`{header}`" in GUIDE for header in HEADERS)


def test_it_names_what_the_county_asks_beyond_the_interface() -> None:
    table = GUIDE.split("写进 `exp_content`")[1].split("### ")[0]
    named = set(re.findall(r"`(\w+)`", table.split("例：")[0]))
    assert named - {"med_type", "true"} <= EXTRA.keys()


def test_it_tells_what_each_rule_of_the_pre_check_is() -> None:
    """Both moments, the name, and how sure its findings are."""
    told = re.findall(r"^\| ([AK]\d\d) \| (.+?) \| ([\d、]+) \| ([12]) \|$", GUIDE, re.MULTILINE)
    moments = {Moment.BEFORE: "3101", Moment.DURING: "3102"}
    assert told == [
        (
            code,
            rule.title,
            "、".join(infno for moment, infno in moments.items() if moment in rule.moments),
            {"certain": "1", "suspect": "2"}[rule.certainty],
        )
        for code, rule in sorted(RULES.items())
        if rule.moments & moments.keys()
    ]
    assert GUIDE.count("【3102】") == 1  # told in one place

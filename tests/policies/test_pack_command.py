"""``manage.py policy check``: every shipped pack is usable, a wrong one is told line by line;
``policy probe`` lists what no law means."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

PACKS = Path(__file__).resolve().parents[2] / "policies" / "packs"


def check(*paths):
    out, err = StringIO(), StringIO()
    try:
        call_command("policy", "check", *map(str, paths), stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def test_shipped_packs_are_usable_together():
    out, err = check(*sorted(PACKS.glob("*.yaml")))
    assert err == ""
    assert (
        "dazu.yaml：大足县《大足县城乡居民合作医疗保险办法》第 1 版，2012-01-01 至 2027-12-31"
        in out
    )
    assert "待确认（第三十一条）：中心卫生院按乡镇卫生院的 25 元执行。" in out


def test_same_pack_twice_overlaps(tmp_path):
    copy = tmp_path / "大足新版.yaml"
    copy.write_text((PACKS / "dazu.yaml").read_text("utf-8"), "utf-8")
    _, err = check(PACKS / "dazu.yaml", copy)
    assert "与 dazu.yaml 的有效期重叠：2012-01-01 至 2027-12-31" in err
    assert "发现 1 处问题" in err


def test_wrong_pack_names_its_line(tmp_path):
    text = (PACKS / "dazu.yaml").read_text("utf-8")
    assert text.count("ratio: 50%\n    caps:") == 1
    wrong = tmp_path / "错.yaml"
    wrong.write_text(text.replace("ratio: 50%\n    caps:", "ratio: 500%\n    caps:"), "utf-8")
    line = text.split("ratio: 50%\n    caps:")[0].count("\n") + 1
    out, err = check(wrong)
    assert out == ""
    assert f"错.yaml 第{line}行" in err
    assert "比例“500%”不可能" in err


def test_a_byte_order_mark_does_no_harm(tmp_path):
    marked = tmp_path / "带标记.yaml"
    marked.write_bytes(b"\xef\xbb\xbf" + (PACKS / "dazu.yaml").read_bytes())
    out, err = check(marked)
    assert "可用" in out
    assert err == ""


def test_no_text_at_all_and_missing(tmp_path):
    odd = tmp_path / "国标.yaml"
    odd.write_bytes(b"\xff\xff" + "title: 办法".encode("gbk"))
    assert "无法识别文件编码" in check(odd)[1]
    with pytest.raises(CommandError, match="读不到"):
        call_command("policy", "check", str(tmp_path / "无.yaml"))


def test_a_probe_lists_what_it_found_with_an_example():
    """瑞安: 30% at the county hospital stands under a floor of 35%; 50 000 / 80% = 62 500."""
    out = StringIO()
    call_command("policy", "probe", "--coarse", str(PACKS / "ruian.yaml"), stdout=out)
    told = out.getvalue()
    assert "【从不起作用】\n  住院 · 比例第 4 行（人民医院、中医院），文本第 89 行，" in told
    assert "住院：费用超过 62,500.00 元以后，每多花 100 元个人负担 100.00 元，没有止境" in told
    assert "费用 62,500.00 元，基金支付 50,000.00 元，个人负担 12,500.00 元" in told


def test_a_probe_refuses_a_wrong_pack(tmp_path):
    wrong = tmp_path / "错.yaml"
    wrong.write_text("format: 2\n", "utf-8")
    with pytest.raises(CommandError, match="发现"):
        call_command("policy", "probe", str(wrong), stderr=StringIO())

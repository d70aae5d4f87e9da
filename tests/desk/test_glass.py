"""What the glass tells of pages with faults: no page passes because nothing was looked at."""

import pytest

from tests.glass import FAULTS, Glass

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="zh-CN"><head><title>页</title></head>
<body><main><h1>页</h1>{}</main></body></html>"""
PALE, DARK = '<p style="color:#bbb">{}</p>', '<p style="color:#111">{}</p>'
NIGHT = '<div style="background:#222">{}</div>'


def found(glass: Glass, inside: str) -> list[str]:
    (told,) = glass.show(PAGE.format(inside), 1366, 768, FAULTS)
    return [one.partition(":")[0] for one in told]


def test_contrast_is_judged_once_for_all_texts_alike_and_anew_on_another_ground(
    glass: Glass,
) -> None:
    """Dark on white passes and is known then; on a dark ground, pale is what passes. The fault of
    one kind is told on the first page that has it, of each kind."""
    assert found(glass, DARK.format("第一行")) == []
    assert found(glass, PALE.format("字")) == []  # of a single letter axe says nothing
    assert found(glass, DARK.format("第二行") + PALE.format("第三行")) == ["color-contrast"]
    assert found(glass, PALE.format("第四行")) == []
    assert found(glass, NIGHT.format(PALE.format("第五行"))) == []
    assert found(glass, NIGHT.format(DARK.format("第六行"))) == ["color-contrast"]
    smaller = PALE.format("第七行").replace("color", "font-size:12px;color")
    assert found(glass, smaller) == ["color-contrast"]
    assert found(glass, NIGHT.replace("#222", "#888").format(DARK.format("第八行"))) == []
    assert found(glass, f'<div style="opacity:.4">{DARK.format("第九行")}</div>') == [
        "color-contrast"
    ]


def test_the_other_rules_are_asked_of_every_page(glass: Glass) -> None:
    for _ in range(2):
        assert found(glass, '<input><img src="x.png">') == ["image-alt", "label"]

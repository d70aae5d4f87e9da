"""The list of a sample as a workbook: with the seed and the method, whoever has it draws again."""

from accounts.errors import Refusal
from lib.tables.writing import Heading, Sheet
from supervision.sampling.draw import draw, order_of, read
from supervision.sampling.models import Sample, SampleList, SampleStratum

METHOD = (
    "1. 种子由系统随机产生，在本月结算清单形成以前封存；当时只公布种子的 SHA-256 指纹。",
    "2. 抽取时公布种子。种子（小写十六进制文本）的 SHA-256 应与封存时的指纹一致。",
    "3. 对清单中每一张结算单，计算文本“种子:结算单号”的 SHA-256（小写十六进制）。",
    "4. 同一机构、同一风险的结算单为一层；每层按上述摘要从小到大排列。",
    "5. 每层抽取排在最前的若干笔：笔数×抽查率，小数进一；不足 2 笔的抽 2 笔，只有 1 笔的抽 1 笔。",
    "6. 有未排除疑点的，或单笔基金支付达到规定金额的，为重点，按重点抽查率；其余按一般抽查率。",
)

METHOD_OF_QUARTER = (
    "1. 季度全面检查：列为“重点”的结算逐笔核查，不抽样；种子只定核查的先后。",
    "2. 当季未排除的疑点达到规定笔数的机构，其全部结算为重点。",
    "3. 单笔基金支付达到规定金额的，不论哪家机构，为重点。",
    "4. 笔数和金额在季度开始时封存，抽取时的清单列出全季全部结算，未列为重点的也在内。",
)


def sheets_of(sample: Sample) -> tuple[list[Sheet], int]:
    """The sheets, and how many settlements stand on them. Raises Refusal before the draw."""
    kept = SampleList.objects.filter(sample=sample).first()
    if kept is None:
        raise Refusal("还没有抽取，没有清单")
    units = read(kept.text)
    picked = {one.number for part in draw(sample.seed, units, sample.rates) for one in part.units}
    risks = dict(SampleStratum.Risk.choices)
    ordered = sorted(units, key=lambda one: (one.stratum, order_of(sample.seed, one.number)))
    rows = [
        (
            one.number,
            one.stratum.institution,
            risks[one.stratum.risk],
            one.fund,
            order_of(sample.seed, one.number),
            "抽中" if one.number in picked else "",
        )
        for one in ordered
    ]
    columns = (
        Heading("结算单号", "code"),
        Heading("机构代码", "code"),
        Heading("风险", "text"),
        Heading("基金支付", "fen"),
        Heading("排序摘要", "code", 66),
        Heading("结果", "text"),
    )
    told = [
        ("种子", sample.seed),
        ("种子指纹", sample.digest),
        ("清单指纹", kept.sha256),
        ("一般抽查率(%)", f"{sample.usual}"),
        ("重点抽查率(%)", f"{sample.raised}"),
        ("列为重点的金额（元）", f"{sample.large_from}"),
        *([("机构全部核查的疑点数", sample.full_doubts)] if sample.is_full else []),
        *(("方法", line) for line in (METHOD_OF_QUARTER if sample.is_full else METHOD)),
    ]
    method = Sheet("种子和方法", (Heading("事项", "text"), Heading("内容", "text", 60)), told)
    return [Sheet("清单", columns, rows), method], len(rows)

"""说明.html: what each table and column of an export means, for whoever gets it."""

from collections.abc import Iterator, Mapping
from html import escape

from moving.leaving.tables import LEFT_OUT, Table

STYLE = (
    "body{font:15px/1.6 sans-serif;margin:2em auto;max-width:70em;padding:0 1em}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0 2em}"
    "th,td{border:1px solid #999;padding:.25em .5em;text-align:left;vertical-align:top}"
    "code{font-family:monospace}"
)
HOW = (
    "每个表一个文件：逗号分隔（RFC 4180），UTF-8，第一行是列名。没有值的写成空（两个逗号之间"
    "什么也没有），空的文字写成一对引号。金额单位为元，两位小数；日期 2026-01-31；时间带时区；"
    "{…} 和 […] 是 JSON；\\x 开头的是十六进制的字节。用 Excel 打开：数据 → 自文本，"
    "编码选 65001（UTF-8），证件号、编号一类的列选“文本”。",
    "加密的列（证件号码、电话、银行账号和含个人信息的文件）是密文：AES-256-GCM，"
    "写作“密钥编号:base64”，base64 里前 12 字节是随机数，其余是密文和校验；附加数据是这一列的"
    "上下文。密钥另外备份（backup --keys）。经两人打开的导出，明文在 opened 目录，"
    "每个表一个文件，按编号与原表对应。",
    "manifest.json 是清单：每个文件的 SHA-256、字节数、行数。scans 目录是扫描件和检查照片，文件名见"
    " claims_scan、supervision_photo、supervision_postingphoto、supervision_publicityphoto、"
    "supervision_wordscan 表的 file 列（去掉连字符），"
    "各文件的指纹见 scans.csv。"
    "sequences.csv 是各表编号用到了多少。",
)


def explained(county: str, tables: list[Table], rows: Mapping[str, int]) -> Iterator[str]:
    """The page, piece by piece."""
    title = escape(f"{county}整县数据说明")
    yield f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{STYLE}</style></head><body><h1>{title}</h1>"
    for one in HOW:
        yield f"<p>{escape(one)}</p>"
    yield (
        "<p>没有导出的：" + escape("；".join(f"{k}（{v}）" for k, v in LEFT_OUT.items())) + "。</p>"
    )
    yield "<h2>目录</h2><ul>"
    for table in tables:
        yield f'<li><a href="#{table.name}">{escape(table.title)}</a> <code>{table.name}.csv</code>'
        yield f" {rows.get(table.name, 0)} 行</li>"
    yield "</ul>"
    for table in tables:
        yield from _table(table)
    yield "</body></html>\n"


def _table(table: Table) -> Iterator[str]:
    yield f'<h2 id="{table.name}">{escape(table.title)} <code>{table.name}.csv</code></h2>'
    said = (table.model.__doc__ or "").strip()
    if said and not said.startswith(f"{table.model.__name__}("):  # Django's own, of the columns
        yield f'<p lang="en">{escape(said)}</p>'
    yield "<table><tr><th>列</th><th>含义</th><th>类型</th><th>说明</th></tr>"
    for one in table.columns():
        yield f"<tr><td><code>{escape(one.name)}</code></td><td>{escape(one.title)}</td>"
        yield f"<td><code>{escape(one.kind)}</code></td><td>{escape(one.told)}</td></tr>"
    yield "</table>"

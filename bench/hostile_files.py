"""Files that mean harm, by kind: what `bench/hostile_uploads.py` posts through the upload pages.

Every kind is a function of chance and of the columns that the page asks for; it gives the file's
name and its bytes, never the same twice. Those with the right header reach the judging behind the
reader. Nothing here is larger on the wire than a few megabytes.
"""

import csv
import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable, Sequence
from functools import cache

from bench.hostile_tables import hostile
from tests.lib.workbooks import MAIN, data, row, text, workbook

Columns = Sequence[str]
File = tuple[str, bytes]
Kind = Callable[[random.Random, Columns], File]
KINDS: dict[str, Kind] = {}
GIGABYTE = 1 << 30
# What people and attackers put into cells.
CELLS = (
    "=1+1", '=HYPERLINK("http://x.example","点我")', "@SUM(A1)", "+86 138", "-1", "\u2028",
    "=cmd|' /C calc'!A0", "1e309", "1_000", "１２３", "٣", "0000-00-00", "9999-12-31", "2026-02-30",
    "99999999999999999999", "500225198205161012", "50022519820516101X", "王\u202e军",
    "李\u200b四", "a\x0bb", "\ue000", "😀" * 40, "二档", "是", "<b>粗</b>", "{{ 7*7 }}",
    "'; DROP TABLE x; --", "", " ", "甲" * 4000, "\ufeff",
)  # fmt: skip


def kind(make: Kind) -> Kind:
    KINDS[make.__name__] = make
    return make


def salt(chance: random.Random) -> str:
    return f"{chance.getrandbits(64):x}"


def headed(chance: random.Random, columns: Columns, rows: int = 20) -> list[list[str]]:
    """The right header and rows of anything."""
    body = [[chance.choice(CELLS) for _ in columns] for _ in range(rows)]
    return [list(columns), *body, [salt(chance)] * len(columns)]


def as_csv(table: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(table)
    return buffer.getvalue()


def escaped(word: str) -> str:
    """As it may stand in XML; letters that may not are left out."""
    kept = "".join(one for one in word if one >= " " and one not in "\ufffe\uffff")
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_rows(table: Sequence[Sequence[str]]) -> str:
    return data(*(f"<row>{''.join(text(escaped(cell)) for cell in line)}</row>" for line in table))


def book(chance: random.Random, columns: Columns, **parts: bytes) -> bytes:
    """An honest workbook with the right header; `parts` by path with __ for / are put into it."""
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return workbook({"表": as_rows(headed(chance, columns))}, parts=named)


@cache
def packed(size: int, letter: bytes) -> bytes:
    """A zip of one sheet that unpacks to `size` bytes."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(size >> 20):
            part.write(letter * (1 << 20))
    return buffer.getvalue()


@kind
def cells_without_place(chance: random.Random, columns: Columns) -> File:
    return "无位置.xlsx", hostile(chance)


@kind
def gigabyte(chance: random.Random, columns: Columns) -> File:
    """A part of a gigabyte; some say in the directory that it is small."""
    content = packed(GIGABYTE, chance.choice([b" ", b"\0", b"<"]))
    if chance.random() < 0.5:
        at = content.rindex(b"PK\x01\x02") + 24
        content = content[:at] + struct.pack("<I", 1000) + content[at + 4 :]
    return "一.xlsx", content + salt(chance).encode()


@kind
def half_bomb(chance: random.Random, columns: Columns) -> File:
    """Below the measure of packing, in whichever part."""
    part = chance.choice(["xl/sharedStrings.xml", "xl/styles.xml", "xl/media/a.png", "xl/x.xml"])
    noise = chance.randbytes(200_000)
    filler = b"<a/>" * (5 << 20)
    files = {part: filler, "xl/media/noise.bin": noise}
    return "二.xlsx", workbook({"表": as_rows(headed(chance, columns))}, parts=files)


@kind
def overlapping(chance: random.Random, columns: Columns) -> File:
    """Many entries of the directory that name the same bytes."""
    content = packed(1 << 24, b" ")
    at, end = content.rindex(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    entry, times = content[at:end], chance.choice([40, 4000])
    closing = struct.pack("<HHIIH", times, times, len(entry) * times, at, 0)
    body = content[:at] + entry * times + b"PK\x05\x06\0\0\0\0" + closing
    return "三.xlsx", body + b""


@kind
def nested(chance: random.Random, columns: Columns) -> File:
    inner = book(chance, columns)
    for _ in range(chance.choice([1, 5, 50])):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("里.zip", inner)
        inner = buffer.getvalue()
    return "套.xlsx", inner


@kind
def odd_names_inside(chance: random.Random, columns: Columns) -> File:
    names = ("../../../etc/passwd", "/etc/cron.d/x", "xl\\workbook.xml", "xl/workbook.xml", "a\0b")
    buffer = io.BytesIO(book(chance, columns))
    with zipfile.ZipFile(buffer, "a") as archive:
        for name in names:
            archive.writestr(name, salt(chance) * 100)
    return "名.xlsx", buffer.getvalue()


@kind
def odd_packing(chance: random.Random, columns: Columns) -> File:
    """Other methods, a wrong sum, a flag that says it is locked."""
    content = book(chance, columns)
    how = chance.choice(["bzip2", "lzma", "sum", "locked", "method"])
    if how in {"bzip2", "lzma"}:
        method = zipfile.ZIP_BZIP2 if how == "bzip2" else zipfile.ZIP_LZMA
        buffer = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(content)) as old,
            zipfile.ZipFile(buffer, "w", method) as new,
        ):
            for name in old.namelist():
                new.writestr(name, old.read(name))
        return "法.xlsx", buffer.getvalue()
    at = content.rindex(b"PK\x01\x02")
    place, value = {"sum": (16, b"\1\2\3\4"), "locked": (8, b"\1\0"), "method": (10, b"\x63\0")}[
        how
    ]
    at += place
    return "法.xlsx", content[:at] + value + content[at + len(value) :]


@kind
def shared_words(chance: random.Random, columns: Columns) -> File:
    """Huge, missing or endless shared strings."""
    number = chance.choice([0, 1, 300_000])
    one = chance.choice(["<si><t>x</t></si>", f"<si><t>{'甲' * 300}</t></si>", "<si>" * 200])
    words = f'<sst xmlns="{MAIN}" count="999999999" uniqueCount="999999999">{one * number}</sst>'
    head = "".join(
        f'<c t="s"><v>{chance.choice([at, -1, 1 << 40])}</v></c>' for at, _ in enumerate(columns)
    )
    sheet = data(f"<row>{head}</row>", *(f"<row>{head}</row>" * 50))
    parts = {"xl/sharedStrings.xml": words.encode() + f"<!--{salt(chance)}-->".encode()}
    return "词.xlsx", workbook({"表": sheet}, parts=parts)


@kind
def styles(chance: random.Random, columns: Columns) -> File:
    """Styles that name each other in a ring, too many, or formats without end."""
    ring = "".join(f'<xf numFmtId="{at}" xfId="{(at + 1) % 9}" fontId="99999"/>' for at in range(9))
    many = chance.choice([1, 20_000])
    formats = f'<numFmt numFmtId="3" formatCode="{"[$-804]yyyy" * chance.choice([1, 3000])}"/>'
    inside = (
        f"<numFmts>{formats}</numFmts><cellStyleXfs>{ring * many}</cellStyleXfs>"
        f"<cellXfs>{ring * many}</cellXfs>"
    )
    cells = "".join(f'<c s="{chance.choice([0, 7, 10**9])}"><v>1e300</v></c>' for _ in columns)
    sheet = as_rows([columns]).replace("</sheetData>", f"<row>{cells}</row></sheetData>")
    return "式.xlsx", workbook({"表": sheet}, styles=inside, parts={"x": salt(chance).encode()})


@kind
def entities(chance: random.Random, columns: Columns) -> File:
    """Files of the server, other servers, and laughs by the billion."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    kinds = (
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY e "e">]>',
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}<!ENTITY e "&l11;">]>',
    )
    sheet = as_rows([columns, ["&e;"] * len(columns)]).replace("&amp;e;", "&e;")
    inside = f'{chance.choice(kinds)}<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
    parts = {
        chance.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"]):
        inside.encode(),
        "x": salt(chance).encode(),
    }  # fmt: skip
    return "体.xlsx", workbook({"表": sheet}, parts=parts)


@kind
def macros_and_links(chance: random.Random, columns: Columns) -> File:
    more = {
        "xl__vbaProject.bin": chance.randbytes(2000),
        "xl__externalLinks__externalLink1.xml": b'<externalLink><ddeLink ddeService="cmd"/>',
        "xl__activeX__a.bin": b"\xd0\xcf\x11\xe0",
        "xl__connections.xml": b'<connections><connection url="http://127.0.0.1:9/"/></connections>',
    }
    return chance.choice(["宏.xlsx", "宏.xlsm"]), book(chance, columns, **more)


@kind
def formulas(chance: random.Random, columns: Columns) -> File:
    said = (
        "WEBSERVICE(&quot;http://127.0.0.1:9&quot;)",
        "1/0",
        "A1",
        "INDIRECT(&quot;A&quot;&amp;1)",
    )
    cells = "".join(
        f"<c{chance.choice([' t=&quot;e&quot;'.replace('&quot;', chr(34)), ''])}>"
        f"<f>{chance.choice(said)}</f><v>{chance.choice(['#REF!', '1', '', 'x'])}</v></c>"
        for _ in columns
    )
    sheet = as_rows([columns, [salt(chance)]]).replace(
        "</sheetData>", f"<row>{cells}</row>" * 40 + "</sheetData>"
    )
    return "公式.xlsx", workbook({"表": sheet})


@kind
def many_sheets(chance: random.Random, columns: Columns) -> File:
    number = chance.choice([2, 61, 61, 700])
    sheet = as_rows(headed(chance, columns, 2))
    return "多.xlsx", workbook({f"表{n}": sheet for n in range(number)})


@kind
def odd_places(chance: random.Random, columns: Columns) -> File:
    """Cells that say they stand nowhere, or at the end of the world."""
    names = (
        "XFD1048576",
        "A0",
        "A-5",
        "AAAAAAA1",
        "A99999999999999999999",
        "",
        "1",
        "B2:C9",
        "甲1",
    )
    far = "".join(
        f'<c r="{chance.choice(names)}"><v>1</v></c>' for _ in range(chance.choice([1, 9]))
    )
    number = chance.choice(["1048576", "0", "-1", "1e9", "", "99999999999"])
    sheet = as_rows(headed(chance, columns, 1))
    sheet = sheet.replace("</sheetData>", f'<row r="{number}">{far}</row></sheetData>')
    front = '<dimension ref="A1:XFD1048576"/>' if chance.random() < 0.5 else ""
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>' * chance.choice([0, 5000])
    return "远.xlsx", workbook({"表": front + sheet + merged})


@kind
def odd_values(chance: random.Random, columns: Columns) -> File:
    values = ("1e400", "-1e308", "NaN", "Infinity", "2958466", "0.0000001", "61", "-1", "1" * 400)
    kinds = ("", ' t="b"', ' t="e"', ' t="d"', ' t="str"', ' t="zz"', ' s="1"')
    lines = "".join(
        "<row>"
        + "".join(f"<c{chance.choice(kinds)}><v>{chance.choice(values)}</v></c>" for _ in columns)
        + "</row>"
        for _ in range(60)
    )
    head = '<workbookPr date1904="1"/>' if chance.random() < 0.3 else ""
    style = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    sheet = as_rows([columns, [salt(chance)]]).replace("</sheetData>", lines + "</sheetData>")
    return "值.xlsx", workbook({"表": sheet}, head=head, styles=style)


@kind
def broken_xml(chance: random.Random, columns: Columns) -> File:
    deep = "<a>" * 300_000
    inside = chance.choice(
        [
            deep,
            "<sheetData><row><c",
            "<row " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>",
            "\x00\x01",
            "<![CDATA[" * 9,
        ]
    )
    parts = {
        chance.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"]):
        inside.encode(chance.choice(["utf-8", "utf-16"])),
        "x": salt(chance).encode(),
    }  # fmt: skip
    return "坏.xlsx", workbook({"表": row(1, *columns[:20])}, parts=parts)


@kind
def cut_or_flipped(chance: random.Random, columns: Columns) -> File:
    content = bytearray(book(chance, columns))
    if chance.random() < 0.5:
        return "断.xlsx", bytes(content[: chance.randrange(4, len(content))])
    for _ in range(chance.choice([1, 20, 400])):
        content[chance.randrange(4, len(content))] = chance.randrange(256)
    return "错.xlsx", bytes(content)


@kind
def other_formats(chance: random.Random, columns: Columns) -> File:
    begins = (
        b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ",
        b"\x7fELF", b"7z\xbc\xaf'\x1c",
        b"Rar!\x1a\x07", b"<html><table><tr><td>", b"PK\x05\x06" + b"\0" * 18,
        b"PK\x03\x04", b"{", b"\xff\xd8",
    )  # fmt: skip
    start = chance.choice(begins)
    if chance.random() < 0.1:
        start = gzip.compress(book(chance, columns))
    return chance.choice(["像.xlsx", "像.csv", "像.exe", "像"]), start + chance.randbytes(
        chance.choice([0, 9, 90_000])
    )


@kind
def encodings(chance: random.Random, columns: Columns) -> File:
    said = as_csv(headed(chance, columns)).replace("\ue000", "").replace("\ud800", "")
    name = chance.choice(
        [
            "utf-8-sig",
            "utf-16",
            "utf-16-le",
            "utf-16-be",
            "gb18030",
            "gbk",
            "big5",
            "utf-7",
            "utf-32",
            "euc-jp",
        ]
    )
    front = chance.choice([b"", b"", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xff\xfe"])
    tail = chance.choice([b"", b"\0", b"\xff", b"\xed\xa0\x80", b"\x1a"])
    return "码.csv", front + said.encode(name, "ignore") + tail


@kind
def nothing_letters(chance: random.Random, columns: Columns) -> File:
    """NUL and its like among honest cells."""
    said = as_csv(headed(chance, columns, 5))
    letter = chance.choice(["\0", "\x1b", "\x0b", "\x85", "\r", "\ufffe"])
    places = sorted(chance.sample(range(len(said)), min(30, len(said))))
    for at in reversed(places):
        said = said[:at] + letter + said[at:]
    return "零.csv", said.encode()


@kind
def odd_csv(chance: random.Random, columns: Columns) -> File:
    head = ",".join(columns) + "\n"
    bodies = (
        "," * 2_000_000, "\n" * 3_000_000, '"' + "甲" * 500_000, '"a" "b",' * 10_000,
        "\t".join(columns) * 3000,
        ",".join(["1"] * len(columns)) + "\n", "\r" * 100_000,
        (",".join(["9" * 150] * len(columns)) + "\n") * 4000,
    )  # fmt: skip
    return "行.csv", (
        chance.choice([head, head, ""]) + chance.choice(bodies) + salt(chance)
    ).encode()


@kind
def right_head_csv(chance: random.Random, columns: Columns) -> File:
    return "表.csv", as_csv(headed(chance, columns, chance.choice([1, 30, 900]))).encode(
        "utf-8", "ignore"
    )


@kind
def right_head_book(chance: random.Random, columns: Columns) -> File:
    rows = headed(chance, columns, chance.choice([1, 30, 300]))
    return "表.xlsx", workbook({"表": as_rows([[cell[:900] for cell in line] for line in rows])})


@kind
def repeated_head(chance: random.Random, columns: Columns) -> File:
    """The same column many times, the header again and again, columns that turn rows round."""
    twice = [*columns, *columns[: chance.randrange(len(columns) + 1)], "状态", "方向", "红字"]
    table = [twice, *[twice] * 30, ["已作废"] * len(twice), [salt(chance)] * len(twice)]
    return "头.csv", as_csv(table).encode()


@kind
def odd_name(chance: random.Random, columns: Columns) -> File:
    names = (
        "../../etc/passwd", "甲" * 300 + ".xlsx", 'a"b.xlsx', "<script>alert(1)</script>.xlsx",
        "表\u202excod.xlsx",
        ".xlsx", "con.xlsx", "a\\b\\c.csv", "%00.xlsx", "{{7*7}}.csv", "表.xlsx\x0b", " ",
    )  # fmt: skip
    return chance.choice(names), book(chance, columns)


@kind
def empty_or_tiny(chance: random.Random, columns: Columns) -> File:
    return "空.xlsx", chance.choice(
        [b"", b"\0", b"\n", b"P", b"PK", b"\xef\xbb\xbf", b"a" * chance.randrange(9)]
    )


@kind
def too_large(chance: random.Random, columns: Columns) -> File:
    """Past what the page takes, yet within what the server reads."""
    return "大.xlsx", b"PK\x03\x04" + chance.randbytes(chance.choice([5, 21, 33]) << 20)


@kind
def measures(chance: random.Random, columns: Columns) -> File:
    """YAML that stalls, swells or runs."""
    rings = "a: &a [*a]\n"
    swollen = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    texts = (
        rings, swollen, "[" * 200_000, "{" * 50_000, "a: " * 5000,
        "!!python/object/apply:os.system ['true']\n",
        "? " * 20_000, "a: |\n" + " x\n" * 200_000, "<<: *x\n", "\0", "- " * 60_000,
        "a: 1\n" * 100_000, "---\n" * 50_000,
        "name: 办法\nyear: 2026\ntiers: " + "9" * 5000, "%YAML 9.9\n---\n", "&" + "a" * 900_000,
    )  # fmt: skip
    return "办法.yaml", (chance.choice(texts) + f"\n# {salt(chance)}\n").encode()

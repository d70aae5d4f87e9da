"""The text of a file as people save it: with a byte order mark or without, UTF-8, UTF-16, GBK."""

import codecs

UNKNOWN = "无法识别文件编码，请另存为 UTF-8 编码"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(content: bytes) -> str:
    """The text without its byte order mark. Raises ValueError (Chinese message) for bytes that
    are text in none of the encodings, and for text with NUL in it."""
    encodings = ("utf-16",) if content.startswith(UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise ValueError(UNKNOWN)

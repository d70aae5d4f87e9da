"""What the articles say that a step cites: the measures' own words, where the pack quotes them.

An article is cited as precisely as a rule needs (第二十三条(二)2), and quoted as it reads best; so
the nearest that contains what is cited is shown, or else all that it consists of. Pure.
"""

from collections.abc import Mapping

AND = "、"
WHOLE = "条"


def cited(article: str) -> list[str]:
    """第十四条(三)、(四)2 → 第十四条(三), 第十四条(四)2."""
    found, whole = [], ""
    for part in filter(None, (part.strip() for part in article.split(AND))):
        head, mark, _ = part.partition(WHOLE)
        if mark:
            whole = head + mark
        found.append(part if mark else whole + part)
    return found


def behind(texts: Mapping[str, str], article: str) -> list[tuple[str, str]]:
    """Article and words of what stands behind a citation; nothing where nothing is quoted."""
    found: dict[str, str] = {}
    for one in cited(article):
        holding = [key for key in texts if one == key or _is_in(one, key)]
        within = [key for key in texts if _is_in(key, one)]
        for key in [max(holding, key=len)] if holding else within:
            found[key] = texts[key]
    return list(found.items())


def _is_in(part: str, whole: str) -> bool:
    """第二十三条(二)2 is in 第二十三条(二); 第二十三条(二)12 is not in 第二十三条(二)1."""
    rest = part.removeprefix(whole)
    return bool(rest) and rest != part and not (whole[-1].isdigit() and rest[0].isdigit())

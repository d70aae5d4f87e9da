"""People's names and their spelling, from lists of our own. Pure."""

from functools import lru_cache
from random import Random

from demo.plan import Wheel
from lib.spelling import Spelling, spell

_SURNAMES = (
    ("李王张刘陈杨", 62),
    ("黄周罗唐何邓", 26),
    ("胡蒋吴徐谭廖", 19),
    ("赵冉夏龙郑向彭田", 12),
    ("朱谢秦袁冯程杜余", 9),
    ("高林郭马梁宋许曾", 7),
    ("韩沈汪任姚卢石熊", 5),
    ("贺龚覃黎文段雷牟", 4),
    ("欧阮莫方万康史付", 3),
    ("游尹代贾江毛侯邱", 2),
)
SURNAMES = Wheel(
    [name for names, _ in _SURNAMES for name in names],
    [weight for names, weight in _SURNAMES for _ in names],
)

# Given names go with the years people were born in: (last birth year, men's, women's characters).
ERAS: tuple[tuple[int, str, str], ...] = (
    (
        1959,
        "德明光国福贵富仁义忠孝安正元兴清云全海昌荣祥永世万顺友才良玉",
        "秀英兰芝珍素淑桂玉华贞琼清碧芳群元菊莲惠先香凤仙金银翠会",
    ),
    (
        1979,
        "建国军华平伟强红卫东文学林江勇斌洪小波刚成胜民中辉云贵生春",
        "红霞梅丽萍琴芬英玲容艳敏小群晓燕莉平蓉华秀春秋菊玉利会先",
    ),
    (
        1999,
        "超磊鹏飞涛杰俊峰浩宇亮川渝林杨龙辉毅恒凯健雷鑫旭江海松伟",
        "婷娟静雪莹丹媛佳倩娜琳欣悦颖洁露璐瑶敏燕蕾思雨晓梦月秋莎",
    ),
    (
        9999,
        "子轩浩宇泽睿博文梓俊辰昊然天佑诚铭一鸣皓嘉豪奕宸志远思源承",
        "梓涵欣怡诗雨佳琪若曦思语萱可馨艺雅婷依诺晨希妍芷彤语桐沐清",
    ),
)
SINGLE_SHARE = (0.12, 0.30, 0.35, 0.06)


def surname(chance: Random) -> str:
    return SURNAMES.spin(chance)


def given(chance: Random, *, male: bool, birth_year: int) -> str:
    """One or two characters that fit the sex and the time."""
    era = next(place for place, row in enumerate(ERAS) if birth_year <= row[0])
    _, of_men, of_women = ERAS[era]
    letters = of_men if male else of_women
    first = letters[int(chance.random() * len(letters))]
    if chance.random() < SINGLE_SHARE[era]:
        return first
    return first + letters[int(chance.random() * len(letters))]


_spell = lru_cache(maxsize=60_000)(spell)


def spelled(family: str, own: str) -> Spelling:
    """The spelling of the whole name; the parts are spelled once and kept."""
    front, back = _spell(family), _spell(own)
    return Spelling(front.pinyin + back.pinyin, front.initials + back.initials)

"""A17: an illness that the patient cannot have, and an account that is not the patient's."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from lib.money import to_yuan, told
from supervision.rules.facts import BOTH, Certainty, ClaimFacts, Hit, Known, Need, Rule

RULE = Rule(
    code="A17",
    title="人与诊断不符、动用他人家庭账户",
    source="医疗保障基金使用监督管理条例第四十条(一)、第四十一条(一)：冒名就医；大足办法第三十条",
    needs=frozenset({Need.STANDINGS}),
    moments=BOTH,
)
MALE, FEMALE = "1", "2"
# ICD-10: pregnancy and birth; cancer of, and diseases of, the organs that one sex has.
WOMEN_ONLY = re.compile(r"O\d|C5[1-8]|D06|D2[5-8]|N7[0-7]|N8|N9[0-8]|Z3[2-9]")
MEN_ONLY = re.compile(r"C6[0-3]|D29|N4[0-9]|N5[01]")
# Chapter XVI, of the perinatal period: until the first birthday nobody asks.
NEWBORN = re.compile(r"P\d")
# Neither young nor old enough, with years to spare on either side of what births are known of.
BIRTH = re.compile(r"O\d")
MIN_MOTHER, MAX_MOTHER = 11, 58


def find(new: Sequence[ClaimFacts], known: Known) -> Iterator[Hit]:
    """The register's sex and birth win over the hospital's. A suspicion: the code may be wrong as
    well as the patient."""
    standings = {one.settlement: one for one in known.standings}
    for claim in new:
        said = _odd(claim)
        standing = standings.get(claim.settlement)
        if standing is not None and standing.account > 0 and not standing.of_the_account:
            said.append(
                f"动用家庭账户 {told(to_yuan(standing.account))} 元，患者不是这一账户的家庭成员"
            )
        if said:
            yield Hit(
                rule=RULE.code,
                certainty=Certainty.SUSPECT,
                settlement=claim.settlement,
                finding="；".join(said),
                amount=claim.fund,
            )


def _odd(claim: ClaimFacts) -> list[str]:
    code, said = claim.diagnosis, []
    if claim.sex == MALE and WOMEN_ONLY.match(code):
        said.append(f"登记性别为男，诊断 {code} 为女性疾病或妊娠分娩")
    if claim.sex == FEMALE and MEN_ONLY.match(code):
        said.append(f"登记性别为女，诊断 {code} 为男性疾病")
    if claim.born_on is not None:
        age = _years(claim.born_on, claim.starts)
        if NEWBORN.match(code) and age >= 1:
            said.append(f"登记年龄 {age} 岁，诊断 {code} 为围生期疾病")
        if BIRTH.match(code) and not MIN_MOTHER <= age <= MAX_MOTHER:
            said.append(f"登记年龄 {age} 岁，诊断 {code} 为妊娠、分娩")
    return said


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

"""Why a reviewer takes something off a line, and who bears it then.

What a hospital charged, prescribed or used against the rules is its own affair (大足办法
第三十条、第三十一条、第三十七条); what the patient agreed to in writing or what no health insurance
is for stays the patient's (第二十条、第三十条). The measures name no list: the reasons are those
that inspections of hospitals and stations write down.
"""

from dataclasses import dataclass

from claims.models import BillLine

INSTITUTION, PATIENT = BillLine.Bearer.INSTITUTION, BillLine.Bearer.PATIENT


@dataclass(frozen=True)
class CutReason:
    """One reason: its code, how it is told, who bears what is cut for it."""

    code: str
    name: str
    bearer: BillLine.Bearer

    @property
    def asks_words(self) -> bool:
        """Whether it says nothing by itself."""
        return self.code.endswith("_other")


REASONS = (
    CutReason("over_price", "超标准收费", INSTITUTION),
    CutReason("double_charge", "重复、分解收费", INSTITUTION),
    CutReason("not_given", "清单与医嘱、病历不符", INSTITUTION),
    CutReason("over_quantity", "超量、超限用药", INSTITUTION),
    CutReason("not_needed", "无指征的检查、治疗、用药", INSTITUTION),
    CutReason("unsigned", "目录外未经患者签字", INSTITUTION),
    CutReason("wrong_item", "串换药品、项目", INSTITUTION),
    CutReason("institution_other", "其他违规收费", INSTITUTION),
    CutReason("agreed", "目录外，患者已签字同意", PATIENT),
    CutReason("not_medical", "陪护、伙食等非医疗费用", PATIENT),
    CutReason("other_payer", "应由第三人或其他保险负担", PATIENT),
    CutReason("no_proof", "没有凭证或票据不符", PATIENT),
    CutReason("patient_other", "其他应由个人负担的费用", PATIENT),
)
BY_CODE = {reason.code: reason for reason in REASONS}

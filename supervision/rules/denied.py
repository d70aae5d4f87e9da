"""A23: the patient says that they were never there. Told at the window, not found by screening."""

from supervision.rules.facts import Certainty, Rule

RULE = Rule(
    code="A23",
    title="本人否认就诊",
    source="医疗保障基金使用监督管理条例第四十条：冒名住院、虚构医药服务；参保人在经办窗口说明",
    certainty=Certainty.CERTAIN,
)

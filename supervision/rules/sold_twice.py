"""A25: a pack whose trace code was sold already. Told by sales, not found by screening."""

from supervision.rules.facts import Rule

RULE = Rule(
    code="A25",
    title="药品追溯码重复售出",
    source="国家医保局等四部门《关于加强药品追溯码在医疗保障和工伤保险领域采集应用的通知》"
    "（医保发〔2025〕7号）：一盒药的追溯码只应有一次售出",
)

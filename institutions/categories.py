"""Fee categories (医疗收费项目类别) of items and bill lines, as bills print them. Pure."""

from collections.abc import Mapping

CATEGORY_NAMES: Mapping[str, str] = {
    "bed": "床位费",
    "consultation": "诊察费",
    "examination": "检查费",
    "special_examination": "特殊检查费",
    "laboratory": "化验费",
    "treatment": "治疗费",
    "surgery": "手术费",
    "nursing": "护理费",
    "material": "卫生材料费",
    "western_drug": "西药费",
    "herbal_drug": "中药饮片费",
    "chinese_drug": "中成药费",
    "blood": "血费",
    "general": "一般诊疗费",
    "other": "其他费",
}

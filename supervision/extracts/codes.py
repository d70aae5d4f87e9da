"""What the portal's words are called in the national interface (国家医保信息平台接口, 字典).

Values of the interface standard; where places differ (levels of hospitals, special groups of
people), those of the edition that the project keeps. What has no code stays empty.
"""

from collections.abc import Mapping

from claims.clearing.models import PaymentMethod
from claims.models import Visit
from enrollment.models import IdentityStatus
from enrollment.people.numbers import NumberKind
from institutions.models import CatalogueItem, Level

YES, NO = "1", "0"
INSUTYPE = "390"  # 城乡居民基本医疗保险: nobody else is insured here
MATERNITY = "52"  # med_type 生育住院

# psn_cert_type. Permits of Hong Kong and Macau are two codes, told apart by the number's letter.
CERTIFICATES: Mapping[str, str] = {
    NumberKind.RESIDENT_ID: "01",
    NumberKind.OFFICER: "02",
    NumberKind.SOLDIER: "99",
    NumberKind.HK_MACAU_PERMIT: "04",
    NumberKind.TAIWAN_PERMIT: "06",
    NumberKind.FOREIGN_RESIDENCE: "07",
    NumberKind.PASSPORT: "08",
    NumberKind.HMT_RESIDENCE: "17",
    NumberKind.BIRTH_CERTIFICATE: "990201",
}
MACAU_LETTER, MACAU = "M", "05"

# psn_type 居民（未成年、成年、老年）, by the age on the first day of the visit.
ADULT_AGE, OLD_AGE = 18, 60
MINOR, ADULT, OLD = "14", "15", "16"

# sp_psn_type; of several the first that is listed.
SPECIAL_PEOPLE: Mapping[str, str] = {
    IdentityStatus.Code.WUBAO: "1",
    IdentityStatus.Code.DIBAO: "2",
    IdentityStatus.Code.PREFERENTIAL: "927",
    IdentityStatus.Code.SEVERE_DISABILITY: "236010",
}

# clct_grde by what the measures call the tier.
TIERS: Mapping[str, str] = {"一档": "1", "二档": "2", "三档": "3"}

# pay_loc 中心、医疗机构, and setl_type 中心报销、联网结算.
PAY_LOC: Mapping[str, str] = {Visit.Source.PAPER: "1", Visit.Source.COUNTER: "2"}
SETL_TYPE: Mapping[str, str] = {Visit.Source.PAPER: "1", Visit.Source.COUNTER: "2"}

# hosp_lv: measures know levels without grades (甲、乙、丙): 无等级, 一、二、三级无等.
HOSP_LV: Mapping[str, str] = {
    Level.VILLAGE: "11",
    Level.TOWNSHIP: "14",
    Level.CENTRAL: "14",
    Level.COUNTY: "13",
    Level.CITY: "12",
    Level.PROVINCE: "12",
}
# dedc_hosp_lv and lmtpric_hosp_lv: 一级及以下, 二级, 三级.
LEVEL_OF_RULES: Mapping[str, str] = {
    Level.VILLAGE: "1",
    Level.TOWNSHIP: "1",
    Level.CENTRAL: "1",
    Level.COUNTY: "2",
    Level.CITY: "3",
    Level.PROVINCE: "3",
}

# clr_type by med_type, where the two dictionaries mean the same by their words.
CLR_TYPE: Mapping[str, str] = {
    "11": "11",
    "12": "12",
    "13": "13",
    "14": "14",
    "21": "21",
    "28": "28",
    "41": "41",
    "51": "53",
}

# clr_way by the payment method of the month in which it was cleared.
CLR_WAY: Mapping[str, str] = {
    PaymentMethod.Way.ITEM: "1",
    PaymentMethod.Way.DISEASE: "2",
    PaymentMethod.Way.BED_DAY: "3",
    PaymentMethod.Way.HEAD: "4",
    PaymentMethod.Way.POINTS: "50",
    PaymentMethod.Way.BUDGET: "903",
}

# fund_pay_type → the column of setl_d that it is part of; all others are othfund_pay.
FUND_COLUMNS: Mapping[str, str] = {
    "310100": "hifp_pay",
    "310101": "hifp_pay",
    "310102": "hifp_pay",
    "310300": "hifob_pay",
    "320100": "cvlserv_pay",
    "320200": "cvlserv_pay",
    "330100": "hifob_pay",
    "350100": "hifdm_pay",
    "370100": "hifes_pay",
    "390100": "hifp_pay",
    "390101": "hifp_pay",
    "390102": "hifp_pay",
    "390200": "hifmi_pay",
    "610100": "maf_pay",
}
OTHER_FUND = "othfund_pay"
FUNDS = (
    *("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay"),
    *("hifob_pay", "hifdm_pay", "maf_pay", OTHER_FUND),
)

# chrgitm_lv 甲、乙、丙类
PAYMENT_CLASSES: Mapping[str, str] = {
    CatalogueItem.PaymentClass.A: "01",
    CatalogueItem.PaymentClass.B: "02",
    CatalogueItem.PaymentClass.C: "03",
}
# list_type: 西药中成药, 医疗服务项目; within a catalogue by the category of the fee.
LIST_TYPES: Mapping[str, str] = {
    CatalogueItem.Catalogue.DRUG: "101",
    CatalogueItem.Catalogue.SERVICE: "201",
    CatalogueItem.Catalogue.FACILITY: "201",
}
LIST_TYPES_OF_CATEGORIES: Mapping[str, str] = {"herbal_drug": "102", "material": "301"}
# med_chrgitm_type by the categories of institutions/categories.py.
CHARGES: Mapping[str, str] = {
    "bed": "01",
    "consultation": "02",
    "examination": "03",
    "special_examination": "03",
    "laboratory": "04",
    "treatment": "05",
    "surgery": "06",
    "nursing": "07",
    "material": "08",
    "western_drug": "09",
    "herbal_drug": "10",
    "chinese_drug": "11",
    "blood": "14",
    "general": "12",
    "other": "14",
}
# prodplac_type 国内, 进口 (合资 has no code); the keys are those of `policies.terms.ORIGINS`.
ORIGINS: Mapping[str, str] = {"domestic": "1", "imported": "2"}

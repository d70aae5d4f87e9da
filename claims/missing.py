"""What a claim that is sent back may lack.

Papers of a claim from elsewhere: 大足办法 第二十三条(七); of injuries (五), of chronic diseases
(四)1; card and account are those of the payment.
"""

PAPERS = {
    "invoice": "住院发票原件",
    "list": "住院费用结算汇总清单",
    "discharge": "出院小结或出院记录",
    "employer": "所在单位出具的情况证明",
    "injury": "外伤伤情鉴定和情况证明",
    "diagnosis": "县级医疗机构确诊证明",
    "approval": "特殊检查、治疗、用血审批表",
    "referral": "转诊转院审批表",
    "consent": "目录外项目签字同意书",
    "identity": "身份证、医疗保险卡",
    "account": "收款账户",
}

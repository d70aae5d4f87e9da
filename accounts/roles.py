"""Who may do what: the one table. Views, services, menus, docs and tests all read it.

A permission is `room.action`. A role that is not listed for a permission does not have it; an
unknown role has none. The three administrators (三员分立) touch no business at all.
"""

from enum import StrEnum


class Role(StrEnum):
    TOWNSHIP_CLERK = "township_clerk"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    ACCOUNTANT = "accountant"
    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    INSTITUTION_CLERK = "institution_clerk"
    VILLAGE_CADRE = "village_cadre"
    CIVIL_AFFAIRS = "civil_affairs"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ROLE_NAMES: dict[Role, str] = {
    Role.TOWNSHIP_CLERK: "乡镇经办",
    Role.REVIEWER: "初审",
    Role.APPROVER: "复核",
    Role.ACCOUNTANT: "会计",
    Role.CASHIER: "出纳",
    Role.SUPERVISOR: "基金监管",
    Role.AUDITOR: "审计",
    Role.INSTITUTION_CLERK: "定点机构",
    Role.VILLAGE_CADRE: "村干部",
    Role.CIVIL_AFFAIRS: "民政",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}

# How far a role sees: its own division and below, its own institution, or no business at all.
DIVISION_ROLES = frozenset(
    {
        Role.TOWNSHIP_CLERK,
        Role.REVIEWER,
        Role.APPROVER,
        Role.ACCOUNTANT,
        Role.CASHIER,
        Role.SUPERVISOR,
        Role.AUDITOR,
        Role.VILLAGE_CADRE,
        Role.CIVIL_AFFAIRS,
    }
)
INSTITUTION_ROLES = frozenset({Role.INSTITUTION_CLERK})
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

# Each passes on what the one before has done (不相容岗位): one person has one of them.
_ONE_AFTER_THE_OTHER = {
    Role.TOWNSHIP_CLERK,
    Role.REVIEWER,
    Role.APPROVER,
    Role.ACCOUNTANT,
    Role.CASHIER,
    # Of another department; reviews what the approver approves and the cashier pays.
    Role.CIVIL_AFFAIRS,
}
_OFFICERS = {Role.REVIEWER, Role.APPROVER, Role.ACCOUNTANT, Role.CASHIER, Role.SUPERVISOR}
_READERS = _OFFICERS | {Role.AUDITOR}
_EVERYONE = set(Role)

PERMISSIONS: dict[str, frozenset[Role]] = {
    name: frozenset(roles)
    for name, roles in {
        "accounts.home": _EVERYONE,
        "accounts.manage_users": {Role.SYSTEM_ADMIN},
        "accounts.assign_roles": {Role.SECURITY_ADMIN},
        "accounts.reset_passwords": {Role.SECURITY_ADMIN},
        # 权限年度复核: of those who give duties by the audit administrator, of all others by them.
        "accounts.check_access": {Role.SECURITY_ADMIN, Role.AUDIT_ADMIN},
        "accounts.view_users": {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN},
        "accounts.load_divisions": {Role.SYSTEM_ADMIN},
        # Days off and worked weekends, as announced for each year: every clock of working days.
        "accounts.load_calendar": {Role.SYSTEM_ADMIN},
        # Whether database, queue, disks, seals and backups are well; no business.
        "accounts.view_health": {Role.SYSTEM_ADMIN},
        "accounts.view_divisions": _READERS | {Role.SYSTEM_ADMIN, Role.TOWNSHIP_CLERK},
        "accounts.view_audit": {Role.AUDIT_ADMIN, Role.AUDITOR},
        "accounts.export_audit": {Role.AUDIT_ADMIN, Role.AUDITOR},
        "policies.view": _READERS | {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        "policies.propose": {Role.SUPERVISOR},
        "policies.adopt": {Role.APPROVER},
        "policies.sign_trial": {
            Role.SUPERVISOR,
            Role.ACCOUNTANT,
            Role.APPROVER,
            Role.REVIEWER,
        },
        "policies.simulate": {Role.SUPERVISOR, Role.ACCOUNTANT},
        "policies.view_simulations": {
            Role.SUPERVISOR,
            Role.ACCOUNTANT,
            Role.APPROVER,
            Role.REVIEWER,
            Role.AUDITOR,
        },
        "institutions.view": _READERS | {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        "institutions.keep": {Role.SUPERVISOR},
        # What an institution says of itself: its own codes, which the county agrees to, and its
        # departments.
        "institutions.map_codes": {Role.INSTITUTION_CLERK},
        "institutions.keep_departments": {Role.INSTITUTION_CLERK},
        # 医保支付资格: an institution sees that of its own practitioners.
        "institutions.view_eligibility": _READERS | {Role.INSTITUTION_CLERK},
        "institutions.propose_eligibility": {Role.SUPERVISOR},
        "institutions.decide_eligibility": {Role.APPROVER},
        # 支付资格记分: given by two; the institution asks back for its own people.
        "institutions.view_points": _READERS | {Role.INSTITUTION_CLERK},
        "institutions.propose_points": {Role.SUPERVISOR},
        "institutions.decide_points": {Role.APPROVER},
        "institutions.appeal_points": {Role.INSTITUTION_CLERK},
        # What is registered of an institution changes by two.
        "institutions.propose_registry_change": {Role.SUPERVISOR},
        "institutions.decide_registry_change": {Role.APPROVER},
        # 信用等级: the county's bands, and the grade of a year.
        "institutions.view_trust": _READERS | {Role.INSTITUTION_CLERK},
        "institutions.propose_trust": {Role.SUPERVISOR},
        "institutions.decide_trust": {Role.APPROVER},
        # To which account an institution is paid; where else a practitioner works: by two.
        "institutions.view_bank_accounts": _READERS | {Role.INSTITUTION_CLERK},
        "institutions.propose_bank_account": {Role.SUPERVISOR},
        "institutions.decide_bank_account": {Role.APPROVER},
        "institutions.propose_practice_place": {Role.SUPERVISOR},
        "institutions.decide_practice_place": {Role.APPROVER},
        # Agreements are signed, stopped, ended and taken up again by two.
        "institutions.propose_agreement": {Role.SUPERVISOR},
        "institutions.decide_agreement": {Role.APPROVER},
        "funds.view": {Role.ACCOUNTANT, Role.CASHIER, Role.SUPERVISOR, Role.AUDITOR},
        "funds.post": {Role.ACCOUNTANT},
        # 制单, 复核, 记账 are three people (funds/drafts/workflow.py); the cashier none of them.
        "funds.view_drafts": {
            Role.ACCOUNTANT,
            Role.CASHIER,
            Role.SUPERVISOR,
            Role.APPROVER,
            Role.AUDITOR,
        },
        "funds.review_voucher": {Role.ACCOUNTANT, Role.SUPERVISOR},
        "funds.approve_voucher": {Role.APPROVER},
        "funds.enter_voucher": {Role.ACCOUNTANT},
        "funds.set_limits": {Role.SUPERVISOR},
        "funds.agree_limits": {Role.APPROVER},
        "funds.close_period": {Role.ACCOUNTANT},
        # 余额调节表: never by the cashier, who keeps the accounts that it checks (内部控制).
        "funds.reconcile": {Role.ACCOUNTANT},
        # 期初余额: the books of a county that moves in, written by one and agreed to by another.
        "funds.propose_opening": {Role.ACCOUNTANT},
        "funds.agree_opening": {Role.APPROVER},
        "funds.propose_budget": {Role.ACCOUNTANT},
        "funds.adopt_budget": {Role.APPROVER},
        "funds.propose_chart": {Role.ACCOUNTANT},
        "funds.agree_chart": {Role.APPROVER},
        "funds.plan": {Role.ACCOUNTANT},
        "funds.check_plan": {Role.ACCOUNTANT, Role.SUPERVISOR},
        "funds.export": {Role.ACCOUNTANT, Role.SUPERVISOR, Role.AUDITOR},
        "funds.view_payments": _READERS | {Role.TOWNSHIP_CLERK},
        # Who puts a batch together prepares its vouchers; the cashier releases it and never both.
        "funds.make_batch": {Role.ACCOUNTANT},
        "funds.release_batch": {Role.CASHIER},
        "funds.take_bank_file": {Role.CASHIER},
        "funds.read_returns": {Role.ACCOUNTANT},
        # What is told by hand, without a file of the bank, the cashier sees on the bank's papers.
        "funds.confirm_return": {Role.CASHIER},
        # An account that the bank did not find is put right where the family is known, and by two.
        "funds.correct_payee": {Role.TOWNSHIP_CLERK, Role.ACCOUNTANT},
        "funds.confirm_payee": {Role.APPROVER},
        "enrollment.view": _READERS | {Role.TOWNSHIP_CLERK},
        "enrollment.enroll": {Role.TOWNSHIP_CLERK},
        # Changes that windows propose: who somebody is, and statuses that no list gives.
        "enrollment.decide_change": {Role.REVIEWER, Role.APPROVER},
        # That two records are one person; where they lie in two townships, the county proposes.
        "enrollment.propose_same": {Role.TOWNSHIP_CLERK, Role.REVIEWER},
        "enrollment.view_changes": _READERS | {Role.TOWNSHIP_CLERK},
        "enrollment.take_payment": {Role.TOWNSHIP_CLERK},
        "enrollment.remit": {Role.TOWNSHIP_CLERK},
        "enrollment.view_remittances": {
            Role.TOWNSHIP_CLERK,
            Role.ACCOUNTANT,
            Role.SUPERVISOR,
            Role.AUDITOR,
        },
        "enrollment.confirm_remittance": {Role.ACCOUNTANT},
        "enrollment.prepare": {Role.ACCOUNTANT},
        "enrollment.view_books": {
            Role.TOWNSHIP_CLERK,
            Role.ACCOUNTANT,
            Role.SUPERVISOR,
            Role.AUDITOR,
        },
        "enrollment.keep_books": {Role.TOWNSHIP_CLERK, Role.ACCOUNTANT},
        "enrollment.close_day": {Role.TOWNSHIP_CLERK},
        "enrollment.view_reconciliation": {Role.ACCOUNTANT, Role.SUPERVISOR, Role.AUDITOR},
        "enrollment.reconcile": {Role.ACCOUNTANT},
        "enrollment.view_sponsors": {
            Role.TOWNSHIP_CLERK,
            Role.ACCOUNTANT,
            Role.SUPERVISOR,
            Role.AUDITOR,
        },
        "enrollment.manage_sponsors": {Role.ACCOUNTANT},
        "enrollment.view_refunds": {
            Role.TOWNSHIP_CLERK,
            Role.ACCOUNTANT,
            Role.CASHIER,
            Role.SUPERVISOR,
            Role.AUDITOR,
        },
        "enrollment.request_refund": {Role.TOWNSHIP_CLERK},
        "enrollment.grant_refund": {Role.ACCOUNTANT},
        "enrollment.pay_refund": {Role.CASHIER},
        "enrollment.view_subsidies": {Role.ACCOUNTANT, Role.SUPERVISOR, Role.AUDITOR},
        "enrollment.view_lists": {
            Role.REVIEWER,
            Role.APPROVER,
            Role.SUPERVISOR,
            Role.AUDITOR,
        },
        "enrollment.load_lists": {Role.REVIEWER},
        # 原系统转入: what a county brings from its old system, by one and confirmed by another.
        "enrollment.carry_in": {Role.REVIEWER, Role.APPROVER},
        "enrollment.view_carried": _READERS,
        # What of it is found wrong, until the first closing of the books.
        "enrollment.propose_mending": {Role.REVIEWER},
        "enrollment.decide_mending": {Role.APPROVER},
        # Lets a list pass that looks cut short: never who loads lists.
        "enrollment.release_list": {Role.APPROVER},
        "enrollment.progress": _READERS | {Role.TOWNSHIP_CLERK, Role.VILLAGE_CADRE},
        "enrollment.set_targets": {Role.TOWNSHIP_CLERK, Role.ACCOUNTANT},
        "enrollment.certify": {Role.TOWNSHIP_CLERK},
        "enrollment.reveal": {
            Role.TOWNSHIP_CLERK,
            Role.REVIEWER,
            Role.APPROVER,
            Role.CASHIER,
            Role.AUDITOR,
        },
        "claims.view": _READERS | {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        "claims.enter_counter": {Role.INSTITUTION_CLERK},
        "claims.enter_paper": {Role.TOWNSHIP_CLERK},
        # Papers of claims from elsewhere: ticked and scanned at the window, checked in the review.
        "claims.keep_papers": {Role.TOWNSHIP_CLERK, Role.REVIEWER},
        "claims.view_papers": _READERS | {Role.TOWNSHIP_CLERK},
        # Referrals, chronic diseases, examinations, accidents: filed at the window or by the
        # hospital (大足办法 第二十一条: 提出书面建议,报县医保中心审核同意), decided above.
        "claims.propose_filing": {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        "claims.decide_filing": {Role.REVIEWER, Role.APPROVER},
        # What the old system had approved: brought in by one, confirmed by another.
        "claims.carry_filings": {Role.REVIEWER, Role.APPROVER},
        "claims.view_filings": _READERS | {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        # What a county brings along that moves in during a year: sent by one, agreed to by another.
        "claims.view_carried": _READERS,
        "claims.load_carried": {Role.REVIEWER, Role.APPROVER},
        # What it had been handed and not paid; what it had not decided the window enters anew.
        "claims.view_old_claims": _READERS | {Role.TOWNSHIP_CLERK},
        "claims.withdraw_old_claim": {Role.APPROVER},
        # Two of these have read what our measures would have settled otherwise.
        "claims.sign_recount": {Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR},
        "claims.enter": {Role.INSTITUTION_CLERK, Role.TOWNSHIP_CLERK},
        "claims.review": {Role.REVIEWER},
        "claims.view_rules": _READERS,
        # 街镇额度: the accountant shares out, an approver decides; each township sees its own.
        "claims.view_quotas": _READERS | {Role.TOWNSHIP_CLERK},
        "claims.propose_allotment": {Role.ACCOUNTANT},
        "claims.decide_allotment": {Role.APPROVER},
        "claims.propose_rules": {Role.SUPERVISOR},
        "claims.decide_rules": {Role.APPROVER},
        # The hospital gives back what a cut found is not the patient's to pay.
        "claims.view_refunds": _READERS | {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        "claims.give_refund": {Role.INSTITUTION_CLERK},
        "claims.approve": {Role.APPROVER},
        "claims.pay": {Role.CASHIER},
        # Money that was paid and was not due: who asks, who decides, who takes it, who gives it up.
        "claims.view_recoveries": _READERS | {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        "claims.propose_recovery": {Role.REVIEWER, Role.SUPERVISOR},
        "claims.review_recovery": {Role.REVIEWER},
        "claims.approve_recovery": {Role.APPROVER},
        "claims.receive_recovery": {Role.CASHIER},
        "claims.ask_waiver": {Role.ACCOUNTANT},
        # An institution's month: who declares it, who checks it, who issues the statement.
        "claims.view_clearings": _READERS | {Role.TOWNSHIP_CLERK, Role.INSTITUTION_CLERK},
        "claims.declare_clearing": {Role.INSTITUTION_CLERK},
        "claims.check_clearing": {Role.REVIEWER},
        "claims.issue_clearing": {Role.APPROVER},
        "claims.propose_prepayment": {Role.ACCOUNTANT},
        "claims.decide_prepayment": {Role.APPROVER},
        "claims.propose_deposit_return": {Role.SUPERVISOR},
        "claims.decide_deposit_return": {Role.APPROVER},
        # Medical assistance that is applied for at the township and decided by two at the county.
        # Civil affairs (民政) has its own account where the county's measures give it the review of
        # applications (大足办法 第二十四条: 向县民政局申请); it says of who is pointed out whether
        # he is poor (国办发〔2021〕42号, 岳阳: 推送民政部门核查). Of claims it sees amounts alone.
        "claims.view_aid": _READERS | {Role.TOWNSHIP_CLERK, Role.CIVIL_AFFAIRS},
        "claims.print_aid": _READERS | {Role.TOWNSHIP_CLERK},
        "claims.apply_aid": {Role.TOWNSHIP_CLERK},
        "claims.object_aid": {Role.TOWNSHIP_CLERK, Role.REVIEWER, Role.CIVIL_AFFAIRS},
        "claims.review_aid": {Role.REVIEWER, Role.CIVIL_AFFAIRS},
        "claims.recall_aid": {Role.REVIEWER, Role.APPROVER, Role.CIVIL_AFFAIRS},
        "claims.check_aid_case": {Role.CIVIL_AFFAIRS},
        "claims.approve_aid": {Role.APPROVER},
        # Why an item is not covered: asked at the county, the township's and the hospital's
        # counter.
        "claims.ask_why": {
            Role.TOWNSHIP_CLERK,
            Role.REVIEWER,
            Role.APPROVER,
            Role.SUPERVISOR,
            Role.INSTITUTION_CLERK,
        },
        # The year-end second compensation: who tries it out and proposes it, who agrees.
        "claims.view_second": _READERS,
        "claims.propose_second": {Role.REVIEWER},
        "claims.decide_second": {Role.APPROVER},
        # Institutions beside their peers (同级比较).
        "supervision.profiles": {Role.SUPERVISOR, Role.AUDITOR, Role.REVIEWER, Role.APPROVER},
        "supervision.view": {Role.SUPERVISOR, Role.AUDITOR, Role.REVIEWER, Role.APPROVER},
        "supervision.handle": {Role.SUPERVISOR},
        "supervision.note_denial": {Role.TOWNSHIP_CLERK},
        # A payment that a confirmed alert stopped after the bank had given it back goes on.
        "supervision.release": {Role.APPROVER},
        # 每月抽查: who draws and examines, who agrees; the rates are decided by two.
        "supervision.view_samples": {Role.SUPERVISOR, Role.AUDITOR, Role.REVIEWER, Role.APPROVER},
        "supervision.sample": {Role.SUPERVISOR},
        "supervision.close_sample": {Role.APPROVER},
        "supervision.propose_sampling_rate": {Role.SUPERVISOR},
        "supervision.decide_sampling_rate": {Role.APPROVER},
        # 筛查规则: thresholds and switches are proposed, tried out by either, and decided by two.
        "supervision.propose_rule_version": {Role.SUPERVISOR},
        "supervision.decide_rule_version": {Role.APPROVER},
        "supervision.try_rule_version": {Role.SUPERVISOR, Role.APPROVER},
        # What the first review of an alert proposes another agrees to; the institution answers.
        "supervision.view_reviews": {
            Role.SUPERVISOR,
            Role.AUDITOR,
            Role.REVIEWER,
            Role.APPROVER,
            Role.INSTITUTION_CLERK,
        },
        # Who has no login is heard on paper: an officer enters it, and what was entered is read by
        # who reads what it is about.
        "supervision.hear_party": {Role.SUPERVISOR},
        "supervision.view_words": {
            Role.SUPERVISOR,
            Role.AUDITOR,
            Role.REVIEWER,
            Role.APPROVER,
        },
        "supervision.second_alert": {Role.SUPERVISOR, Role.APPROVER},
        "supervision.conclude_alert": {Role.SUPERVISOR, Role.APPROVER},
        "supervision.appeal_alert": {Role.INSTITUTION_CLERK},
        # 投诉举报: who told is read by the supervisor alone, with a reason.
        "supervision.view_complaints": {Role.SUPERVISOR, Role.APPROVER},
        "supervision.handle_complaint": {Role.SUPERVISOR},
        "supervision.reveal_informant": {Role.SUPERVISOR},
        "supervision.propose_reward": {Role.SUPERVISOR},
        "supervision.decide_reward": {Role.APPROVER},
        # 稽核案件: the supervisor investigates, whoever had no hand in it checks the law (in a
        # small county the auditor), the approver files, decides and closes.
        "supervision.view_cases": {Role.SUPERVISOR, Role.APPROVER, Role.AUDITOR},
        "supervision.work_case": {Role.SUPERVISOR},
        "supervision.check_case": {Role.SUPERVISOR, Role.AUDITOR},
        "supervision.decide_case": {Role.APPROVER},
        # 年度考核: the institution scores itself and may appeal; one scores, another reviews,
        # a third decides the appeal.
        "supervision.view_assessments": _READERS | {Role.INSTITUTION_CLERK},
        "supervision.self_assess": {Role.INSTITUTION_CLERK},
        "supervision.assess": {Role.SUPERVISOR},
        "supervision.review_assessment": {Role.REVIEWER},
        "supervision.decide_assessment": {Role.APPROVER},
        # 飞检数据提取: patients and bills of a span, in the form that inspections ask for.
        "supervision.extract": {Role.SUPERVISOR, Role.AUDITOR},
        # 规则库: the national points, what the county adds and switches off.
        "supervision.view_library": _READERS,
        "supervision.load_library": {Role.SUPERVISOR},
        "supervision.propose_library_change": {Role.SUPERVISOR},
        "supervision.decide_library_change": {Role.APPROVER},
        # 宣传计划: the county plans, whoever has to do it reports what was done.
        "supervision.view_publicity_plan": {
            Role.SUPERVISOR,
            Role.AUDITOR,
            Role.REVIEWER,
            Role.APPROVER,
        },
        "supervision.view_publicity": {
            Role.SUPERVISOR,
            Role.AUDITOR,
            Role.REVIEWER,
            Role.APPROVER,
            Role.TOWNSHIP_CLERK,
            Role.VILLAGE_CADRE,
        },
        "supervision.plan_publicity": {Role.SUPERVISOR},
        "supervision.report_publicity": {
            Role.SUPERVISOR,
            Role.TOWNSHIP_CLERK,
            Role.VILLAGE_CADRE,
        },
        # Inspections: an institution fills in its self-check and answers what it must put right; a
        # visit that is still to come it does not see (supervision/inspections/models.py).
        "supervision.view_inspections": {
            Role.SUPERVISOR,
            Role.AUDITOR,
            Role.REVIEWER,
            Role.APPROVER,
            Role.TOWNSHIP_CLERK,
            Role.INSTITUTION_CLERK,
        },
        "supervision.view_sweeps": {
            Role.SUPERVISOR,
            Role.AUDITOR,
            Role.REVIEWER,
            Role.APPROVER,
        },
        "supervision.view_interests": {
            Role.SUPERVISOR,
            Role.AUDITOR,
            Role.REVIEWER,
            Role.APPROVER,
            Role.TOWNSHIP_CLERK,
        },
        "supervision.plan_inspections": {Role.SUPERVISOR},
        "supervision.decide_checklist": {Role.APPROVER},
        # Who goes on site: the county's, and in its own villages the township's office.
        "supervision.inspect": {Role.SUPERVISOR, Role.REVIEWER, Role.TOWNSHIP_CLERK},
        "supervision.fill_inspection": {
            Role.SUPERVISOR,
            Role.REVIEWER,
            Role.TOWNSHIP_CLERK,
            Role.INSTITUTION_CLERK,
        },
        "supervision.rectify": {Role.INSTITUTION_CLERK},
        "supervision.verify_rectification": {Role.SUPERVISOR, Role.REVIEWER, Role.APPROVER},
        # The programs of institutions: who lets them in, and what their institution sees of it.
        "gateway.manage_clients": {Role.SECURITY_ADMIN},
        "gateway.view_own": {Role.INSTITUTION_CLERK},
        # 验收: which transactions the programs of institutions have passed.
        "gateway.view_acceptance": _READERS,
        # What the county asks of those who speak the interface, and from which day on.
        "gateway.view_rules": _READERS,
        "gateway.propose_rules": {Role.SUPERVISOR},
        "gateway.decide_rules": {Role.APPROVER},
        # What programs may ask of the portal, as a page and as OpenAPI.
        "gateway.view_interface": {Role.INSTITUTION_CLERK, Role.SUPERVISOR, Role.AUDITOR},
        # Where objections to notices go: the county's own office, each township's own.
        "supervision.set_contact": {Role.SUPERVISOR, Role.TOWNSHIP_CLERK},
        # Notices are put up in villages and townships; an objection is answered there or at the
        # county, and closed by another at the county.
        "supervision.post_notice": {Role.SUPERVISOR, Role.TOWNSHIP_CLERK, Role.VILLAGE_CADRE},
        "supervision.answer_objection": {Role.SUPERVISOR, Role.TOWNSHIP_CLERK},
        "supervision.close_objection": {Role.SUPERVISOR, Role.APPROVER},
        "supervision.reveal_objector": {Role.SUPERVISOR, Role.TOWNSHIP_CLERK},
        "supervision.notices": _READERS | {Role.TOWNSHIP_CLERK, Role.VILLAGE_CADRE},
        # 启用: the steps by which a county moves in. Administrators and hospitals see their own.
        "accounts.view_beginning": _READERS
        | {
            Role.TOWNSHIP_CLERK,
            Role.INSTITUTION_CLERK,
            Role.SYSTEM_ADMIN,
            Role.SECURITY_ADMIN,
        },
        "moving.declare": {Role.ACCOUNTANT},
        "moving.compare": {Role.REVIEWER, Role.ACCOUNTANT},
        "moving.agree": {Role.APPROVER},
        "moving.view_totals": _READERS,
        "reports.view": _READERS,
        # 报表分析, and the lists behind its figures: a township its own people. No village cadre:
        # in a village few figures of an illness are anybody's secret.
        "reports.analyse": _READERS | {Role.TOWNSHIP_CLERK},
        "reports.share_view": _OFFICERS,
        "reports.compute": {Role.SUPERVISOR, Role.ACCOUNTANT},
        # 简报: figures of the month or quarter, for the county government and the townships.
        "reports.view_bulletins": _READERS,
        "reports.draft_bulletin": {Role.SUPERVISOR},
        "reports.issue_bulletin": {Role.APPROVER},
        "reports.export": {Role.SUPERVISOR, Role.ACCOUNTANT, Role.AUDITOR},
        # Everything about one person, at that person's request (个人信息保护法 第四十五条).
        "moving.view_person": {Role.REVIEWER, Role.AUDITOR},
    }.items()
}


def may(role: str, permission: str) -> bool:
    """Whether the role has the permission. A permission not in the table is a programming error."""
    return role in PERMISSIONS[permission]


def excludes(one: str, other: str) -> bool:
    """Whether nobody may have both duties: one of the three administrators (三员是三个人) and
    anything else, two hands of one claim, or a hospital and the county. A village's doctor may be
    its cadre, who decides nothing."""
    pair = {one, other}
    if pair & ADMINISTRATORS:
        return len(pair) == 2
    if pair & INSTITUTION_ROLES:
        return bool(pair & (DIVISION_ROLES - {Role.VILLAGE_CADRE}))
    return len(pair) == 2 and pair <= _ONE_AFTER_THE_OTHER

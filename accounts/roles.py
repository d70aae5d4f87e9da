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
    }
)
INSTITUTION_ROLES = frozenset({Role.INSTITUTION_CLERK})
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

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
        "accounts.view_users": {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN},
        "accounts.load_divisions": {Role.SYSTEM_ADMIN},
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
        "funds.view": {Role.ACCOUNTANT, Role.CASHIER, Role.SUPERVISOR, Role.AUDITOR},
        "funds.post": {Role.ACCOUNTANT},
        "funds.close_period": {Role.ACCOUNTANT},
        "funds.export": {Role.ACCOUNTANT, Role.SUPERVISOR, Role.AUDITOR},
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
        "claims.enter": {Role.INSTITUTION_CLERK, Role.TOWNSHIP_CLERK},
        "claims.review": {Role.REVIEWER},
        "claims.approve": {Role.APPROVER},
        "claims.pay": {Role.CASHIER},
        "supervision.view": {Role.SUPERVISOR, Role.AUDITOR, Role.REVIEWER, Role.APPROVER},
        "supervision.handle": {Role.SUPERVISOR},
        "supervision.notices": _READERS | {Role.TOWNSHIP_CLERK, Role.VILLAGE_CADRE},
        "reports.view": _READERS,
        "reports.compute": {Role.SUPERVISOR, Role.ACCOUNTANT},
        "reports.export": {Role.SUPERVISOR, Role.ACCOUNTANT, Role.AUDITOR},
    }.items()
}


def may(role: str, permission: str) -> bool:
    """Whether the role has the permission. A permission not in the table is a programming error."""
    return role in PERMISSIONS[permission]

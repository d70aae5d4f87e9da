"""What the audit trail's codes are called, for the people who read it.

The codes are written by every room (`room.verb`); as with roles and the menu, the one table of
their names stands in this room. A code without a name is shown as it is.
"""

from typing import Any

from django.apps import apps

from accounts.models import AuditLine

ACTION_NAMES: dict[str, str] = {
    "accounts.sign_in": "登录",
    "accounts.lock_sign_in": "锁定登录",
    "accounts.unlock": "解锁",
    "accounts.reset_password": "重置密码",
    "accounts.create_user": "新建账号",
    "accounts.assign_role": "授权",
    "accounts.change_password": "修改密码",
    "accounts.add_division": "新增区划",
    "accounts.rename_division": "区划改名",
    "export": "导出",
    "desk.print_paper": "打印单据",
    "desk.load_master_file": "读入基础数据表",
    "demo.seed": "载入演示数据",
    "policies.propose": "提交办法",
    "policies.adopt": "批准办法",
    "policies.end": "终止办法",
    "policies.start_draft": "起草办法",
    "policies.change_draft": "修改办法草稿",
    "policies.propose_draft": "提出办法草稿",
    "policies.discard_draft": "放弃办法草稿",
    "policies.simulate": "申请政策试算",
    "institutions.keep_institution": "登记定点机构",
    "institutions.keep_practitioner": "登记医师",
    "institutions.keep_item": "变更目录项目",
    "institutions.add_items": "新增目录项目",
    "funds.open_book": "建账",
    "funds.post": "记账",
    "funds.reverse": "红冲",
    "funds.close_period": "结账",
    "enrollment.enroll_household": "登记参保",
    "enrollment.enroll_class": "学生参保",
    "enrollment.enroll_late": "集中缴费期外参保",
    "enrollment.cancel_pending": "撤销登记",
    "enrollment.register_household": "登记家庭",
    "enrollment.change_household": "更正家庭信息",
    "enrollment.add_person": "增加成员",
    "enrollment.change_person": "更正成员信息",
    "enrollment.set_statuses": "认定身份",
    "enrollment.propose_change": "申请变更",
    "enrollment.approve_change": "同意变更",
    "enrollment.refuse_change": "不同意变更",
    "enrollment.withdraw_change": "撤回变更申请",
    "enrollment.reveal": "查看完整证件号",
    "enrollment.told_elsewhere": "告知已在别处登记",
    "enrollment.take_payment": "收款开票",
    "enrollment.void_receipt": "作废收据",
    "enrollment.remit": "缴存",
    "enrollment.confirm_remittance": "确认入账",
    "enrollment.return_remittance": "退回缴款单",
    "enrollment.open_campaign": "设定缴费期",
    "enrollment.issue_book": "发放票据",
    "enrollment.book_transfer": "转交票据",
    "enrollment.book_hand_back": "交回票据",
    "enrollment.book_loss": "票据挂失",
    "enrollment.check_off_book": "核销票据",
    "enrollment.close_day": "日结",
    "enrollment.set_cash_days": "设定缴存期限",
    "enrollment.open_sponsor_fund": "登记资助方",
    "enrollment.receive_sponsor_money": "登记资助款",
    "enrollment.book_sponsor_uses": "资助代缴",
    "enrollment.request_refund": "申请退费",
    "enrollment.grant_refund": "批准退费",
    "enrollment.restore_sponsor": "批准退费（退回资助）",
    "enrollment.end_cover": "终止参保",
    "enrollment.pay_refund": "支付退费",
    "enrollment.refuse_refund": "不予退费",
    "enrollment.import_statement": "导入银行对账单",
    "enrollment.reconcile": "银行对账",
    "enrollment.link_line": "银行流水对账",
    "enrollment.book_line": "银行流水入账",
    "enrollment.offset_lines": "银行流水冲抵",
    "enrollment.import_tax_file": "导入税务征收",
    "enrollment.match_tax_file": "核对税务征收",
    "enrollment.upload_register": "上传名册",
    "enrollment.check_register_again": "重新核对名册",
    "enrollment.confirm_register": "确认名册",
    "enrollment.apply_register": "名册入库",
    "enrollment.register_applied": "名册入库完成",
    "enrollment.discard_register": "放弃名册",
    "enrollment.upload_list": "上传名单",
    "enrollment.release_list": "放行名单",
    "enrollment.confirm_list": "确认名单",
    "enrollment.compare_list_again": "重新比对名单",
    "enrollment.discard_list": "放弃名单",
    "enrollment.list_applied": "名单更新完成",
    "enrollment.list_compared_again": "名单比对完成",
    "enrollment.set_targets": "设定任务",
    "enrollment.set_special_targets": "设定重点人群任务",
    "enrollment.save_entry": "保存登记",
    "enrollment.take_sheet": "生成进度表",
    "enrollment.issue_certificates": "制发医疗证",
    "enrollment.hand_out_certificates": "发放医疗证",
    "enrollment.reissue_certificate": "补发医疗证",
    "enrollment.print_check_list": "打印核对表",
    "enrollment.receive_check_list": "收回核对表",
    "enrollment.correct_line": "按核对表更正",
    "enrollment.expect_child": "登记未出生婴儿",
    "enrollment.complete_child": "补登新生儿",
    "enrollment.drop_child": "注销未出生婴儿登记",
    "enrollment.set_newborn_rule": "设定新生儿参保规则",
    "enrollment.event_birth": "变动：出生",
    "enrollment.event_arrival": "变动：迁入、婚入",
    "enrollment.event_transfer": "变动：婚嫁、转户",
    "enrollment.event_death": "变动：死亡",
    "enrollment.event_departure": "变动：迁出",
    "enrollment.event_return": "变动：迁回",
    "enrollment.event_split": "变动：分户",
    "enrollment.event_merge": "变动：并户",
    "enrollment.event_move": "变动：全户迁移",
    "enrollment.event_number": "变动：换证",
    "enrollment.event_correction": "变动：更正",
    "claims.look_up": "查找参保人",
    "claims.drafted": "保存草稿",
    "claims.entered": "结算提交",
    "claims.resettled": "核减后重算",
    "claims.submitted": "提交草稿",
    "claims.discarded": "作废草稿",
    "claims.withdrawn": "撤回结算",
    "claims.reviewed": "初审通过",
    "claims.cut": "核减",
    "claims.returned": "初审退回",
    "claims.approved": "复核通过",
    "claims.rejected": "复核退回",
    "claims.stopped": "停止支付",
    "claims.paid": "支付",
    "supervision.handle_alert": "核查疑点",
    "supervision.confirm_alert": "疑点属实",
    "supervision.dismiss_alert": "疑点排除",
    "reports.request": "申请编制月报",
}

SUBJECT_NAMES: dict[str, str] = {
    "accounts.user": "用户",
    "accounts.division": "区划",
    "desk.paper": "单据",
    "desk.masterfile": "基础数据表",
    "policies.pack": "办法",
    "policies.draft": "办法草稿",
    "institutions.institution": "定点机构",
    "institutions.practitioner": "医师",
    "institutions.catalogueitem": "目录项目",
    "funds.book": "账套",
    "funds.period": "会计期间",
    "funds.voucher": "凭证",
    "enrollment.household": "家庭",
    "enrollment.person": "参保人",
    "enrollment.enrollment": "参保登记",
    "enrollment.campaign": "缴费期",
    "enrollment.receiptbook": "票据本",
    "enrollment.bookevent": "票据变动",
    "enrollment.receipt": "收据",
    "enrollment.remittance": "缴款单",
    "enrollment.dayclose": "日结",
    "enrollment.sponsorfund": "资助方",
    "enrollment.sponsormoney": "资助款",
    "enrollment.refund": "退费",
    "enrollment.bankstatement": "银行对账单",
    "enrollment.bankline": "银行流水",
    "enrollment.taxfile": "税务征收文件",
    "enrollment.registerimport": "名册",
    "enrollment.registerevent": "变动登记",
    "enrollment.proposal": "变更申请",
    "enrollment.statuslist": "部门名单",
    "enrollment.progresssheet": "进度表",
    "enrollment.certificate": "医疗证",
    "enrollment.checklist": "核对表",
    "enrollment.newbornrule": "新生儿规则",
    "enrollment.expectedchild": "未出生婴儿",
    "enrollment.schoolclass": "学校班级",
    "claims.settlement": "结算单",
    "supervision.alert": "疑点",
    "reports.monthlyreport": "月报",
    "reports.simulation": "政策试算",
}


EMPTY = (None, "")
# The parts of an export's line.

_EXPORT = {"what": "内容", "rows": "行数", "criteria": "条件"}


def action_name(code: str) -> str:
    return ACTION_NAMES.get(code, code)


def subject_name(label: str) -> str:
    """The kind of thing an audit line is about; `label` is app.model in small letters."""
    return SUBJECT_NAMES.get(label, label)


def actions_named(text: str) -> list[str]:
    """The codes whose name contains the text: 收款 → ["enrollment.take_payment"]."""
    return [code for code, name in ACTION_NAMES.items() if text in name]


def changes(line: AuditLine) -> list[tuple[str, Any, Any]]:
    """What a line tells: (column in Chinese, before, after); None where a side says nothing."""
    before, after = line.before or {}, line.after or {}
    try:
        columns = apps.get_model(line.subject_type)._meta.concrete_fields
    except (LookupError, ValueError):
        columns = []
    known = {column.attname: column for column in columns}
    known |= {column.name: column for column in columns}

    def told(key: str, value: Any) -> Any:
        choices = dict(known[key].flatchoices) if key in known else {}
        return choices.get(value, value) if isinstance(value, (str, int)) else value

    names = {key: str(column.verbose_name) for key, column in known.items()}
    if line.action == "export":
        names = _EXPORT
    return [
        (names.get(key, key), told(key, before.get(key)), told(key, after.get(key)))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) not in EMPTY or after.get(key) not in EMPTY
    ]

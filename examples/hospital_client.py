#!/usr/bin/env python3
"""一家医院的一天：对着一个在运行的门户，按定点医药机构接口走完签到到签退。

只用 Python 标准库（3.11 以上），可作为医院信息系统接入的样板；说明见 docs/hospital-interface.md。

    export HEZUO_SECRET=领到的密钥
    python examples/hospital_client.py http://127.0.0.1:8000/gateway/api/ \
        --access-key AK0123456789abcdef --institution H50022500001 --name 大足县人民医院 \
        --outpatient 500225199003071234:王建国 --inpatient 50022519680106123X:李秀兰 \
        --item XA01BAD002A001010100001=13.00x2 --item F110100001=25.00x3

--item 写作 医保目录编码=单价x数量，可写多次；不写时用【1312】取目录中的前几条。
退出码：0 全部办成；1 有一笔被拒绝；2 连不上或凭证不对。
"""

import argparse
import base64
import getpass
import hashlib
import hmac
import io
import json
import os
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

API_VERSION = "1.0.0"
TIMEOUT = 40  # 秒；门户的一笔最长办 35 秒
TRIES = 3  # 没有应答时，同一报文最多发几次
SHOWN = 3  # 打印时每个列表最多几行
LONGEST = 60  # 打印时每个值最多几个字
FEN = Decimal("0.01")
BEIJING = timezone(timedelta(hours=8))
RESIDENTS = "390"  # 险种：城乡居民基本医疗保险


class RefusedError(Exception):
    """门户应答 infcode -1：报文没有办成，什么也没有记下。"""


class NoAnswerError(Exception):
    """没有等到应答：办成了没有，不知道。"""


class NotAdmittedError(Exception):
    """凭证、签名、来源地址或频率不对，报文没有进门。"""


# ── 一、传输与签名 ─────────────────────────────────────────────────────────────────────────────


@dataclass
class Portal:
    """门户的地址和本客户端的凭证。"""

    address: str
    access_key: str
    secret: str
    signing: str = "hmac-sha256"  # 开户时选定：none、hmac-sha256、sm3

    def send(self, infno: str, body: bytes) -> dict[str, Any]:
        """发一笔报文，返回应答；数字读作 Decimal，不经过浮点。"""
        request = urllib.request.Request(  # noqa: S310 - main lets in http and https alone
            f"{self.address.rstrip('/')}/{infno}",
            data=body,
            headers={"Content-Type": "application/json; charset=utf-8"} | self.headers(infno, body),
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
                text = response.read()
        except urllib.error.HTTPError as error:
            text = error.read()
            if error.code in (401, 403, 413, 429):
                raise NotAdmittedError(_told(text) or f"HTTP {error.code}") from None
            raise NoAnswerError(_told(text) or f"HTTP {error.code}") from None
        except (OSError, TimeoutError) as error:
            raise NoAnswerError(str(error)) from None
        found: dict[str, Any] = json.loads(text, parse_float=Decimal)
        return found

    def headers(self, infno: str, body: bytes) -> dict[str, str]:
        """五个请求头；签名盖住交易、版本、时间、接入标识和整个报文体。"""
        stamp = str(round(time.time() * 1000))
        return {
            "Api-Name": infno,
            "Api-Version": API_VERSION,
            "Api-Timestamp": stamp,
            "Api-Access-Key": self.access_key,
            "Api-Signature": self.signature(infno, stamp, body),
        }

    def signature(self, infno: str, stamp: str, body: bytes) -> str:
        """待签文本是五行，行间一个换行符；密钥先取 SHA-256，再作 HMAC 的键。"""
        if self.signing == "none":
            return self.secret
        digest = {"hmac-sha256": "sha256", "sm3": "sm3"}[self.signing]
        of_body = hashlib.new(digest, body).hexdigest()
        text = "\n".join((infno, API_VERSION, stamp, self.access_key, of_body))
        key = hashlib.sha256(self.secret.encode()).digest()
        return hmac.new(key, text.encode(), digest).hexdigest()


def _told(text: bytes) -> str:
    """应答里的 err_msg；不是接口应答时为空。"""
    try:
        return str(json.loads(text)["err_msg"])
    except (ValueError, KeyError, TypeError):
        return ""


# ── 二、报文头、报文 ID、重发 ──────────────────────────────────────────────────────────────────


@dataclass
class Hospital:
    """医院信息系统：编报文头和报文 ID，收发，打印。"""

    portal: Portal
    code: str
    name: str
    area: str
    operator: str = "0101"
    operator_name: str = "收费员01"
    day: date | None = None  # 演练时门户的“今天”不是真的今天
    sign_no: str = ""
    serial: int = 0
    settled: list[dict[str, str]] = field(default_factory=list)
    uneven: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        """医院的时间：北京时间的钟面，电脑设在别的时区也一样。"""
        now = datetime.now(BEIJING).replace(tzinfo=None)
        return now if self.day is None else datetime.combine(self.day, now.time())

    def msgid(self) -> str:
        """发送方报文 ID：机构编号 12 位、时间 14 位、顺序号 4 位。一件事只编一次。"""
        self.serial += 1
        return f"{self.code}{self.now():%Y%m%d%H%M%S}{self.serial:04d}"

    def message(self, infno: str, given: dict[str, Any], msgid: str) -> bytes:
        """整个报文。金额写成字符串，不经过浮点。"""
        head = {
            "infno": infno,
            "msgid": msgid,
            "mdtrtarea_admvs": self.area,
            "insuplc_admdvs": self.area,
            "recer_sys_code": "HEZUO",
            "infver": "V1.0",
            "opter_type": "1",
            "opter": self.operator,
            "opter_name": self.operator_name,
            "inf_time": f"{self.now():%Y-%m-%d %H:%M:%S}",
            "fixmedins_code": self.code,
            "fixmedins_name": self.name,
            "sign_no": self.sign_no,
        }
        return json.dumps(head | {"input": given}, ensure_ascii=False, default=str).encode()

    def ask(self, infno: str, title: str, given: dict[str, Any], msgid: str = "") -> Any:
        """办一件事：没有应答就用同一报文 ID 重发，门户不会办两次。返回 output。"""
        msgid = msgid or self.msgid()
        body = self.message(infno, given, msgid)
        show_request(infno, title, msgid, given)
        for left in range(TRIES - 1, -1, -1):
            try:
                told = self.portal.send(infno, body)
                break
            except NoAnswerError as lost:
                if not left:
                    raise
                say(f"  没有应答（{lost}），用同一报文 ID 重发")
                time.sleep(1)
        show_answer(told)
        if told["infcode"] != 0:
            raise RefusedError(f"{infno} {title}：{told['err_msg']}")
        return told["output"]

    def lose(self, infno: str, title: str, given: dict[str, Any], msgid: str) -> None:
        """演练：报文发出去了，应答没有收到。"""
        show_request(infno, title, msgid, given)
        self.portal.send(infno, self.message(infno, given, msgid))
        say("← （演练：应答在路上丢了，医院不知道办成了没有）")

    def book(self, setlinfo: dict[str, Any], taken_back: bool = False) -> None:
        """记进医院自己的账，日终对账用。"""
        names = ("setl_id", "mdtrt_id", "psn_no", "medfee_sumamt", "fund_pay_sumamt", "acct_pay")
        row = {name: str(setlinfo[name]) for name in names}
        self.settled.append(row | {"refd_setl_flag": "1" if taken_back else "0"})


# ── 三、打印 ───────────────────────────────────────────────────────────────────────────────────


def say(text: str = "") -> None:
    """打印一行。"""
    sys.stdout.write(f"{text}\n")


def show_request(infno: str, title: str, msgid: str, given: dict[str, Any]) -> None:
    """打印请求。"""
    say(f"\n→ 【{infno}】{title}  msgid {msgid}")
    show(given, "    ")


def show_answer(told: dict[str, Any]) -> None:
    """打印应答：空的字段和零不打印。"""
    if told["infcode"] != 0:
        say(f"← {told['infcode']} {told['err_msg']}")
        return
    say(f"← 0 成功  {told['inf_refmsgid']}" + _warned(told))
    show(told["output"], "    ")


def _warned(told: dict[str, Any]) -> str:
    return f"  提示：{told['warn_msg']}" if told.get("warn_msg") else ""


def show(value: Any, margin: str) -> None:
    """缩进打印，省去空值，长列表只打印开头几行。"""
    for line in _shown(value):
        say(f"{margin}{line}")


def _shown(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        plain = {name: one for name, one in value.items() if not isinstance(one, (dict, list))}
        filled = [f"{name}={_short(one)}" for name, one in plain.items() if _filled(one)]
        for start in range(0, len(filled), 4):
            yield "  ".join(filled[start : start + 4])
        for name, one in value.items():
            if isinstance(one, (dict, list)) and one:
                yield f"{name}："
                yield from (f"    {line}" for line in _shown(one))
    elif isinstance(value, list):
        for row in value[:SHOWN]:
            for place, line in enumerate(_shown(row)):
                yield f"{'  ' if place else '· '}{line}"
        if len(value) > SHOWN:
            yield f"……共 {len(value)} 行"
    else:
        yield _short(value)


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _filled(value: Any) -> bool:
    return value not in ("", None) and not (isinstance(value, (int, Decimal)) and value == 0)


# ── 四、各交易的输入 ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Item:
    """收费项目：医保目录编码、单价、数量。"""

    code: str
    price: Decimal
    count: Decimal

    @property
    def amount(self) -> Decimal:
        """单价乘数量，四舍五入到分。"""
        return (self.price * self.count).quantize(FEN, ROUND_HALF_UP)


@dataclass(frozen=True)
class Patient:
    """【1101】认出来的人。"""

    psn_no: str
    psn_name: str
    psn_cert_type: str
    certno: str
    psn_type: str

    def named(self) -> dict[str, Any]:
        """挂号和预结算还要的两项。"""
        return {"psn_type": self.psn_type, "psn_name": self.psn_name}

    def card(self) -> dict[str, Any]:
        """用身份证就诊的几项。"""
        return {
            "psn_no": self.psn_no,
            "mdtrt_cert_type": "02",
            "mdtrt_cert_no": self.certno,
            "psn_cert_type": self.psn_cert_type,
            "certno": self.certno,
            "insutype": RESIDENTS,
        }


def total_of(items: list[Item]) -> Decimal:
    """费用总额。"""
    return sum((item.amount for item in items), Decimal(0))


def lines(patient: Patient, mdtrt_id: str, items: list[Item], at: str) -> list[dict[str, Any]]:
    """费用明细，门诊住院共有的部分。"""
    return [
        {
            "feedetl_sn": str(number),
            "mdtrt_id": mdtrt_id,
            "psn_no": patient.psn_no,
            "fee_ocur_time": at,
            "med_list_codg": item.code,
            "medins_list_codg": f"HIS{number:04d}",
            "det_item_fee_sumamt": item.amount,
            "cnt": item.count,
            "pric": item.price,
            "bilg_dept_codg": "NK01",
            "bilg_dept_name": "内科",
            "bilg_dr_codg": "D500225000001",
            "bilg_dr_name": "医师01",
        }
        for number, item in enumerate(items, 1)
    ]


def diagnosis(at: str, **more: Any) -> dict[str, Any]:
    """一条诊断。"""
    return {
        "diag_type": "1",
        "diag_srt_no": 1,
        "diag_code": "J18.900",
        "diag_name": "肺炎",
        "diag_dept": "内科",
        "dise_dor_no": "D500225000001",
        "dise_dor_name": "医师01",
        "diag_time": at,
    } | more


def four_parts(setlinfo: dict[str, Any]) -> dict[str, Any]:
    """预结算的四个部分，正式结算时原样传回。"""
    names = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
    return {name: setlinfo[name] for name in names}


def check_amounts(output: dict[str, Any]) -> None:
    """收到结算结果先核对恒等式，对不上就不要打印发票。"""
    one = output["setlinfo"]
    cash = one.get("psn_cash_pay", one.get("pdn_cash_pay"))
    funds = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay",
             "hifdm_pay", "oth_pay")  # fmt: skip
    fund, total = one["fund_pay_sumamt"], one["medfee_sumamt"]
    held = {
        "总额 = 全自费 + 超限价 + 先行自付 + 政策范围内": total == sum(four_parts(one).values()),
        "基金合计 = 各基金之和": fund == sum(one[name] for name in funds),
        "基金合计 = 分项之和": fund == sum(row["fund_payamt"] for row in output["setldetail"]),
        "总额 = 基金 + 个人 + 医院": total == fund + one["psn_part_amt"] + one["hosp_part_amt"],
        "个人 = 现金 + 账户 + 共济": one["psn_part_amt"]
        == cash + one["acct_pay"] + one["acct_mulaid_pay"],
    }
    wrong = [name for name, right in held.items() if not right]
    if wrong:
        raise RefusedError(f"金额不平：{'；'.join(wrong)}")
    say(f"  金额核对：5 条恒等式成立；总额 {total}，基金 {fund}，个人现金 {cash}")


# ── 五、一天 ───────────────────────────────────────────────────────────────────────────────────


def sign_in(hospital: Hospital) -> None:
    """签到；流水号写进当天的每个报文头。"""
    given = {"opter_no": hospital.operator, "mac": "02-00-00-00-00-01", "ip": "192.0.2.10"}
    told = hospital.ask("9001", "签到", {"signIn": given})
    hospital.sign_no = told["signinoutb"]["sign_no"]


def identify(hospital: Hospital, certno: str) -> Patient:
    """读身份证，取人员编号和参保情况；再查这次能不能享受待遇。"""
    given = {
        "mdtrt_cert_type": "02",
        "mdtrt_cert_no": certno,
        "psn_cert_type": "01",
        "certno": certno,
        "psn_name": NAMES.get(certno, ""),
    }
    told = hospital.ask("1101", "人员信息获取", {"data": given})
    base = told["baseinfo"]
    psn_type = next((row["psn_type"] for row in told["insuinfo"]), "")
    return Patient(
        base["psn_no"], base["psn_name"], base["psn_cert_type"], base["certno"], psn_type
    )


NAMES: dict[str, str] = {}  # 身份证号 → 卡面姓名


def entitlement(hospital: Hospital, patient: Patient, med_type: str) -> None:
    """【2001】：每个基金这段时间能不能付，不能付的写明原因。"""
    given = {
        "psn_no": patient.psn_no,
        "insutype": RESIDENTS,
        "fixmedins_code": hospital.code,
        "med_type": med_type,
        "begntime": f"{hospital.now():%Y-%m-%d} 00:00:00",
    }
    hospital.ask("2001", "人员待遇享受检查", {"data": given})


def outpatient(hospital: Hospital, patient: Patient, items: list[Item]) -> None:
    """门诊：挂号、就诊、明细、预结算、结算、退费、重新结算。"""
    say("\n═══ 门诊 ═══")
    at = f"{hospital.now():%Y-%m-%d %H:%M:%S}"
    given = patient.card() | patient.named() | {
        "begntime": at,
        "ipt_otp_no": f"MZ{hospital.now():%Y%m%d%H%M%S}",
        "dept_code": "NK01",
        "dept_name": "内科",
        "caty": "A03",
    }  # fmt: skip
    mdtrt_id = hospital.ask("2201", "门诊挂号", {"data": given})["data"]["mdtrt_id"]
    visit = {"mdtrt_id": mdtrt_id, "psn_no": patient.psn_no}
    about = visit | {"med_type": "11", "begntime": at, "dise_codg": "J18.900", "dise_name": "肺炎"}
    told = {"mdtrtinfo": about, "diseinfo": [diagnosis(at, vali_flag="1")]}
    hospital.ask("2203", "门诊就诊信息上传", told)

    batch = f"SF{hospital.now():%Y%m%d%H%M%S}"
    more = {"chrg_bchno": batch, "rx_circ_flag": "0", "hosp_appr_flag": "0"}
    rows = [row | more for row in lines(patient, mdtrt_id, items, at)]
    hospital.ask("2204", "门诊费用明细信息上传", {"feedetail": rows})

    bill = patient.card() | visit | {
        "med_type": "11",
        "medfee_sumamt": total_of(items),
        "psn_setlway": "01",
        "chrg_bchno": batch,
        "acct_used_flag": "0",
    }  # fmt: skip
    trial = hospital.ask("2206", "门诊预结算", {"data": bill | patient.named()})
    check_amounts(trial)
    paid = bill | four_parts(trial["setlinfo"]) | {"invono": f"FP{hospital.now():%H%M%S}"}
    first = hospital.ask("2207", "门诊结算", {"data": paid})
    check_amounts(first)
    hospital.book(first["setlinfo"])

    say("\n─── 病人退费，再重新结算 ───")
    back = visit | {"setl_id": first["setlinfo"]["setl_id"]}
    undone = hospital.ask("2208", "门诊结算撤销", {"data": back})
    check_amounts(undone)
    hospital.book(undone["setlinfo"], taken_back=True)
    lost_answer(hospital, patient, paid)


def lost_answer(hospital: Hospital, patient: Patient, paid: dict[str, Any]) -> None:
    """结算的应答丢了：先用同一报文 ID 再问；还是没有，就冲正，再换新的报文 ID 结算。"""
    say("\n─── 结算的应答丢了 ───")
    msgid = hospital.msgid()
    hospital.lose("2207", "门诊结算", {"data": paid}, msgid)
    say("  办法一：同一报文 ID、同一内容再发，得到原来的应答，不会结两次")
    again = hospital.ask("2207", "门诊结算（重发）", {"data": paid}, msgid)
    check_amounts(again)
    say("  办法二：不想要了，或重发也没有应答，就冲正；原报文办成没有都一样")
    given = {"psn_no": patient.psn_no, "omsgid": msgid, "oinfno": "2207"}
    hospital.ask("2601", "冲正交易", {"data": given})
    say("  冲正之后，原报文再到也不办")
    try:
        hospital.ask("2207", "门诊结算（迟到的）", {"data": paid}, msgid)
    except RefusedError:
        say("  （应当如此）换新的报文 ID 重新结算")
    else:
        raise RefusedError("冲正过的报文又办成了")
    last = hospital.ask("2207", "门诊结算", {"data": paid})
    check_amounts(last)
    hospital.book(last["setlinfo"])


def inpatient(hospital: Hospital, patient: Patient, items: list[Item]) -> None:
    """住院：入院、明细、预结算、出院、结算。"""
    say("\n═══ 住院 ═══")
    came = f"{hospital.now() - timedelta(days=1):%Y-%m-%d} 08:00:00"
    left = f"{hospital.now():%Y-%m-%d %H:%M:%S}"
    number = f"ZY{hospital.now():%Y%m%d%H%M%S}"
    stay = patient.card()
    del stay["psn_cert_type"]
    about = stay | {
        "cert_type": patient.psn_cert_type,
        "begntime": came,
        "med_type": "2101",
        "ipt_no": number,
        "atddr_no": "D500225000001",
        "chfpdr_name": "医师01",
        "adm_diag_dscr": "肺炎",
        "adm_dept_codg": "NK01",
        "adm_dept_name": "内科",
        "adm_bed": "12",
        "dscg_maindiag_code": "J18.900",
        "dscg_maindiag_name": "肺炎",
        "insuplc_admdvs": hospital.area,
        "mdtrtarea_admvs": hospital.area,
    }
    found = diagnosis(came, maindiag_flag="1", psn_no=patient.psn_no)
    told = hospital.ask("2401", "入院办理", {"mdtrtinfo": about, "diseinfo": [found]})
    visit = {"mdtrt_id": told["result"]["mdtrt_id"], "psn_no": patient.psn_no}

    rows = lines(patient, visit["mdtrt_id"], items, came)
    more = {"med_type": "2101", "hosp_appr_flag": "0"}
    hospital.ask("2301", "住院费用明细上传", {"feedetail": [row | more for row in rows]})
    bill = patient.card() | visit | {
        "medfee_sumamt": total_of(items),
        "psn_setlway": "01",
        "acct_used_flag": "0",
        "insuplc_admdvs": hospital.area,
        "mdtrtarea_admvs": hospital.area,
        "mid_setl_flag": "0",
    }  # fmt: skip
    trial = hospital.ask(
        "2303", "住院预结算", {"data": bill | patient.named() | {"dscgTime": left[:10]}}
    )
    check_amounts(trial)
    leaving = visit | {
        "insutype": RESIDENTS,
        "endtime": left,
        "dscg_dept_codg": "NK01",
        "dscg_dept_name": "内科",
        "dscg_way": "1",
    }
    at_last = diagnosis(left, maindiag_flag="1", **visit)
    hospital.ask("2402", "出院办理", {"dscginfo": leaving, "diseinfo": [at_last]})
    told = hospital.ask(
        "2304", "住院结算", {"data": bill | patient.named() | four_parts(trial["setlinfo"])}
    )
    check_amounts(told)
    hospital.book(told["setlinfo"])


def reconcile(hospital: Hospital, clr_type: str, mdtrt_ids: set[str]) -> None:
    """日终对账：先对总额，再逐笔对；结果文件只列对不上的。"""
    say(f"\n═══ 对账（清算类别 {clr_type}）═══")
    rows = [row for row in hospital.settled if row["mdtrt_id"] in mdtrt_ids]
    sums = {
        name: str(sum(Decimal(row[name]) for row in rows))
        for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")
    }
    day = f"{hospital.now():%Y-%m-%d}"
    common = {
        "clr_type": clr_type,
        "setl_optins": hospital.area,
        "stmt_begndate": day,
        "stmt_enddate": day,
        "fixmedins_setl_cnt": len(rows),
        "refd_setl_flag": "0",
        "fixmedins_refd_setl_flag": "0",
    }
    total = common | sums | {"insutype": RESIDENTS}
    result = hospital.ask("3201", "医药机构费用结算对总账", {"data": total})["stmtinfo"]
    if result["stmt_rslt"] != "0":
        hospital.uneven.append(result["stmt_rslt_dscr"])

    text = "\n".join("\t".join(row.values()) for row in rows) + "\n"
    upload = {
        "in": base64.b64encode(text.encode()).decode(),
        "filename": "3202_in_file.txt",
        "fixmedins_code": hospital.code,
    }
    stored = hospital.ask("9101", "文件上传", {"fsUploadIn": upload})
    cash = sum(
        Decimal(row["medfee_sumamt"]) - Decimal(row["fund_pay_sumamt"]) - Decimal(row["acct_pay"])
        for row in rows
    )
    detail = common | {name: sums[name] for name in ("medfee_sumamt", "fund_pay_sumamt")} | {
        "cash_payamt": str(cash),
        "file_qury_no": stored["file_qury_no"],
    }  # fmt: skip
    told = hospital.ask("3202", "医药机构费用结算对明细账", {"data": detail})
    fetch(hospital, told["fileinfo"])


def fetch(hospital: Hospital, fileinfo: dict[str, Any]) -> None:
    """取结果文件；打包的解开。"""
    wanted = {
        "file_qury_no": fileinfo["file_qury_no"],
        "filename": fileinfo["filename"],
        "fixmedins_code": hospital.code,
    }
    told = hospital.ask("9102", "文件下载", {"fsDownloadIn": wanted})
    content = base64.b64decode(told["fsDownloadOut"]["out"])
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    rows = content.decode().splitlines()
    say(f"  结果文件 {len(rows)} 行" + ("" if rows else "：没有对不上的"))
    for row in rows[:SHOWN]:
        say(f"    {row}")


def some_items(hospital: Hospital) -> list[Item]:
    """目录中的前几条，当作今天用的药和项目。"""
    given = {"updt_time": "2000-01-01", "page_num": 1, "page_size": 3}
    found = hospital.ask("1312", "医保目录信息查询", {"data": given})
    return [Item(row["hilist_code"], Decimal("12.50"), Decimal(2)) for row in found]


def the_day(hospital: Hospital, clinic: str, ward: str, items: list[Item]) -> None:
    """从签到到签退。"""
    sign_in(hospital)
    items = items or some_items(hospital)
    patient = identify(hospital, clinic)
    entitlement(hospital, patient, "11")
    outpatient(hospital, patient, items)
    of_clinic = {row["mdtrt_id"] for row in hospital.settled}
    if ward:
        patient = identify(hospital, ward)
        entitlement(hospital, patient, "2101")
        inpatient(hospital, patient, items)
    reconcile(hospital, "11", of_clinic)
    of_ward = {row["mdtrt_id"] for row in hospital.settled} - of_clinic
    if of_ward:
        reconcile(hospital, "21", of_ward)
    given = {"sign_no": hospital.sign_no, "opter_no": hospital.operator}
    hospital.ask("9002", "签退", {"signOut": given})
    say("\n一天办完。")
    if hospital.uneven:
        say(
            "对账不平，请看上面的结果文件；本机构还有别的程序在结算，或今天跑过一次样板的，也会这样："
        )
        say("\n".join(hospital.uneven))


# ── 六、命令行 ─────────────────────────────────────────────────────────────────────────────────


def item_of(text: str) -> Item:
    """医保目录编码=单价x数量."""
    code, _, rest = text.partition("=")
    price, _, count = rest.partition("x")
    return Item(code, Decimal(price), Decimal(count or "1"))


def asked_for(words: list[str]) -> argparse.Namespace:
    """命令行写了什么。"""
    parser = argparse.ArgumentParser(description="一家医院的一天", allow_abbrev=False)
    parser.add_argument("address", help="接口地址，如 http://127.0.0.1:8000/gateway/api/")
    parser.add_argument("--access-key", required=True, help="接入标识")
    parser.add_argument("--signing", default="hmac-sha256", choices=("none", "hmac-sha256", "sm3"))
    parser.add_argument("--institution", required=True, help="定点医药机构编号")
    parser.add_argument("--name", required=True, help="定点医药机构名称")
    parser.add_argument("--area", help="医保区划；不写时取机构编号第 2 至 7 位")
    parser.add_argument("--outpatient", required=True, help="门诊病人 身份证号:姓名")
    parser.add_argument("--inpatient", default="", help="住院病人 身份证号:姓名；不写不办住院")
    parser.add_argument("--item", action="append", default=[], type=item_of, help="编码=单价x数量")
    parser.add_argument("--day", type=date.fromisoformat, help="演练时门户的今天 yyyy-MM-dd")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """退出码。"""
    told = asked_for(words)
    if not told.address.startswith(("http://", "https://")):
        say("地址应以 http:// 或 https:// 开头")
        return 2
    secret = os.environ.get("HEZUO_SECRET") or getpass.getpass("密钥：")
    area = told.area or told.institution[1:7]
    portal = Portal(told.address, told.access_key, secret, told.signing)
    hospital = Hospital(portal, told.institution, told.name, area, day=told.day)
    shown = [patient.partition(":") for patient in (told.outpatient, told.inpatient)]
    NAMES.update({number: name for number, _, name in shown})
    try:
        the_day(hospital, shown[0][0], shown[1][0], told.item)
    except RefusedError as refused:
        say(f"\n没有办成：{refused}")
        return 1
    except (NotAdmittedError, NoAnswerError) as failed:
        say(f"\n连不上门户：{failed}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""So many hospital systems ask for a pre-check (3102) at once: p50, p99, and the statements of one.

    DATABASE_URL=postgres://…/own_database python bench/prechecks.py --clients 4 --questions 200

Needs the environment of the portal (docs/operations.md) and a database of its own with the demo
county. Every client is a process that asks without a pause through `gateway.envelope.answer`,
from the bytes of the message to the bytes of the answer, about a stay of a person drawn by chance
with `--orders` lines. Ends with an error when a question is refused, or p99 is above `--most`.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import simplejson  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.clock import today  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from enrollment.models import Person  # noqa: E402
from gateway.clients.models import Client  # noqa: E402
from gateway.envelope import answer  # noqa: E402
from gateway.identifiers import psn_no  # noqa: E402
from gateway.prechecks.models import PreCheck  # noqa: E402
from institutions.models import CatalogueItem, Institution  # noqa: E402
from policies.models import Pack  # noqa: E402
from policies.services import terms_of  # noqa: E402


def asking() -> Client:
    """A program of the county hospital with an account of its own."""
    hospital = Institution.objects.filter(level="county", is_active=True).earliest("code")
    name = f"{hospital.code}-bench"
    user = User.objects.filter(username=name).first() or User.objects.create(
        username=name, name="医院信息系统", role=Role.INSTITUTION_CLERK,
        institution_code=hospital.code,
    )  # fmt: skip
    found, _ = Client.objects.get_or_create(
        user=user, defaults={"institution": hospital, "kind": "system", "name": "bench",
                             "access_key": name},
    )  # fmt: skip
    return found


class Asking:
    """What a client asks about, drawn by its own seed."""

    def __init__(self, seed: int, orders: int) -> None:
        self.client = asking()
        self.area = self.client.institution.division.county_code
        self.chance = random.Random(seed)
        self.orders, self.seed, self.asked = orders, seed, 0
        people = Person.objects.filter(household__division__code__startswith=self.area)
        self.people = list(people.select_related("household__division")[:5_000])
        items = CatalogueItem.objects.filter(area__code=self.area, last_day=None)
        self.codes = list(items.values_list("code", flat=True)[:2_000])
        pack = Pack.objects.filter(area__code=self.area, status="adopted").latest("first_day")
        cares = terms_of(pack).cares.values()
        self.med_type = next(f"{one.med_type}01" for one in cares if one.med_type == "21")
        self.until = min(pack.last_day, today())

    def message(self) -> bytes:
        person = self.chance.choice(self.people)
        first = self.until - timedelta(days=self.chance.randrange(7, 60))
        orders = [self._order(number, first) for number in range(self.orders)]
        self.asked += 1
        now = timezone.localtime()
        code = self.client.institution.code
        encounter = {
            "mdtrt_id": f"HIS{self.asked}", "medins_id": code, "medins_name": "医院",
            "medins_admdvs": self.area, "medins_type": "A100", "medins_lv": "6",
            "adm_date": f"{first}", "dscg_date": f"{first + timedelta(days=6)}",
            "dscg_main_dise_codg": "J18.9", "dscg_main_dise_name": "肺炎", "dr_codg": "D1",
            "adm_dept_codg": "1", "adm_dept_name": "内科", "dscg_dept_codg": "1",
            "dscg_dept_name": "内科", "med_mdtrt_type": "2", "med_type": self.med_type,
            "matn_stas": "0", "ownpay_amt": 0, "selfpay_amt": 0, "setl_totlnum": 1,
            "insutype": "390", "reim_flag": "2", "out_setl_flag": "0",
            "medfee_sumamt": sum((one["sumamt"] for one in orders), Decimal(0)),
            "fsi_diagnose_dtos": [
                {"dise_id": "1", "inout_dise_type": "1", "maindise_flag": "1", "dias_srt_no": "1",
                 "dise_codg": "J18.9", "dise_name": "肺炎", "dise_date": f"{first}"}
            ],
            "fsi_order_dtos": orders,
        }  # fmt: skip
        patient = {
            "patn_id": psn_no(person), "patn_name": person.name, "gend": "1",
            "brdy": f"{person.birth_date}", "poolarea": self.area,
            "curr_mdtrt_id": encounter["mdtrt_id"], "fsi_encounter_dtos": [encounter],
        }  # fmt: skip
        head = {
            "infno": "3102", "msgid": f"{code}{uuid4().hex[:18]}",
            "mdtrtarea_admvs": self.area, "insuplc_admdvs": self.area, "recer_sys_code": "HEZUO",
            "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "", "infver": "V1.0",
            "opter_type": "1", "opter": "1", "opter_name": "bench",
            "inf_time": f"{now:%Y-%m-%d %H:%M:%S}", "fixmedins_code": code,
            "fixmedins_name": "医院", "sign_no": "",
        }  # fmt: skip
        data = {"data": {"patient_dtos": [patient], "trig_scen": "1"}}
        return bytes(simplejson.dumps(head | {"input": data}, use_decimal=True).encode())

    def _order(self, number: int, day: date) -> dict[str, Any]:
        code, count = self.chance.choice(self.codes), self.chance.randrange(1, 9)
        price = Decimal(self.chance.randrange(100, 9_000)) / 100
        return {
            "rx_id": f"{number}", "rxno": "1", "long_drord_flag": "0", "hilist_type": "201",
            "chrg_type": "01", "drord_bhvr": "1", "hilist_code": code, "hilist_name": code,
            "hilist_lv": "01", "hilist_pric": price, "hosplist_code": code, "hosplist_name": code,
            "cnt": count, "pric": price, "sumamt": price * count, "ownpay_amt": 0,
            "selfpay_amt": 0, "spec": "次", "spec_unt": "次", "drord_begn_date": f"{day}",
            "drord_dept_codg": "1", "drord_dept_name": "内科", "drord_dr_codg": "D1",
            "drord_dr_name": "医师", "drord_dr_profttl": "233", "curr_drord_flag": "1",
        }  # fmt: skip

    def ask(self) -> tuple[float, int]:
        """Seconds and findings of one question."""
        body = self.message()
        began = time.perf_counter()
        told = answer(body, client=self.client, infno="3102", on=today(), now=timezone.localtime)
        took = time.perf_counter() - began
        found = simplejson.loads(told)
        if found["infcode"] != 0:
            raise SystemExit(found["err_msg"])
        return took, len(found["output"]["result"])


def run(seed: int, questions: int, orders: int, results: Any) -> None:
    """One client, in a process of its own."""
    connection.close()
    one = Asking(seed, orders)
    one.ask()  # what is read once, is read
    results.put([one.ask() for _ in range(questions)])


def statements(orders: int) -> int:
    one = Asking(999, orders)
    one.ask()
    with CaptureQueriesContext(connection) as captured:
        one.ask()
    return len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--questions", type=int, default=200, help="of each client")
    parser.add_argument("--orders", type=int, default=30)
    parser.add_argument("--most", type=float, default=0.5, help="seconds of p99")
    args = parser.parse_args()
    costs = {orders: statements(orders) for orders in (1, args.orders, 300)}
    connection.close()
    results: Any = multiprocessing.Queue()
    clients = [
        multiprocessing.Process(target=run, args=(seed, args.questions, args.orders, results))
        for seed in range(args.clients)
    ]
    began = time.perf_counter()
    for client in clients:
        client.start()
    asked = [row for _ in clients for row in results.get()]
    whole = time.perf_counter() - began
    for client in clients:
        client.join()
    times = sorted(took for took, _ in asked)
    p99 = times[int(len(times) * 0.99)]
    print(
        f"{len(times)} questions of {args.orders} orders by {args.clients} clients: "
        f"{len(times) / whole:.1f}/s, p50 {statistics.median(times) * 1000:.0f} ms, "
        f"p99 {p99 * 1000:.0f} ms, max {times[-1] * 1000:.0f} ms"
    )
    print(f"{sum(found for _, found in asked)} findings, {PreCheck.objects.count()} kept")
    print("statements by orders: " + ", ".join(f"{n}: {cost}" for n, cost in costs.items()))
    if p99 > args.most:
        raise SystemExit(f"p99 is above {args.most} s")


if __name__ == "__main__":
    main()

"""What an institution calls the items of the catalogue: 3301 sends, 3302 takes back."""

from accounts.errors import Refusal
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.places import told_at
from institutions.mapping import Sent, propose_mappings, withdraw_mapping

# What else the interface says of an item, as the county reads it when it decides.
DETAILS = {
    "dosform": "剂型",
    "spec": "规格",
    "pacspec": "包装",
    "prcunt": "计价单位",
    "aprvno": "批准文号",
    "item_cont": "项目内涵",
    "exct_cont": "除外内容",
    "memo": "备注",
}
FIELDS = {
    "own_code": "fixmedins_hilist_id",
    "own_name": "fixmedins_hilist_name",
    "kind": "list_type",
    "code": "med_list_codg",
    "first_day": "begndate",
    "last_day": "enddate",
}
# The interface wants an end of every mapping; this year stands for none.
NO_END = 2099


def send_mappings(asked: Asked) -> Answer:
    """3301: put them forward; they mean something once the county has agreed."""
    rows = asked.rows("data")
    with told_at("data", FIELDS):
        new = propose_mappings(actor=asked.actor, sent=[_sent(row) for row in rows])
    if new:
        asked.warn(f"{len(new)} 条对照已提交，待医保经办机构同意后生效")
    if same := len(rows) - len(new):
        asked.warn(f"{same} 条与已有的对照相同，没有重复提交")
    return {}


def _sent(row: Row) -> Sent:
    end = row.get("enddate")
    return Sent(
        own_code=row["fixmedins_hilist_id"],
        own_name=row["fixmedins_hilist_name"],
        kind=row["list_type"],
        code=row["med_list_codg"],
        first_day=row["begndate"],
        last_day=end if end is not None and end.year < NO_END else None,
        details=[(title, row[name]) for name, title in DETAILS.items() if row.get(name)],
    )


def take_back_mapping(asked: Asked) -> Answer:
    """3302: from today it means nothing any more."""
    row = asked.row("")
    if row["fixmedins_code"] != asked.institution.code:
        raise Refusal("只能撤销本机构的对照，请核对机构编号", at=("", "fixmedins_code"))
    with told_at("", FIELDS):
        withdraw_mapping(
            actor=asked.actor, own_code=row["fixmedins_hilist_id"], kind=row["list_type"],
            code=row["med_list_codg"], on=asked.on,
        )  # fmt: skip
    return {}


TRANSACTIONS: dict[str, Transaction] = {
    "3301": Transaction(send_mappings, writes=True),
    "3302": Transaction(take_back_mapping, writes=True),
}

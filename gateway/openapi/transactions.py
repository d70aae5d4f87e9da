"""The transactions of the hospital interface as OpenAPI, made of its tables."""

from collections.abc import Iterable
from typing import Any

from gateway.interface.reading import Field, Node, catalogue_columns, head, spec_of, transactions
from gateway.transactions import TRANSACTIONS

Json = dict[str, Any]
TAG = "定点医药机构接口"
_MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"
# What the door tells, in the head of an answer (gateway/clients/admission.py).
TURNED_AWAY = {
    "401": "接入标识、密钥、签名或时间不对",
    "403": "客户端停用，或来源地址不在名单内",
    "413": "报文过大",
    "429": "报文太密，或认证失败次数过多",
    "503": "门户一时不可用",
}
ANSWER_HEAD: dict[str, Json] = {
    "infcode": {"type": "integer", "enum": [0, -1], "description": "交易状态码：0 成功，-1 失败"},
    "inf_refmsgid": {"type": "string", "description": "接收方报文ID"},
    "refmsg_time": {"type": "string", "description": "接收报文时间"},
    "respond_time": {"type": "string", "description": "响应报文时间"},
    "err_msg": {"type": "string", "maxLength": 200, "description": "错误信息"},
    "warn_msg": {"type": "string", "maxLength": 200, "description": "提示信息"},
}


def paths(address: str) -> Json:
    """A path for each transaction that the portal answers; `address`: where they lie."""
    served = sorted(TRANSACTIONS.keys() & transactions().keys())
    return {f"{address}{infno}": {"post": _operation(infno)} for infno in served}


def schemas() -> Json:
    """The head of a message and that of an answer."""
    return {
        "TransactionHead": _object(head(), asked=True),
        "TransactionAnswer": {
            "type": "object",
            "properties": ANSWER_HEAD,
            "required": list(ANSWER_HEAD),
        },
    }


def _operation(infno: str) -> Json:
    spec = spec_of(infno)
    assert spec is not None
    asked = {
        "allOf": [
            {"$ref": "#/components/schemas/TransactionHead"},
            {
                "type": "object",
                "properties": {"input": _nodes(spec.asks.values(), asked=True)},
                "required": ["input"],
            },
        ]
    }
    answer = {
        "allOf": [
            {"$ref": "#/components/schemas/TransactionAnswer"},
            {
                "type": "object",
                "properties": {"output": _nodes(spec.answers.values(), asked=False)},
                "required": ["output"],
            },
        ]
    }
    return {
        "operationId": f"transaction_{infno}",
        "summary": f"【{infno}】{spec.title}",
        "tags": [TAG],
        **_described(infno),
        "security": [{"client": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
        "responses": {
            "200": {
                "description": "办理结果；不能办理时 infcode 为 -1，err_msg 写明节点和字段",
                "content": {"application/json": {"schema": answer}},
            }
        }
        | {status: _turned_away(told) for status, told in TURNED_AWAY.items()},
    }


def _described(infno: str) -> Json:
    """The columns of the file that a download answers, in their order."""
    columns = catalogue_columns().get(infno, ())
    told = "、".join(f"{place} {title}" for place, title in enumerate(columns, start=1))
    return {"description": f"文件各列：{told}"} if told else {}


def _turned_away(told: str) -> Json:
    schema = {"$ref": "#/components/schemas/TransactionAnswer"}
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _nodes(nodes: Iterable[Node], *, asked: bool) -> Json:
    """Input or output: nodes by name, and the fields of the one without a name directly in it. Of
    an answer that is nothing but rows without a name, the rows."""
    found: Json = {"type": "object", "properties": {}}
    must: list[str] = []
    for node in nodes:
        if node.name:
            found["properties"][node.name] = _node(node, asked=asked)
            must += [node.name] if not asked or node.duty != "N" else []
        elif node.many and not asked:
            return {"type": "array", "items": _object(node, asked=asked)}
        else:
            inside = _object(node, asked=asked)
            found["properties"] |= inside["properties"]
            must += inside.get("required", [])
    return found | ({"required": must} if must and asked else {})


def _node(node: Node, *, asked: bool) -> Json:
    inside = _object(node, asked=asked)
    title = {"description": node.title} if node.title else {}
    if not node.many:
        return title | inside
    rows = title | {"type": "array", "items": inside}
    return rows | ({"minItems": 1} if asked and node.duty == "Y" else {})


def _object(node: Node, *, asked: bool) -> Json:
    properties = {
        name: _field(field, asked=asked) | _when(field, node, asked=asked)
        for name, field in node.fields.items()
    }
    properties |= {name: _node(one, asked=asked) for name, one in node.children.items()}
    found: Json = {"type": "object", "properties": properties}
    must = [name for name in node.fields if name in node.must] if asked else list(properties)
    must += [name for name, one in node.children.items() if asked and one.duty != "N"]
    return found | ({"required": must} if must else {})


def _when(field: Field, node: Node, *, asked: bool) -> Json:
    told = when(field, node) if asked else ""
    return {"x-when": told} if told else {}


def when(field: Field, node: Node) -> str:
    """When a field that is not always asked for must be filled; "" where never."""
    if field.condition is None:
        return ""
    other = f"{node.fields[field.condition.other].title} {field.condition.other}"
    match field.condition.values:
        case ("*",):
            return f"填写了{other}时"
        case ("-",):
            return f"没有填写{other}时"
        case ("<0",):
            return f"{other}为负数时"
        case codes:
            return f"{other}为 {'、'.join(codes)} 时"


def _field(field: Field, *, asked: bool) -> Json:
    told = {"description": field.title}
    if field.kind == "number":
        return told | _number(field, asked=asked)
    if field.kind == "list":
        return told | {"type": "array", "items": {"type": "string"}}
    text: Json = told | {"type": "string"} | _shape(field)
    if field.codes is not None:
        # What was left empty is answered as "".
        words = [*field.codes] if asked else ["", *field.codes]
        text |= {"enum": list(dict.fromkeys(words)), "x-names": dict(field.codes)}
        text["x-dictionary"] = field.dictionary
    return text


def _shape(field: Field) -> Json:
    if field.kind == "date":
        return {"format": "date"}
    if field.kind in {"datetime", "moment"}:
        return {"pattern": _MOMENT} if field.kind == "datetime" else {}
    if field.kind == "digits":
        return {"pattern": r"^[0-9]*$", "maxLength": field.length}
    return {"format": "byte"} if field.kind == "file" else {"maxLength": field.length}


def _number(field: Field, *, asked: bool) -> Json:
    """Sent as a number or as a text of one; answered as a number."""
    places = f"小数点前 {field.whole} 位、后 {field.decimals} 位"
    number: Json = {"type": "number", "description": f"{field.title}（{places}）"}
    if not asked:
        return number
    return {
        "description": number.pop("description"),
        "oneOf": [number, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}],
    }

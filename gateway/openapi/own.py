"""JSON of the portal's own: what the views themselves say, read by drf-spectacular."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator

Json = dict[str, Any]
TAG = "结算查询"
# What the doors before every view answer.
DOORS = {
    "302": {"description": "未登录，转到登录页"},
    "400": {"description": "参数含有空字符，不能读取"},
    "403": {"description": "没有权限"},
    "404": {"description": "没有，或不在可查看的范围内"},
}


def document() -> Json:
    """Paths and components of every view of the REST framework."""
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    found: Json = generator.get_schema(request=None, public=True)
    for path in found["paths"].values():
        for operation in path.values():
            operation["tags"] = [TAG]
            operation["security"] = [{"session": []}]
            operation.pop("description", "")  # the docstring, which is not for users
            operation["responses"] |= DOORS
    return found

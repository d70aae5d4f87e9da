"""The extracts that somebody asked for."""

from desk.listing import Column, Listing, attr, state, visible
from supervision.extracts.models import Extract

EXTRACTS = Listing(
    "飞检数据提取",
    "supervision.extract",
    visible(Extract, "area"),
    (
        Column(
            "统筹区",
            attr("area.name"),
            link="supervision:take_extract",
            link_to=lambda row: row.pk if row.may_be_taken else None,
        ),
        Column("结算日期自", attr("since"), "day"),
        Column("至", attr("until"), "day"),
        Column("机构数", lambda row: len(row.institutions) or "全部"),
        Column("格式", attr("get_form_display")),
        Column("身份信息", attr("people_told")),
        Column("用途", attr("reason"), width=30),
        Column("申请时间", attr("requested_at"), "minute"),
        Column("状态", state(), "status", hint=lambda row: row.progress_told or "点统筹区下载"),
        Column("行数", attr("rows"), "whole"),
        Column("大小", attr("size_told")),
        Column("文件指纹", lambda row: row.sha256[:16], "code"),
    ),
    empty="您还没有提取过数据",
    hint="按国家飞行检查数据提取表的五张表、342 列写出；只列您本人的提取",
    refresh=attr("is_unfinished"),
    template="supervision/extracts/list.html",
)

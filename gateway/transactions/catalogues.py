"""Catalogues as files (1301–1303, 1305–1311, 1313–1315), to be taken by 9102."""

from gateway.asked import Answer, Asked, Transaction
from gateway.files.catalogues import FILES, catalogue_file
from gateway.files.services import area_of

# 1306A calls the same field by another name.
ENDS = {"1306A": "dld_endtime"}


def file(asked: Asked) -> Answer:
    """What is new since the version that the hospital has; everything where it has none of ours."""
    found, told = catalogue_file(
        asked.infno, area=area_of(asked.institution), since=asked.row()["ver"], on=asked.on
    )
    if told:
        asked.warn(told)
    elif not found.rows:
        asked.warn("没有比这个版本更新的内容，文件为空")
    return {
        "": {
            "file_qury_no": found.file_qury_no,
            "filename": found.file_name,
            ENDS.get(asked.infno, "dld_end_time"): found.valid_until,
            "data_cnt": found.rows or 0,
        }
    }


TRANSACTIONS = {infno: Transaction(file) for infno in sorted(FILES)}

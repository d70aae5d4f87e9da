"""The words by which a pack says how what it pays is booked; funds/events.py has the accounts."""

from collections.abc import Mapping

# Under which part of 5001 社会保险待遇支出 the payments for a kind of care stand.
BOOKED_AS: Mapping[str, str] = {"inpatient": "住院", "outpatient": "门诊", "other": "其他"}

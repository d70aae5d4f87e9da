"""The way of a statement: read by a worker, or refused. The trail calls it as it always has."""

from desk.importing import Acts, upload_flow
from funds.banking.models import BankStatement

ACTS = Acts(upload="import_statement")
FLOW = upload_flow(
    BankStatement, "enrollment", ACTS, noun="流水", permission="enrollment.reconcile"
)

"""移交核对: what came in beside the old system's own totals, by place, signed by two."""

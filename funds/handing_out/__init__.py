"""账簿导出: all ledgers of a book for auditors, written by a worker and kept for some days."""

"""The account books read from the postings: 总账, 明细账, 日记账, 辅助账, and their business."""

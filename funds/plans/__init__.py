"""用款计划: what a month needs in the expenditure account, asked of the finance bureau."""

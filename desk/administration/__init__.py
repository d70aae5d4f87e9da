"""The lists of accounts, divisions and the audit trail: pages of the room below, made here."""

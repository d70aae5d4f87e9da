"""The fund's bank accounts: statements as the bank gave them, and what each line of one settles.

It sees amounts, days, a source label and a text key (`remittance:12`); what stands behind a key is
known to the room that gave it: `enrollment.collection` says what ought to be on a statement.
"""

"""Collection (征缴): premiums receipted, the day closed, money paid in and matched with the bank.

Receipt books, receipts and remittances; sponsors, the tax bureau's payments, refunds, subsidies.
"""

"""The bank account to which an institution is paid."""

"""What the measures and the fund's rules ask of the books: worked out from them, shown with every
step and its article, and made a voucher by hand that three people see (funds/drafts/)."""

"""What the fund owes an institution for a month, from its declaration to the payment (机构月结)."""

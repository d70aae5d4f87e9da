"""What a county brings from the system that it had before: covers of earlier years, statuses and
balances of households' accounts. Households and people themselves come as rosters."""

"""Who is paid for a claim, what stands against it, and the order that pays it."""

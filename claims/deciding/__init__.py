"""How a claim is decided on beside the usual four hands: several approvals, refusal, rules."""

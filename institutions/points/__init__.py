"""Points of who serves the insured (记分), and what they do to the eligibility for payment."""

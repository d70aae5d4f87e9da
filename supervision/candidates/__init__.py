"""Of which of a run's settlements a rule may say something, by the database alone.

Hardly any settlement is wrong. Before a rule is asked, a statement leaves those it may find
something about: too many at times, never too few (`tests/supervision/test_candidates.py`). What the
rule says of them it alone decides (`supervision/rules/`).
"""

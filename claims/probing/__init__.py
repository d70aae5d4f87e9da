"""The probe of measures: what a pack does that no law means, found by settling made-up claims.

Pure: ``probe(terms, thoroughness)`` answers with findings, each with its smallest example.
"""

from claims.probing.findings import KINDS, Finding, Probed
from claims.probing.run import COARSE, FULL, probe

__all__ = ["COARSE", "FULL", "KINDS", "Finding", "Probed", "probe"]

"""Inspections on site: checklists, sweeps over institutions, findings, rectification, archive."""

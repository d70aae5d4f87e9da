"""Probes of drafts: asked for on a page, computed by a worker, kept with their findings."""

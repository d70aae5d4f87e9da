"""Backups and their restoring, and the health of the deployment."""

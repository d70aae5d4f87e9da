"""From nothing to a running portal: `script/server`, `script/test`, `script/manage`.

Standard library only, because this runs before anything is installed. Everything a run makes
lies in `var/` (git-ignored) or, where the database's account cannot go there, in a folder that
`var/` records. docs/operations.md explains it to an operator.
"""

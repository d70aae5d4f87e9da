"""The demo county: a reproducible synthetic county at any size. Uses every room; no room uses it.

`plan` says how big and which days; `places`, `names`, `families`, `catalogue`, `illnesses`,
`bills` and `visits` draw it (pure); the rest writes it with COPY and books it through the ledger.
"""

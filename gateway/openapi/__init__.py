"""What programs may ask of the portal, as OpenAPI: transactions, FHIR, and JSON of its own.

`transactions` is made of the tables of the interface, `resources` of `gateway.fhir.kinds`, `own` of
the views themselves (drf-spectacular); `document` puts them together. Nothing is written twice.
"""

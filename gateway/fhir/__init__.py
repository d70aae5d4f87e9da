"""FHIR R4, for reading: who is insured, what was claimed, and how each layer and step decided.

Rows become resources in modules that know no request (`people`, `covers`, `places`, `claims`,
`decided`); `kinds` is the one list of what is served and by what it is searched; `door` lets in
clients of institutions and signed-in users; `views` answers.
"""

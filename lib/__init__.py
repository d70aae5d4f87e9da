"""Ground floor: small pure pieces. No models, no Django, no clock, nothing of ours."""

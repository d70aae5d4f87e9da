"""A change of what is registered of an institution: put forward by one, decided by another."""

from desk.decisions import decision_flow
from institutions.registry.models import RegistryChange

CHANGES = decision_flow(
    RegistryChange, "institutions", "registry_change", related=("institution__division",)
)

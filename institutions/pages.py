"""The pages that keep the room's master data by file."""

from desk.master_pages import MasterPages
from institutions.resources import (
    AgreementResource,
    CatalogueResource,
    InstitutionResource,
    MappingResource,
    PractitionerResource,
    PriceHistoryResource,
)

INSTITUTION_PAGES = MasterPages(
    InstitutionResource, "institutions", "load", "load", "institutions:list"
)
PRACTITIONER_PAGES = MasterPages(
    PractitionerResource, "institutions", "practitioners/load", "load_practitioners",
    "institutions:list",
)  # fmt: skip
CATALOGUE_PAGES = MasterPages(
    CatalogueResource, "institutions", "catalogue/load", "load_catalogue",
    "institutions:catalogue",
)  # fmt: skip
AGREEMENT_PAGES = MasterPages(
    AgreementResource, "institutions", "agreements/load", "load_agreements", "institutions:list"
)
HISTORY_PAGES = MasterPages(
    PriceHistoryResource, "institutions", "catalogue/history", "load_history",
    "institutions:catalogue",
)  # fmt: skip
MAPPING_PAGES = MasterPages(
    MappingResource, "institutions", "mappings/load", "load_mappings", "institutions:mappings"
)

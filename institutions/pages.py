"""The pages that keep the room's master data by file."""

from desk.master_pages import MasterPages
from institutions.resources import CatalogueResource, InstitutionResource, PractitionerResource

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

"""The ways of a published file, and of what the county makes of the library."""

from desk.decisions import decision_flow
from desk.importing import Acts, upload_flow
from supervision.library.models import LibraryChange, LibraryFile

ACTS = Acts.of("library")
FLOW = upload_flow(
    LibraryFile, "supervision", ACTS, noun="知识点文件", permission="supervision.load_library"
)
CHANGES = decision_flow(LibraryChange, "supervision", "library_change", related=("area", "point"))

"""Routes of the room; each sub-room lists its own."""

from django.urls import include, path

SUB_ROOMS = (
    "people", "cover", "collection", "status_lists", "rosters", "carried", "progress",
)  # fmt: skip

urlpatterns = [path("", include(f"enrollment.{room}.urls")) for room in SUB_ROOMS]

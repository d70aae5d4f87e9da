"""Routes of the room; each sub-room lists its own."""

from django.urls import include, path

app_name = "enrollment"

urlpatterns = [
    path("", include("enrollment.people.urls")),
    path("", include("enrollment.cover.urls")),
    path("", include("enrollment.collection.urls")),
    path("", include("enrollment.status_lists.urls")),
    path("", include("enrollment.rosters.urls")),
    path("", include("enrollment.carried.urls")),
    path("", include("enrollment.progress.urls")),
]

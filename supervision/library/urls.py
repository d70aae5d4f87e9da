"""Routes of the rule library, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.library import views
from supervision.library.listings import LIBRARY_CHANGES, LIBRARY_POINTS
from supervision.library.pages import LIBRARY_PAGES

urlpatterns = [
    *list_routes("library", LIBRARY_POINTS, "library"),
    path("library/points/<int:pk>", views.point, name="library_point"),
    path("library/points/<int:pk>/switch", views.switch_point, name="library_switch_point"),
    path("library/kinds", views.kinds, name="library_kinds"),
    path("library/kinds/<slug:kind>/switch", views.switch_kind, name="library_switch_kind"),
    path("library/ages", views.ages, name="library_ages"),
    path("library/add", views.add, name="library_add"),
    *list_routes("library/changes", LIBRARY_CHANGES, "library_changes"),
    path("library/changes/<int:pk>", views.change, name="library_change"),
    path("library/changes/<int:pk>/<slug:event>", views.act, name="library_act"),
    *LIBRARY_PAGES.routes(),
]

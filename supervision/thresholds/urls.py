"""Routes of versions of the rules, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.thresholds import views
from supervision.thresholds.listings import TRIAL_HITS, VERSION_LIST

urlpatterns = [
    *list_routes("rules/versions", VERSION_LIST, "rule_versions"),
    path("rules/versions/new", views.new, name="new_rule_version"),
    path("rules/versions/<int:pk>", views.version, name="rule_version"),
    path("rules/versions/<int:pk>/try", views.try_out, name="try_rule_version"),
    path("rules/versions/<int:pk>/<slug:event>", views.decide, name="decide_rule_version"),
    *list_routes("rules/hits", TRIAL_HITS, "trial_hits"),
]

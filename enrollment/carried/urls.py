"""Routes of what is brought from the old system, under enrollment/."""

from django.urls import path

from desk.listing import list_routes
from enrollment.carried import mending_views
from enrollment.carried.listings import MENDINGS
from enrollment.carried.views import CARRIED_PAGES

urlpatterns = [
    *CARRIED_PAGES.routes(),
    *list_routes("mendings", MENDINGS, "mendings"),
    path("mendings/cover/<int:pk>", mending_views.of_cover, name="mend_cover"),
    path("mendings/household/<int:pk>", mending_views.of_account, name="mend_account"),
    path("mendings/<int:pk>", mending_views.show, name="mending"),
    path("mendings/<int:pk>/<slug:event>", mending_views.decide, name="mending_decide"),
]

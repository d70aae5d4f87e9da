"""Routes of what is brought from the old system, under enrollment/."""

from enrollment.carried.views import CARRIED_PAGES

urlpatterns = CARRIED_PAGES.routes()

"""Routes of the publicity plan, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.photo_pages import photo_routes
from supervision.publicity import papers, views
from supervision.publicity.listings import PLAN_LIST, TASK_LIST
from supervision.publicity.models import PublicityPhoto

urlpatterns = [
    *list_routes("publicity", TASK_LIST, "publicity"),
    *list_routes("publicity/plan", PLAN_LIST, "publicity_plan", page=views.plan),
    path("publicity/plan/new", views.new, name="publicity_new"),
    *papers.ROUTES,
    *photo_routes("publicity/photos", PublicityPhoto, views.VIEW, "publicity_photo"),
    path("publicity/photos/<int:pk>/out", views.leave_out, name="publicity_leave_out"),
    path("publicity/<int:pk>", views.task, name="publicity_task"),
    path("publicity/<int:pk>/done", views.report, name="publicity_report"),
    path("publicity/<int:pk>/photos", views.prove, name="publicity_prove"),
    path("publicity/<int:pk>/<slug:event>", views.step, name="publicity_step"),
]

"""Routes of the yearly assessment, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.assessment import papers, views
from supervision.assessment.listings import ASSESSMENTS

urlpatterns = [
    *list_routes("assessments", ASSESSMENTS, "assessments", page=views.assessments),
    path("assessments/new", views.begin, name="assessments_new"),
    *views.FORM_PAGES.routes("assessments/forms"),
    *papers.ROUTES,
    path("assessments/<int:pk>", views.assessment, name="assessment"),
    path("assessments/<int:pk>/self", views.self_assess, name="assessment_self"),
    path("assessments/<int:pk>/score", views.score, name="assessment_score"),
    path("assessments/<int:pk>/answer", views.answer, name="assessment_answer"),
    path("assessments/<int:pk>/grade", views.grade, name="assessment_grade"),
    path("assessments/<int:pk>/stop", views.stop, name="assessment_stop"),
    path("assessments/<int:pk>/deposit", views.deposit, name="assessment_deposit"),
    path("assessments/<int:pk>/<slug:event>", views.act, name="assessment_act"),
]

"""Routes of rosters, under enrollment/."""

from django.urls import path

from enrollment.rosters import views

urlpatterns = [
    path("registers/", views.register_list, name="register_list"),
    path("registers/upload", views.upload, name="register_upload"),
    path("registers/template", views.template, name="register_template"),
    path("registers/<int:pk>", views.register_detail, name="register_detail"),
    path("registers/<int:pk>/progress", views.progress, name="register_progress"),
    path("registers/<int:pk>/confirm", views.confirm, name="register_confirm"),
    path("registers/<int:pk>/again", views.again, name="register_again"),
    path("registers/<int:pk>/discard", views.discard, name="register_discard"),
    path("registers/<int:pk>/verdict", views.verdict, name="register_verdict"),
]

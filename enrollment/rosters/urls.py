"""Routes of registers, under enrollment/registers/."""

from django.urls import path

from enrollment.registers import views

urlpatterns = [
    path("", views.register_list, name="register_list"),
    path("upload", views.upload, name="register_upload"),
    path("template", views.template, name="register_template"),
    path("<int:pk>", views.register_detail, name="register_detail"),
    path("<int:pk>/progress", views.progress, name="register_progress"),
    path("<int:pk>/confirm", views.confirm, name="register_confirm"),
    path("<int:pk>/again", views.again, name="register_again"),
    path("<int:pk>/discard", views.discard, name="register_discard"),
    path("<int:pk>/verdict", views.verdict, name="register_verdict"),
]

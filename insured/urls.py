"""Routes of the page of the insured."""

from django.urls import path

from insured import views

urlpatterns = [
    path("", views.ask, name="ask"),
    path("code", views.code, name="code"),
    path("voucher", views.voucher, name="voucher"),
    path("page", views.page, name="page"),
    path("leave", views.leave, name="leave"),
]

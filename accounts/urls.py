"""Routes of the room, at the root of the site; desk.administration adds its lists and tables."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("send-on", views.send_on, name="unsent"),
    path("still-here", views.still_here, name="still_here"),
    path("password", views.change_password, name="change_password"),
    path("accounts/users/new", views.user_new, name="user_new"),
    path("accounts/users/<int:pk>", views.user_role, name="user_role"),
    path("accounts/users/<int:pk>/unlock", views.unlock, name="unlock"),
    path("accounts/users/<int:pk>/reset", views.reset_password, name="reset_password"),
]

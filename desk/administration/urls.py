"""The lists of the room below, under its names, beside its own routes."""

from accounts.urls import urlpatterns as accounts_urls
from desk.administration import views
from desk.administration.listings import AUDIT, DIVISIONS, USERS
from desk.listing import list_routes

app_name = "accounts"

urlpatterns = [
    *accounts_urls,
    *list_routes("accounts/users", USERS, "users"),
    *list_routes("accounts/divisions", DIVISIONS, "divisions", page=views.divisions),
    *list_routes("accounts/audit", AUDIT, "audit"),
]

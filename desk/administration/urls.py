"""The lists of the room below, under its names, beside its own routes."""

from django.urls import path

from accounts.urls import urlpatterns as accounts_urls
from desk.administration.home import find, home
from desk.administration.listings import (
    ACCESS,
    ASKED,
    AUDIT,
    CALENDAR,
    DIVISIONS,
    FAILURES,
    LETTERS,
    USERS,
)
from desk.administration.pages import (
    ACCOUNT_PAGES,
    CALENDAR_PAGES,
    DIVISION_PAGES,
    close,
    grant,
    keep,
    letters,
)
from desk.listing import list_routes

app_name = "accounts"

urlpatterns = [
    path("", home, name="home"),
    path("find", find, name="find"),
    *accounts_urls,
    *list_routes("accounts/users", USERS, "users"),
    *ACCOUNT_PAGES.routes(),
    *list_routes("accounts/users/asked", ASKED, "asked"),
    path("accounts/users/asked/grant", grant, name="grant"),
    *list_routes("accounts/users/letters", LETTERS, "letters", page=letters),
    *list_routes("accounts/users/access", ACCESS, "access"),
    path("accounts/users/access/keep", keep, name="keep_access"),
    path("accounts/users/access/close", close, name="close_access"),
    *list_routes("accounts/failures", FAILURES, "failures"),
    *list_routes("accounts/divisions", DIVISIONS, "divisions"),
    *DIVISION_PAGES.routes(),
    *list_routes("accounts/calendar", CALENDAR, "calendar"),
    *CALENDAR_PAGES.routes(),
    *list_routes("accounts/audit", AUDIT, "audit"),
]

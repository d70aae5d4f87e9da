"""Sign-in, home, the administrators' acts, and error pages."""

import sys

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import passwords, services, unsent
from accounts.error_pages import MAX_BODY, error_page
from accounts.errors import Refusal
from accounts.forms import (
    ChangePasswordForm,
    HelpForm,
    RoleForm,
    SignInForm,
    UserForm,
    refusals_as_messages,
)
from accounts.models import PROGRAM, Division, SignInFailure, User
from accounts.outages import told_of
from accounts.permissions import Request, acts, asks, public
from accounts.sign_in import check_sign_in, knock_of, mark_desk


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    target = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            user = check_sign_in(request=request, **form.cleaned_data)
            login(request, user)
            response = redirect("accounts:unsent" if unsent.waiting(request) else target)
            mark_desk(request, response, user)
            return response
    return render(request, "accounts/sign_in.html", {"form": form, "next": target})


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:sign_in")


@asks("accounts.home")
def send_on(request: Request) -> HttpResponse:
    """What was typed before the session ended, to be sent on; POST gives it up."""
    kept = unsent.waiting(request)
    if kept is None or request.method == "POST":
        unsent.forget(request)
        return redirect("accounts:home")
    to, fields = kept
    return render(request, "accounts/unsent.html", {"to": to, "fields": fields})


@acts("accounts.home")
def still_here(request: Request) -> HttpResponse:
    """The page says that somebody is typing: the middleware has noted it."""
    return HttpResponse(status=204)


@asks("accounts.home")
@sensitive_post_parameters()
def change_password(request: Request) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with form.refusals():
                passwords.set_own_password(
                    actor=request.user,
                    knock=knock_of(request, request.user),
                    old=data["old_password"],
                    new=data["new_password"],
                )
                update_session_auth_hash(request, request.user)
                messages.success(request, "密码已修改")
                return redirect("accounts:home")
        except passwords.Expelled as expelled:
            logout(request)
            messages.error(request, str(expelled))
            return redirect("accounts:sign_in")
    return render(request, "accounts/change_password.html", {"form": form})


@asks("accounts.manage_users")
@sensitive_post_parameters("password")
def user_new(request: Request) -> HttpResponse:
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.create_user(actor=request.user, **form.cleaned_data)
            messages.success(request, "账号已建立，由安全管理员授权后即可使用")
            return redirect("accounts:users")
    return render(request, "accounts/user_new.html", {"form": form})


@asks("accounts.assign_roles")
def user_role(request: Request, pk: int) -> HttpResponse:
    user = get_object_or_404(User.objects.with_tries(timezone.now()), pk=pk)
    if user.is_program and request.method != "POST":
        messages.info(request, f"{user.name} 是{PROGRAM}，在“接入客户端”中办理")
        return redirect("accounts:users")
    granted = user.is_active or user.division_code or user.institution_code
    initial = {
        "role": user.role if granted else "",  # a new account's role is yet to be chosen
        "division_code": user.division_code,
        "institution_code": user.institution_code,
        "is_active": user.is_active,
    }
    form = RoleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.assign_role(
                actor=request.user,
                user=user,
                **form.cleaned_data,
            )
            off = "" if form.cleaned_data["is_active"] else "；账号未启用，不能登录"
            messages.success(request, f"{user.name} 的授权已保存{off}")
            return redirect("accounts:users")
    places = Division.objects.exclude(level=Division.Level.GROUP).select_related("parent")
    context = {
        "form": form,
        "account": user,
        "places": places,
        "help_form": HelpForm(),
        "account_query": urlencode({"user": user.username}),
        "minutes": SignInFailure.LOCKED_FOR.seconds // 60,
    }
    return render(request, "accounts/user_role.html", context)


@acts("accounts.reset_passwords")
def unlock(request: Request, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    with refusals_as_messages(request):
        reason = _reason(request)
        passwords.unlock(actor=request.user, user=user, reason=reason)
        messages.success(request, f"{user.name} 已解锁，可以马上登录")
    return redirect("accounts:user_role", pk)


@acts("accounts.reset_passwords")
def reset_password(request: Request, pk: int) -> HttpResponse:
    """The one-time password stands on the answer alone: nothing keeps it."""
    user = get_object_or_404(User, pk=pk)
    with refusals_as_messages(request):
        reason = _reason(request)
        password = passwords.reset_password(actor=request.user, user=user, reason=reason)
        context = {"account": user, "password": password, "at": timezone.now()}
        return render(request, "accounts/one_time.html", context)
    return redirect("accounts:user_role", pk)


def _reason(request: Request) -> str:
    """Why somebody is helped in. Raises Refusal."""
    form = HelpForm(request.POST)
    if not form.is_valid():
        raise Refusal("；".join(map(str, form.errors["reason"])))
    reason: str = form.cleaned_data["reason"]
    return reason


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        most = MAX_BODY // 1024 // 1024
        text = f"一次最多提交 {most} 兆，请把文件分开后再传。这次操作没有保存。"
        return error_page(413, "内容过大", text)
    if isinstance(exception, (TooManyFieldsSent, TooManyFilesSent)):
        return error_page(413, "内容过多", "一次提交的项目太多，请分开办理。这次操作没有保存。")
    return error_page(400, "请求有误", "提交的内容无法识别，请返回上一页重新操作。")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = "您的角色不能办理这项业务。如确需办理，请联系安全管理员。"
    return error_page(403, "没有权限", text)


def page_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is gone: signed out elsewhere, or the page stood open over night."""
    if request.user.is_authenticated and "HX-Request" not in request.headers:
        unsent.keep(request)
        if unsent.waiting(request):  # signed in anew in another tab: only the form's token is old
            return redirect("accounts:unsent")
    text = "登录已过期或已在别处退出，这次操作没有保存。请回首页重新登录后再办理。"
    return error_page(403, "页面已过期", text)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(404, "没有找到", "页面不存在，或不在您的管辖范围内。")


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault, or an outage; Django calls this while it handles the error."""
    told = told_of(sys.exc_info()[1], request.method or "")
    response = error_page(told.status, told.title, told.text)
    if told.again_in:
        response["Retry-After"] = str(told.again_in)
    return response

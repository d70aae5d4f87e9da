"""The page of the insured: who gets in, who does not however often they try, and what they see."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from django.core import signing
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, SignInFailure, User
from accounts.roles import Role
from claims.models import Settlement
from claims.probing.examples import Limit
from desk.plugins import Holder
from enrollment.models import Enrollment, Person, Receipt, ReceiptBook
from enrollment.people.numbers import NumberKind, indexes_of, read_number
from insured.benefits import Benefits
from insured.door import ALLOWED, ALLOWED_FROM_AN_ADDRESS, LOCKED, MESSENGER, WRONG, Kind
from tests.claims.conftest import TODAY, Register
from tests.conftest import make_user, past_the_guards
from tests.funds.test_concurrency import together
from tests.supervision.conftest import (  # noqa: F401 - fixtures
    register,
    settled,
    told_to_the_covers,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
WHO = {"receipt": "DZ2026-00000007", "number": ""}


class Phone:
    """What was sent, in order."""

    title = "短信"
    sent: ClassVar[list[tuple[str, str]]] = []

    def send(self, *, phone: str, text: str) -> None:
        self.sent.append((phone, text))


@pytest.fixture(autouse=True)
def connected() -> Iterator[None]:
    Phone.sent.clear()
    with override_settings(SHORT_MESSAGE=f"{__name__}.Phone", TODAY=TODAY):
        yield


@pytest.fixture
def wang(
    register: Register,  # noqa: F811
    village_a: Division,
    cast: SimpleNamespace,
) -> Person:
    """王建国 with his wife 刘芳 and their son 王小明, ten, all on one receipt."""
    home = register.household(village_a)
    person = register.person("王建国", home)
    register.person("刘芳", home)
    register.person("王小明", home, born=date(2015, 6, 1))
    person.phone = "13900001111"
    person.save(update_fields=["phone"])
    book = ReceiptBook.objects.create(
        code="DZ2026", township=village_a.parent, clerk=cast.clerk_a, year=2026, first_number=1,
        last_number=50, next_number=8,
    )  # fmt: skip
    receipt = Receipt.objects.create(
        book=book, number=7, household=home, division=village_a, campaign=register.campaign,
        channel="cash", amount=60, payer_name="王建国", issued_by=cast.clerk_a, issued_on=TODAY,
    )  # fmt: skip
    past_the_guards(Enrollment.objects.filter(household=home), receipt=receipt)
    person.refresh_from_db()
    return person


def asked(person: Person, client: Client, REMOTE_ADDR: str = "127.0.0.1", **other: str) -> Any:  # noqa: N803
    form = WHO | {"number": person.resident_id} | other
    return client.post("/me/", form, REMOTE_ADDR=REMOTE_ADDR)


def code_of_last() -> str:
    found = re.search(r"[0-9]{6}", Phone.sent[-1][1])
    assert found
    return found[0]


def entered(person: Person) -> Client:
    client = Client()
    asked(person, client)
    assert client.post("/me/code", {"code": code_of_last()}).status_code == 302
    return client


def test_with_receipt_number_and_the_code_one_sees_what_is_ones_own(
    wang: Person,
    settled: Callable[..., Settlement],  # noqa: F811
) -> None:
    wife, son = Person.objects.get(name="刘芳"), Person.objects.get(name="王小明")
    own, hers, his = settled(wang, 1, 9), settled(wife, 2, 5), settled(son, 3, 6)
    own.steps.create(
        position=1, code="deductible", name="起付线", article="第十五条", before_amount=5000,
        after_amount=4800, sentence="起付线 200.00 元由个人负担",
    )  # fmt: skip
    client = entered(wang)
    assert Phone.sent[0][0] == "13900001111"
    page = client.get("/me/page")
    text = page.content.decode()
    assert own.number in text and "起付线 200.00 元由个人负担" in text and "2,400.00" in text
    assert his.number in text, "the child's"
    assert hers.number not in text and "刘芳" not in text, "an adult's is her own"
    assert "DZ2026-00000007" in text, "the receipt by its number"
    # 第二十三条(二)2: 8,000.00 less 200.00 at 50 %.
    assert "医保付 <strong>3,900.00</strong> 元，自己付 4,100.00 元</li>" in text
    assert text.count("第二十三条(二)2") == 1, "the article once"
    assert "还剩 <strong>72,000.00</strong> 元" in text
    assert wang.resident_id not in text and "肺炎" not in text
    assert "no-store" in page["Cache-Control"]
    actions = list(AuditLine.objects.order_by("pk").values_list("action", "user", "subject_id"))
    assert actions[-2:] == [
        ("insured.enter", None, str(wang.pk)),
        ("insured.look", None, str(wang.pk)),
    ]


def test_it_is_no_sign_in_of_the_portal_and_ends_by_itself(wang: Person) -> None:
    client = entered(wang)
    for path in ("/", "/claims/", "/supervision/notices"):
        assert client.get(path)["Location"].startswith("/sign-in"), path
    cookie = client.cookies["me"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/me/", True, "Strict")
    assert int(cookie["max-age"]) == 900
    forged = Client()
    forged.cookies["me"] = f"{wang.pk}:1uXyZ:abc"
    assert forged.get("/me/page")["Location"] == "/me/"
    client.post("/me/leave")
    assert client.get("/me/page")["Location"] == "/me/"


def test_nobody_is_told_what_was_wrong(wang: Person) -> None:
    """Another receipt, a number of nobody, somebody without a phone: the same answer, no code."""
    wife = Person.objects.get(name="刘芳")
    answers = [
        asked(wang, Client(), receipt="DZ2026-00000008"),
        asked(wang, Client(), number="110101199003070011"),
        asked(wife, Client()),
    ]
    assert not Phone.sent
    right = asked(wang, Client())
    assert len(Phone.sent) == 1
    assert {(one.status_code, one["Location"]) for one in [*answers, right]} == {(302, "/me/code")}


def test_the_cookie_tells_nothing_of_whether_all_belonged_together(wang: Person) -> None:
    """A guessed receipt and the right one: as long, no key within, and no two alike."""
    values = []
    for receipt in ("DZ2026-00000008", "DZ2026-00000007", "DZ2026-00000007"):
        client = Client()
        asked(wang, client, receipt=receipt)
        values.append(client.cookies["me-asked"].value)
    assert len({len(one) for one in values}) == 1 and len(set(values)) == 3
    for one in values:
        kept = signing.loads(one, salt="me-asked")
        assert isinstance(kept, str) and "person" not in kept and str(wang.pk).zfill(19) not in kept
    assert len(Phone.sent) == 2
    moved = Client()
    moved.cookies["me-asked"] = signing.dumps("1:" + "A" * 80, salt="me-asked")
    assert WRONG in moved.post("/me/code", {"code": "000000"}).content.decode()


def test_the_answer_does_not_wait_for_the_message(wang: Person) -> None:
    """A gateway that answers only once it is let: both answers are there before anything was sent,
    and one place in the line was taken by each."""
    said: list[Callable[[], object]] = []
    with override_settings(CELERY_TASK_ALWAYS_EAGER=False), pytest.MonkeyPatch.context() as patch:
        patch.setattr(MESSENGER, "say", lambda what, send: said.append(send))
        for receipt in ("DZ2026-00000008", "DZ2026-00000007"):
            assert asked(wang, Client(), receipt=receipt).status_code == 302
    assert (len(said), Phone.sent) == (2, [])
    said[0]()
    assert Phone.sent == []
    said[1]()
    assert [phone for phone, _ in Phone.sent] == ["13900001111"]


def test_a_message_that_fails_is_logged_without_the_phone(
    wang: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(self: Phone, *, phone: str, text: str) -> None:
        raise ConnectionError(f"no way to {phone}")

    monkeypatch.setattr(Phone, "send", fails)
    assert asked(wang, Client())["Location"] == "/me/code"
    assert "a code could not be sent: ConnectionError" in caplog.text
    assert "13900001111" not in caplog.text


def test_a_code_holds_in_the_browser_that_asked_alone_and_not_for_ever(
    wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = Client(), Client()
    asked(wang, mine)
    code = code_of_last()
    asked(wang, other)
    assert WRONG in other.post("/me/code", {"code": code}).content.decode()
    monkeypatch.setattr("insured.door.CODE_SECONDS", -1)
    assert WRONG in mine.post("/me/code", {"code": code}).content.decode()


def test_ten_thousand_guesses_in_short(wang: Person) -> None:
    """300 codes from 300 addresses at one person: six tries count (the asking is one), and behind
    them not even the right code lets in. 300 documents from one address: twenty are looked at."""
    client = Client()
    asked(wang, client)
    code = code_of_last()
    wrong = [f"{at:06d}" for at in range(300) if f"{at:06d}" != code]
    answers = [
        client.post("/me/code", {"code": one}, REMOTE_ADDR=f"10.1.{at // 250}.{at % 250 + 1}")
        for at, one in enumerate(wrong)
    ]
    told = [LOCKED in one.content.decode() for one in answers]
    assert told.index(True) == ALLOWED - 1 and all(told[ALLOWED - 1 :])
    assert SignInFailure.objects.count() == ALLOWED, "behind the limit nothing is written"
    [line] = AuditLine.objects.filter(action="insured.lock")
    assert line.reason == "同一证件号试满" and line.subject_type == "accounts.signinfailure"
    last = client.post("/me/code", {"code": code}, REMOTE_ADDR="10.9.9.9")
    assert LOCKED in last.content.decode() and client.get("/me/page").status_code == 302

    SignInFailure.objects.all().update(counts=False)
    Phone.sent.clear()
    tries = [
        Client().post("/me/", WHO | {"number": f"1101011990030{at:05d}"}, REMOTE_ADDR="10.2.2.2")
        for at in range(300)
    ]
    went_on = sum(one.status_code == 302 for one in tries)
    assert (went_on, Phone.sent) == (ALLOWED_FROM_AN_ADDRESS, [])
    assert asked(wang, Client()).status_code == 302, "elsewhere the door is open"


def test_who_only_knows_the_number_keeps_nobody_out_for_ever(wang: Person) -> None:
    """王建国 has been in at home. His neighbour asks in his name as often as the door takes it:
    elsewhere the door is shut for a quarter of an hour, which no further try makes longer; at home
    it is open."""
    home = entered(wang)
    home.cookies.pop("me")
    for at in range(9):
        asked(wang, Client(), receipt="DZ2026-00000001", REMOTE_ADDR=f"10.3.0.{at}")
    assert LOCKED in asked(wang, Client()).content.decode()
    assert asked(wang, home).status_code == 302
    assert home.post("/me/code", {"code": code_of_last()})["Location"] == "/me/page"
    mark = signing.loads(home.cookies["me-known"].value, salt="me-known")
    assert wang.resident_id not in str(mark) and mark[0].startswith("?me")
    wife = Person.objects.get(name="刘芳")
    for at in range(ALLOWED):
        asked(wife, Client(), REMOTE_ADDR=f"10.4.0.{at}")
    assert LOCKED in asked(wife, home).content.decode(), "a mark is of one person"
    SignInFailure.objects.update(at=timezone.now() - SignInFailure.LOCKED_FOR)
    assert asked(wang, Client()).status_code == 302


def test_at_home_too_six_tries_count(wang: Person) -> None:
    home = entered(wang)
    answers = [asked(wang, home) for _ in range(ALLOWED + 1)]
    assert [one.status_code for one in answers] == [302] * ALLOWED + [200]


def test_all_addresses_together_have_a_limit(wang: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of wrong codes fewer than of askings; the trail says so once, and whose it was of neither."""
    monkeypatch.setattr("insured.door.ALLOWED_IN_ALL", {Kind.ASKED: 9, Kind.CODE: 4})
    clients = [Client(REMOTE_ADDR=f"10.5.0.{at}") for at in range(9)]
    for at, client in enumerate(clients):
        assert asked(wang, client, number=f"1101011990030{at:05d}").status_code == 302
    assert LOCKED in asked(wang, Client()).content.decode()
    answers = [one.post("/me/code", {"code": "000000"}).content.decode() for one in clients]
    assert [WRONG in one for one in answers] == [True] * 4 + [False] * 5
    lines = AuditLine.objects.filter(action="insured.lock").order_by("pk")
    assert [one.reason for one in lines] == ["全县试满", "全县试满"]


def test_a_network_of_ipv6_is_one_address(wang: Person) -> None:
    answers = [
        asked(wang, Client(), number=f"1101011990030{at:05d}", REMOTE_ADDR=f"2001:db8:1:2::{at:x}")
        for at in range(1, ALLOWED_FROM_AN_ADDRESS + 2)
    ]
    assert [one.status_code for one in answers].count(302) == ALLOWED_FROM_AN_ADDRESS
    assert asked(wang, Client(), REMOTE_ADDR="2001:db8:1:3::1").status_code == 302
    assert set(SignInFailure.objects.values_list("origin", flat=True)) == {
        "2001:db8:1:2::",
        "2001:db8:1:3::",
    }


def test_addresses_of_ipv4_stay_apart_behind_a_socket_of_both_kinds(wang: Person) -> None:
    """As one of IPv6 all of them would be one network (::ffff:0:0/96, RFC 4291)."""
    for at in range(1, ALLOWED_FROM_AN_ADDRESS + 1):
        asked(wang, Client(), number=f"1101011990030{at:05d}", REMOTE_ADDR="::ffff:192.0.2.7")
    assert asked(wang, Client(), REMOTE_ADDR="::ffff:192.0.2.7").status_code == 200
    assert asked(wang, Client(), REMOTE_ADDR="::ffff:192.0.2.8").status_code == 302
    origins = set(SignInFailure.objects.values_list("origin", flat=True))
    assert origins == {"192.0.2.7", "192.0.2.8"}


def test_the_list_of_failures_has_no_one_who_got_in(
    wang: Person, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """王建国 came in; of somebody else a code was asked for. The administrator reads of the second
    that it was an insured person, and not who."""
    entered(wang)
    assert list(SignInFailure.objects.failed()) == []
    asked(wang, Client(), number="110101199003070011")
    admin = make_user("guard", "管安全", Role.SECURITY_ADMIN)
    page = as_user(admin).get(reverse("accounts:failures")).content.decode()
    assert "（参保人）" in page and page.count("医保e站：要验证码") == 1
    assert "110101199003070011" not in page


def test_the_officers_at_that_address_sign_in_all_the_same(
    wang: Person, cast: SimpleNamespace
) -> None:
    for at in range(30):
        Client().post("/me/", WHO | {"number": f"1101011990030{at:05d}"})
    page = Client().post("/sign-in", {"username": cast.clerk_a.username, "password": "x"})
    assert "还可以试 4 次" in page.content.decode()


@override_settings(SHORT_MESSAGE="")
def test_where_nothing_sends_codes_the_page_is_closed(wang: Person) -> None:
    assert "本县尚未开通网上查询" in Client().get("/me/").content.decode()
    assert "本县尚未开通网上查询" in asked(wang, Client()).content.decode()


def test_users_see_it_as_everybody_does(
    wang: Person, as_user: Callable[[User], Client], cast: SimpleNamespace
) -> None:
    assert as_user(cast.supervisor).get("/me/page")["Location"] == "/me/"


def test_a_stand_in_writes_the_code_and_no_phone(
    wang: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    with override_settings(SHORT_MESSAGE="demo.stand_ins.ShortMessages"):
        asked(wang, Client())
    told = capsys.readouterr().out
    assert "演示替身（没有发出短信）：医保查询验证码" in told and wang.phone not in told


def test_of_what_the_household_counts_together_the_limit_alone_is_told() -> None:
    """王建国 sees what he used of his 20 days; of the 3 times of the household only that there are
    three, whatever 刘芳 used of them."""
    benefits = Benefits(
        tier="一档",
        limits=[Limit("住院天数", 20, 6, "days")],
        shared=[Limit("家庭门诊", 3, 2, "count"), Limit("家庭统筹", 100_000, 4_321, "fen")],
    )
    person = SimpleNamespace(
        name="王建国", resident_id="", household=SimpleNamespace(division=None)
    )
    shown = SimpleNamespace(person=person, benefits=benefits)
    text = render_to_string("insured/page.html", {"shown": shown}, RequestFactory().get("/me/page"))
    assert "还剩 <strong>14</strong> 天（最多 20 天，已用 6 天）" in text
    assert "家庭门诊：全家最多 3 次" in text and "家庭统筹：全家最多 1,000.00 元" in text
    assert "已用 2" not in text and "43.21" not in text and "住院能报多少" not in text


def test_a_code_opens_once_and_leaving_ends_it_for_every_copy(wang: Person) -> None:
    """Whoever sits down at the same browser after 王建国, with copies of all that it kept."""
    client = entered(wang)
    code, copy = code_of_last(), Client()
    for name in ("me", "me-asked"):
        copy.cookies[name] = client.cookies[name].value
    assert copy.get("/me/page").status_code == 200
    assert WRONG in copy.post("/me/code", {"code": code}).content.decode()
    client.post("/me/leave")
    assert copy.get("/me/page")["Location"] == "/me/"
    assert WRONG in copy.post("/me/code", {"code": code}).content.decode()
    old = Client()
    old.cookies["me"] = signing.dumps(wang.pk, salt="me")
    assert old.get("/me/page")["Location"] == "/me/", "a cookie of the form of before"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_code_are_one(wang: Person) -> None:
    first, second = Client(), Client()
    asked(wang, first)
    second.cookies["me-asked"] = first.cookies["me-asked"].value
    form = {"code": code_of_last()}
    answers = together(*(partial(one.post, "/me/code", form) for one in (first, second)))
    assert sorted(one.status_code for one in answers) == [200, 302]


class Vouchers:
    """Reads a token as often as it is asked, as for hospitals; "down" is answered by nobody."""

    title = "凭证平台"
    holders: ClassVar[dict[str, tuple[str, str]]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []

    def holder(self, *, kind: str, number: str, card_sn: str, institution: str) -> Holder:
        self.asked.append((kind, institution))
        if number == "down":
            raise TimeoutError("no answer about 王建国")
        if number not in self.holders:
            raise Refusal("凭证已失效，请刷新二维码后重新扫码")
        told, name = self.holders[number]
        return Holder(number=told, name=name)


@pytest.fixture
def vouchers() -> Iterator[type[Vouchers]]:
    Vouchers.holders.clear()
    Vouchers.asked.clear()
    with override_settings(CREDENTIALS=f"{__name__}.Vouchers"):
        yield Vouchers


def scanned(client: Client, token: str, address: str = "127.0.0.1") -> Any:
    return client.post("/me/voucher", {"token": token}, REMOTE_ADDR=address)


def test_with_a_voucher_one_sees_what_is_ones_own_without_phone_or_receipt(
    wang: Person, vouchers: type[Vouchers]
) -> None:
    """刘芳 has no phone in the register. What was scanned opens once, and stands nowhere."""
    wife = Person.objects.get(name="刘芳")
    vouchers.holders["28031900001"] = wife.resident_id, "刘 芳"
    client = Client()
    assert "用医保电子凭证查询" in client.get("/me/").content.decode()
    assert scanned(client, "28031900001")["Location"] == "/me/page"
    assert "刘芳" in client.get("/me/page").content.decode()
    assert vouchers.asked == [("01", "")] and not Phone.sent
    line = AuditLine.objects.get(action="insured.enter")
    assert (line.subject_id, line.reason) == (str(wife.pk), "医保电子凭证")
    assert "28031900001" not in str(list(AuditLine.objects.values_list("after", "reason")))
    assert wang.name not in {one.username for one in SignInFailure.objects.all()}
    again = scanned(Client(), "28031900001").content.decode()
    assert "这个二维码已经用过，请在手机上刷新凭证后重新扫码" in again
    client.post("/me/leave")
    assert client.get("/me/page")["Location"] == "/me/"
    assert "已经用过" in scanned(client, "28031900001").content.decode(), "nor after she has left"
    assert "凭证已失效" in scanned(client, "28031900002").content.decode()


def test_a_voucher_of_another_county_or_of_somebody_dead_shows_nothing(
    wang: Person, vouchers: type[Vouchers]
) -> None:
    vouchers.holders.update(
        far=("110101199003070011", ""),
        dead=(wang.resident_id, ""),
        other=(wang.resident_id, "王强"),
    )
    assert "不在本县的参保登记中" in scanned(Client(), "other").content.decode()
    assert "不在本县的参保登记中" in scanned(Client(), "far").content.decode()
    Person.objects.filter(pk=wang.pk).update(death_date=TODAY)
    client = Client()
    assert "不在本县的参保登记中" in scanned(client, "dead").content.decode()
    assert client.get("/me/page").status_code == 302


def test_tokens_are_guessed_no_more_often_than_codes(
    wang: Person, vouchers: type[Vouchers]
) -> None:
    """Twenty from one address, and the program is not asked behind that; who is let in by a voucher
    uses up no try."""
    for at in range(ALLOWED_FROM_AN_ADDRESS + 5):
        vouchers.holders[f"right{at}"] = wang.resident_id, wang.name
        assert scanned(Client(), f"right{at}", "10.7.7.7").status_code == 302
    vouchers.asked.clear()
    told = [scanned(Client(), f"wrong{at}", "10.7.7.7").content.decode() for at in range(30)]
    assert [LOCKED in one for one in told].index(True) == ALLOWED_FROM_AN_ADDRESS
    assert len(vouchers.asked) == ALLOWED_FROM_AN_ADDRESS


def test_a_number_that_looks_like_another_document_s_lets_nobody_in(
    wang: Person, vouchers: type[Vouchers]
) -> None:
    """M12345678 is 陈家乐's permit of Macau, and a passport of somebody not insured here."""
    number = read_number(NumberKind.HK_MACAU_PERMIT, "M12345678", on=TODAY)
    Person.objects.filter(name="刘芳").update(
        name="陈家乐", number_kind=number.kind, resident_id=number.text,
        resident_id_index=number.index,
    )  # fmt: skip
    vouchers.holders.update(
        nobody=("M12345678", ""), passport=("M12345678", "金明浩"), permit=("M12345678", "陈家乐")
    )
    for token in ("nobody", "passport"):
        assert "不在本县的参保登记中" in scanned(Client(), token).content.decode()
    assert scanned(Client(), "permit")["Location"] == "/me/page"


def test_a_number_of_former_days_finds_its_bearer(wang: Person, vouchers: type[Vouchers]) -> None:
    wang.former_numbers.create(
        kind="resident_id", number="110101199003070011", mistaken=False, last_day=TODAY,
        number_index=indexes_of("110101199003070011")[0],
    )  # fmt: skip
    vouchers.holders["old"] = "110101199003070011", "王建国"
    assert scanned(Client(), "old")["Location"] == "/me/page"


def test_while_vouchers_are_not_read_codes_open_as_before(
    wang: Person, vouchers: type[Vouchers], caplog: pytest.LogCaptureFixture
) -> None:
    """The platform is down for an hour: no try is counted. Wrong vouchers shut that way alone."""
    for _ in range(ALLOWED_FROM_AN_ADDRESS + 5):
        assert "暂时读不出来" in scanned(Client(), "down").content.decode()
    assert "a voucher could not be read: TimeoutError" in caplog.text
    assert "王建国" not in caplog.text and not SignInFailure.objects.exists()
    for at in range(ALLOWED_FROM_AN_ADDRESS):
        scanned(Client(), f"wrong{at}")
    assert LOCKED in scanned(Client(), "one more").content.decode()
    assert "医保e站：凭证没有通过" in {
        one.get_kind_display() for one in SignInFailure.objects.all()
    }
    home = entered(wang)
    # Where he was let in he is counted by himself.
    vouchers.holders["his"] = wang.resident_id, "王建国"
    home.cookies.pop("me")
    assert scanned(home, "his")["Location"] == "/me/page"


def test_where_no_vouchers_are_read_the_page_says_so(wang: Person) -> None:
    with override_settings(CREDENTIALS=""):
        assert "用医保电子凭证查询" not in Client().get("/me/").content.decode()
        assert "尚未接通医保电子凭证" in Client().get("/me/voucher").content.decode()
        assert "尚未接通医保电子凭证" in scanned(Client(), "1").content.decode()

"""A file of master data waits for whoever sent it, and not for ever."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from desk import masterdata
from desk.importing import forget_old_files
from desk.models import MasterFile
from institutions.resources import InstitutionResource
from tests.conftest import make_user
from tests.masterdata import send

pytestmark = pytest.mark.django_db
URL = "/institutions/load"
ROWS = [
    ["机构代码", "名称", "级别", "类别", "所在区划代码", "执业中"],
    ["H50022500201", "桥亭村卫生室", "村卫生室", "基层门诊", "500225", "是"],
]


def test_nobody_else_sees_or_confirms_it(cast, county, as_user):
    send(as_user(cast.supervisor), URL, ROWS)
    colleague = make_user("supervisor2", "贺兰", "supervisor", county)
    page = as_user(colleague).get(URL).content.decode()
    assert "桥亭村卫生室" not in page and "确认写入" not in page
    answer = as_user(colleague).post(f"{URL}/confirm", {"fingerprint": "0" * 64}, follow=True)
    assert "这份表已经确认过或已放弃" in answer.content.decode()
    as_user(colleague).post(f"{URL}/discard")
    assert MasterFile.objects.get().uploaded_by == cast.supervisor


def test_a_new_file_takes_the_place_of_the_one_before(cast, as_user):
    client = as_user(cast.supervisor)
    send(client, URL, ROWS)
    page = send(client, URL, [ROWS[0], ["H50022500202", "石庙村卫生室", *ROWS[1][2:]]])
    assert "石庙村卫生室" in page and "桥亭村卫生室" not in page
    assert MasterFile.objects.count() == 1


def test_a_file_that_nobody_confirmed_is_forgotten_after_a_week(cast, as_user):
    send(as_user(cast.supervisor), URL, ROWS)
    today = timezone.localdate()
    assert masterdata.forget_old_files(on=today + timedelta(days=masterdata.KEPT_DAYS)) == 0
    MasterFile.objects.update(uploaded_at=timezone.now() - timedelta(days=9))
    assert forget_old_files() == 1
    assert not MasterFile.objects.exists()
    assert masterdata.waiting_file(InstitutionResource, cast.supervisor) is None
    assert masterdata.forget_old_files(on=date(2030, 1, 1)) == 0

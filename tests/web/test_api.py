"""The API: the bytes of the command line, problems with their place, lists in order, and guards of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from random import Random
from textwrap import indent
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from cli.main import huiqi
from engine import forward, load_pack, screen
from engine.diagnostics import Findings
from engine.yaml_source import read_file
from tests.conformance.profiles import Profiles
from tests.helpers import ROOT, measure, write_rules
from tests.web.conftest import TODAY
from web.api import endpoints
from web.api.examples import MEASURE, PROFILE
from web.api.models import MOST_PROFILES
from web.app import create_app
from web.service import MOST_RECORDS
from web.settings import Settings

API = "/api/v1"
MANY = "100000 per minute"
AWARD_DAY = "2017-06-30"


def site(**settings: Any) -> Flask:
    rates = {"page_rate": MANY, "api_rate": MANY, "batch_rate": MANY, **settings}
    return create_app(Settings(today=lambda: TODAY, **rates))


@pytest.fixture(scope="module")
def api() -> FlaskClient:
    return site().test_client()


def sample(name: str) -> dict[str, Any]:
    source = read_file(ROOT / "samples" / name, Findings(), rule_file=False)
    assert source is not None and isinstance(source.data, dict)
    return source.data


def send(api: FlaskClient, path: str, body: Any) -> Any:
    """Post with the keys in their order; the client's own writing of JSON sorts them."""
    return api.post(f"{API}/{path}", data=json.dumps(body, ensure_ascii=False), content_type="application/json")


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem of an answer, after its form was looked at."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    found: dict[str, Any] = answer.get_json(force=True)
    assert found["status"] == status
    assert any("\u4e00" <= char <= "\u9fff" for char in found["title"])
    assert any("\u4e00" <= char <= "\u9fff" for char in found["detail"])
    return found


# Screening


@pytest.mark.parametrize(
    ("name", "as_of", "choice"),
    [
        ("mixed.yaml", AWARD_DAY, {}),
        ("beijing-mixed.yaml", "2026-11-22", {}),
        ("mixed.yaml", "2022-06-30", {"documents": ["daxing-2021", "langfang-2016"]}),
        ("mixed.yaml", AWARD_DAY, {"measures": [MEASURE]}),
    ],
)
def test_screen_gives_the_bytes_of_the_command_line(
    api: FlaskClient, tmp_path: Path, name: str, as_of: str, choice: dict[str, list[str]]
) -> None:
    profile = json.dumps(sample(name), ensure_ascii=False, default=str)
    path = tmp_path / "profile.json"
    path.write_text(profile, "utf-8")
    options = [part for key, ids in choice.items() for id in ids for part in (f"--{key[:-1]}", id)]
    said = CliRunner().invoke(huiqi, ["check", str(path), "--as-of", as_of, "--format", "json", *options])
    assert said.exit_code == 0
    answer = send(api, "screen", {"profile": json.loads(profile), "as_of": as_of, **choice})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.data == said.stdout_bytes


def test_today_is_the_day_where_none_is_given(api: FlaskClient) -> None:
    assert api.post(f"{API}/screen", json={"profile": {}}).get_json()["as_of"] == TODAY.isoformat()


def test_decimal_numbers_stay_exact(api: FlaskClient) -> None:
    body = '{"profile": {"annuals": [{"fiscal_year": 2016, "revenue": 99999999.01}]}, "measures": ["' + MEASURE + '"]}'
    answer = api.post(f"{API}/screen", data=body, content_type="application/json")
    assert answer.get_json()["profile"]["annuals"][0]["revenue"] == "99999999.01"


def test_screening_again_makes_no_ruleset_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the forward executor makes of a program is never given back, so a site makes it once."""
    client = site().test_client()
    body = {"profile": PROFILE, "as_of": AWARD_DAY}
    first = client.post(f"{API}/screen", json=body)
    made: list[object] = []
    whole = forward._Ruleset.__init__

    def counted(self: Any, *args: Any) -> None:
        made.append(self)
        whole(self, *args)

    monkeypatch.setattr(forward._Ruleset, "__init__", counted)
    assert client.post(f"{API}/screen", json=body).data == first.data
    assert made == []
    assert site().test_client().post(f"{API}/screen", json=body).data == first.data
    assert bool(made) is forward.available()


# Problems


def test_every_problem_of_a_profile_has_its_pointer(api: FlaskClient) -> None:
    profile = {"staff_total": "很多", "a/b~c": 1, "recognitions": {"partial": True, "items": [{"issued": "2017-02-30"}]}}
    found = problem(api.post(f"{API}/screen", json={"profile": profile}), 422)
    assert [item["pointer"] for item in found["errors"]] == [
        "/profile/a~1b~0c",
        "/profile/recognitions/items/0/issued",
        "/profile/staff_total",
    ]
    assert all(item["message"] and item["hint"] for item in found["errors"])


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/profile"]),
        ({"profile": []}, ["/profile"]),
        ({"profile": {}, "as_of": "2017-6-30"}, ["/as_of"]),
        ({"profile": {}, "as_of": 20170630}, ["/as_of"]),
        ({"profile": {}, "measure": [], "documents": "x"}, ["/documents", "/measure"]),
        ({"profile": {}, "measures": [MEASURE, "lf16"]}, ["/measures/1"]),
        ({"profile": {}, "documents": ["langfang"]}, ["/documents/0"]),
        ({"profile": {"recognitions": [{}] * (MOST_RECORDS + 1)}}, ["/profile"]),
        ([], [""]),
        ("x", [""]),
    ],
)
def test_what_is_wrong_with_a_request_is_said_at_its_place(api: FlaskClient, body: Any, pointers: list[str]) -> None:
    found = problem(api.post(f"{API}/screen", json=body), 422)
    assert [item["pointer"] for item in found["errors"]] == pointers


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "JSON"),
        (b'{"profile": {}, "profile": {}}', "重复"),
        (b'{"profile": {},\n"x"', "第 2 行第 4 列"),
        (b'{"profile": {"name": "\\ud800"}}', "U+D800"),
        (b'{"profile": {"staff_total": 1e99999}}', "指数"),
        (b'{"profile": {"staff_total": NaN}}', "NaN"),
        (b"[" * 100_000, "层"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_body_that_is_no_json_is_a_problem(api: FlaskClient, data: bytes, said: str) -> None:
    answer = api.post(f"{API}/screen", data=data, content_type="application/json")
    assert said in problem(answer, 400)["errors"][0]["message"]


def test_problems_of_the_protocol_are_problems_too(api: FlaskClient) -> None:
    problem(api.get(f"{API}/nothing"), 404)
    problem(api.get("/api/v2/screen"), 404)
    problem(api.get(f"{API}/measures/none"), 404)
    wrong = api.get(f"{API}/screen")
    problem(wrong, 405)
    assert "POST" in wrong.headers["Allow"]
    problem(api.post(f"{API}/screen", data="{}", content_type="text/plain"), 415)
    problem(api.post(f"{API}/screen", data=b"x" * 9_000_000, content_type="application/json"), 413)
    problem(api.post(f"{API}/batch", json={"profiles": []}, headers={"Accept": "image/png"}), 406)


def test_a_fault_says_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("秘密")

    monkeypatch.setattr(endpoints, "vocabulary", fail)
    app = site()
    app.testing = False
    found = problem(app.test_client().get(f"{API}/vocabulary"), 500)
    assert "秘密" not in json.dumps(found, ensure_ascii=False)


def test_the_api_has_a_rate_of_its_own() -> None:
    client = site(api_rate="2 per minute").test_client()
    codes = [client.get(f"{API}/healthz").status_code for _ in range(3)]
    last = client.get(f"{API}/healthz")
    assert codes == [200, 200, 429]
    problem(last, 429)
    assert int(last.headers["Retry-After"]) > 0
    assert client.get("/").status_code == 200


def test_lists_have_a_rate_of_their_own() -> None:
    client = site(batch_rate="1 per minute").test_client()
    codes = [client.post(f"{API}/batch", json={"profiles": []}).status_code for _ in range(2)]
    assert codes == [200, 429]
    assert client.get(f"{API}/healthz").status_code == 200


def test_no_cookie_no_token_and_the_headers_of_the_site(api: FlaskClient) -> None:
    answer = api.post(f"{API}/screen", json={"profile": {}, "measures": [MEASURE]})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-cache" in answer.headers["Cache-Control"]


# Lists


def test_a_batch_keeps_its_order_and_one_bad_profile_harms_no_other(api: FlaskClient) -> None:
    profiles = [PROFILE, {"staff_total": "很多"}, 5, {}]
    answer = api.post(f"{API}/batch", json={"profiles": profiles, "as_of": AWARD_DAY, "measures": [MEASURE]})
    items = answer.get_json()["items"]
    assert [item["index"] for item in items] == [0, 1, 2, 3]
    verdicts = [item["determination"] and item["determination"]["results"][0]["verdict"] for item in items]
    assert verdicts == ["eligible", None, None, "undetermined"]
    assert items[1]["problem"]["errors"][0]["pointer"] == "/profiles/1/staff_total"
    assert items[2]["problem"]["errors"][0]["pointer"] == "/profiles/2"
    assert items[0]["determination"]["results"][0]["amount_yuan"] == "100000"


def test_a_batch_as_lines_gives_each_determination_whole(api: FlaskClient) -> None:
    body = {"profiles": [PROFILE, {"x": 1}], "as_of": AWARD_DAY, "measures": [MEASURE]}
    answer = api.post(f"{API}/batch", json={**body, "detail": "full"}, headers={"Accept": "application/x-ndjson"})
    assert answer.mimetype == "application/x-ndjson"
    first, second = [json.loads(line) for line in answer.text.splitlines()]
    one = api.post(f"{API}/screen", json={"profile": PROFILE, "as_of": AWARD_DAY, "measures": [MEASURE]})
    assert first == {"index": 0, "determination": one.get_json(), "problem": None}
    assert second["determination"] is None


def test_a_batch_has_a_length(api: FlaskClient) -> None:
    body = {"profiles": [{}] * MOST_PROFILES, "measures": [MEASURE]}
    answer = api.post(f"{API}/batch", json=body)
    assert [item["index"] for item in answer.get_json()["items"]] == list(range(MOST_PROFILES))
    body["profiles"] = [{}] * (MOST_PROFILES + 1)
    found = problem(api.post(f"{API}/batch", json=body), 422)
    assert found["errors"][0]["pointer"] == "/profiles"


def test_a_batch_has_a_size(api: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MOST_RECORDS_OF_ALL", 3)
    profiles = [{"projects": [{}, {}]}, {"projects": {"partial": True, "items": [{}]}}]
    body = {"profiles": profiles, "measures": [MEASURE]}
    assert api.post(f"{API}/batch", json=body).status_code == 200
    profiles.append({"projects": [{}]})
    assert problem(api.post(f"{API}/batch", json=body), 422)["errors"][0]["pointer"] == "/profiles"


def test_a_fault_in_one_profile_is_its_own(
    monkeypatch: pytest.MonkeyPatch, api: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    whole = endpoints.profile

    def fail(data: Any, place: str) -> Any:
        if place.endswith("/0"):
            raise RuntimeError("秘密")
        return whole(data, place)

    monkeypatch.setattr(endpoints, "profile", fail)
    items = api.post(f"{API}/batch", json={"profiles": [{}, {}], "measures": [MEASURE]}).get_json()["items"]
    assert items[0]["problem"]["status"] == 500
    assert items[1]["problem"] is None
    assert "RuntimeError" in caplog.text
    assert "秘密" not in caplog.text


# Questions and the road map


def test_the_next_question_is_asked_until_it_is_settled(api: FlaskClient) -> None:
    asked: list[str] = []
    for _ in range(10):
        body = {"profile": {}, "as_of": AWARD_DAY, "measures": [MEASURE], "skipped": asked}
        answer = api.post(f"{API}/next-question", json=body).get_json()
        if answer["question"] is None or answer["question"]["assumed"]:
            break
        assert answer["question"]["key"] not in asked
        assert answer["question"]["measures"] == [MEASURE]
        assert answer["question"]["question"]
        asked.append(answer["question"]["key"])
    assert asked == ["recognitions"]
    assert answer["settled"]["remaining"][0]["unclear"] == ["recognitions"]
    assert answer["progress"]["remain"] == 0


def test_a_choice_has_its_options(api: FlaskClient) -> None:
    body = {"profile": {}, "as_of": "2022-06-30", "documents": ["daxing-2021"]}
    question = api.post(f"{API}/next-question", json=body).get_json()["question"]
    assert question["why"].startswith("影响 ")
    assert set(question["measures"]) <= {item.id for item in load_pack().measures}


def test_the_road_map_shows_a_way_that_works(api: FlaskClient) -> None:
    profile = {**PROFILE, "recognitions": []}
    body = {"profile": profile, "as_of": AWARD_DAY, "measures": [MEASURE]}
    answer = api.post(f"{API}/road-map", json=body).get_json()
    (route,) = answer["routes"]
    assert route["proven"] is True
    way = route["ways"][0]
    assert [change["kind"] for change in way["changes"]] == ["add"]
    again = api.post(f"{API}/screen", json={**body, "profile": way["profile"]}).get_json()
    assert again["results"][0]["verdict"] == "eligible"
    late = api.post(f"{API}/road-map", json={**body, "as_of": "2026-11-22"}).get_json()
    assert "已到期" in late["routes"][0]["impossible"]


# What there is


def test_measures_are_listed_and_shown(api: FlaskClient) -> None:
    pack = load_pack()
    every = api.get(f"{API}/measures").get_json()
    assert [item["id"] for item in every["measures"]] == [item.id for item in pack.measures]
    assert every["pack_version"] == pack.version
    some = api.get(f"{API}/measures?document=langfang-2016&document=zgc-2024").get_json()["measures"]
    assert {item["document"] for item in some} == {"langfang-2016", "zgc-2024"}
    problem(api.get(f"{API}/measures?document=none"), 422)
    for item in pack.measures:
        shown = api.get(f"{API}/measures/{item.id}").get_json()
        assert shown["citation"]["phrases"] == item.spec.cite
        assert shown["conditions"]
    award = api.get(f"{API}/measures/{MEASURE}").get_json()
    assert award["benefit_structured"]["amount_yuan"] == "100000"
    assert award["amount"] == "10万元"


def test_the_vocabulary_and_the_schema_say_what_a_profile_may(api: FlaskClient) -> None:
    vocabulary = load_pack().vocabulary
    answer = api.get(f"{API}/vocabulary").get_json()
    paths = [field["path"] for field in answer["fields"]]
    paths += [field["path"] for record in answer["records"] for field in record["fields"]]
    assert sorted(paths) == sorted(vocabulary.fields)
    schema = api.get(f"{API}/profile-schema").get_json()
    assert set(PROFILE) <= set(schema["properties"])


def test_the_page_of_the_api_has_no_script_of_its_own(api: FlaskClient) -> None:
    page = api.get(f"{API}/docs").text
    for operation in ("screen", "next_question", "roads", "batch", "measure", "healthz"):
        assert f'id="{operation}"' in page
    assert "<script>" not in page
    assert "style=" not in page
    assert "http://" not in page.replace("http://localhost", "")
    assert "虚构科技（廊坊）有限公司" in page


def test_other_rules_have_a_document_and_a_page_of_their_own(tmp_path: Path) -> None:
    yaml = measure("{field: staff, at_least: 10}")
    rules = write_rules(tmp_path / "rules", {"measures.yaml": f"measures:\n{indent(yaml, '  ')}"})
    client = site(rules=rules).test_client()
    document = client.get(f"{API}/openapi.json").get_json()
    asked = document["paths"][f"{API}/screen"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert asked["measures"] == ["m"]
    assert client.get(f"{API}/docs").status_code == 200


def test_random_profiles_are_screened_as_by_the_engine(api: FlaskClient) -> None:
    """The site screens by the forward executor; the reference one must give the same bytes."""
    pack = load_pack()
    made = Profiles(pack, 7)
    for target in Random(7).sample(pack.measures, 6):
        as_of = pack.documents[target.document].document.validity.start + timedelta(days=200)
        data = json.loads(json.dumps(made.profile(as_of, target, 0.3), ensure_ascii=False, default=str))
        answer = send(api, "screen", {"profile": data, "as_of": as_of.isoformat()})
        assert answer.text == screen(data, pack, as_of=as_of).to_json()

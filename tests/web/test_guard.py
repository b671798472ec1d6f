"""Who is let in, and what is refused before anything is done."""

import io

import pytest
from PIL import Image
from starlette.testclient import TestClient

from gan_style.system.errors import UserError
from gan_style.web import limits
from gan_style.web.app import Page, application
from gan_style.web.asking import Asking
from gan_style.web.doors import Doors, is_loopback

TOKEN = "a token that is long enough"


def opened(root, doors: Doors, host: str) -> TestClient:
    """The page without its worker: nothing is painted here."""
    page = Page(doors, root, Asking(root, root / "answers.jsonl", {}, None))
    return TestClient(application(page), base_url=f"http://{host}", raise_server_exceptions=False)


@pytest.fixture
def at_home(tmp_path):
    return opened(tmp_path, Doors.of("127.0.0.1", None), "127.0.0.1:8765")


@pytest.fixture
def elsewhere(tmp_path):
    return opened(tmp_path, Doors.of("0.0.0.0", TOKEN), "10.1.2.3:8765")


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:8765", "[::1]:8765", "LOCALHOST"])
def test_at_home_nobody_needs_a_token(at_home, host):
    assert at_home.get("/api/runs", headers={"host": host}).json() == []


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:8765", "10.1.2.3", "", "127.0.0.1.nip.io"]
)
def test_another_name_for_this_machine_is_refused(at_home, host):
    assert at_home.get("/api/runs", headers={"host": host}).status_code == 421


FOREIGN = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://["},
    {"origin": "http://127.0.0.1:9999"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_another_site_asks_for_is_refused(at_home, headers, method):
    assert at_home.request(method, "/api/runs", headers=headers).status_code == 403


def test_a_link_from_anywhere_leads_to_the_page_alone(at_home):
    linked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert at_home.get("/", headers=linked).status_code == 200
    own = {"origin": "http://127.0.0.1:8765", "sec-fetch-site": "same-origin"}
    assert at_home.post("/api/photographs", content=b"no picture", headers=own).status_code == 422


@pytest.mark.parametrize(
    "path", ["/api/runs", "/api/painters", "/api/openapi.json", "/api", "/api/ask/next", "/nothing"]
)
def test_from_elsewhere_without_a_token_nothing_is_told(elsewhere, path):
    assert elsewhere.get(path).status_code == 401
    assert elsewhere.post(path).status_code == 401
    wrong = {"authorization": f"Bearer {TOKEN}r", "cookie": "gan-style-page=x"}
    assert elsewhere.get(path, headers=wrong).status_code == 401


def test_the_token_opens_as_header_as_address_and_by_the_form(elsewhere):
    assert elsewhere.get("/api/runs", headers={"authorization": f"Bearer {TOKEN}"}).json() == []
    form = elsewhere.get("/")
    assert form.status_code == 401
    assert "<form" in form.text
    assert "alert" not in form.text
    for wrong in (elsewhere.post("/sign-in", data={"token": "wrong"}), elsewhere.get("/?token=wrong")):
        assert wrong.status_code == 401
        assert '<p role="alert">This is not the token.' in wrong.text
        assert "<form" in wrong.text
    for ask in (
        lambda: elsewhere.get("/", params={"token": TOKEN}, follow_redirects=False),
        lambda: elsewhere.post("/sign-in", data={"token": TOKEN}, follow_redirects=False),
    ):
        elsewhere.cookies.clear()
        answer = ask()
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        assert TOKEN not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert elsewhere.get("/api/runs").json() == []
    assert "tablist" in elsewhere.get("/").text


def test_every_answer_tells_browsers_to_be_careful(at_home, elsewhere):
    for answer in (
        at_home.get("/"),
        at_home.get("/api/nothing"),
        elsewhere.get("/api/runs"),
        at_home.get("/static/style.css"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "cache-control" in answer.headers
        assert "server" not in answer.headers


PATHS = ["/static/../app.py", "/static/%2e%2e/app.py", "/static/js/..%2f..%2fapp.py", "/static//etc/passwd"]
PATHS += [
    "/api/runs/../../etc/losses",
    "/api/runs/%2e%2e/%2e%2e/etc/losses",
    "/api/runs/a/b/..%2f..%2fseed0/losses",
]
PATHS += [
    "/api/paintings/..%2f..%2fx/file",
    "/api/painters/included/..%2foil/picture",
    "/api/ask/../x/left.webp",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out(at_home, path):
    assert at_home.get(path).status_code in (404, 405)


def test_loopback_is_known_and_a_short_token_refused():
    assert all(map(is_loopback, ("127.0.0.1", "::1", "localhost", "127.9.9.9")))
    assert not any(map(is_loopback, ("0.0.0.0", "10.0.0.1", "example.org", "localhost.example")))
    with pytest.raises(UserError, match="at least 16"):
        Doors.of("127.0.0.1", "short")
    made = {Doors.of("0.0.0.0", None).token for _ in range(3)}
    assert len(made) == 3
    assert Doors.of("10.0.0.5", None, ("paint.example",)).knows_host("paint.example:443")


def test_bodies_are_bounded_before_they_are_kept(at_home, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    too_much = at_home.post(
        "/api/paintings", content=b" " * (limits.BODY_BYTES + 1), headers={"content-type": "application/json"}
    )
    assert too_much.status_code == 413
    assert too_much.json() == {"detail": "it has more bytes than this page takes"}
    lied = {"content-length": str(limits.UPLOAD_BYTES + 1)}
    assert at_home.post("/api/photographs", content=b"x", headers=lied).status_code == 413


def test_a_body_of_unknown_length_is_cut_off_while_it_comes(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(limits, "UPLOAD_BYTES", 5000)
    came = []

    def endless():
        for number in range(20):
            came.append(number)
            yield b"x" * 1000

    client = opened(tmp_path, Doors.of("127.0.0.1", None), "127.0.0.1")
    assert client.post("/api/photographs", content=endless()).status_code == 413
    (folder,) = tmp_path.glob("gan-style-page-*")
    assert [path.name for path in folder.iterdir()] == ["lock"], "nothing of it is kept"


def test_pictures_that_are_sent_are_bounded_while_nothing_is_painted(at_home, monkeypatch, tmp_path):
    monkeypatch.setattr(limits, "KEPT_UPLOADS", 2)
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    ids = [at_home.post("/api/photographs", content=file.getvalue()).json()["id"] for _ in range(4)]
    kept = [at_home.delete(f"/api/photographs/{id}").status_code for id in ids]
    assert kept == [404, 404, 204, 204]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"photograph": "x", "painter": "included/oil", "size": 3}, "size: "),
        ({"photograph": "x", "painter": "included/oil", "stlye": "x"}, "stlye: "),
        ({"photograph": "x", "painter": "included/oil", "strength": "much"}, "strength: "),
        ({"painter": "included/oil"}, "photograph: "),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(at_home, body, expected):
    answer = at_home.post("/api/paintings", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(expected)


def test_the_api_is_described_without_a_network(at_home):
    described = at_home.get("/api/openapi.json").json()
    assert "/api/paintings/{id}/file" in described["paths"]
    assert all(
        route.get("description") for methods in described["paths"].values() for route in methods.values()
    )
    assert "/static/js/api-page.js" in at_home.get("/api").text

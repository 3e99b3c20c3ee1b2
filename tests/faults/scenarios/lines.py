"""Lines and posters: what a kill leaves must refuse, or work, and never do half of it."""

from typing import Any

from tests.faults.kills import Scenario
from tests.service import Service

LINE = {"provider": "kobo", "name": "Interviews", "fields": {"text": "group1/q2"}}
OLD, NEW = "the-secret-of-yesterday", "the-secret-of-tomorrow"


def _nothing(service: Service) -> str:
    service.partner()
    return ""


def _a_line(service: Service) -> str:
    return str(service.partner().post("/v1/lines", LINE).json()["line_id"])


def _a_line_with_a_secret(service: Service) -> str:
    line_id = _a_line(service)
    service.partner().put(f"/v1/lines/{line_id}/secrets", {"header_secret": OLD})
    return line_id


def _lines(service: Service) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = service.partner().get("/v1/lines").json()["items"]
    return rows


def _logged(service: Service, event: str) -> list[str]:
    log = service.deps.access.log("2026-11", 100, None).items
    return [entry.subject for entry in log if entry.event == event]


def _add(service: Service, _: str) -> None:
    service.partner().post("/v1/lines", LINE)


def _every_line_is_listed_and_logged(service: Service, _: str) -> None:
    rows = _lines(service)
    assert 1 <= len(rows) <= 2
    assert {row["line_id"] for row in rows} == set(_logged(service, "line_added"))
    assert all(service.deps.lines.get(row["line_id"]) is not None for row in rows)


def _rename(service: Service, line_id: str) -> None:
    partner, path = service.partner(), f"/v1/lines/{line_id}"
    version = partner.get(path).headers["ETag"]
    partner.patch(path, {"name": "Interviews at the gate"}, If_Match=version)


def _renamed_once(service: Service, line_id: str) -> None:
    (row,) = _lines(service)
    line = service.deps.lines.get(line_id)
    assert line is not None
    assert (row["name"], row["version"]) == ("Interviews at the gate", 2)
    assert (line.name, line.version) == ("Interviews at the gate", 2)
    assert _logged(service, "line_changed") == [line_id]


def _set(service: Service, line_id: str) -> None:
    service.partner().put(f"/v1/lines/{line_id}/secrets", {"header_secret": NEW})


def _set_and_told(service: Service, line_id: str) -> None:
    (row,) = _lines(service)
    assert row["ready"]
    assert row["secret_names"] == ["header_secret"]
    assert service.kept_secrets(line_id) == {"header_secret": NEW}
    assert line_id in _logged(service, "line_secrets_set")


def _end(service: Service, line_id: str) -> None:
    service.partner().delete(f"/v1/lines/{line_id}")


def _ended_without_secrets(service: Service, line_id: str) -> None:
    (row,) = _lines(service)
    assert row["ended_at"]
    assert not row["ready"]
    assert service.kept_secrets(line_id) is None
    assert _logged(service, "line_ended") == [line_id]


def _a_factory(service: Service) -> str:
    service.partner()
    return service.factory()


def _codes(service: Service, factory_id: str) -> list[dict[str, Any]]:
    path = f"/v1/factories/{factory_id}/poster-codes"
    rows: list[dict[str, Any]] = service.partner().get(path).json()["items"]
    return rows


def _make_code(service: Service, factory_id: str) -> None:
    service.partner().post(f"/v1/factories/{factory_id}/poster-codes", {})


def _every_code_is_listed(service: Service, factory_id: str) -> None:
    rows = _codes(service, factory_id)
    assert 1 <= len(rows) <= 2
    for row in rows:
        poster = service.deps.posters.get(row["code"])
        assert poster is not None
        assert poster.factory_id == factory_id


def _a_code(service: Service) -> str:
    factory_id = _a_factory(service)
    _make_code(service, factory_id)
    return factory_id


def _end_code(service: Service, factory_id: str) -> None:
    (row,) = _codes(service, factory_id)
    service.partner().delete(f"/v1/poster-codes/{row['code']}")


def _code_ended(service: Service, factory_id: str) -> None:
    (row,) = _codes(service, factory_id)
    poster = service.deps.posters.get(row["code"])
    assert poster is not None
    assert row["ended_at"]
    assert poster.ended_at is not None


SCENARIOS = [
    Scenario(
        "a new line", _nothing, _add, _add, _every_line_is_listed_and_logged, at_least_calls=2
    ),
    Scenario("a change of a line", _a_line, _rename, _rename, _renamed_once, at_least_calls=4),
    Scenario("the first secrets of a line", _a_line, _set, _set, _set_and_told, at_least_calls=6),
    Scenario(
        "other secrets of a line",
        _a_line_with_a_secret,
        _set,
        _set,
        _set_and_told,
        at_least_calls=5,
    ),
    Scenario(
        "the end of a line",
        _a_line_with_a_secret,
        _end,
        _end,
        _ended_without_secrets,
        at_least_calls=4,
    ),
    Scenario(
        "a code for a poster",
        _a_factory,
        _make_code,
        _make_code,
        _every_code_is_listed,
        at_least_calls=4,
    ),
    Scenario(
        "the end of a code for a poster",
        _a_code,
        _end_code,
        _end_code,
        _code_ended,
        at_least_calls=4,
    ),
]

"""How the registry is kept: each request killed anywhere, then repeated."""

from collections.abc import Callable
from typing import Any

from chalicelib.store.clients import client
from tests.faults.scenarios.asked import Asked, repeated
from tests.service import Service
from tests.usecases.imports import as_csv, imported, upload
from tests.usecases.stories import case_of, covered, submitted

_ACME = {
    "name": "Acme Outdoor and Indoor",
    "language": "en",
    "aws_account_id": "210987654321",
}
_RENAMED = {"name": "Vina Sewing Two", "country": "VN", "city": "Hue"}
_YI = ("Yi Chang Tai Garment Factory", "48 Kangzheng Road", "Shenzhen", "China")
_FAIR = ("Fair Design Printing", "140 Bason Sorok", "Gazipur", "Bangladesh")


def _brand(*, there: bool) -> Callable[[Service], Asked]:
    """A brand is put, with a topic of its own; or renamed."""

    def prepare(service: Service) -> Asked:
        operator, headers = service.operator(), {}
        if there:
            service.brand(subscribe=False)
            headers = {"If_Match": '"1"'}

        def seen() -> tuple[str, int, bool]:
            brand = operator.get("/v1/brands/acme").json()
            topic = client("sns").get_topic_attributes(TopicArn=brand["topic_arn"])
            lets_in = _ACME["aws_account_id"] in topic["Attributes"]["Policy"]
            return brand["name"], brand["version"], lets_in

        return Asked(lambda: operator.put("/v1/brands/acme", _ACME, **headers), seen)

    return prepare


def _brand_to_delete(service: Service) -> Asked:
    service.brand(subscribe=False)
    operator = service.operator()
    return Asked(
        lambda: operator.delete("/v1/brands/acme", If_Match='"1"'),
        lambda: operator.get("/v1/brands/acme").status,
    )


def _factory(method: str, body: Any) -> Callable[[Service], Asked]:
    """A factory nobody sources from, and under which names a worker's report finds it."""

    def prepare(service: Service) -> Asked:
        factory_id = service.factory("Vina Sewing", country="VN", city="Hue")
        path, operator = f"/v1/factories/{factory_id}", service.operator()

        def seen() -> tuple[int, list[str]]:
            return operator.get(path).status, _names_that_find(factory_id, service)

        return Asked(lambda: operator.send(method, path, body, {"If-Match": '"1"'}), seen)

    return prepare


def _names_that_find(factory_id: str, service: Service) -> list[str]:
    partner, found = service.partner(), []
    for name in ("Vina Sewing", "Vina Sewing Two"):
        reported = {"name": name, "country": "VN", "city": "Hue"}
        grievance_id = submitted(partner, name, factory_reported=reported)
        service.tick()
        if case_of(partner, grievance_id)["factory_id"] == factory_id:
            found.append(name)
    return found


def _link_to_end(service: Service) -> Asked:
    path = f"/v1/factories/{covered(service)}/links/acme"
    operator = service.operator()
    return Asked(lambda: operator.delete(path, If_Match='"1"'), lambda: operator.get(path).status)


def _list(service: Service) -> Asked:
    service.brand()
    operator = service.operator()

    def seen() -> list[str]:
        service.drain()
        service.clock.forward(minutes=20)
        service.tick()
        return [row["status"] for row in operator.get("/v1/imports").json()["items"]]

    return Asked(lambda: upload(service, as_csv(_YI)), seen)


def _newer_list(service: Service) -> Asked:
    """A list in which a factory is no longer, asked for; the worker's run is what is killed."""
    service.brand()
    imported(service, as_csv(_YI, _FAIR))
    upload(service, as_csv(_YI), disclosed_at="2027-06-30")
    operator = service.operator()

    def drained() -> Any:
        service.drain()
        service.clock.forward(minutes=20)
        service.tick()
        return operator.get("/v1/imports")

    def seen() -> tuple[list[str], list[str]]:
        rows = operator.get("/v1/imports").json()["items"]
        links = service.deps.registry.links_of_brand("acme")
        ends = sorted(str(link.valid_to) for link in links)
        return [row["status"] for row in rows], ends

    return Asked(drained, seen)


SCENARIOS = [
    repeated("a brand", _brand(there=False), ("Acme Outdoor and Indoor", 1, True), calls=4),
    repeated(
        "another name of a brand",
        _brand(there=True),
        ("Acme Outdoor and Indoor", 2, True),
        calls=4,
    ),
    repeated("end of a brand", _brand_to_delete, 404, calls=4, done=["not_found"]),
    repeated(
        "another name of a factory",
        _factory("PUT", _RENAMED),
        (200, ["Vina Sewing Two"]),
        calls=5,
        done=["precondition_failed"],
    ),
    repeated("end of a factory", _factory("DELETE", None), (404, []), calls=5, done=["not_found"]),
    repeated("end of a link", _link_to_end, 404, calls=4, done=["not_found"]),
    repeated("request for an import", _list, ["done"], ["done", "done"], calls=4),
    repeated(
        "import of a newer list",
        _newer_list,
        (["done", "done"], ["2027-06-30", "None"]),
        calls=20,
    ),
]

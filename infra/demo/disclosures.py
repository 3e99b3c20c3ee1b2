"""The first chapter: brands, how they want to be told, and the lists that they publish."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from infra.demo.api import eventually
from infra.demo.cast import ACME, BRANDS, DAMAGED_LINES, DISCLOSURES, Brand
from infra.demo.checks import StepFailed, expect
from infra.demo.scene import Scene
from infra.demo.telling import Bar

_PATIENCE = 240.0  # seconds for the largest list
_SHOWN = 5


def register_brands(scene: Scene) -> None:
    """Three brands register; each has a queue subscribed to its topic, one an HTTPS endpoint."""
    for brand in BRANDS:
        topic = _register(scene, brand.brand_id, brand.name, _code_of(brand))
        scene.queues[brand.brand_id] = _subscribed_queue(scene, brand.brand_id, topic)
        if brand.brand_id == ACME:
            scene.sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=scene.endpoint.url)
        ways = "a queue and an HTTPS endpoint" if brand.brand_id == ACME else "a queue"
        scene.teller.done(f"{brand.name}: its topic has {ways} subscribed")


def _code_of(brand: Brand) -> dict[str, Any]:
    clause = {"category": brand.category, "clause": brand.clause}
    return {"version": "2025-03", "clauses": [clause]}


def _register(scene: Scene, brand_id: str, name: str, code: dict[str, Any] | None) -> str:
    body = {"name": name, "code_of_conduct": code}
    topic: str = scene.operator.put(f"/v1/brands/{brand_id}", json=body)["topic_arn"]
    expect(topic.endswith(brand_id), f"{brand_id} has no topic of its own")
    return topic


def _subscribed_queue(scene: Scene, brand_id: str, topic: str) -> str:
    url: str = scene.sqs.create_queue(QueueName=f"desk-{brand_id}")["QueueUrl"]
    attributes = scene.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    scene.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return url


def import_lists(scene: Scene) -> None:
    """The lists come in as the brands published them; what was not understood is named."""
    for disclosure in DISCLOSURES:
        content = _content(disclosure.path)
        for before, after in disclosure.damage.items():
            content = content.replace(before, after)
        report = _import(scene, disclosure.brand_id, disclosure.path, disclosure.source, content)
        if disclosure.damage:
            _expect_damage_found(scene, report)
    for path, name in scene.given_lists:
        brand_id = slug(name)
        _register(scene, brand_id, name, None)
        _import(scene, brand_id, path, f"{brand_id}-list", _content(path))


def build_the_index(scene: Scene) -> None:
    """The schedule that builds the matching index has found that the registry has changed."""
    scene.tick()
    build = eventually(lambda: _newest_index(scene), "no matching index was built")
    scene.teller.done(f"an index of all factories, {build['Size'] // 1024} kB: {build['Key']}")


def _newest_index(scene: Scene) -> Mapping[str, Any] | None:
    listed = scene.s3.list_objects_v2(Bucket=scene.document["bucket"], Prefix="matching/")
    found: list[Mapping[str, Any]] = listed.get("Contents", [])
    return max(found, key=lambda item: item["Key"], default=None)


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise StepFailed(f"{path} cannot be read: {error.strerror}") from error


def _expect_damage_found(scene: Scene, report: Mapping[str, Any]) -> None:
    lines = [p["line"] for p in report["problems"] if p["severity"] == "error"]
    expect(lines == [*DAMAGED_LINES], f"lines {DAMAGED_LINES} were damaged, {lines} are reported")
    scene.teller.done("two lines were damaged on purpose, and named; the others came in")


def slug(name: str) -> str:
    """A brand's id from its name. StepFailed for a name without letters or digits."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    expect(found, f"{name} cannot be a brand's name: it needs a letter from a to z")
    return found


def _import(
    scene: Scene, brand_id: str, path: str, source: str, content: bytes
) -> Mapping[str, Any]:
    """Import a list through the API; its report."""
    name = Path(path).name
    with scene.teller.progress(f"{name} of {brand_id}") as bar:
        query = {"brand_id": brand_id, "source": source, "disclosed_at": "2026-01-31"}
        headers = {"Content-Type": "application/octet-stream"}
        job = scene.operator.post("/v1/imports", params=query, data=content, headers=headers)
        done = eventually(
            lambda: _finished(scene, job["import_id"], bar),
            f"the import of {name} did not finish",
            _PATIENCE,
        )
    if done["status"] == "failed":
        raise StepFailed(f"{name} was not imported: {done['error_detail'] or done['error']}")
    _expect_links(scene, name, done)
    report: dict[str, Any] = requests.get(done["report_url"], timeout=60).json()
    _tell_import(scene, name, report)
    return report


def _finished(scene: Scene, import_id: str, bar: Bar) -> dict[str, Any] | None:
    job: dict[str, Any] = scene.operator.get(f"/v1/imports/{import_id}")
    bar.reach(job["progress"]["done"], job["progress"]["total"])
    return job if job["status"] in ("done", "failed") else None


def _expect_links(scene: Scene, name: str, job: Mapping[str, Any]) -> None:
    expect(job["counts"]["facilities"] > 0, f"no facility was recognised in {name}")
    query = {"brand_id": job["request"]["brand_id"], "limit": 1}
    links = scene.operator.get("/v1/links", params=query)["items"]
    expect(links, f"{name} left no sourcing link behind")


def _tell_import(scene: Scene, name: str, report: Mapping[str, Any]) -> None:
    counts = report["counts"]
    scene.teller.done(
        f"{name}: {counts['facilities']} facilities, {counts['factories_created']} of them new "
        f"to the registry, {counts['links_created']} new links"
    )
    taken = [column for table in report["columns"] for column in table["taken"]]
    ignored = [heading for table in report["columns"] for heading in table["ignored"]]
    recognised = ", ".join(f"{c['heading']!r} as {c['column']}" for c in taken)
    scene.teller.aside(f"columns: {recognised}")
    if ignored:
        scene.teller.aside(f"columns left out: {', '.join(map(repr, ignored))}")
    _tell_problems(scene, report["problems"])


def _tell_problems(scene: Scene, problems: list[dict[str, Any]]) -> None:
    if not problems:
        scene.teller.aside("every line could be read")
    for problem in problems[:_SHOWN]:
        line = f"line {problem['line']}" if problem["line"] else "the file"
        scene.teller.aside(f"{line}, {problem['severity']}: {problem['detail']}")
    if len(problems) > _SHOWN:
        scene.teller.aside(f"and {len(problems) - _SHOWN} more in the report")

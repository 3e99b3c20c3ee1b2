"""Files: streamed whole or not at all, with the hash of exactly what lies there."""

import hashlib
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import Unavailable
from chalicelib.store import clients
from chalicelib.store.files import PART_BYTES, Files, Written
from tests.calls import counted_calls
from tests.service import Service
from tests.store.answers import Script, answer

BUCKET = "handshake-test-files"
KEY = "exports/e_1/cases.csv"
MEGABYTE = 1024 * 1024


@pytest.fixture
def files(service: Service) -> Files:
    return service.deps.files


def written_of(content: bytes) -> Written:
    return Written(len(content), hashlib.sha256(content).hexdigest())


def uploads_left_open() -> list[Any]:
    listed = clients.client("s3").list_multipart_uploads(Bucket=BUCKET)
    found: list[Any] = listed.get("Uploads", [])
    return found


def test_a_small_file_is_put_and_got(files: Files) -> None:
    assert files.get(KEY) is None
    assert files.put(KEY, "工资".encode(), "text/csv") == written_of("工资".encode())
    assert files.get(KEY) == "工资".encode()
    stored = clients.client("s3").head_object(Bucket=BUCKET, Key=KEY)
    assert stored["ContentType"] == "text/csv"


@pytest.mark.parametrize(
    ("chunks", "parts"),
    [
        ([], 1),
        ([b""], 1),
        ([b"a,b\r\n", b"1,2\r\n"], 1),
        ([b"x" * PART_BYTES], 1),
        ([b"x" * (PART_BYTES - 1), b"y"], 1),
        ([b"x" * PART_BYTES, b"y"], 2),
        ([b"x" * MEGABYTE] * 20, 3),
    ],
    ids=["nothing", "empty", "small", "one part", "just one part", "one byte more", "three parts"],
)
def test_a_stream_becomes_one_file_of_as_few_parts_as_its_size_asks_for(
    files: Files, chunks: list[bytes], parts: int
) -> None:
    content = b"".join(chunks)

    with counted_calls() as calls:
        written = files.stream(KEY, chunks, "text/csv")

    assert written == written_of(content)
    assert files.get(KEY) == content
    assert calls == [
        "s3.CreateMultipartUpload",
        *["s3.UploadPart"] * parts,
        "s3.CompleteMultipartUpload",
    ]
    assert uploads_left_open() == []


@settings(max_examples=20)
@given(st.lists(st.integers(0, 3 * PART_BYTES), max_size=6))
def test_whatever_the_sizes_of_chunks_every_part_but_the_last_is_large_enough_for_s3(
    sizes: list[int],
) -> None:
    client = _CountingUpload()

    written = Files(lambda: client, BUCKET).stream(KEY, (bytes(size) for size in sizes), "x/y")

    assert written.size == sum(sizes) == sum(client.parts)
    assert all(size >= PART_BYTES for size in client.parts[:-1])
    assert len(client.parts) >= 1


class _CountingUpload:
    """Takes an upload and keeps the sizes of its parts only."""

    def __init__(self) -> None:
        self.parts: list[int] = []

    def create_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"UploadId": "u"}

    def upload_part(self, **part: Any) -> dict[str, str]:
        assert part["PartNumber"] == len(self.parts) + 1
        self.parts.append(len(part["Body"]))
        return {"ETag": "e"}

    def complete_multipart_upload(self, **upload: Any) -> None:
        assert len(upload["MultipartUpload"]["Parts"]) == len(self.parts)


def test_memory_does_not_grow_with_the_stream() -> None:
    client = _CountingUpload()

    def peak(megabytes: int) -> int:
        tracemalloc.start()
        chunks = (bytes(MEGABYTE) for _ in range(megabytes))
        Files(lambda: client, BUCKET).stream(KEY, chunks, "x/y")
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        client.parts.clear()
        return highest

    assert peak(96) < 1.2 * peak(24)


class Stopped(BaseException):
    """The process is told to go."""


@pytest.mark.parametrize("failure", [ValueError, Unavailable, Stopped])
def test_a_stream_that_breaks_leaves_nothing_behind(
    files: Files, failure: type[BaseException]
) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"x" * PART_BYTES
        raise failure

    with pytest.raises(failure):
        files.stream(KEY, breaking(), "text/csv")

    assert files.get(KEY) is None
    assert uploads_left_open() == []


ERROR = answer(500, b"<Error><Code>InternalError</Code><Message>x</Message></Error>")


@pytest.mark.parametrize(
    "operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
)
def test_a_stream_that_s3_does_not_take_is_unavailable_and_the_old_file_stays(
    operation: str, service: Service, fresh_client: Callable[[str], Any], waits: list[float]
) -> None:
    client = fresh_client("s3")
    files = Files(lambda: client, BUCKET)
    files.put(KEY, b"old", "text/csv")
    script = Script(ERROR).on(client, operation)

    with pytest.raises(Unavailable):
        files.stream(KEY, [b"new"], "text/csv")

    assert (script.attempts, len(waits)) == (3, 2)
    assert files.get(KEY) == b"old"


def test_an_answer_that_breaks_off_is_unavailable(
    service: Service, fresh_client: Callable[[str], Any]
) -> None:
    client = fresh_client("s3")
    Script(answer(200, b"half of", content_length="14")).on(client, "GetObject")

    with pytest.raises(Unavailable):
        Files(lambda: client, BUCKET).get(KEY)


def test_a_link_opens_one_file_for_five_minutes_under_a_name(files: Files) -> None:
    url = files.url(KEY, "grievances.csv")

    assert f"/{BUCKET}/{KEY}?" in url
    assert "X-Amz-Expires=300" in url
    assert "attachment%3B%20filename%3D%22grievances.csv%22" in url
    assert "X-Amz-Signature=" in url


def test_the_client_is_made_on_first_use() -> None:
    made: list[str] = []

    Files(lambda: made.append("s3"), BUCKET)

    assert made == []

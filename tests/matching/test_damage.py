"""A damaged index answers as before or is unreadable; it never answers something else."""

import random
import shutil
import threading
from pathlib import Path

import pytest

from chalicelib.matching.index import Index, IndexUnreadable
from chalicelib.matching.index_build import build_index
from chalicelib.matching.matcher import Matcher
from chalicelib.matching.records import Decision, Query

from .registry import FACILITIES, VERSION, WANDA_OS_ID

QUERIES = (
    Query("Wanda Fotwear, Nhon Trach"),
    Query("Posh Garments", address="227/1, Begunbari, Tejgaon I/A, Dhaka", country="BD"),
    Query("友勝機電", country="TW"),
    Query("", identifiers=(WANDA_OS_ID,)),
    Query("Fakir Knitwear", country="BD"),
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "index"
    build_index(FACILITIES, path, version=VERSION)
    return path


def answers(path: Path) -> list[Decision] | None:
    """What an index answers; None when it says that it cannot be read."""
    try:
        index = Index.open(path)
        try:
            matcher = Matcher(index)
            return [matcher.match(query) for query in QUERIES]
        finally:
            index.close()
    except IndexUnreadable:
        return None


def test_a_damaged_index_never_gives_a_wrong_match(sound: Path, tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    right = answers(sound)
    whole = sound.read_bytes()
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 1, 3, 40))):
            damaged[rng.randrange(len(damaged))] ^= rng.randrange(1, 256)
        path = tmp_path / "damaged"
        path.write_bytes(damaged)
        found = answers(path)
        assert found is None or found == right, f"seed {seed}"
        refused += found is None
    assert refused, f"seed {seed}"


def test_zeros_over_any_stretch_never_give_a_wrong_match(sound: Path, tmp_path: Path) -> None:
    right = answers(sound)
    whole = sound.read_bytes()
    stretch = len(whole) // 60
    for start in range(0, len(whole), stretch):
        path = tmp_path / "damaged"
        path.write_bytes(whole[:start] + bytes(stretch) + whole[start + stretch :])
        assert answers(path) in (None, right), f"zeros from {start}"


def test_a_file_that_is_cut_off_or_goes_on_is_refused_when_it_is_opened(
    sound: Path, tmp_path: Path
) -> None:
    whole = sound.read_bytes()
    path = tmp_path / "damaged"
    for share in (0.0, 0.001, 0.3, 0.7, 0.999):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(IndexUnreadable):
            Index.open(path)
    for other in (whole[:-1], whole + b"\0", whole + whole[-16:]):
        path.write_bytes(other)
        with pytest.raises(IndexUnreadable):
            Index.open(path)


def test_a_record_in_another_ones_place_is_noticed(sound: Path, tmp_path: Path) -> None:
    """Two records swapped have right checksums each, but not where they stand."""
    other = tmp_path / "other"
    build_index(reversed(FACILITIES), other, version=VERSION)
    first, second = sound.read_bytes(), other.read_bytes()
    half = len(first) // 3
    path = tmp_path / "mixed"
    path.write_bytes(second[:half] + first[half:])
    assert answers(path) in (None, answers(sound))


def test_a_directory_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexUnreadable):
        Index.open(tmp_path)


def test_threads_share_an_index_and_get_the_answers_of_one(sound: Path, tmp_path: Path) -> None:
    path = shutil.copy(sound, tmp_path / "shared")
    right = answers(sound)
    matcher = Matcher(Index.open(Path(path)))
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(15):
            found = [matcher.match(query) for query in QUERIES]
            if found != right:
                wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong

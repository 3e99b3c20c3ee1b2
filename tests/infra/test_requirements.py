"""The pinned requirements: all files were compiled from what stands in them now (`make lock`)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = ["", "-dev", "-bench", "-train", "-verify"]
ON_TOP = ["-dev", "-bench", "-train"]


def pins(kind: str) -> dict[str, set[str]]:
    """Each distribution's versions: more than one where it depends on the Python."""
    pinned: dict[str, set[str]] = {}
    for line in (ROOT / f"requirements{kind}.txt").read_text("utf-8").splitlines():
        if found := re.match(r"([a-z0-9-]+)==([^ ;]+)", line):
            pinned.setdefault(found[1], set()).add(found[2])
    return pinned


def asked(kind: str) -> set[str]:
    lines = (ROOT / f"requirements{kind}.in").read_text("utf-8").splitlines()
    return {re.split(r"[\[=<>~ ]", line)[0].lower() for line in lines if line[:1].isalpha()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_for_is_pinned(kind: str) -> None:
    assert asked(kind)
    assert asked(kind) <= pins(kind).keys()


@pytest.mark.parametrize("kind", ON_TOP)
def test_what_lambda_gets_is_pinned_alike_in_every_file_on_top_of_it(kind: str) -> None:
    assert {name: pins(kind).get(name) for name in pins("")} == pins("")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_stands_in_a_file_on_the_word_of_one_that_lost_it(kind: str) -> None:
    """What is there only "via requirements.txt" is in requirements.txt."""
    text = (ROOT / f"requirements{kind}.txt").read_text("utf-8")
    only_via = re.findall(r"^([a-z0-9-]+)==\S+.*\n +# via -r requirements\.txt$", text, re.M)
    assert set(only_via) <= pins("").keys()


@pytest.mark.parametrize("kind", KINDS)
def test_no_version_differs_between_two_files(kind: str) -> None:
    mine, developers = pins(kind), pins("-dev")
    shared = mine.keys() & developers.keys()
    assert {name: mine[name] for name in shared} == {name: developers[name] for name in shared}

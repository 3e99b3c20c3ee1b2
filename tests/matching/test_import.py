"""What a container pays before its first question."""

import subprocess
import sys

import pytest

from chalicelib.matching.keys import query_keys
from chalicelib.matching.names import parse_name
from chalicelib.matching.places import parse_place


@pytest.mark.parametrize(
    "module", ["anyascii", "importlib.resources", "numpy", "pydantic", "sqlite3"]
)
def test_what_only_some_names_or_none_need_is_not_loaded_with_the_matcher(module: str) -> None:
    program = f"import sys, chalicelib.matching.matcher; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_name_in_latin_letters_needs_no_transliteration() -> None:
    program = (
        "import sys; from chalicelib.matching.names import parse_name;"
        "parse_name('Posh Garments & Sons Ltd., Tejgaon'); sys.exit('anyascii' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_keys_are_looked_up_in_the_same_order_in_every_process() -> None:
    keys = list(query_keys(parse_name("Wanda Footwear Vietnam Co."), parse_place("Dong Nai")))
    assert keys == sorted(keys)
    assert len(keys) > 10

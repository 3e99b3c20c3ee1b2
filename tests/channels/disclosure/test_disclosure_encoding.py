"""The encoding of a text file: proven where bytes can prove it, a guess that says so otherwise."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.disclosure.encoding import Encoding, detect

CHINESE = "国家,工厂名称,地址\n中国,上海申达服装有限公司,上海市浦东新区张江路100号\n"
TAIWAN = "國家,工廠名稱,地址\n台灣,聚陽實業股份有限公司,臺北市內湖區瑞光路\n"
PORTUGUESE = "país,nome\nPortugal,Confecções São João Lda\nBrasil,CALÇADOS ANIGER LTDA\n"
TURKISH = "Ülke,Fabrika\nTürkiye,Yeşim Tekstil Sanayi A.Ş.\nTürkiye,Işık Giyim\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"name,country\nFoo,CN\n", Encoding("utf-8")),
        (CHINESE.encode(), Encoding("utf-8")),
        (CHINESE.encode("utf-8-sig"), Encoding("utf-8-sig")),
        (CHINESE.encode("utf-16"), Encoding("utf-16")),
        (codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"), Encoding("utf-16")),
        (PORTUGUESE.encode("utf-16-le"), Encoding("utf-16-le")),
        (PORTUGUESE.encode("utf-16-be"), Encoding("utf-16-be")),
    ],
)
def test_a_utf_is_proven(content: bytes, encoding: Encoding) -> None:
    assert detect(content, declared=None) == encoding


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (CHINESE, "gb18030"),
        ("Country,Name\nCN,Dongguan 虎门 Garment Ltd\n", "gb18030"),
        (TAIWAN, "big5"),
        ("国,会社名\n日本,東レ株式会社 東京都中央区日本橋\n", "shift_jis"),
        ("국가,공장명\n대한민국,영원무역 서울특별시 중구\n", "euc_kr"),
        (PORTUGUESE, "cp1252"),
        ("country,name\nAR,CALLE Nº 1071\n", "cp1252"),
        ("country,name\nPT,CONFECÇÕES Lda\n", "cp1252"),
        ("Land,Firma\nDeutschland,Müller Strümpfe GmbH „X“\n", "cp1252"),
        (TURKISH, "cp1254"),
    ],
)
def test_an_older_encoding_is_guessed_and_called_a_guess(text: str, codec: str) -> None:
    encoding = detect(text.encode(codec), declared=None)
    assert encoding == Encoding(codec, guessed=True)
    assert text.encode(codec).decode(encoding.codec) == text


def test_a_declared_charset_counts_only_if_the_bytes_fit_it() -> None:
    assert detect(TAIWAN.encode("big5"), declared="Big5") == Encoding("Big5")
    assert detect(CHINESE.encode(), declared="gb18030") == Encoding("utf-8")
    for nonsense in ("rot13", "zip", "punycode", "no-such", "\x00", "undefined"):
        assert detect(PORTUGUESE.encode("cp1252"), declared=nonsense).codec == "cp1252"


def test_utf_8_with_a_torn_character_stays_utf_8_and_says_that_something_is_lost() -> None:
    torn = (CHINESE * 5).encode()
    assert detect(torn[:40] + torn[41:], declared=None) == Encoding("utf-8", lossy=True)


@given(st.binary(max_size=300), st.none() | st.text(max_size=12))
def test_any_bytes_get_an_encoding_that_decodes_them(content: bytes, declared: str | None) -> None:
    encoding = detect(content, declared=declared)
    text = content.decode(encoding.codec, errors="replace")
    assert (
        encoding.lossy
        or encoding.codec in {"cp1252", "cp1254"}
        or "\ufffd" not in text
        or ("\ufffd".encode() in content or b"\xfd\xff" in content or b"\xff\xfd" in content)
    )

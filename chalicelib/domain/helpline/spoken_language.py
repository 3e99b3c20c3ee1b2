"""The language of a message, where its letters tell.

What is written in Latin letters without Vietnamese signs may be English, Indonesian, or Vietnamese
from a telephone that has no signs: nothing is guessed, the line's language holds until she chooses
one.
"""

import re
import unicodedata
from collections.abc import Mapping

_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "bn": re.compile("[\u0980-\u09ff]"),
    "hi": re.compile("[\u0900-\u0963\u0966-\u097f]"),  # not the danda, which Bengali has as well
    "my": re.compile("[\u1000-\u109f\uaa60-\uaa7f]"),
    "th": re.compile("[\u0e01-\u0e5b]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "vi": re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]"),
}

# Characters that are written in one way only, frequent in what people tell of their work.
_SIMPLIFIED = frozenset(
    "们个这来说对时会为还过后给让钱厂资发没问题请谁进离职辞险医伤业东从开关动劳务办长门间见现实点"
    "岁龄条约认识证护边运远连达适选递邮里万与专两严丧临举义乐习书买乱争产亲仅众优伙传体价债话该"
    "费么吗签单赔偿补罚迟调样几块录电号帮总经级领导规则处奖诉骂饭谢车报试组线疗残压应当岗带换满权听双"
)
_TRADITIONAL = frozenset(
    "們個這來說對時會為還過後給讓錢廠資發沒問題請誰進離職辭險醫傷業東從開關動勞務辦長門間見現實點"
    "歲齡條約認識證護邊運遠連達適選遞郵裡萬與專兩嚴喪臨舉義樂習書買亂爭產親僅眾優夥傳體價債話該"
    "費麼嗎簽單賠償補罰遲調樣幾塊錄電號幫總經級領導規則處獎訴罵飯謝車報試組線療殘壓應當崗帶換滿權聽雙"
)


def spoken_language(text: str, *, known: str | None = None) -> str | None:
    """The language most letters of a text belong to, of those that can be told; else None.

    `known` is what she was taken to write until now: Chinese that may be either is that.
    """
    plain = unicodedata.normalize("NFC", text)
    found = {language: len(pattern.findall(plain)) for language, pattern in _SCRIPTS.items()}
    language = max(found, key=lambda each: found[each])
    if not found[language]:
        return None
    return _chinese(plain, known) if language == "zh" else language


def _chinese(text: str, known: str | None) -> str:
    simplified = sum(character in _SIMPLIFIED for character in text)
    traditional = sum(character in _TRADITIONAL for character in text)
    if simplified == traditional:
        return "zh-hant" if known == "zh-hant" else "zh"
    return "zh" if simplified > traditional else "zh-hant"

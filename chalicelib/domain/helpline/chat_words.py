"""What a worker's message is taken for: a word that asks for something, an answer, a code, words.

Only what stands alone is a word of ours: `stop` is, `stop shouting at us` is what she tells. Digits
are read in any script. The numbers of the two questions differ, so that an answer that comes late,
or twice, never answers the other question.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.references import normalise_receipt_code


class Said(StrEnum):
    """What can be understood of a message."""

    WORDS = "words"
    NOTHING = "nothing"
    FACTORY_TOO = "1"
    FACTORY_NOT = "2"
    NO_BRANDS = "3"
    MAY_WRITE = "4"
    MAY_NOT_WRITE = "5"
    YES = "yes"
    NO = "no"
    STATUS = "status"
    STOP = "stop"
    START = "start"
    BRANDS = "brands"
    HELP = "help"
    LANGUAGES = "languages"
    LANGUAGE = "language"
    CODE = "code"
    CODE_AND_WORDS = "code_and_words"
    WRONG_CODE = "wrong_code"
    WRONG_CODE_AND_WORDS = "wrong_code_and_words"
    TOO_MANY_CODES = "too_many_codes"
    TOO_MANY_CODES_AND_WORDS = "too_many_codes_and_words"


class Understood(NamedTuple):
    """What a message is taken for; the language it chooses, the code it gives, its other words."""

    said: Said
    language: str | None = None
    code: str | None = None
    words: str = ""


LANGUAGE_NAMES: Mapping[str, str] = {
    "zh": "简体中文",
    "zh-hant": "繁體中文",
    "en": "English",
    "bn": "বাংলা",
    "vi": "Tiếng Việt",
    "hi": "हिन्दी",
    "my": "မြန်မာ",
    "th": "ไทย",
    "id": "Indonesia",
}
"""The languages as their speakers call them, in the order of their numbers."""

_OTHER_NAMES: Mapping[str, str] = {
    "中文": "zh",
    "普通话": "zh",
    "华语": "zh",
    "简体": "zh",
    "chinese": "zh",
    "mandarin": "zh",
    "國語": "zh-hant",
    "廣東話": "zh-hant",
    "繁體": "zh-hant",
    "繁体": "zh-hant",
    "繁体中文": "zh-hant",
    "英文": "en",
    "英语": "en",
    "英語": "en",
    "tiếng anh": "en",
    "tieng anh": "en",
    "inggris": "en",
    "bahasa inggris": "en",
    "ingreji": "en",
    "ইংরেজি": "en",
    "angrezi": "en",
    "अंग्रेज़ी": "en",
    "ภาษาอังกฤษ": "en",
    "bangla": "bn",
    "bengali": "bn",
    "tieng viet": "vi",
    "vietnamese": "vi",
    "hindi": "hi",
    "हिंदी": "hi",
    "burmese": "my",
    "myanmar": "my",
    "မြန်မာဘာသာ": "my",
    "thai": "th",
    "ภาษาไทย": "th",
    "bahasa indonesia": "id",
    "indonesian": "id",
}

# Each with the spellings of those whose telephone has no signs, or not their letters. Burmese and
# Thai are hardly ever written in Latin letters. Left out is what may as well be something else:
# `ha` (a laugh), `k` and `好的` (an "OK"), `da` (yes, or already), `tak` (no, or until).
_WORDS: Mapping[Said, str] = {
    Said.STATUS: (
        "status, progress, 进度, 進度, 查进度, 查進度, 查询, 查詢, 状态, 狀態, অবস্থা, "
        "স্ট্যাটাস, tiến độ, tien do, स्थिति, स्टेटस, အခြေအနေ, สถานะ, 进展, 進展, obostha, "
        "obosta, abostha, tình trạng, tinh trang, sthiti, stithi, ความคืบหน้า, kemajuan, "
        "perkembangan"
    ),
    # Among them what Twilio itself takes for an end of messages, and `TD` and `T`, by which every
    # telephone company in China ends them. Whoever says it in more words than one means it too:
    # a withdrawal that is not understood has us write to a telephone that others read.
    Said.STOP: (
        "stop, stopall, stop all, unsubscribe, cancel, end, quit, revoke, optout, opt out, "
        "opt-out, arret, arrêt, please stop, stop please, stop messages, stop writing to me, "
        "stop messaging me, stop texting me, no more messages, do not contact me, "
        "don't contact me, do not write to me, don't write to me, 停止, 停, 退订, 退訂, td, t, "
        "退出, 取消, 取消订阅, 取消訂閱, 别发了, 別發了, 别再发了, 別再發了, 不要发了, "
        "不要發了, 不要再发了, 不要再發了, 不要再发, 不要再發, 别联系我, 別聯繫我, 不要联系我, "
        "不要聯繫我, 不要再联系我, 不要再聯繫我, বন্ধ, বন্ধ করুন, বন্ধ করো, বন্ধ কর, থামুন, "
        "থামো, থামান, স্টপ, আর লিখবেন না, আর পাঠাবেন না, মেসেজ পাঠাবেন না, dừng, dung, "
        "dừng lại, dung lai, ngừng, ngung, hủy, huỷ, huy, đừng nhắn nữa, dung nhan nua, "
        "đừng nhắn tin nữa, dung nhan tin nua, रोको, रोकें, रुको, रुकिए, बंद, बन्द, बंद करो, "
        "बन्द करो, बंद करें, बन्द करें, बंद कीजिए, स्टॉप, मत भेजो, मैसेज मत भेजो, "
        "मुझे मत लिखो, ရပ်, ရပ်ပါ, ရပ်တန့်, ရပ်တန့်ပါ, မပို့နဲ့, မပို့ပါနဲ့, မပို့ပါနှင့်, "
        "หยุด, หยุดส่ง, หยุดค่ะ, หยุดครับ, ยกเลิก, ไม่ต้องส่ง, ไม่ต้องส่งมาอีก, อย่าส่งมาอีก, "
        "berhenti, hentikan, batal, jangan kirim lagi, jangan kirim pesan lagi, "
        "jangan hubungi saya, bondho, bondo, bandho, bondho korun, bondho koro, roko, band, "
        "bandh, band karo"
    ),
    Said.START: (
        "start, unstop, 开始, 開始, শুরু, bắt đầu, bat dau, शुरू, စတင်, เริ่ม, mulai, shuru, "
        "suru, shuru koro, shuru karo"
    ),
    Said.BRANDS: (
        "brands, brand, 品牌, ব্র্যান্ড, nhãn hàng, nhan hang, ब्रांड, အမှတ်တံဆိပ်, แบรนด์, "
        "merek, nhãn hiệu, nhan hieu, thương hiệu, thuong hieu, merk"
    ),
    Said.HELP: (
        "help, info, 帮助, 幫助, সাহায্য, trợ giúp, tro giup, giúp, मदद, အကူအညီ, ช่วยเหลือ, "
        "bantuan, 求助, 救命, sahajjo, shahajjo, sahajyo, giup, giúp đỡ, giup do, madad, "
        "sahayata, ကူညီပါ, ช่วยด้วย, tolong"
    ),
    Said.LANGUAGES: (
        "language, languages, 语言, 語言, ভাষা, ngôn ngữ, ngon ngu, भाषा, ဘာသာစကား, ภาษา, "
        "bahasa, bhasha, vasha, basha, bhaasha"
    ),
    Said.YES: (
        "yes, y, 是, 可以, 同意, হ্যাঁ, হ্যা, হাঁ, có, हाँ, हां, ဟုတ်ကဲ့, ဟုတ်, ใช่, ได้, ya, "
        "愿意, 願意, hyan, hyaa, co, đồng ý, dong y, vâng, vang, haan, ji haan, haan ji, "
        "ဟုတ်ပါတယ်, ใช่ค่ะ, ใช่ครับ, ได้ค่ะ, ได้ครับ, iya, boleh"
    ),
    Said.NO: (
        "no, n, 否, 不, 不可以, 不同意, না, không, khong, नहीं, नही, မဟုတ်ပါ, မဟုတ်, ไม่, "
        "ไม่ใช่, ไม่ได้, tidak, 不愿意, 不願意, 不要, na, naa, ko, không đồng ý, khong dong y, "
        "nahi, nahin, nhi, ji nahi, မဟုတ်ဘူး, ไม่ค่ะ, ไม่ครับ, tdk, nggak, enggak, gak, "
        "tidak boleh"
    ),
}

_NUMBERS = {
    str(answer): answer
    for answer in (
        Said.FACTORY_TOO, Said.FACTORY_NOT, Said.NO_BRANDS, Said.MAY_WRITE, Said.MAY_NOT_WRITE,
    )
}  # fmt: skip
_SIGNS = re.compile("[\ufe0f\u20e3\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"\s+")
_CODE = re.compile(r"(?<!\d)\d(?:[\s\-\u2010-\u2015]{0,3}\d){15}(?!\d)")
_LONGEST_WORD = 40


def understood(text: str, *, choosing_language: bool = False) -> Understood:
    """What a message is taken for. While a language is being chosen, numbers are languages'."""
    if not text.strip():
        return Understood(Said.NOTHING)
    alone = bare(text) if len(text) <= _LONGEST_WORD else ""
    if said := _KNOWN.get(alone):
        return Understood(said)
    if language := _LANGUAGES.get(alone):
        return Understood(Said.LANGUAGE, language=language)
    if alone.isdecimal():
        number = "".join(str(int(digit)) for digit in alone)
        if choosing_language and (language := _NUMBERED.get(number)):
            return Understood(Said.LANGUAGE, language=language)
        if said := _NUMBERS.get(number):
            return Understood(said)
    return _code_in(text) or Understood(Said.WORDS, words=text)


def bare(text: str) -> str:
    """A text without what does not matter when it is one word: case, signs around it, variants."""
    plain = _SIGNS.sub("", unicodedata.normalize("NFKC", text)).casefold().replace("’", "'")
    counts = [unicodedata.category(character)[0] in "LMN" for character in plain]
    if True not in counts:
        return ""
    end = len(plain) - counts[::-1].index(True)
    return _BLANKS.sub(" ", plain[counts.index(True) : end])


def _code_in(text: str) -> Understood | None:
    """The receipt code in a message; None where there is none. A row of sixteen digits that is no
    code is a mistyped one if it stands alone, and may be anything (a card's number) if not."""
    found = _CODE.search(text)
    if found is None:
        return None
    rest = (text[: found.start()] + text[found.end() :]).strip()
    code = normalise_receipt_code(found[0])
    has_words = bool(bare(rest))
    if code is None:
        return None if has_words else Understood(Said.WRONG_CODE)
    said = Said.CODE_AND_WORDS if has_words else Said.CODE
    return Understood(said, code=code, words=rest)


_KNOWN: Mapping[str, Said] = {
    bare(word): said for said, words in _WORDS.items() for word in words.split(",")
}
_LANGUAGES: Mapping[str, str] = {
    **{bare(name): language for language, name in LANGUAGE_NAMES.items()},
    **{bare(name): language for name, language in _OTHER_NAMES.items()},
}
_NUMBERED: Mapping[str, str] = {
    str(number): language for number, language in enumerate(LANGUAGE_NAMES, 1)
}

"""Languages: which one a prompt is in, its words, its stop words, numbers and endings.

A word of a prompt is kept as written and as `wordlists.fold` leaves it; everything is looked up by the second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cavendish_sketch.language import wordlists
from cavendish_sketch.language.wordlists import each

PROMPT_CHARACTERS_MAX = wordlists.TEXT_CHARACTERS_MAX
COUNT_MAX = 12

LETTERS = r"[^\W_]|[\u0900-\u0963\u0970-\u097f\u0e31-\u0e3a\u0e47-\u0e4e]"  # vowel signs are no letters to `re`
EMOJI_BASE = r"[\u2600-\u27bf\u231a\u231b\u23e9-\u23fa\u2b50\U0001f300-\U0001faff]"
EMOJI = rf"{EMOJI_BASE}\ufe0f?[\U0001f3fb-\U0001f3ff]?(?:\u200d{EMOJI_BASE}\ufe0f?)*"
TOKEN = re.compile(rf"(?:{LETTERS})+|{EMOJI}")
COUNTED = re.compile(r"^(\d{1,2})(?!bit)([^\W\d_]{3,})$")  # "1girl"
EMOJI_MARK = "u+"  # before the code points that stand for an emoji in a folded word
SPACELESS = r"\u3005\u3007\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f"
RUN = re.compile(rf"[{SPACELESS}]+|[^{SPACELESS}]+")
KANA = re.compile(r"[\u3040-\u309f]")
SCRIPTS: tuple[tuple[str, str], ...] = (
    ("ja", r"[\u3040-\u30ff]"),
    ("ko", r"[\uac00-\ud7af]"),
    ("zh", r"[\u4e00-\u9fff]"),
    ("hi", r"[\u0900-\u097f]"),
    ("th", r"[\u0e00-\u0e7f]"),
    ("uk", r"[іїєґ]"),
    ("ru", r"[\u0400-\u04ff]"),
)
SCRIPT_SHARE = 0.2  # of the letters: "a 猫 in a garden" stays English

# Words without a thing behind them: articles, prepositions, pronouns, verbs of asking. By language.
STOP: dict[str, str] = {
    "en": "a an the and or but nor so yet if then than that this these those there here of with without within in on "
    "at for from to into onto over under up down off out by as is are was were be been being am do does did done has "
    "have had having it its their his her him she he they them we our us you your my me i who whom whose which what "
    "where when while how why not no yes all some any each every both either neither other another such same own "
    "very too also just only even more most less much many few several about around after before during between "
    "among along across against near next beside behind above below beneath inside outside through toward towards "
    "upon via per like can could will would shall should may might must please s t d ll re ve m make makes made "
    "create generate draw show shows see seen want need let give put get one ones thing things something someone lot "
    "lots kind sort way set front back left right top bottom side middle center centre part parts x vs etc de",
    "es": "el la los las un una unos unas y o u e de del al a en con sin por para sobre bajo entre desde hasta hacia "
    "que se su sus es son esta estan este estos estas mi tu lo le les muy mas como junto cerca lado dentro fuera "
    "encima debajo detras delante mientras donde cuando hay ser estar tiene",
    "fr": "le la les l un une des d du de et ou a au aux en dans sur sous avec sans par pour entre vers chez que qui "
    "se sa son ses est sont ce cette ces mon ton il elle ils elles tres plus comme pres cote bord dessus dessous "
    "devant derriere pendant qu s n c j pas ne y",
    "de": "der die das den dem des ein eine einen einem einer eines und oder in im ins an am auf aus bei beim mit "
    "nach von vom vor zu zum zur uber unter hinter neben zwischen durch fur gegen ohne um als wie ist sind war wird "
    "werden sein seine seinem seinen ihr ihre ihrem es er sie sich nicht auch sehr mehr dass wo wenn man kein keine",
    "it": "il lo la i gli le l un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal "
    "dalla dai in nel nello nella nei nelle su sul sullo sulla sui sulle con per tra fra e ed o che si suo sua suoi "
    "sono sta questo questa molto piu come vicino accanto sotto sopra dentro fuori dietro davanti mentre dove",
    "pt": "o a os as um uma uns umas de do da dos das em no na nos nas num numa por pelo pela para com sem sobre sob "
    "entre ate e ou que se seu sua seus suas este esta isto muito mais como perto ao aos lado dentro fora acima "
    "abaixo atras frente enquanto onde",
    "nl": "de het een en of in op aan met van voor door bij te tot uit over onder naast achter tussen tegen zonder "
    "om als is zijn was wordt haar hun er die dat deze dit niet ook zeer meer naar waar terwijl",
    "pl": "i a o w we z ze na nad pod po do od dla przez przy przed za miedzy oraz lub jest sa był jak to ten ta te "
    "tego tej jego jej ich sie nie tez bardzo wiecej obok wsrod ktory ktora podczas",
    "ru": "и а но в во на с со к ко у о об от до по под над за из изо для при перед между через без около возле "
    "рядом как что это этот эта эти тот та его ее их он она они не очень более где когда который которая среди время",
    "uk": "і й та а але в у на з із зі до від по під над за для при перед між через без біля поруч як що це цей ця "
    "ці той його її їх він вона вони не дуже більш де коли який яка серед",
    "sv": "en ett den det de och i pa av med for till fran vid over under bakom bredvid mellan genom mot utan om som "
    "ar var sin sitt sina dess hans hennes inte ocksa mycket mer dar nar har",
    "da": "en et den det de og i pa af med for til fra ved over under bag mellem gennem mod uden om som er sin sit "
    "ikke",
    "nb": "en et ei den det de og i pa av med for til fra ved over under bak mellom gjennom mot uten om som er sin "
    "sitt ikke",
    "fi": "ja tai on ovat se ne joka kuin kanssa ilman yli alla paalla vieressa",
    "hu": "a az egy es vagy alatt felett mellett elott mogott kozott nelkul mint",
    "vi": "mot va hoac cua tren duoi trong ngoai voi o tai canh la co cac nhung",
    "ms": "yang dan di ke dari dengan atas bawah dalam pada untuk sebuah seekor seorang adalah",
    "hi": "एक और या में पर से का की के को ने है हैं था थे थी यह वह ये वे ऊपर नीचे पास साथ लिए तक बीच जो भी नहीं बहुत वाला वाली वाले",
    "ko": "그리고 있는 있다 위에 위의 아래 옆에 옆 앞 앞에 뒤 뒤에 속 속의 안 안에 사이 함께 그 이 저 한 의",
}
# What people add to prompts without naming anything that can be seen; never reported as ignored.
PADDING = (
    "colorful colourful colorido colorida coloridos coloridas colorato colorata bunt bunte bunter buntes colore "
    "coloree "
    "text texts title titled words caption captions says saying reads photo photos photograph photographs "
    "photography photographic photorealistic photorealism realistic realism hyperrealistic image images picture "
    "pictures pic illustration illustrations illustrated render rendered rendering artwork art artistic scene scenes "
    "view views shot shots camera lens dslr cinematic hd uhd 4k 8k 2k hdr resolution quality detail details detailed "
    "intricate ultra highly high masterpiece award winning trending artstation style styled aesthetic composition "
    "lighting lit wide angle focus sharp background foreground beautiful beautifully stunning amazing gorgeous "
    "breathtaking majestic epic incredible awesome nice great best perfect professional vibe mood atmosphere "
    "atmospheric octane unreal engine version latest new super unique foto fotografia imagen imagenes hermoso "
    "hermosa bonito bonita estilo fondo photographie beau belle bild schon schone schoner schones schonen stil bello "
    "bella bellissimo stile imagem lindo linda afbeelding mooi mooie stijl zdjecie obraz piekny piekna styl фото "
    "фотография картина картинка красивый красивая красивое стиль стиле зображення гарний гарна vacker vackert "
    "vackra 写真 画像 絵 イラスト 風 美しい きれい 照片 图片 图像 插画 美丽 漂亮 风格 画 사진 그림 이미지 아름다운 "
    "스타일 तस्वीर चित्र सुंदर फोटो शैली"
)

NUMBERS: dict[int, str] = {
    1: "one single lone lonely solitary uno una un une ein eine einen eines einem einer einzelner jeden один одна "
    "одно одинок* 一 하나 한 एक",
    2: "two pair both twin twins dos par@es par@pt deux paire zwei due@it dois duas twee dwa dwie dwoch два две двое "
    "дві пара tva 二 两 兩 双 對 두 둘 दो",
    3: "three trio few tres trois drei tre drie trzy три трое troje 三 세 셋 तीन",
    4: "four several some cuatro varios varias quatre plusieurs quelques vier mehrere einige quattro alcuni alcune "
    "quatro enkele meerdere cztery kilka четыре несколько чотири кілька fyra flera 四 数 几 幾 네 넷 चार कई",
    5: "five cinco cinq funf cinque vijf piec пять пʼять п'ять fem 五 다섯 पांच पाँच",
    6: "six seis sei@it sechs zes szesc шесть шість sex 六 여섯 छह",
    7: "seven many lots siete muchos muchas sept beaucoup sieben viele vielen sette molti molte sete muitos muitas "
    "zeven veel siedem wiele семь много сім багато sju 七 多 许多 很多 たくさん 일곱 많은 여러 सात अनेक",
    8: "eight ocho huit acht otto oito osiem восемь вісім atta 八 여덟 आठ",
    9: "nine nueve neuf neun nove negen dziewiec девять дев'ять nio 九 아홉 नौ",
    10: "ten diez dix zehn dieci dez tien dziesiec десять tio 十 열 दस",
    11: "eleven onze undici elva jedenascie одиннадцать 열하나",
    12: "twelve dozen dozens hundreds thousands countless doce docena douze douzaine zwolf dutzend dodici doze "
    "twaalf dwanascie двенадцать дюжина tolv 十二 열둘 बारह",
}
# A company of things; the number is what looks like one.
GROUPS: dict[str, int] = {
    **dict.fromkeys(each("pair couple duo brace"), 2),
    **dict.fromkeys(each("trio handful"), 3),
    **dict.fromkeys(each("family group bunch band set row line"), 5),
    **dict.fromkeys(each("pack herd fleet school flock pile stack pod bowl basket rebano manada grupo"), 6),
    **dict.fromkeys(each("swarm field sea army dozen dozens hundreds thousands bandada banda troupeau"), 9),
}
# Counters stand between a number and its noun, or after both.
COUNTERS = each(
    "匹 羽 頭 本 個 つ 人 台 枚 輪 杯 軒 只 隻 个 条 條 头 朵 棵 座 辆 輛 艘 株 位 名 张 張 把 마리 명 개 송이 대 그루 "
    "채 척"
)

# Endings taken off a word, with what is put in their place, until it is known. "/" has the shortest rest before it.
ENDINGS: dict[str, str] = {
    "en": "ies>y ves>f ves>fe ches>ch shes>sh xes>x sses>ss oes>o s> ies>ie",
    "es": "ces>z itos>o itas>a ito>o ita>a citos> es> s> os>o as>a os>a as>o a>o illo>o illos>o",
    "pt": "oes>ao aes>ao ais>al eis>el inhos>o inhas>a inho>o inha>a ns>m es> s> as>o a>o os>o",
    "fr": "eaux>eau aux>al x> s> es> e> ettes>ette ons>on ees>e ee>e",
    "it": "chi>co ghi>go ini>o ine>a ino>o ina>a etti>o ette>a etto>o etta>a i>o i>e e>a i>a a>o",
    "de": "chen> chen>e lein> lein>e ern>e ern> innen>in nen>n en>e en> er> es> em> e> n> s> er>e",
    "nl": "tjes> jes> pjes> tje> je> pje> en> s> e> eren> ren>",
    "sv": "arna> erna>a orna>a arna>e ena>e en> et> n> t> ar> er> or>a ar>e na> a>",
    "da": "erne> ene> en> et> n> er> e> ne>",
    "nb": "ene> en> et> er> e> a> n>",
    "pl": "ia> iu> ami>a ami> ach>a ach> ami>o owi> em> iem> ie> ie>o ie>a iego> ego>y ej>a u> u>e y> y>a i> i>a e>a "
    "a> a>o ow> om> ka>k ki>ka ke>ka ko>ka a>y ym>y ych>y",
    "ru": "ами>а ами> ями>я ями>ь ях>я ах>а ах> ов> ев> ей>ь ей>я ом> ем> ем>е ем>ь ой>а ей>а у>а у> ю>я ю>ь е>а е> "
    "е>я е>о ы>а ы> и>а и>я и>ь и> а> я>ь я>й а>о ок>ка ек>ка и>ка ей> ого>ый ой>ый ом>ый ую>ая ое>ый ые>ый ых>ый",
    "uk": "ами>а ами> ями>я ях>я ах>а ах> ів> їв> ей>ь ою>а ом> ем> ем>ь ею>я у>а у> ю>я ю>ь і>а і> і>я і>о и>а и> "
    "ї>я а> я>ь а>о ок>ка ого>ий ій>а ому>ий",
    "fi": "ssa> lla> lle> sta> n> t> a> ssa>i",
    "hu": "ok> ek> ak> k> ban> ben> val> vel> t> ot> et> on> en> nal> nel>",
    "hi": "ियों>ी ियाँ>ी ों> ें> े>ा ों>ा ियां>ी याँ>",
}
REST_MIN = 3  # letters that have to stay
PARTICLES = each(
    "이 가 을 를 은 는 의 에 에서 와 과 로 으로 도 들 들이 들을 들의 들과 한테 처럼 만 에는 에서의 이랑 랑 위 위의 "
    "위로 위에 속 속의 속에 아래 옆"
)
IRREGULAR: dict[str, str] = {
    "mice": "mouse", "geese": "goose", "wolves": "wolf", "leaves": "leaf", "knives": "knife", "loaves": "bread",
    "teeth": "tooth", "feet": "foot", "oxen": "ox", "calves": "calf", "hooves": "hoof", "scarves": "scarf",
    "octopi": "octopus", "cacti": "cactus", "fungi": "mushroom", "elves": "elf", "dwarves": "dwarf",
    "псы": "пес", "пса": "пес", "кота": "кот", "коты": "кот", "коти": "кіт", "ночи": "ночь", "котята": "котенок",
    "щенки": "щенок", "psa": "pies", "psy": "pies", "konia": "kon", "konie": "kon", "koty": "kot", "hunde": "hund",
}  # fmt: skip
NO_PLURAL = each(
    "octopus cactus bus lotus canvas christmas iris tennis paris glasses jeans socks gloves sunglasses scissors skis "
    "shorts headphones pants trousers goggles chopsticks dress compass moss grass glass cross chess fries virus "
    "souris ours autobus paraguas gafas lys sneakers shoes boots sandals slippers fireworks noodles pancakes maracas "
    "beans peanuts grapes cherries"
)
PLURALS = each(
    "people men women children kids crowd family audience leute menschen kinder frauen gens gente persone люди людей "
    "дети детей діти ludzie dzieci manniskor mensen kinderen 人々 人们 孩子们 사람들 아이들 लोग बच्चे बच्चों"
)
PLURAL_MARKS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("en", "es", "fr", "pt"), ("s",)),
    "de": ("e", "en", "er", "n", "s"),
    "nl": ("s", "en"),
    "it": ("i", "e"),
    "ru": ("ы", "и"),
    "uk": ("и", "і"),
    "pl": ("y", "i"),
    "sv": ("ar", "er", "or", "arna", "erna", "orna"),
    "ko": ("들", "들이", "들을", "들의", "들과"),
    "hi": ("ियाँ", "ियां", "ें"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a prompt.

    Attributes:
        written: As it is there, in lower case.
        folded: What it is looked up by.
        joined: Nothing but spaces, a hyphen or an apostrophe stands between it and the word before.
    """

    written: str
    folded: str
    joined: bool


def fold(text: str) -> str:
    """As `wordlists.fold`, and without the dots that Russian leaves out as often as not."""
    return wordlists.fold(text).replace("ё", "е")


def tokens(text: str) -> list[Token]:
    """The words of a text; a run of Chinese, Japanese or Thai is one word here."""
    plain = unicodedata.normalize("NFKC", text[:PROMPT_CHARACTERS_MAX]).casefold()
    found, end = list[Token](), 0
    for match in TOKEN.finditer(plain):
        gap = plain[end : match.start()]
        end = match.end()
        if re.match(EMOJI_BASE, match[0]):
            found.append(Token(match[0], EMOJI_MARK + code_points(match[0]), joined=False))
            continue
        for part in RUN.findall(COUNTED.sub(r"\1 \2", match[0])):
            for word in part.split():
                found.append(Token(word, fold(word), bool(found) and gap.strip(" \t\n-'’_") == ""))
                gap = ""
    return found


def code_points(emoji: str) -> str:
    """As `art` names its drawings: without the marks that ask for colour or a tone of skin."""
    marks = {0xFE0F, *range(0x1F3FB, 0x1F400)}
    return "-".join(f"{ord(letter):x}" for letter in emoji if ord(letter) not in marks)


def is_spaceless(text: str) -> bool:
    return bool(re.match(f"[{SPACELESS}]", text))


def by_script(text: str) -> str | None:
    """The language that the letters alone tell."""
    letters = [letter for letter in text if letter.isalpha()]
    for language, script in SCRIPTS:
        if len(re.findall(script, text)) > SCRIPT_SHARE * len(letters) * (0.1 if language in ("ja", "uk") else 1):
            return language
    return None


def by_stop_words(folded: Iterable[str]) -> list[str]:
    """The languages most of whose small words are there; none where there are none."""
    there = list(folded)
    scores = {language: sum(word in small for word in there) for language, small in STOP_WORDS.items()}
    best = max(scores.values())
    return [language for language, score in scores.items() if score == best] if best else []


def forms(word: str, language: str) -> Iterator[str]:
    """A word, then what it may be an inflection of, the likeliest first."""
    yield word
    if word in IRREGULAR:
        yield IRREGULAR[word]
    if language == "ko":
        yield from (word[:end] for end in range(len(word) - 1, 0, -1) if _is_ending(word, end))
    if language == "en" and word in NO_PLURAL:
        return
    for ending, instead in _ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= REST_MIN - (language == "hi"):
            yield word[: -len(ending)] + instead


def _is_ending(word: str, end: int) -> bool:
    """A Korean word of one syllable is known only before a particle; "비" is rain, "비누" is soap."""
    return end >= 2 or word[end:] in PARTICLES


def is_plural(word: str, form: str, language: str) -> bool:
    """The word is its form in the plural, as far as the ending tells; a listed plural is its own form."""
    if word in NO_PLURAL:
        return False
    if word in IRREGULAR or word in PLURALS:
        return True
    if word == form:
        has_s = language in ("en", "es", "fr", "pt") or (language == "de" and " " in word)
        return has_s and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word.endswith(PLURAL_MARKS.get(language, ("\0",)))


STOP_WORDS = {language: frozenset(listed.split()) for language, listed in STOP.items()}
_PADDING = frozenset(fold(PADDING).split())
_NUMBERS = {word: number for number, listed in NUMBERS.items() for word in listed.split()}
_ENDINGS = {
    language: [(ending, instead) for ending, _, instead in (item.partition(">") for item in listed.split())]
    for language, listed in ENDINGS.items()
}


def is_stop(folded: str, language: str) -> bool:
    """A word that says nothing about what is to be seen."""
    return folded in STOP_WORDS.get(language, ()) or folded in _PADDING


def number(folded: str, language: str) -> int | None:
    """How many a number word or a figure means, 1 to 12."""
    if folded.isascii() and folded.isdigit():
        # A year or a size in pixels is no count.
        return min(int(folded), COUNT_MAX) or None if len(folded) < 4 else None
    return _NUMBERS.get(f"{folded}@{language}") or _NUMBERS.get(folded)

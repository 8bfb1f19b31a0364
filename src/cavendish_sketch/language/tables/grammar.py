"""Small words, numbers and endings of each language, and how its words stand to each other."""

from __future__ import annotations

from cavendish_sketch.language.wordlists import each

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

# Between a company and its things: "a pack of wolves".
OF = each("of de d di von van z из з av")

ARTICLES = frozenset(("a", "an"))

NEGATIONS: dict[str, tuple[str, ...]] = {
    "en": ("no", "without"),
    "es": ("sin",),
    "fr": ("sans",),
    "de": ("ohne", "kein", "keine"),
    "it": ("senza",),
    "pt": ("sem",),
    "nl": ("zonder", "geen"),
    "pl": ("bez",),
    "ru": ("без",),
    "uk": ("без",),
    "sv": ("utan",),
}

# Two people by one word.
COUPLES = each("couple lovers pareja paar coppia casal para пара 情侣 恋人 커플")
# Languages.
COLOUR_AFTER_NOUN = each("es fr it pt pl")
NUMBER_AFTER_NOUN = frozenset(("ja", "ko"))

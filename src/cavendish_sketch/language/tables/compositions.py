"""Words that choose an abstract composition, and its colours: phrases, schemes, families and traits.

Words are lower-case and without Latin accents, as `wordlists.fold` leaves them. A word that ends in `*` stands for
every word that begins so, for languages that decline; Chinese, Japanese and Korean words are found inside a sentence
too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """Colours that belong together.

    Attributes:
        words: What calls it, separated by spaces.
        ramp: Six hex colours from dark to light.
        accents: Hex colours that stand out from the ramp.
        light: Hex colour of sun, moon and highlights.
        lights: How far it decides the light: 2 a time of day, 1 weather or season, 0 a thing or a mood.
        night: The sky is dark.
    """

    words: str
    ramp: str
    accents: str
    light: str = "fff6e6"
    lights: int = 0
    night: bool = False


# Found as a whole before single words are looked at: the parts would mean something else.
PHRASES: dict[str, str] = {
    "rose gold": "coral",
    "golden hour": "goldenhour",
    "golden retriever": "dog",
    "blue hour": "bluehour",
    "northern lights": "aurora",
    "milky way": "galaxy",
    "black and white": "monochrome",
    "white house": "house",
    "great white": "shark",
    "red panda": "panda",
    "orange juice": "juice",
    "rain forest": "jungle",
    "ice cream": "icecream",
    "koi pond": "koi pond koi",
    "cherry blossom": "sakura",
    "cherry blossoms": "sakura",
    "cherry tree": "sakura",
    "neon lights": "neon neon",
    "flying cars": "flyingcars",
    "water lily": "lily pond",
    "water lilies": "lily pond",
    "light trails": "lighttrails",
    "fairy lights": "fairylights lantern",
    "street lights": "lantern",
    "city lights": "lantern city",
    "lens flare": "flare",
    "times square": "city neon",
    "new york": "city",
    "hong kong": "city neon",
    "los angeles": "city",
}

SCHEMES: dict[str, Scheme] = {
    "sunset": Scheme(
        "sunset sundown atardecer coucher sonnenuntergang tramonto crepusculo pordosol zonsondergang закат* غروب "
        "夕日 夕焼け 夕暮れ 日落 落日 夕阳 黄昏 노을 석양",
        "140a26 4a1a55 a83a6a f0745a ffb070 ffe6b8",
        "ff4f7a ffb347 7a5cff",
        "fff0c8",
        lights=2,
    ),
    "dawn": Scheme(
        "dawn sunrise daybreak morning amanecer aube matin morgen morgendammerung sonnenaufgang alba amanhecer "
        "рассвет* утр* 朝 夜明け 日出 黎明 清晨 아침 새벽 일출",
        "1a1838 4a3f70 9a6a94 e8a09a fbd0b0 fff2dc",
        "f58a7a ffd08a 8fb0e0",
        "fff4e0",
        lights=2,
    ),
    "golden hour": Scheme(
        "goldenhour sunlit sunlight sunbeams honey harvest",
        "1c0f08 5a3216 a8682a dfa24c f6d58c fff3cf",
        "ff9a3d ffd86b c8553d",
        "fff2c8",
        lights=2,
    ),
    "night": Scheme(
        "night nighttime midnight moon moonlight moonlit nocturnal starry noche medianoche nuit nacht nachts notte "
        "noite nocy gece ноч* ليل रात 夜 夜空 夜晚 밤 달빛",
        "04060f 0c1430 1f2f5c 4a5a8a 8fa0c0 d8e0f0",
        "ffc070 7ab8ff ff8fb0",
        "f0f4ff",
        lights=2,
        night=True,
    ),
    "dusk": Scheme(
        "dusk twilight evening bluehour gloaming dammerung soir sera abend вечер* сумерк* 薄暮 傍晚 저녁",
        "0a1026 1f2350 4a3f80 8a6aa0 d09ab0 f8dcc8",
        "ff9a7a ffd28a 6ab0ff",
        "ffe8d8",
        lights=2,
    ),
    "storm": Scheme(
        "storm stormy thunder thunderstorm lightning tempest hurricane tornado tormenta orage sturm gewitter tempesta "
        "tempestade гроз* буря 嵐 雷 暴风雨 폭풍",
        "0a0d12 1f2730 3c4a55 667682 9aa8ae d8dedc",
        "d8e8ff f2c84b 6aa0c8",
        "f0f6ff",
        lights=1,
    ),
    "fog": Scheme(
        "fog foggy mist misty haze hazy smoke smoky steam niebla brouillard brume nebel nebbia nevoeiro туман* 霧 雾 "
        "안개",
        "1c262c 42525a 71828a a0aeb2 c8d0d0 eef0ec",
        "d8a27a 8fb0b8 c87a5a",
        "fdf8ee",
        lights=1,
    ),
    "rain": Scheme(
        "rain rainy raining wet puddle puddles umbrella drizzle lluvia pluie regen pioggia chuva дожд* مطر बारिश 雨 비",
        "0a121a 1a2a38 35505f 5f7f8a 98b0b4 d8e2e0",
        "ffb05c 5fc8e8 ff6a7a",
        "f2f6f8",
        lights=1,
    ),
    "day": Scheme(
        "day daytime noon sunny summer sky skies clouds cloud clear bright verano dia soleado ete jour sommer sonnig "
        "estate giorno verao zomer лет* день солнечн* 晴 夏 夏天 青空 蓝天 맑은 여름",
        "0d2f52 1f6aa8 4fa8d8 9fd4ea dcefe8 fff8e4",
        "ff8a5c ffd24f 2fb08a",
        "fffbe8",
        lights=1,
    ),
    "winter": Scheme(
        "winter snow snowy snowfall ice icy frozen frost frosty arctic glacier polar blizzard invierno nieve hiver "
        "neige schnee eis inverno neve sneeuw zima kar зим* снег* снеж* лед* 雪 冬 冰 氷 눈 겨울",
        "0d1f33 2b4f70 6a94b4 a8c8da dcebf2 ffffff",
        "7fc8ff c8b8ff ffc8d8",
        "ffffff",
        lights=1,
    ),
    "autumn": Scheme(
        "autumn fall autumnal october pumpkin maple otono automne herbst autunno outono herfst осен* 秋 秋天 紅葉 "
        "枫叶 가을",
        "1a0e08 4a2010 9a4018 d8782a f0b45c fbe8c0",
        "d8432a f2a93b 7a8a3a",
        "fff0d0",
        lights=1,
    ),
    "spring": Scheme(
        "spring springtime easter primavera printemps fruhling lente wiosna весн* 春 春天 봄",
        "14301f 3f6f4a 86a86a c8c890 f6d8d8 fff4ee",
        "ffb0c8 ffd98a 8fd0a0",
        "fff8ec",
        lights=1,
    ),
    "aurora": Scheme(
        "aurora borealis polarlicht polarlichter オーロラ 极光 極光 오로라",
        "03080f 08203a 0f4a55 1f8f7a 7fe0a8 e0fbe0",
        "4fffb0 40c8ff b06aff",
        "e8fff4",
        lights=2,
        night=True,
    ),
    "neon": Scheme(
        "neon cyberpunk synthwave vaporwave retrowave arcade nightclub disco club rave laser lasers неон* ネオン 霓虹 "
        "네온",
        "07040f 1c0f3a 4a1a6b a02a8a ff4fa0 ffc8e8",
        "ff2fa0 22e0ff ffb02e 8a5cff",
        "ffe0f4",
        night=True,
    ),
    "fire": Scheme(
        "fire flame flames flaming lava magma inferno burning ember embers volcano eruption phoenix hell fuego feu "
        "feuer fuoco fogo ogien огонь огн* пламя 火 炎 火焰 불 불꽃",
        "0a0302 3a0a05 8a1c08 e04a10 ff9a2e fff0b0",
        "ff5a1f ffc02e ff2e4a",
        "fff0c0",
    ),
    "gold": Scheme(
        "luxury luxurious royal king queen crown jewel jewelry jewellery treasure trophy pharaoh egypt egyptian "
        "temple baroque",
        "120c04 3f2a0c 80581a c0923a ecc878 fff4d8",
        "f2d06b b83a4b 2f6a7a",
        "fff4d0",
    ),
    "forest": Scheme(
        "forest woods woodland jungle rainforest tree trees pine leaf leaves fern moss nature plant plants botanical "
        "grass meadow field bosque arbol selva foret arbre wald baum baume foresta bosco floresta arvore "
        "лес* дерев* غابة जंगल 森 森林 林 木 숲 나무",
        "06140f 12332a 2f6150 7aa088 c8d4b8 f5f0dc",
        "e8a04c d8e06a 3fae7a",
        "fffbe0",
    ),
    "ocean": Scheme(
        "ocean sea underwater water waves wave lake river waterfall whale dolphin fish shark coral reef ship boat sail "
        "mar oceano mer lac fleuve meer fluss mare lago fiume rio zee море мор* озер* река بحر समुद्र "
        "海 湖 川 河 水 바다 호수 강",
        "03111f 0a3350 1a6585 4fa8b8 a8dcd8 f0fbf4",
        "ff8a6a ffd27a 5fe0d0",
        "f4fff8",
    ),
    "tropics": Scheme(
        "beach tropical island palm palms paradise lagoon hawaii maldives surf surfing parrot flamingo cocktail playa "
        "plage strand spiaggia praia пляж* остров* شاطئ 浜 沙滩 海滩 해변",
        "0d2f4a 1688a0 4fc8c0 f8dca0 ffb48a fff4dc",
        "ff6f61 ffd23f 22c1a8",
        "fff6d8",
    ),
    "desert": Scheme(
        "desert dune dunes sandy sahara mars canyon camel cactus western cowboy safari savanna savannah desierto wuste "
        "deserto woestijn пустын* صحراء रेगिस्तान 砂漠 沙漠 사막",
        "2a120c 6a2c18 b85a2c e29a58 f3cf98 fbecd0",
        "e8573f ffcf6b 3f8f8a",
        "fff6e0",
    ),
    "space": Scheme(
        "space galaxy galaxies nebula cosmos cosmic universe planet planets star stars astronaut rocket spaceship "
        "alien saturn jupiter orbit asteroid comet blackhole espacio galaxia espace galaxie weltraum weltall spazio "
        "espaco космос* космич* галакти* فضاء अंतरिक्ष 宇宙 银河 銀河 太空 星空 우주 은하",
        "02030a 120a2c 3b1a6b 9a3f9a f08fa0 ffe6c8",
        "ff8fb8 ffb070 5fb8ff",
        "fff4ea",
        night=True,
    ),
    "sakura": Scheme(
        "sakura blossoms blossom kimono geisha cerezo kirschblute kirschbluten сакур* 桜 樱花 櫻花 벚꽃",
        "2a1626 6a3a55 b06a88 e8a0b0 fbd0d4 fff2ee",
        "ffb7c9 ff8fae ffe1e8",
        "fff4f0",
    ),
    "garden": Scheme(
        "garden zen pond koi lily lotus spa bamboo tea tranquil serene peaceful calm meditation jardin garten giardino "
        "jardim tuin сад* 庭 庭園 花园 池 정원 연못",
        "0b2a2c 1a4c4c 34776f 7fae98 cfdcc0 fdf4e8",
        "ffb7c9 ff8fae ffe1e8",
        "fffaf0",
    ),
    "rose": Scheme(
        "rose roses flower flowers floral peony peonies tulip tulips orchid dahlia bouquet petal petals hibiscus "
        "rosebud flor flores fleur fleurs blume blumen fiore fiori bloem цвет* زهرة फूल 花 꽃",
        "1a0714 4a0f30 a02858 e8648c ffb0b8 ffeae0",
        "ffd0d8 ff7aa0 ffe6b0",
        "fff0ee",
    ),
    "sunflower": Scheme(
        "sunflower sunflowers daisy daisies marigold girasol tournesol sonnenblume sonnenblumen 向日葵 ひまわり",
        "2a1604 6a3a08 b8700c f0ac1c ffd85c fff6cc",
        "ffd23f e8731c 5a8a2a",
        "fff6d0",
    ),
    "retro": Scheme(
        "retro vintage nostalgic seventies sixties fifties polaroid film analog grandma antique rustic",
        "2a1a14 6a3a28 b0643c d8a05c e8cf98 f6ead0",
        "d8593a 3f7f7a e0a83a",
    ),
    "bauhaus": Scheme(
        "bauhaus geometric midcentury constructivism mondrian kandinsky swiss poster logo icon infographic typography "
        "pattern lego toy toys playground",
        "1a1f2e 24507a 3f8f80 e8a33a f0c878 f4ead5",
        "e8573f f2b441 24507a 3f8f80",
    ),
    "minimal": Scheme(
        "minimal minimalist minimalism clean nordic scandinavian simple modern studio product marble interior kitchen "
        "bedroom room furniture sofa chair apartment packaging",
        "2a2d30 6a6e72 a8aaac d0d0ce e8e6e2 faf8f4",
        "e07a5f 81b29a 3d5a80",
        "ffffff",
    ),
    "noir": Scheme(
        "noir dark gothic monochrome vampire crow raven detective shadow shadows sinister grim grayscale greyscale "
        "oscuro sombre dunkel scuro escuro темн* 闇 黑暗 어두운",
        "050506 141518 2c2e34 585c66 9a9ea8 e4e6ea",
        "c8102e d0d4dc 7a8290",
        "f4f6fa",
    ),
    "pastel": Scheme(
        "pastel pastels dreamy cute kawaii baby unicorn fairy fairytale soft gentle sweet kitten bunny icecream "
        "cupcake macaron macarons marshmallow cotton 可愛い かわいい 可爱 귀여운",
        "5a5a8a 8a8ac0 b8b0e0 f0c0d8 ffdcc8 fff6e8",
        "ffb3c6 b8e0d2 c9b6e4 ffe29a",
        "ffffff",
    ),
    "vivid": Scheme(
        "colorful colourful rainbow vibrant vivid psychedelic carnival circus confetti festival fireworks parade "
        "balloon balloons butterfly peacock colorido colore bunt colorato kleurrijk разноцвет* カラフル 彩色 彩虹 虹 "
        "무지개",
        "1f1147 5b2a9d d1366f ff7a45 ffc445 fff3c4",
        "22c1c3 ff4f79 ffd23f 5b5bff",
    ),
    "steel": Scheme(
        "steel metal metallic robot robots mech machine engine car cars truck motorcycle automobile tesla cybertruck "
        "porsche ferrari industrial factory armor armour sword knight watch gun aircraft airplane jet tank train coche "
        "voiture auto macchina carro машин* робот* 車 汽车 机器人 ロボット 자동차 로봇",
        "080a0e 1a2028 3a4550 6f7d8a a8b4be eef2f5",
        "4fc3ff ff7a3d d8e0e8",
        "ffffff",
    ),
    "tech": Scheme(
        "technology tech digital futuristic future scifi data network computer circuit code ai quantum hologram "
        "holographic internet cyber electric electronic software blockchain futurista futuriste futuristisch "
        "futuristico будущ* 未来 科技 미래",
        "040812 0a1a3a 123a7a 2a7ad0 7ac8ff eaf8ff",
        "22e0ff 7a6bff ff5fd0 3fffb0",
        "f0fbff",
    ),
    "wood": Scheme(
        "coffee cafe wood wooden bread bakery food restaurant cake cookie pizza burger ramen noodles soup steak "
        "dinner breakfast library book books bear dog puppy horse lion tiger owl deer fox cabin cottage leather "
        "violin guitar piano perro chien hund cane cachorro собак* 犬 狗 コーヒー 咖啡 강아지",
        "140c08 3a2216 6f442a a8764a d8b088 f6e6d0",
        "e8823a f2c46b 8a3a2a",
    ),
    "citrus": Scheme(
        "fruit fruits lime citrus juice smoothie salad avocado vegetable vegetables fresh kiwi mango pineapple banana "
        "apple fruta frutas obst frutta 果物 水果 과일",
        "1f3a1a 5a8a2a b0c030 f4c430 ffe07a fffbe0",
        "ff7a2f e8e04a 2fa84f",
    ),
    "berry": Scheme(
        "berry berries strawberry raspberry blueberry grape grapes plum pomegranate cherry velvet opera theater "
        "theatre stage",
        "14060f 3f0f2a 7a1f48 b84a70 e098a8 fbe4e0",
        "ff4f79 c86ad8 ffb0a0",
    ),
    "skin": Scheme(
        "portrait woman man girl boy person people face model fashion elderly grandmother grandfather child children "
        "family dancer ballerina couple selfie headshot mujer hombre femme homme frau mann donna uomo mulher женщин* "
        "мужчин* девушк* امرأة 女 女性 女孩 男性 少女 人物 여자 남자",
        "1a0f0c 4a2a22 8f5a48 cc9478 ecc8ac fff0e2",
        "e8735a f2b98a 5a7a9a",
        "fff4ea",
    ),
    "stone": Scheme(
        "stone medieval castle ruins ancient history roman greek statue sculpture cathedral church village house "
        "cottage castillo chateau burg schloss castello castelo замок 城堡 お城 성",
        "14120e 3a3426 6f6548 a89a70 d4c8a0 f4eeda",
        "c8693a 6a8fa0 e0b85c",
    ),
    "romance": Scheme(
        "love romantic romance wedding bride valentine heart hearts kiss amor amour liebe amore любов* 愛 恋 爱 사랑",
        "2a0a14 7a1f3a c84a68 f08fa0 fbc8c8 fff0ea",
        "ff5c7a ffd0c0 ffb347",
    ),
    "haunted": Scheme(
        "halloween horror haunted ghost zombie witch monster demon skull scary creepy spooky bat skeleton",
        "07060a 1c1226 3f2a45 8a4a2a e07a1f ffd08a",
        "ff7a1f 8aff5c 9a5cff",
        "ffe8c0",
        night=True,
    ),
    "christmas": Scheme(
        "christmas xmas santa reindeer holiday gift gifts ornament navidad noel weihnachten natale natal рождеств* "
        "クリスマス 圣诞 크리스마스",
        "0a1410 16352a 2f6a4a 9a4a38 e8b85c fff4dc",
        "e8423f f2c14e 3fb070 ffffff",
    ),
    "magic": Scheme(
        "magic magical wizard mystical mystic fantasy enchanted dragon spell crystal crystals dream surreal mermaid "
        "elf portal magia magie magisch magico маги* волшеб* 魔法 ファンタジー 魔幻 마법",
        "0a0820 24185a 4f3a9a 8a6ad0 d0a8f0 fff0ff",
        "7affe0 ff8ad8 ffd86b",
        "fbf0ff",
    ),
}

# Family, weight of each of its words, words. A place weighs more than an atmosphere: "a city at night" is a city.
FAMILIES: dict[str, tuple[int, str]] = {
    "city": (
        3,
        "city cityscape skyline skyscraper skyscrapers downtown metropolis urban tower towers building buildings "
        "manhattan tokyo shanghai dubai london paris chicago megacity ciudad ville stadt citta cidade miasto sehir "
        "город* مدينة शहर 都市 街 城市 都会 도시 ビル",
    ),
    "peaks": (
        3,
        "lake lakes river fjord lago lac озер* 湖 호수 mountain mountains mountainous alps alpine himalaya "
        "himalayas everest fuji peak peaks summit cliff cliffs valley volcano canyon montana montanas montagne "
        "montagnes berg berge gory dag гор* горы جبل पहाड़ 山 富士山 산",
    ),
    "hills": (
        3,
        "hill hills meadow meadows field fields countryside farm vineyard prairie rural pasture tuscany landscape "
        "village savanna savannah safari colina campo campagne landschaft hugel collina wiese поле холм* 丘 草原 田野 "
        "乡村 들판",
    ),
    "dunes": (
        3,
        "desert dune dunes sand sahara mars martian desierto wuste deserto пустын* صحراء रेगिस्तान 砂漠 沙漠 사막",
    ),
    "forest": (
        3,
        "forest forests woods woodland jungle rainforest pine pines tree trees bosque selva foret wald foresta bosco "
        "floresta лес* غابة जंगल 森 森林 숲",
    ),
    "sea": (
        3,
        "sea ocean beach coast coastline shore island ship boat sailboat sailing yacht surf wave waves horizon whale "
        "dolphin lighthouse harbor harbour playa mar mer plage meer strand mare spiaggia praia zee море мор* بحر 海 "
        "浜 海滩 沙滩 바다 해변",
    ),
    "cosmos": (
        3,
        "space galaxy galaxies nebula cosmos cosmic universe planet planets astronaut rocket spaceship spacecraft "
        "alien saturn jupiter orbit asteroid comet blackhole supernova espacio galaxia espace galaxie weltraum "
        "weltall spazio espaco космос* космич* галакти* فضاء अंतरिक्ष 宇宙 银河 銀河 太空 우주 은하",
    ),
    "pond": (
        3,
        "pond koi garden zen spa lily lilies ripple ripples puddle fountain pool raindrop lotus underwater fish "
        "aquarium goldfish jardin garten giardino jardim 庭 庭園 花园 池 정원 연못",
    ),
    "blossom": (
        2,
        "flower flowers rose roses peony peonies tulip tulips orchid dahlia bouquet hibiscus sunflower sunflowers "
        "daisy daisies marigold blossom floral flor flores fleur fleurs blume blumen fiore fiori bloem girasol цвет* "
        "زهرة फूल 花 꽃",
    ),
    "bokeh": (
        2,
        "lights light bokeh lamp lamps lantern lanterns candle candles fireworks party christmas xmas festival "
        "carnival concert club nightclub disco wedding champagne glitter sparkle sparkling confetti rain rainy street "
        "cafe bar restaurant luces lumieres lichter luci огни 灯 灯光 光 ライト 불빛",
    ),
    "ribbons": (
        2,
        "technology tech digital data network music sound audio jazz melody speed fast motion energy electric "
        "electricity wave waves flow lighttrails quantum ai cyber hologram holographic aurora wind dance dancer sport "
        "sports running racing laser lasers neon future futuristic internet 音楽 音乐 음악 科技 未来",
    ),
    "poster": (
        2,
        "geometric bauhaus poster logo icon infographic pattern minimal minimalist minimalism design product "
        "packaging architecture architectural interior room furniture flat vector illustration midcentury typography "
        "toy toys lego house chair sofa kitchen bedroom mosaic tile tiles quilt flag map diagram chart 図形 图案 设计 "
        "로고",
    ),
    "flow": (
        2,
        "flowing gradient gradients swirl swirls silk satin fabric velvet cloth dress fashion liquid fluid paint "
        "painting ink smoke smooth marble cream "
        "chocolate honey portrait woman man girl boy person people face hair perfume dream dreamy surreal magic "
        "magical fantasy dragon car cat dog horse lion tiger seda soie seide seta",
    ),
}
# When nothing in a prompt names a family, chance picks one of these.
FAMILIES_OF_COLOURS = ("poster", "ribbons", "bokeh")  # each of several colours is seen by itself
FAMILIES_WITHOUT_WORDS = ("flow", "ribbons", "poster", "flow", "bokeh", "blossom", "hills", "peaks")

TRAITS: dict[str, str] = {
    "snow": "snow snowy winter ice icy alps alpine himalaya himalayas everest fuji glacier arctic nieve neige schnee "
    "neve снег* снеж* 雪 눈",
    "snowfall": "snowfall snowing snowflake snowflakes blizzard snowstorm nevando schneefall снегопад* 吹雪 下雪 降雪",
    "rain": "rain rainy raining storm stormy thunderstorm drizzle umbrella lluvia pluie regen pioggia chuva дожд* 雨 "
    "비",
    "petals": "sakura blossom blossoms petal petals spring cerezo kirschblute kirschbluten 桜 樱花 櫻花 벚꽃",
    "water": "lake reflection reflections mirror reflective river fjord lago lac reflejo spiegelung озер* отраж* "
    "湖 호수 canal venice harbor harbour",
    "fish": "koi fish goldfish carp 鯉 锦鲤 잉어",
    "leaves": "garden lily lilies lotus pond zen jardin garten giardino jardim 庭 庭園 花园 蓮 莲 정원 연못",
    "neon": "neon cyberpunk synthwave futuristic nightlife nightclub ネオン 霓虹 네온",
    "trails": "flyingcars flying traffic highway futuristic lighttrails speed cyberpunk cars hovercar hovercars drone "
    "drones 未来 미래",
    "aurora": "aurora borealis polarlicht polarlichter オーロラ 极光 極光 오로라",
}

"""What colours are called, and the words that tell what a colour belongs to.

Words as in `compositions`; those of `COLOURS` choose the design too.
"""

from __future__ import annotations

from cavendish_sketch.language.wordlists import each

# Hex colour, then its names: English, Spanish, French, German, Italian, Portuguese, Dutch, Polish, Turkish, Russian,
# Arabic, Hindi, Japanese, Chinese, Korean.
COLOURS: dict[str, str] = {
    "d7263d": "red crimson scarlet ruby cherry vermilion rojo roja rojos rojas rouge rouges rot rote roter rotes roten "
    "rosso rossa rossi vermelho vermelha rood czerwon* kirmizi красн* алы* احمر أحمر حمراء लाल 赤 紅 红 빨간 빨강",
    "f47b20": "orange oranges tangerine amber naranja naranjas orangefarben arancione arancio laranja oranje "
    "pomaranczow* turuncu оранж* برتقالي नारंगी オレンジ 橙 橘 주황 오렌지",
    "f6c90e": "yellow lemon mustard amarillo amarilla amarillos amarillas jaune jaunes gelb gelbe gelber gelbes gelben "
    "giallo gialla amarelo amarela geel gele zolt* желт* اصفر أصفر صفراء पीला पीली 黄 黃 노란 노랑",
    "d4a537": "gold golden gilded dorado dorada dore doree dorato dorata dourado dourada goldene goldener goldenen "
    "gouden zlot* altin золот* ذهبي सुनहरा 金色 黄金 금색 황금",
    "2f9e44": "green verde verdes vert verte verts vertes grun grune gruner grunes grunen groen groene zielon* yesil "
    "зелен* اخضر أخضر خضراء हरा हरी 緑 绿 綠 초록 녹색",
    "0f9d75": "emerald jade esmeralda emeraude smaragd smeraldo изумруд* زمرد 翡翠 祖母绿 에메랄드",
    "7a8b2a": "olive moss khaki oliva oliv oliwkow* оливк* オリーブ 橄榄 올리브",
    "17a2a2": "teal turquoise turquesa turkis turchese turkusow* turkuaz бирюз* فيروزي ターコイズ 青緑 青绿 청록",
    "22c3e6": "cyan aqua celeste azurblau himmelblau голуб* 水色 天蓝 하늘색",
    "1f6feb": "blue azure cobalt sapphire azul azules bleu bleue bleus bleues blau blaue blauer blaues blauen blu "
    "azzurro azzurra blauw blauwe niebiesk* mavi сини* синя* сине* ازرق أزرق زرقاء नीला नीली 青 蓝 藍 파란 파랑",
    "14285a": "navy midnightblue marineblau granatow* lacivert 紺 藏青 남색",
    "4b3fbb": "indigo ultramarine индиго 靛 藍色 쪽빛",
    "7c3aed": "purple violet violets morado morada violeta violetas lila violett violette violet viola roxo roxa paars "
    "paarse fiolet* mor фиолет* بنفسجي बैंगनी 紫 보라",
    "b79ced": "lavender lilac lavanda lavande lavendel lavendelfarben lawend* лаванд* ラベンダー 薰衣草 라벤더",
    "d6249f": "magenta fuchsia fucsia magentafarben пурпур* マゼンタ 品红 자홍",
    "f48fb1": "pink rosa rosado rosada rosas rozowy rozowa roze pembe розов* وردي गुलाबी 桃色 ピンク 粉 분홍 핑크",
    "ff7f6a": "coral salmon peach corail koralle corallo коралл* コーラル 珊瑚 산호 복숭아",
    "8c1c3f": "maroon burgundy bordeaux wine burdeos bordo borgogna бордо* ワインレッド 酒红 자주",
    "c65d3b": "terracotta rust terracota rostrot ржав* テラコッタ 陶土",
    "b87333": "copper bronze cobre cuivre kupfer rame bronzo bronce медн* бронз* 銅 铜 구리 청동",
    "7b4b2a": "brown chocolate marron marrones brun brune braun braune braunen bruin marrone castanho brazow* "
    "kahverengi коричн* بني भूरा 茶色 褐 棕 갈색",
    "e8d8b8": "beige cream ivory sand crema creme avorio crema bezow* bej беж* بيج ベージュ 米色 베이지",
    "f7f6f2": "white blanco blanca blancos blancas blanc blanche blancs weiss weisse weisser weisses weissen bianco "
    "bianca branco branca wit witte bial* beyaz бел* ابيض أبيض بيضاء सफेद 白 하얀 흰",
    "868c94": "gray grey gris grises grau graue grauen grigio grigia cinza grijs grijze szar* gri серы* серая серо* "
    "رمادي 灰 회색",
    "c3cad2": "silver chrome plateado plateada argente argent silber silbern argento prateado zilver srebrn* gumus "
    "серебр* فضي चांदी 銀 银 은색",
    "b8792a": "ochre ocher ocre ocra ocker oker ochra охр* 黄土色 赭石 황토",
    "8e4585": "plum aubergine mauve prune pflaume prugna ciruela ameixa pruim слив* сливов* 梅紫",
    "98dcb8": "mint menta menthe minze munt miet* мят* ミント 薄荷绿 민트",
    "a6d336": "lime lima limette limetta chartreuse лайм* ライム 青柠 라임",
    "3a4148": "charcoal graphite anthracite antracita anthrazit antracite антрацит* 炭色 炭灰",
    "16171b": "black ebony onyx negro negra negros negras noir noire noirs schwarz schwarze schwarzer schwarzes "
    "schwarzen nero nera preto preta zwart zwarte czarn* siyah черн* اسود أسود سوداء काला काली 黒 黑 검은 검정",
}

# Names of colours that `COLOURS` does not have: Ukrainian, Swedish, Danish, the colours of animals.
MORE_COLOURS: dict[str, str] = {
    "d7263d": "червон* rod roda rott rød røde rødt punainen piros",
    "f47b20": "рыж* помаранчев* roux rousse ginger orangefargad",
    "f6c90e": "жовт* gul gula gult keltainen sarga",
    "2f9e44": "gron grona gront grøn grønn vihrea zold",
    "1f6feb": "син* блакитн* bla blatt sininen kek",
    "f48fb1": "рожев*",
    "7c3aed": "фіолетов* lila",
    "7b4b2a": "brun bruna",
    "f7f6f2": "біл* vit vita vitt hvid hvit valkoinen feher",
    "16171b": "чорн* svart svarta sort musta fekete",
    "868c94": "сір* gra graa",
}

# Words that are colours or things: a colour only beside a thing or a word such as "background".
COLOUR_OR_THING = each(
    "orange lemon cherry wine chocolate coral salmon peach cream sand olive honey lavender lilac violet ruby rose "
    "emerald sapphire jade amber copper rust moss mustard plum prune pflaume prugna ciruela ameixa pruim mint menta "
    "menthe minze munt lime lima limette limetta graphite charcoal aubergine 橘"
)

# What has a colour without being a subject: the colour belongs to a part that is not drawn apart.
PARTS = each(
    "eyes hair fur feathers wings tail skin beard lips nails roof walls wall scales spots stripes petals sails lid "
    "strap collar ojos pelo cabello alas yeux cheveux ailes augen haare haaren haar flugel occhi capelli olhos "
    "cabelo oczy włosy глазами волосами очима ogon harr 目 眼睛 头发 눈동자"
)

# What takes the colour for the picture as a whole.
WHOLES = each(
    "background backdrop backgrounds tones tone palette colors colours colour color theme hues hue scheme gradient "
    "light lights lighting glow sky shades accents tint atmosphere haze smoke paint ink fondo tonos colores luces "
    "cielo fond tons couleurs lumieres ciel hintergrund tonen farben lichter himmel sfondo toni colori luci fundo "
    "cores luzes ceu achtergrond tinten kleuren lucht tle kolory niebo фоне тонах цвета небо тлі кольори bakgrund "
    "farger toner 背景 色調 色调 颜色 배경 색상 पृष्ठभूमि रंग"
)

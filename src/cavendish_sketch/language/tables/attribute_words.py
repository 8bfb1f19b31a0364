"""Words that belong to the noun beside them: occasions, materials, and parts of houses and vehicles.

Words as `wordlists.fold` leaves them; one that ends in `*` stands for every word that begins so.
"""

from __future__ import annotations

from cavendish_sketch.language.brief import Material
from cavendish_sketch.language.wordlists import each

# "A statue of a horse" is the horse, in this if nothing else is said.
LIKENESSES: dict[str, Material] = {
    **dict.fromkeys(each("statue statues sculpture sculptures bust monument estatua statua skulptur статуя"), "stone"),
    **dict.fromkeys(each("figurine figurines"), "china"),
}

# Beside a thing they tell what it is for: a birthday hat is no cake.
OCCASIONS = each(
    "birthday anniversary wedding christmas xmas easter halloween valentine valentines thanksgiving graduation party "
    "carnival hanukkah diwali ramadan holiday festival cumpleanos navidad boda fiesta pascua aniversario noel "
    "anniversaire mariage fete paques geburtstag weihnachten hochzeit ostern compleanno natale matrimonio pasqua festa "
    "natal casamento verjaardag kerst bruiloft pasen urodziny urodzinowy urodzinowa swiateczny "
    "новогодн* рождествен* свадебн* пасхальн* різдвян* весільн* fodelsedag jul brollop"
)

# Drawings that show what they are for.
OF_OCCASIONS: dict[str, frozenset[str]] = {
    "1f382": each("birthday cumpleanos anniversaire geburtstag compleanno verjaardag urodziny"),
    "1f383": each("halloween"),
    "1f384": each("christmas xmas navidad noel weihnachten natale natal kerst jul"),
}

# Drawings that hang in the air by themselves: after "with" they are a part of the house or vehicle before it.
PARTS_OF_HOUSES = each("1fa9f 1f6aa")  # window, door
WITH = each("with con avec mit com met z ze с со з із med")

# "Made of": what follows is what the thing before is of.
MADE = each("made carved cut built crafted woven hecho hecha fait faite aus gemacht fatto fatta feito feita")
OF_MATERIAL = each("of from in out de en aus di do da van z ze из з av i")

MATERIALS: dict[Material, str] = {
    "brick": "brick bricks ladrillo ladrillos brique briques ziegel backstein mattoni tijolo tijolos baksteen cegla "
    "кирпичн* цеглян* tegel 煉瓦 レンガ 砖",
    "glass": "glass crystal glassy vidrio cristal verre cristallin glasern* vetro vidro szklan* стеклянн* скляни* "
    "хрустальн* ガラスの 玻璃",
    "ice": "ice icy frozen hielo glace eisig* ghiaccio gelo lodow* ледян* крижан* 氷の 冰",
    "iron": "iron steel metal metallic tin aluminium aluminum hierro acero metal fer acier stahl* eisern* "
    "ferro acciaio aco ijzeren stalen zelazn* stalow* железн* стальн* металлическ* сталев* 鉄の 金属の 铁",
    "leather": "leather cuero cuir ledern* pelle couro leren skorzan* кожан* шкірян* 革の 皮革",
    "marble": "marble marmol marbre marmorn* marmo marmore marmeren marmurow* мраморн* мармуров* 大理石",
    "paper": "paper origami cardboard papier papel carton karton* carta papieren papierow* бумажн* паперов* 紙の 纸",
    "china": "porcelain ceramic porcelana ceramica porcelaine ceramique porzellan keramisch* porcellana porselein "
    "porcelanow* фарфоров* керамическ* керамічн* порцелянов* porslin 陶器の 磁器の 陶瓷 瓷",
    "clay": "clay terracotta earthenware arcilla barro argile tonern* argilla argila glinian* глинян* 粘土の 陶土",
    "stone": "stone granite concrete sandstone piedra granito pierre granit steinern* pietra pedra stenen kamienn* "
    "каменн* кам'ян* гранитн* 石の 石头",
    "wood": "wooden wood oak oaken timber madera bois holzern* holz legno madeira houten drewnian* "
    "деревянн* дерев'ян* tra 木製 木の 木制 木质",
}

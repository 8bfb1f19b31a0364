"""Nouns beyond the names that Unicode gives, as data: what is drawn for them, where it stands, what it brings along.

Keys are code points of a drawing, or `!` and the name of one of our own figures, or `!person`; values are words as in
`tag_words`. English keywords of Unicode are not used by themselves, being too loose ("steam" is not a locomotive): the
ones that name a thing are here.
"""

from __future__ import annotations

from cavendish_sketch.language.tables import living_words, thing_words
from cavendish_sketch.language.wordlists import each

PROPS: dict[str, str] = {
    "!balloon": "hot_air_balloon hot_air_balloons air_balloon globo_aerostatico globos_aerostaticos montgolfiere "
    "montgolfieres heissluftballon heissluftballons mongolfiera mongolfiere balao_de_ar_quente luchtballon "
    "luchtballonnen balon balony воздушн*_шар* повітрян*_кул* luftballong luftballonger 気球 热气球 熱氣球 열기구",
    "!bottle": "bottle perfume perfume_bottle skincare_bottle cologne fragrance flask potion shampoo botella frasco "
    "bouteille parfum flacon flasche parfumflasche parfumflakon bottiglia profumo garrafa fles butelka бутылк* духи "
    "флакон* пляшк* flaska 瓶 香水 ボトル 瓶子 香水瓶 병 향수 बोतल इत्र",
    "!bridge": "bridge bridges wooden_bridge stone_bridge arch_bridge suspension_bridge golden_gate "
    "golden_gate_bridge footbridge puente puentes pont ponts brucke brucken ponte ponti brug most@pl mostu мост "
    "моста мосту міст_через bro@sv bron 橋 太鼓橋 赤い橋 桥 小桥 木桥 橋樑 다리 पुल",
    "!castle": "castle castles fortress citadel chateau palace castillo castillos palacio fortaleza chateau_fort "
    "burg schloss festung marchenschloss castello castelli castelo kasteel zamek замок замка замку дворец крепость "
    "slott 城 お城 古城 城堡 宫殿 성 궁전 किला महल",
    "!flying_car": "flying_car flying_cars hovercar hovercars hover_car hover_cars flying_vehicles flying_vehicle "
    "flying_taxi flying_taxis coche_volador coches_voladores autos_voladores carros_voladores voiture_volante "
    "voitures_volantes fliegende_autos fliegendes_auto fliegenden_autos auto_volanti macchine_volanti "
    "carros_voadores latajace_samochody летающ*_машин* летающ*_автомоб* літаюч*_автомоб* flygande_bilar 空飛ぶ車 "
    "空飛ぶクルマ 飞行汽车 飛行汽車 하늘을_나는_자동차",
    "!koi": "koi koi_fish koi_carp carp carps goldfish carpa carpas carpa_koi carpas_koi pez_dorado carpe carpes "
    "carpes_koi poisson_rouge karpfen kois koikarpfen goldfisch goldfische pesce_rosso carpe_koi peixe_dourado "
    "karp@pl karpie карп* кои коі guldfisk 鯉 錦鯉 金魚 コイ 锦鲤 鲤鱼 金鱼 잉어 비단잉어 금붕어 कोइ",
    "!lantern": "lantern lanterns stone_lantern paper_lantern paper_lanterns street_lamp street_lamps lamppost "
    "linterna linternas farol@es faroles farolillos lanterne lanternes lampion lampions laterne laternen lanterna "
    "lanternas lantaarn lantaarns latarnia_uliczna lampiony фонар* ліхтар* lykta lyktor 灯籠 提灯 ランタン 灯笼 石灯 "
    "燈籠 등불 초롱 랜턴 लालटेन",
    "!lighthouse": "lighthouse lighthouses faro faros farol@pt phare phares leuchtturm leuchtturme fari "
    "farol_maritimo vuurtoren latarnia_morska latarni_morskiej latarnia маяк* fyr fyren fyrtorn 灯台 灯塔 燈塔 등대 "
    "प्रकाशस्तंभ लाइटहाउस",
    "!pagoda": "pagoda pagodas japanese_temple buddhist_temple chinese_temple pagode pagodes tempel temple_japonais "
    "templo_japones пагод* 五重塔 お寺 寺 仏塔 宝塔 塔 寺庙 佛塔 古寺 탑 사찰 पगोडा",
    "!pickup": "pickup pickup_truck pickup_trucks cybertruck cybertrucks tesla_cybertruck tesla_truck camioneta "
    "サイバートラック 皮卡 赛博皮卡 사이버트럭 кибертрак* пикап*",
    "!planet": "planet planets ringed_planet gas_giant saturn jupiter neptune uranus venus exoplanet planeta "
    "planetas saturno jupiter_planet planete planetes saturne planeten pianeta pianeti planeta_z_pierscieniami "
    "planety планет* сатурн* юпитер* 惑星 土星 木星 行星 土星环 행성 토성 ग्रह शनि",
    "!robot": "robot robots android androids cyborg mech mecha droid roboter roboty робот* robotar ロボット 机器人 "
    "機器人 로봇 रोबोट robo robos robotje",
    "!tower": "tower towers eiffel_tower big_ben clock_tower watchtower radio_tower space_needle torre_eiffel torre "
    "torres tour_eiffel eiffelturm turm turme torri torre_di_pisa eiffeltoren toren wieza wieza_eiffla "
    "эйфелев*_башн* башн* веж* torn@sv eiffeltornet 塔楼 エッフェル塔 東京タワー タワー 埃菲尔铁塔 铁塔 高塔 에펠탑 "
    "타워 मीनार एफिल_टावर",
    "!tree": "tree oak oak_tree lone_tree maple_tree willow bonsai bonsai_tree apple_tree willow_tree baobab "
    "old_tree arbol roble arbre chene baum eiche albero quercia arvore carvalho boom eik@nl drzewo dab@pl дерево "
    "дерева дуб trad@sv ek@sv 木 大樹 一本の木 盆栽 树 大树 樹 一棵树 나무 पेड़ वृक्ष",
    "!windmill": "windmill windmills wind_turbine wind_turbines molino molinos molino_de_viento moulin moulins "
    "moulin_a_vent windmuhle windmuhlen mulino mulini mulino_a_vento moinho moinhos moinho_de_vento windmolen molen "
    "molens wiatrak wiatraki мельниц* вітряк* млин väderkvarn kvarn 風車 风车 風車小屋 풍차 पवनचक्की",
}

PEOPLE = (
    "woman women man@en men girl girls boy boys child children kid kids baby babies toddler person people lady "
    "ladies gentleman gentlemen guy guys teenager teenagers lovers couple@en bride groom family crowd audience "
    "mother father mom dad grandmother grandfather grandma grandpa sister brother daughter son@en friend friends "
    "old_man old_woman king queen prince princess emperor knight knights warrior warriors samurai ninja viking "
    "vikings gladiator soldier soldiers pirate pirates cowboy cowboys cowgirl wizard wizards witch witches sorcerer "
    "sorceress elf elves dwarf vampire vampires zombie zombies superhero superheroes hero@en heroine villain "
    "angel@en angels monk monks nun@en priest astronaut astronauts cosmonaut pilot pilots doctor doctors nurse "
    "nurses scientist scientists teacher teachers student students chef chefs cook@en baker@en bakers barista waiter "
    "farmer farmers fisherman fishermen gardener painter artist artists photographer musician musicians singer "
    "singers guitarist pianist drummer violinist dancer dancers ballerina ballerinas model@en models@en actor "
    "actress athlete athletes runner runners cyclist cyclists surfer surfers swimmer skater climber hiker hikers "
    "boxer footballer detective policeman policewoman police_officer firefighter firefighters mechanic engineer "
    "programmer hacker judge lawyer businessman businesswoman worker workers craftsman blacksmith hunter@en archer "
    "shepherd geisha hijabi tourist traveler traveller wanderer explorer santa santa_claus human humans figure@en "
    "figures@en silhouette villager villagers mujer mujeres hombre hombres nina ninas nino ninos chica chico persona "
    "personas gente bebe senora senor abuela abuelo pescador rey reina caballero soldado bailarina bailarin "
    "astronauta bruja mago familia pareja anciano anciana joven@es femme femmes homme hommes fille@fr filles garcon "
    "garcons enfant enfants personne personnes gens@fr vieil_homme vieille_femme grand_mere grand_pere pecheur "
    "roi@fr reine@fr chevalier danseuse danseur astronaute sorciere sorcier famille frau frauen mann@de manner "
    "madchen junge jungen kind@de kinder personen leute@de menschen mensch@de oma@de opa@de fischer konig konigin "
    "ritter tanzerin tanzer hexe zauberer familie paar@de greis mutter@de vater@de donna donne uomo uomini ragazza "
    "ragazze ragazzo ragazzi bambina bambine bambino bambini persone nonna nonno pescatore re@it regina cavaliere "
    "ballerino strega famiglia anziano coppia mulher mulheres homem homens menina meninas menino meninos crianca "
    "criancas pessoa pessoas velho velha avo@pt rei@pt rainha cavaleiro dancarina bruxa casal vrouw vrouwen man "
    "mannen meisje meisjes jongen jongens kind kinderen mensen visser koning koningin ridder danseres kobieta "
    "kobiety mezczyzna dziewczyna dziewczynka chłopiec dziecko dzieci ludzie rybak krol krolowa rycerz tancerka "
    "женщин* девушк* мужчин* девочк* мальчик* ребенок дети детей человек люди людей старик* бабушк* дедушк* рыбак* "
    "король королев* рыцар* танцовщиц* балерин* космонавт* астронавт* ведьм* волшебник* семья жінк* дівчин* дівчинк* "
    "чоловік* хлопчик* хлопець дитина діти рибалк* козак* бабус* дідус* kvinna kvinnor flicka flickor pojke pojkar "
    "barn@sv manniskor fiskare kung@sv drottning riddare dansare 女性 女 女の子 少女 男性 男 男の子 少年 子供 子ども "
    "人 人々 人物 漁師 老人 おばあさん おじいさん 侍 忍者 王様 女王 騎士 宇宙飛行士 赤ちゃん 家族 女人 女孩 女孩子 "
    "男人 男孩 孩子 小孩 儿童 兒童 人们 渔夫 老爷爷 老奶奶 武士 国王 公主 骑士 宇航员 太空人 婴儿 情侣 美女 여자 "
    "여성 소녀 남자 남성 소년 아이 아이들 사람 사람들 어부 노인 할머니 할아버지 왕 여왕 기사 우주비행사 아기 가족 "
    "무사 महिला औरत लड़की लड़कियां आदमी पुरुष लड़का बच्चा बच्चे बच्चों लोग व्यक्ति मछुआरा राजा रानी दादी दादा परिवार"
)
# "fisherman", "policewoman"; but no "snowman" and no "talisman".
PERSON_ENDINGS = ("man", "men", "woman", "women")
NO_PEOPLE = each("snowman snowmen talisman ottoman doberman roman german human_made superman walkman caiman")


DRAWN: dict[str, str] = {**living_words.ANIMALS, **living_words.NATURE, **thing_words.FOOD, **thing_words.THINGS}
ALL: dict[str, str] = {**PROPS, **DRAWN, "!person": PEOPLE}

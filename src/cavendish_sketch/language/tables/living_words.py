"""Words for animals, plants and what else nature has, in the form of `figure_words`."""

from __future__ import annotations

# By drawing: animals.
ANIMALS: dict[str, str] = {
    "1f415": "puppy puppies dogs golden_retriever labrador corgi husky dachshund bulldog beagle terrier chihuahua "
    "shiba shiba_inu german_shepherd border_collie pug hound doggy doggo cachorro cachorrito perrito chiot chiots "
    "hundchen welpe welpen cucciolo filhote szczeniak щенок щен* пес песик valp@sv 子犬 小狗 狗狗 강아지 पिल्ला कुत्ता "
    "कुत्ते cane@it",
    "1f429": "poodles",
    "1f408": "kitten kittens kitty cats tabby tabby_cat orange_cat ginger_cat siamese persian_cat maine_coon gatito "
    "gatitos gatita chaton chatons katzchen kater katje gattino gattini gatinho poesje kot koty kota kotek kotka "
    "котенок котик* кот кошк* кошечк* котик кіт кішк* кошен* kattunge 子猫 猫 ねこ ネコ 小猫 猫咪 小貓 貓咪 고양이 "
    "새끼고양이 बिल्ली",
    "1f408-200d-2b1b": "black_cat black_kitten chat_noir gato_negro schwarze_katze gatto_nero gato_preto czarny_kot "
    "черн*_кот черн*_кошк* 黒猫 黑猫 검은_고양이",
    "1f43a": "wolves gray_wolf grey_wolf werewolf coyote loup lobo@es lobo@pt lupo волк* вовк* varg wilk@pl 狼 "
    "オオカミ 늑대 भेड़िया",
    "1f98a": "foxes red_fox fennec fennec_fox zorro renard fuchse rotfuchs raposa lis@pl vos@nl volpi lisa@pl lisek "
    "лис лиса лису лисы лисиц* лисичк* лисен* 狐 キツネ きつね 狐狸 小狐狸 여우 लोमड़ी rav@sv",
    "1f43b": "bears grizzly grizzly_bear brown_bear black_bear bear_cub teddybear oso osos ours@fr bar@de baren@de "
    "orso orsi urso ursos beer@nl niedzwiedz медвед* медвеж* ведмед* ведмеж* bjorn 熊 クマ くま 小熊 곰 भालू",
    "1f43b-200d-2744": "polar_bears oso_polar ours_polaire ours_blanc eisbar eisbaren orso_polare urso_polar ijsbeer "
    "niedzwiedz_polarny бел*_медвед* isbjorn 白熊 シロクマ 北极熊 북극곰",
    "1f43c": "pandas giant_panda panda_bear oso_panda パンダ 熊猫 大熊猫 貓熊 판다 पांडा панд*",
    "1f428": "koalas koala_bear",
    "1f981": "lions lioness lion_cub leones leon lionne lowe lowen leone leoni leao leeuw lew лев льва львы львиц* "
    "lejon ライオン 狮子 獅子 사자 शेर सिंह",
    "1f405": "tigers bengal_tiger tiger_cub white_tiger tigre tigres tigri tygrys тигр* トラ 虎 老虎 小老虎 호랑이 बाघ",
    "1f406": "leopards jaguar cheetah cheetahs panther snow_leopard cougar puma lynx bobcat",
    "1f40e": "horses stallion mare@en pony ponies wild_horses racehorse mustang_horse caballo caballos cheval "
    "chevaux pferd pferde cavallo cavalli cavalo cavalos paard paarden kon@pl koni лошад* конь кони коня кінь häst "
    "hast hastar 馬 白馬 马 白马 駿馬 말 घोड़ा घोड़े",
    "1f984": "unicorns unicornio@es licorne@fr einhorn unicorno единорог* единорож* ユニコーン 独角兽 유니콘",
    "1f98c": "reindeer stag elk fawn doe bambi deer_herd ciervo ciervos cerf cerfs biche hirsch hirsche reh rehe "
    "cervo cervi veado hert jelen олен* rådjur radjur hjort 鹿 小鹿 麋鹿 사슴 हिरण",
    "1face": "moose_herd",
    "1f404": "cows cattle vaca vacas vache vaches kuh kuhe mucca mucche koe koeien krowa krowy коров* ko@sv kor 牛 "
    "乳牛 奶牛 젖소 소_떼 गाय",
    "1f402": "bull bulls oxen toro toros taureau stier",
    "1f403": "buffalo buffaloes water_buffalos",
    "1f416": "pigs piglet piglets cerdo cochon cochons schwein schweine maiale maialino porco varken swinia свин* "
    "поросен* gris@sv ブタ 豚 猪 小猪 돼지 सूअर",
    "1f417": "wild_boar boars",
    "1f411": "sheep lamb lambs oveja ovejas mouton moutons schaf schafe pecora pecore ovelha ovelhas schaap owca "
    "owce овц* овечк* far@sv faret 羊 ひつじ 绵羊 양 양떼 भेड़",
    "1f410": "goats mountain_goat ibex",
    "1f42a": "camels dromedary camello camellos chameau chameaux kamel kamele cammello cammelli camelo kameel "
    "верблюд* ラクダ 骆驼 駱駝 낙타 ऊंट ऊँट",
    "1f999": "alpaca alpacas llamas",
    "1f992": "giraffes girafe jirafa giraffa girafa жираф* キリン 长颈鹿 기린 जिराफ",
    "1f418": "elephants elefante elefantes elephanteau elefant elefanten elefanti olifant słon słonie слон* "
    "elefanter ゾウ 象 大象 코끼리 हाथी",
    "1f98f": "rhino rhinos rhinoceroses",
    "1f99b": "hippo hippos hippopotamuses",
    "1f401": "mice raton ratones souris maus mause topo topolino rato muis mysz мыш* миш* mus ネズミ 老鼠 쥐 चूहा",
    "1f400": "rats",
    "1f439": "hamsters guinea_pig gerbil",
    "1f407": "rabbits bunny bunnies hare@en conejo conejos conejito lapin lapins hase@de hasen kaninchen coniglio "
    "conigli coelho konijn krolik krolicza заяц зайц* зайч* кролик* кролик заєць kanin kaniner うさぎ ウサギ 兎 兔子 "
    "小兔子 白兔 토끼 खरगोश",
    "1f43f": "squirrel squirrels chipmunks ardilla ecureuil eichhornchen scoiattolo esquilo eekhoorn wiewiorka белка "
    "белк* білк* ekorre リス 松鼠 다람쥐 गिलहरी",
    "1f994": "hedgehogs porcupine erizo herisson igel riccio egel jez еж ежик* їжа* igelkott ハリネズミ 刺猬 고슴도치",
    "1f987": "bats",
    "1f98d": "gorillas ape apes",
    "1f412": "monkeys chimp chimpanzee baboon lemur singe@fr singes@fr mono@es monos@es affe affen scimmia macaco "
    "aap małpa обезьян* мавп* apa@sv サル 猿 猴子 원숭이 बंदर",
    "1f99d": "raccoons racoon red_panda",
    "1f9a6": "otters sea_otter",
    "1f998": "kangaroos",
    "1f426": "birds sparrow bluebird hummingbird robin finch songbird swallow kingfisher canary nightingale "
    "little_bird pajaro pajaros ave aves oiseau oiseaux vogel uccello uccelli uccellino passaro passaros vogels ptak "
    "ptaki птиц* птах* пташк* fagel faglar 鳥 小鳥 鸟 小鸟 鳥兒 새 작은새 पक्षी चिड़िया",
    "1f54a": "doves pigeon pigeons seagull seagulls gull gulls white_bird albatross paloma palomas gaviota gaviotas "
    "colombe mouette mouettes taube tauben mowe mowen gabbiano gabbiani gaivota gaivotas meeuw mewa mewy чайк* "
    "голуб* mas@sv 鳩 カモメ 鸽子 海鸥 비둘기 갈매기 कबूतर",
    "1f426-200d-2b1b": "crow crows raven ravens blackbird black_birds cuervo corbeau rabe raben krahe corvo kruk "
    "ворон* カラス 乌鸦 까마귀 कौआ",
    "1f985": "eagles hawk falcon bald_eagle condor vulture aguila aigle adler aquila orzeł орел орла орл* orn@sv 鷲 "
    "鷹 老鹰 独수리 독수리 चील",
    "1f986": "ducks mallard pato canard ente enten anatra eend kaczka утк* качк* anka アヒル 鸭子 오리 बतख",
    "1f9a2": "swans cisne cygne schwan schwane cigno zwaan łabedz лебед* лебід* svan 白鳥 天鹅 백조 हंस heron stork",
    "1f989": "owls buho lechuza hibou chouette eule eulen gufo coruja uil sowa сова совы сову совен* uggla フクロウ "
    "猫头鹰 올빼미 부엉이 उल्लू",
    "1f9a9": "flamingos flamingoes flamenco_rosa flamant flamants_roses flamant_rose фламинго フラミンゴ 火烈鸟 "
    "플라밍고",
    "1f99a": "peacocks pavo_real paon pfau pavone павлин* クジャク 孔雀 공작새 मोर",
    "1f99c": "tucano tucan tukan tucanes tucanos parrots macaw toucan cockatoo parakeet loro perroquet papagei "
    "pappagallo papagaio папуга попуга* "
    "オウム 鹦鹉 앵무새 तोता",
    "1f427": "penguins emperor_penguin pinguino pinguinos pingouin pingouins manchot@fr pinguin pinguine pinguini "
    "pinguim pingwin pingwiny пингвин* пінгвін* pingvin pingviner ペンギン 企鹅 企鵝 펭귄 पेंगुइन",
    "1f414": "hen hens chickens gallina poule huhn henne gallina_bianca kip kura куриц* 鸡 母鸡 닭 मुर्गी",
    "1f413": "roosters cockerel gallo coq hahn",
    "1f424": "chick chicks duckling ducklings gosling 小鸡 ひよこ 병아리",
    "1fabf": "geese",
    "1f438": "frogs toad tree_frog rana grenouille frosch sapo kikker zaba лягушк* жаб* groda カエル 蛙 青蛙 개구리 "
    "मेंढक",
    "1f40a": "crocodiles@en alligator alligators",
    "1f422": "turtles tortoise tortoises sea_turtle sea_turtles tortuga tortugas tortue tortues schildkrote "
    "schildkroten tartaruga tartarughe schildpad zołw@pl черепах* skoldpadda 亀 カメ ウミガメ 乌龟 海龟 거북이 "
    "바다거북 कछुआ",
    "1f98e": "lizards gecko iguana chameleon",
    "1f40d": "snakes serpent cobra python viper serpiente schlange schlangen serpente slang waz змея змеи змею ヘビ "
    "蛇 뱀 सांप",
    "1f409": "dragons wyvern drake dragones drache drachen drago draghi dragao dragoes draak smok дракон* drake@sv "
    "drakar ドラゴン 竜 龍 龙 巨龙 용 드래곤 ड्रैगन",
    "1f996": "dinosaur dinosaurs tyrannosaurus raptor trex dinosaurio dinosaure dinosaurier dinosauro dinossauro "
    "динозавр* 恐竜 恐龙 공룡 डायनासोर",
    "1f995": "brontosaurus brachiosaurus sauropods long_necked_dinosaur",
    "1f433": "blue_whale humpback humpback_whale",
    "1f40b": "whales sperm_whale ballena ballenas baleine baleines wal wale@de balena balene baleia baleias walvis "
    "wieloryb кит кита киты val@sv valar クジラ 鯨 鲸鱼 鲸 고래 व्हेल",
    "1f42c": "dolphins delfin delfines dauphin dauphins delfine delfino delfini golfinho golfinhos dolfijn delfiny "
    "дельфин* イルカ 海豚 돌고래 डॉल्फिन",
    "1facd": "orcas killer_whale",
    "1f9ad": "seals sea_lion walrus",
    "1f41f": "fishes trout salmon tuna pez peces poisson poissons fisch fische pesce pesci peixe peixes vissen ryba "
    "ryby рыб* рыбк* риб* fiskar 魚 鱼 小鱼 물고기 मछली मछलियाँ",
    "1f420": "tropical_fishes clownfish angelfish colorful_fish reef_fish nemo peces_tropicales poissons_tropicaux "
    "tropische_fische pesci_tropicali peixes_tropicais tropische_vissen rybki тропическ*_рыб* 熱帯魚 热带鱼 열대어",
    "1f421": "pufferfish",
    "1f988": "sharks great_white great_white_shark hammerhead tiburon tiburones requin requins hai@de haie squalo "
    "squali tubarao haai rekin rekiny акул* hajar サメ 鲨鱼 상어 शार्क",
    "1f419": "octopuses kraken pulpo poulpe pieuvre krake polpo polvo осьминог* восьминіг タコ 章鱼 문어",
    "1f41a": "seashell seashells shell shells conch",
    "1fab8": "corals coral_reefs",
    "1fabc": "medusa medusas meduse meduses qualle quallen медуз* クラゲ 水母 해파리 jelly_fish",
    "1f980": "crabs cangrejo crabe krabbe granchio краб* 螃蟹 カニ 게",
    "1f990": "shrimps prawn prawns",
    "1f991": "squids",
    "1f40c": "snails slug@en",
    "1f98b": "butterflies moth monarch_butterfly mariposa mariposas papillon papillons schmetterling schmetterlinge "
    "farfalla farfalle borboleta borboletas vlinder vlinders motyl motyle бабочк* метелик* fjaril fjarilar 蝶 ちょう "
    "蝴蝶 나비 तितली तितलियाँ",
    "1f41b": "caterpillar caterpillars insect insects",
    "1f41d": "bee bees bumblebee honeybees wasp abeja abejas abeille abeilles biene bienen ape_mellifera abelha "
    "bij@nl pszczoła пчел* бджол* bin@sv 蜂 ミツバチ 蜜蜂 꿀벌 मधुमक्खी",
    "1f41e": "ladybug ladybugs ladybird mariquita coccinelle marienkafer coccinella joaninha biedronka божь*_коровк* "
    "てんとう虫 瓢虫 무당벌레",
    "1f997": "grasshopper mantis@en dragonfly firefly",
    "1f47b": "ghosts spirit phantom fantasma fantome geist gespenst 幽灵 お化け 유령 призрак* привид*",
    "1f47d": "aliens extraterrestrial extraterrestre ausserirdischer инопланетян* 外星人 宇宙人 외계인",
    "1fac8": "bigfoot yeti sasquatch",
    "1f9da": "fairies pixie",
    "1f9dc-200d-2640": "mermaids sirena sirene meerjungfrau sereia русалк* 人魚 美人鱼 인어",
    "1f47e": "space_invader monster monsters creature",
    "1f480": "skulls skeleton skeletons calavera crane@fr totenkopf czaszka череп* 髑髏 骷髅 해골",
}

NATURE: dict[str, str] = {
    "1f490": "bouquets flower_bouquet bunch_of_flowers ramo_de_flores blumenstrauss bouquet_de_fleurs букет* 花束 "
    "꽃다발",
    "1f33c": "flower flowers daisy daisies wildflower marigold dandelion dandelions buttercup chamomile flor flores "
    "fleur fleurs blume blumen fiore fiori bloem bloemen kwiat kwiaty kwiatow цвет* цветок цветы цветов* квіт* "
    "blomma blommor 花 お花 花朵 鲜花 꽃 꽃들 फूल फूलों",
    "1f339": "roses red_rose red_roses rosa_roja rosas_rojas rosa_rossa rote_rose rose_rouge роза розы роз 薔薇 バラ "
    "玫瑰 장미 गुलाब",
    "1f337": "tulips tulipan tulipanes tulipe tulipes tulpe tulpen tulipano tulipani tulipa tulipas tulp tulipany "
    "тюльпан* tulpaner チューリップ 郁金香 튤립",
    "1f33b": "sunflowers girasol girasoles tournesol tournesols sonnenblume sonnenblumen girasole girasoli girassol "
    "girassois zonnebloem zonnebloemen słonecznik słoneczniki подсолнух* соняшник* solros solrosor ひまわり 向日葵 "
    "해바라기 सूरजमुखी",
    "1fabb": "lavender lilac lilacs lupine lavanda lavande lavendel лаванд* ラベンダー 薰衣草 라벤더 wisteria "
    "violet_flower orchid orchids iris",
    "1fab7": "lotus_flower lotuses lily lilies loto lotusbluten 蓮 ハス 莲花 荷花 연꽃 कमल",
    "1f33a": "peony peonies hibiscus_flower dahlia",
    "1f334": "palm palms palm_trees_on_beach palmera palmeras palmier palmiers palme palmen palma palme_da_cocco "
    "palmeira palmeiras palmy пальм* palmer ヤシの木 椰子树 棕榈树 야자수",
    "1f332": "pine fir spruce pine_tree fir_tree conifer pino sapin tanne abete pinheiro dennenboom sosna swierk "
    "сосн* ель елк* ялин* gran@sv 松 杉 松の木 松树 소나무 fichte",
    "1f335": "cacti saguaro cactuses kaktus kaktusse kaktusy кактус* サボテン 仙人掌 선인장",
    "1f33f": "fern leaves herbs foliage mint basil",
    "1f341": "maple_leaves leaf",
    "1f340": "clover",
    "1f344": "mushrooms toadstool fungus seta setas hongo champignon champignons pilz pilze fungo funghi cogumelo "
    "cogumelos paddenstoel grzyb grzyby гриб* svamp きのこ キノコ 蘑菇 버섯 मशरूम",
    "1fab4": "houseplant house_plant plant plants planta plante plantes pflanze pflanzen pianta vaso_de_planta "
    "roslina растени* 観葉植物 植物 盆栽植物 화분 식물 पौधा",
    "1f331": "sprout sapling seed seeds",
    "1fabe": "bare_tree dead_tree",
    "1f33e": "wheat rice_plant barley",
    "1faba": "bird_nest nest",
    "1faa8": "boulder boulders rocks pebble stone stones",
    "1fab5": "log logs timber stump firewood",
    "1f525": "campfire bonfire flame flames fireplace bonfire_on_beach hoguera feu feu_de_camp lagerfeuer feuer falo "
    "fogueira ognisko костер костр* огонь 焚き火 炎 火 篝火 火焰 모닥불 불꽃 आग",
    "1f308": "rainbows arcoiris arco_iris arc_en_ciel regenbogen arcobaleno regenboog tecza радуг* веселк* regnbage "
    "虹 彩虹 무지개 इंद्रधनुष",
    "2744": "snowflakes_pattern",
    "26c4": "snowman snowmen muneco_de_nieve bonhomme_de_neige schneemann pupazzo_di_neve sneeuwpop bałwan снеговик* "
    "сніговик* snogubbe 雪だるま 雪人 눈사람",
    "1f32a": "tornadoes whirlwind",
    "2604": "meteor asteroid_impact shooting_comet cometa komete comete комет* 彗星 혜성",
    "1f320": "shooting_stars falling_star",
    "1fae7": "bubble soap_bubbles",
    "1f30d": "earth globe planet_earth world tierra terre erde terra земл* 地球 지구 पृथ्वी",
}

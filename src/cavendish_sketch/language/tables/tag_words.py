"""What words say about a picture besides its things, as data: scene, land, time, weather, traits, style.

Keys are tags, one or several; values the words that call them, in the languages of `grammar`. Words are as
`wordlists.fold` leaves them; `_` joins the words of a phrase; one that ends in `*` stands for every word that begins
so. Chinese, Japanese and Thai words are found inside a sentence too. A longer phrase wins over a shorter one.
"""

from __future__ import annotations

SCENES: dict[str, str] = {
    "scene:city": "city cities street streets alley alleyway downtown metropolis megacity urban skyscraper "
    "skyscrapers cityscape cityscapes boulevard avenue crosswalk traffic rush_hour manhattan tokyo new_york london "
    "paris shanghai dubai chicago los_angeles berlin kyiv seoul sao_paulo san_francisco street_scene buildings "
    "office_buildings ciudad calle calles rascacielos urbano urbana ville rue rues gratte_ciel grande_ville stadt "
    "grossstadt strasse strassen hochhaus hochhauser wolkenkratzer citta strada grattacieli grattacielo cidade rua "
    "ruas arranha_ceus stad straat wolkenkrabbers miasto miasta miescie ulica ulice ulicy wiezowce город города "
    "городе городск* улиц* небоскреб* мегаполис* місто міста місті міськ* вулиц* хмарочос* gata gator@sv skyskrapor "
    "storstad stader 街 街並み 都市 都会 通り 東京 大阪 ビル 高層ビル 城市 街道 街头 大街 摩天大楼 摩天楼 上海 北京 "
    "纽约 高楼 도시 거리 서울 빌딩 고층빌딩 शहर सड़क गली महानगर kaupunki varos@hu utca@hu sehir@tr thanh_pho kota@ms "
    "เมือง ถนน byen@da byen@nb by@da by@nb",
    "scene:city trait:village": "old_town_street old_town_streets cobblestone_street cobbled_street cobblestones "
    "village_street narrow_street narrow_alley old_street calle_antigua vieille_rue altstadtgasse gasse vicolo",
    "scene:city trait:neon": "neon_city neon_lights_city times_square hong_kong ネオン街 霓虹城市",
    "scene:city trait:neon time:neon": "cyberpunk blade_runner neon_noir neo_tokyo киберпанк* кіберпанк* "
    "サイバーパンク 赛博朋克 賽博龐克 사이버펑크 साइबरपंक",
    "scene:skyline": "skyline skylines city_panorama panorama_of_the_city horizonte_urbano horizonte_de_la_ciudad "
    "silueta_de_la_ciudad ligne_d_horizon stadtsilhouette panorama_miasta スカイライン 天际线 天際線 스카이라인",
    "scene:garden trait:japanese": "japanese_garden zen_garden tea_garden torii kyoto jardin_japones jardin_japonais "
    "jardim_japones japanse_tuin японский_сад 日本庭園 枯山水 鳥居 日式庭院 日本庭园 日式花园 일본정원",
    "scene:garden": "garden gardens botanical_garden jardin jardines garten giardino giardini jardim tuin ogrod "
    "ogrodzie ogrodu сад саду садом сада tradgard 庭 庭園 花园 花園 庭院 정원 बगीचा बगीचे बाग उद्यान kert@hu puutarha "
    "hage@nb vuon@vi taman@ms สวน",
    "trait:cherry weather:petals": "cherry_blossoms cherry_blossom cherry_trees cherry_tree sakura blossoming_trees "
    "cerezos_en_flor flores_de_cerezo cerezo cerezos cerisiers cerisiers_en_fleurs fleurs_de_cerisier kirschbluten "
    "kirschblute kirschbaum kirschbaume fiori_di_ciliegio ciliegi_in_fiore ciliegio ciliegi cerejeiras "
    "flores_de_cerejeira kersenbloesem kersenbloesems kwitnace_wisnie kwiaty_wisni сакур* цветущ*_вишн* "
    "korsbarsblommor korsbarstrad 桜 さくら 桜の木 桜並木 樱花 櫻花 樱树 벚꽃 벚나무 चेरी_ब्लॉसम",
    "scene:pond": "pond ponds lily_pond lotus_pond estanque etang teich laghetto lagoa vijver staw stawie пруд пруду "
    "пруда ставок ставку damm 池 池塘 池水 荷塘 연못 तालाब",
    "scene:pond trait:lilies": "water_lilies water_lily lily_pads lily_pad lotus_flowers nenufares nenuphars "
    "seerosen ninfee 睡蓮 睡莲 蓮の花 수련",
    "scene:space": "space outer_space deep_space galaxy galaxies nebula nebulae cosmos cosmic universe solar_system "
    "asteroid asteroids asteroid_belt orbit orbiting black_hole supernova space_station interstellar espacio "
    "espacio_exterior galaxia galaxias nebulosa universo espace@fr galaxie nebuleuse univers weltraum weltall "
    "galaxien spazio galassia galassie espaco ruimte heelal kosmos kosmosie przestrzen_kosmiczna galaktyka космос* "
    "космическ* галактик* туманност* вселенн* космічн* всесвіт* rymden rymd galax 宇宙 銀河 星雲 宇宙空間 太空 银河 "
    "星云 银河系 우주 은하 은하수 성운 अंतरिक्ष आकाशगंगा ब्रह्मांड avaruus vilagur uzay vu_tru อวกาศ",
    "scene:underwater": "underwater under_the_sea under_water undersea deep_sea coral_reef reef seabed ocean_floor "
    "aquarium scuba_diving bajo_el_agua submarino submarina arrecife arrecife_de_coral fondo_del_mar sous_l_eau "
    "sous_marin sous_marine recif fonds_marins unterwasser unterwasserwelt korallenriff sott_acqua subacqueo "
    "barriera_corallina fundo_do_mar debaixo_d_agua recife onderwater koraalrif pod_woda podwodny rafa подводн* "
    "под_водой риф* коралл* під_водою підводн* under_vattnet korallrev 水中 海中 海底 珊瑚礁 水下 海底世界 바닷속 "
    "해저 산호초 수중 पानी_के_नीचे समुद्र_के_नीचे",
    "scene:interior": "interior interiors living_room bedroom fireplace room office kitchen indoors cozy_room "
    "cafe_interior studio_apartment apartment loft dining_room bathroom hallway library coffee_shop_interior "
    "bookshop classroom habitacion salon dormitorio sala_de_estar cocina interieur chambre@fr salle cuisine "
    "bureau@fr salon_cosy wohnzimmer schlafzimmer zimmer kuche innenraum buro soggiorno camera_da_letto stanza "
    "cucina interni sala@es sala@pt sala@it quarto cozinha woonkamer slaapkamer kamer keuken salonie pokoj pokoju "
    "sypialnia kuchnia wnetrze комнат* гостиная гостиной спальн* кухн* интерьер* кімнат* вітальн* інтер'єр* "
    "vardagsrum sovrum rum kok@sv interior_design 部屋 寝室 リビング 室内 台所 图书馆 图书馆内 客厅 卧室 房间 厨房 "
    "室内设计 客廳 房間 거실 침실 방 실내 부엌 कमरा कमरे रसोई बैठक",
    "scene:studio": "product_shot product_photo product_photography product_render studio_shot studio_lighting "
    "studio_photo studio_background white_background plain_background on_white packshot pedestal podium plinth "
    "advertisement commercial product_design isolated isometric 3d_render photo_studio fondo_blanco foto_de_producto "
    "estudio fond_blanc photo_de_produit weissem_hintergrund produktfoto produktfotografie sfondo_bianco "
    "fundo_branco witte_achtergrond białym_tle белом_фоне предметная_съемка 白背景 商品写真 白色背景 产品摄影 产品图 "
    "產品攝影 흰색_배경 흰_배경 제품_사진 सफेद_पृष्ठभूमि",
    "scene:table": "plate bowl on_a_table on_the_table tabletop food_photography breakfast lunch dinner "
    "meal brunch feast banquet picnic still_life dessert cutting_board desk on_a_plate mesa plato@es "
    "desayuno table assiette petit_dejeuner repas tisch teller fruhstuck tavolo tavola "
    "piatto colazione prato@pt tafel@nl tafel@de bord@sv ontbijt stole@pl stol@pl talerz sniadanie стол столе столу "
    "тарелк* завтрак* столі тарілк* сніданок bord tallrik frukost テーブル 食卓 お皿 朝食 机 "
    "桌子 桌上 餐桌 盘子 早餐 桌面 테이블 식탁 접시 아침식사 मेज टेबल थाली नाश्ता",
    "scene:table surface:wood": "wooden_table wooden_desk wood_table rustic_table mesa_de_madera table_en_bois "
    "holztisch tavolo_di_legno houten_tafel drewniany_stol drewnianym_stole деревянн*_стол* деревʼян*_стол* "
    "木のテーブル 木の机 木桌 나무_테이블 나무_탁자",
    "scene:table surface:marble": "marble_table marble_counter marble_countertop marble_surface mesa_de_marmol "
    "table_en_marbre marmortisch tavolo_di_marmo 大理石のテーブル 大理石桌",
    "scene:table surface:cloth": "tablecloth checkered_tablecloth picnic_blanket mantel@es nappe tischdecke tovaglia",
    "scene:abstract": "abstract abstraction gradient gradients fluid_art swirl swirls shapes geometric_shapes "
    "generative fractal fractals wallpaper texture psychedelic kaleidoscope abstracto abstracta abstrait abstraite "
    "abstrakt abstrakte abstraktes abstrakter astratto astratta abstrato abstrata abstract_art abstrakcja "
    "abstrakcyjny абстракт* абстракц* abstrakt_konst 抽象 抽象画 抽象的 グラデーション 渐变 漸層 추상 추상화 अमूर्त",
    "scene:abstract trait:mosaic": "mosaic mosaics stained_glass mosaico mosaique mosaik мозаик* モザイク 马赛克 "
    "모자이크",
    "scene:logo": "logo logos logotype wordmark emblem monogram brand_mark lettering typography sign_that_says "
    "neon_sign_that_says business_card logotipo logotyp логотип* ロゴ 标志 标识 商标 로고 लोगो",
    "scene:portrait": "portrait portraits close_up closeup headshot face_of selfie mugshot retrato primer_plano "
    "portrait_de gros_plan nahaufnahme portrat ritratto primo_piano retrato_de close portret zblizenie портрет* "
    "крупный_план крупным_планом крупним_планом portratt narbild ポートレート 肖像 肖像画 クローズアップ アップ 特写 "
    "초상화 클로즈업 चित्र_का पोर्ट्रेट",
    "scene:landscape": "landscape landscapes scenery countryside_view vista panorama wilderness paisaje paisajes "
    "paysage paysages landschaft landschaften paesaggio paisagem landschap krajobraz пейзаж* краєвид* пейзаж "
    "landskap 風景 景色 风景 山水 풍경 परिदृश्य दृश्य",
}

LAND: dict[str, str] = {
    "ground:alps trait:mountains": "mountain mountains alps alpine peak peaks summit mountain_range himalaya "
    "himalayas rocky_mountains fjord fjords cliff_face highlands mount_everest matterhorn dolomites patagonia valley "
    "montana montanas cordillera pico@es pico@pt andes montagne montagnes alpes berg berge bergen alpen gebirge "
    "gipfel tal@de montagna alpi dolomiti picco montanha montanhas serra@pt gory gora gorach tatry szczyt гора горы "
    "гор горах горами горн* вершин* альп* долин* гори гір гірськ* карпат* fjall fjallen bergstopp 山 山々 山脈 "
    "アルプス 山脉 高山 雪山 山谷 群山 阿尔卑斯 산 산맥 알프스 पहाड़ पहाड़ों पहाड़ी पर्वत हिमालय vuori@fi hegy@hu hegyek "
    "fjell bjerge dag@da nui@vi gunung@ms ภูเขา",
    "ground:alps trait:mountains trait:fuji trait:volcano": "mount_fuji mt_fuji fuji monte_fuji mont_fuji 富士山 富士 "
    "후지산",
    "ground:alps trait:volcano trait:mountains": "volcano volcanoes volcanic lava eruption volcan vulkan vulcano "
    "vulcao vulkaan wulkan вулкан* 火山 噴火 화산 ज्वालामुखी",
    "ground:alps trait:snowy trait:mountains": "snow_capped_mountains snow_capped_mountain snow_capped snowcapped "
    "snowy_mountains snowy_peaks snowy_mountain montanas_nevadas montagnes_enneigees verschneite_berge "
    "schneebedeckte_berge montagne_innevate montanhas_nevadas заснежен*_гор* 雪の山 雪の富士 설산",
    "ground:beach": "beach beaches tropical_beach seaside shore palm_trees playa playas orilla plage plages strand "
    "spiaggia spiagge lido@it praia praias plaza plazy пляж* stranden 浜 砂浜 海辺 ビーチ 海岸 沙滩 海滩 海边 沙灘 "
    "海灘 해변 바닷가 समुद्र_तट तट playa_tropical ranta@fi tengerpart bai_bien pantai@ms ชายหาด",
    "ground:canyon": "canyon canyons grand_canyon mesa_desert red_rocks monument_valley badlands gorge canon "
    "gran_canon schlucht каньон* 峡谷 渓谷 大峡谷 협곡",
    "scene:space trait:mars trait:surface": "mars martian martian_landscape marte mars_landscape марс* 火星 화성",
    "ground:dunes": "desert deserts dune dunes sahara sand_dunes sandy arabian oasis desierto desiertos duna dunas "
    "deserto desert_de_sable wuste wustenlandschaft dune_di_sabbia woestijn pustynia pustyni пустын* пустел* дюн* "
    "oken@sv 砂漠 砂丘 沙漠 大漠 사막 रेगिस्तान मरुस्थल aavikko sivatag sa_mac gurun@ms ทะเลทราย",
    "ground:hills": "hill hills hillside countryside farmland farm vineyard vineyards tuscany rural rolling_hills "
    "pasture colina colinas campo_abierto granja vinedo colline collines campagne ferme@fr vignoble hugel bauernhof "
    "weinberg collina campagna fattoria vigneto fazenda heuvel heuvels boerderij wzgorze wzgorza wies холм* "
    "деревенск* ферма ферме ферму фермы пагорб* kulle kullar landsbygd 丘 田舎 農場 山丘 丘陵 乡村 农场 田园 언덕 "
    "시골 농장 गांव_का पहाड़ियाँ खेत_खलिहान",
    "ground:islands": "island islands archipelago tropical_island isla islas ile@fr iles insel inseln isola isole "
    "ilha ilhas eiland wyspa wyspy остров* острів острови skargard 島 島々 岛 岛屿 海岛 島嶼 섬 द्वीप",
    "ground:meadow": "meadow meadows field fields grassland prairie park grass lawn lavender_field flower_field "
    "wildflowers field_of_flowers savanna savannah steppe glade pradera prado@es prado@pt campo campos parque hierba "
    "prairie_fleurie pre@fr champ@fr champs@fr parc herbe pelouse wiese wiesen feld felder rasen blumenwiese "
    "prato@it campo_di_fiori prati parco gramado weide veld@nl grasveld laka lace@pl pole@pl polu луг лугу луга поле "
    "полян* лужайк* трав* лузі галявин* ang@sv falt 草原 野原 花畑 原っぱ 公園 芝生 草地 田野 花海 花田 草坪 公园 "
    "초원 들판 꽃밭 공원 잔디 मैदान खेत घास पार्क niitty@fi ret@hu mezo@hu cong_vien",
    "ground:sea": "sea ocean seascape bay harbor harbour coast coastline sailing shipwreck seashore "
    "horizon_over_water mar@es mar@pt oceano mares bahia puerto costa@es costa@it costa@pt mer@fr ocean_calme baie "
    "cote@fr oceane meer ozean see_und_meer kuste hafen mare@it oceano_mare costa_marina porto baia zee oceaan kust "
    "haven morze morza morzu morzem wybrzeze море моря морем морск* океан* бухт* побереж* морі hav@sv havet kusten "
    "海 海上 海洋 港 大海 海面 海湾 海港 바다 대양 항구 समुद्र सागर meri@fi tenger@hu sjoen bien@vi laut@ms ทะเล",
    "ground:sea trait:waves": "waves wave crashing_waves rough_sea stormy_sea surf big_wave great_wave tsunami olas "
    "ola vagues vague wellen welle onde onda ondas golven fale@pl волн* хвил* vagor 波 荒波 波浪 海浪 巨浪 파도 लहरें "
    "लहर",
    "ground:sea trait:cliff": "cliff cliffs sea_cliff acantilado acantilados falaise falaises klippe klippen "
    "steilkuste scogliera falesia klif утес* скал* обрыв* 崖 断崖 悬崖 절벽",
    "ground:snow trait:snowy": "snow snowy winter arctic antarctic antarctica ice_field glacier frozen snow_covered "
    "tundra iceberg icebergs north_pole winter_wonderland nieve nevado nevada invierno neige enneige enneigee "
    "enneiges enneigees hiver schnee verschneit verschneite verschneiten verschneiter verschneites winterlich eis@de "
    "gletscher neve innevato innevata inverno ghiacciaio gelo nevado_inverno sneeuw besneeuwd besneeuwde "
    "sneeuwlandschap snieg sniegu sniezny zima zimowy zimowa osniezony льдин* снег снегу снега снегом снежн* "
    "заснежен* зимн* зим* ледник* сніг* снігу засніжен* snotackt snotackta sno@sv snoig snoigt vinter vinterlandskap "
    "雪 雪景色 冬 雪原 雪国 氷河 雪地 冬天 冬季 冰川 雪景 눈 눈덮인 겨울 설경 빙하 बर्फ बर्फीला बर्फीली सर्दी lumi@fi "
    "talvi@fi ho@hu hoban havas tel@hu snø vinteren tuyet salju@ms หิมะ",
    "trait:forest": "pines firs spruces conifers forest forests woods woodland jungle pine_trees trees rainforest "
    "taiga pine_forest grove bosque "
    "bosques selva arboles pinos foret forets arbres sapins bois wald walder waldern baume tannenwald tannen foresta "
    "bosco alberi pineta giungla floresta mata@pt arvores pinheiros bos bossen woud bomen las@pl lasu lesie lasy "
    "drzewa лес леса лесу лесом лесн* роща деревья тайг* джунгл* ліс лісу лісі лісов* дерева skog skogen skogar "
    "trad_i_rad granskog 森 森林 林 ジャングル 木々 竹林 树林 丛林 雨林 樹林 숲 숲속 정글 나무들 जंगल वन पेड़ों metsa@fi "
    "erdo@hu skov@da orman@tr rung@vi hutan@ms ป่า",
    "trait:bamboo trait:forest": "bamboo bamboo_forest bambu bambou bambus бамбук* 竹 竹子 대나무",
    "trait:lake": "lake lakes reflected reflection reflections mirror_lake lagoon lago@es lago@it lago@pt lagos "
    "reflejado reflejo lac lacs reflet see@de bergsee seen@de spiegelung gespiegelt laghi riflesso lagoa_azul "
    "reflexo meer_tje meertje weerspiegeling jezioro jeziora jeziorem jeziorze озер* отраж* озеро озері sjo sjon "
    "sjoar spegling 湖 湖畔 水面 湖水 湖泊 湖面 倒影 호수 호숫가 झील jarvi@fi innsjo gol@da ho_nuoc danau@ms ทะเลสาบ",
    "trait:river": "river rivers stream creek brook canal rio@es rio@pt rios arroyo riviere fleuve ruisseau fluss "
    "bach@de flusse fiume ruscello ribeirao rivier beek rzeka rzeki rzece rzeka_gorska strumien река реки реке рекой "
    "реку ручей речк* річк* струмок alv floden back@sv 川 小川 河 河流 小溪 溪流 강 강가 시냇물 नदी joki@fi folyo@hu "
    "elv@nb song@vi sungai แม่น้ำ",
    "trait:waterfall": "waterfall waterfalls cascade cascada cascadas catarata cascade_d_eau chute_d_eau wasserfall "
    "wasserfalle cascata cascate cachoeira waterval wodospad wodospady водопад* водоспад* vattenfall 滝 瀑布 폭포 "
    "झरना",
    "trait:village": "village villages town old_town hamlet medieval_town small_town cottages houses pueblo aldea "
    "villages_de villageois dorf dorfer altstadt stadtchen villaggio paese@it borgo aldeia vila vilarejo dorp@nl "
    "dorpje wioska wsi miasteczko деревн* село селе поселок городок селі селищ* by@sv byn 村 村落 田舎町 村庄 小镇 "
    "古镇 小鎮 마을 गांव गाँव kyla@fi falu@hu landsby lang@vi desa@ms หมู่บ้าน",
}

TIMES: dict[str, str] = {
    "time:sunset": "sunset sunsets sundown setting_sun evening_glow atardecer puesta_de_sol ocaso coucher_de_soleil "
    "coucher_du_soleil soleil_couchant sonnenuntergang sonnenuntergange abendrot untergehende_sonne tramonto "
    "por_do_sol entardecer zonsondergang zachod_slonca zachod_słonca zachodzie_słonca закат* захід_сонця "
    "заході_сонця заходом_сонця solnedgang 夕日 夕焼け 夕暮れ 日没 日落 夕阳 夕陽 晚霞 落日 黄昏 日暮 노을 석양 일몰 "
    "해질녘 सूर्यास्त auringonlasku naplemente hoang_hon matahari_terbenam พระอาทิตย์ตก",
    "time:golden": "golden_sky golden_hour goldenhour warm_light warm_sunlight late_afternoon sunlit sunbeams sunbeam "
    "hora_dorada luz_dorada heure_doree lumiere_doree goldene_stunde goldenes_licht ora_d_oro luce_dorata "
    "hora_dourada gouden_uur zlota_godzina золотой_час золота_година ゴールデンアワー 黄金时刻 황금빛",
    "time:golden trait:autumn": "autumn autumnal fall_foliage fall_colors otono automne herbst herbstlich herbstwald "
    "autunno outono herfst jesien jesienny jesienna осен* осінь осінн* host@sv 秋 紅葉 秋天 秋季 枫叶 红叶 가을 단풍 "
    "पतझड़ शरद",
    "time:dawn": "sunrise dawn daybreak morning early_morning amanecer alba manana@es madrugada aube lever_de_soleil "
    "lever_du_soleil matin aurore sonnenaufgang morgendammerung morgen morgens morgengrauen mattina mattino "
    "sorgere_del_sole amanhecer nascer_do_sol manha zonsopgang ochtend dageraad swit wschod_słonca poranek rano@pl "
    "рассвет* утр* заря світанок світанк* ранок ранков* схід_сонця gryning soluppgang morgon 夜明け 朝 日の出 朝日 "
    "朝焼け 日出 黎明 清晨 早晨 晨光 새벽 일출 아침 सूर्योदय सुबह भोर",
    "time:dusk": "dusk twilight blue_hour evening nightfall crepusculo anochecer noche_azul crepuscule soir "
    "heure_bleue dammerung abenddammerung abend blaue_stunde crepuscolo sera@it anoitecer schemering avond zmierzch "
    "wieczor сумерк* вечер вечера вечером вечерн* сутінк* вечір* вечор* skymning kvall 薄暮 夕方 たそがれ 傍晚 暮色 "
    "저녁 황혼 शाम संध्या गोधूलि",
    "time:night": "night nighttime midnight nocturnal at_night by_night night_sky night_scene dark_sky noche "
    "nocturno nocturna medianoche nuit nocturne minuit nacht nachts nachtlich nachtlicher nachthimmel mitternacht "
    "notte notturno notturna noite noturno noturna nachtelijk noc@pl nocny nocna nocy noca ночь ночи ночью ночн* "
    "полночь ніч ночі вночі нічн* natt natten nattlig 夜 夜空 夜景 夜中 夜晚 深夜 黑夜 夜里 밤 밤하늘 야경 रात रात्रि "
    "yo@hu ejszaka gece dem@vi malam@ms กลางคืน",
    "time:night trait:moon": "moon full_moon moonlight moonlit crescent_moon moonrise luna luna_llena luz_de_la_luna "
    "lune pleine_lune clair_de_lune mond vollmond mondlicht mondschein luna_piena chiaro_di_luna lua@pt lua_cheia "
    "luar maan volle_maan ksiezyc ksiezyca pełnia лун* полнолуни* місяць місяця місячн* повня mane@sv manen fullmane "
    "月 月夜 満月 月光 三日月 月亮 满月 月下 滿月 달 보름달 달빛 चांद चाँद चंद्रमा पूर्णिमा",
    "time:night weather:stars": "stars starry starry_night starry_sky milky_way starlight estrellas estrellado "
    "cielo_estrellado via_lactea etoiles ciel_etoile nuit_etoilee voie_lactee sterne sternenhimmel sternenklar "
    "sternennacht milchstrasse stelle cielo_stellato estrelas ceu_estrelado sterren sterrenhemel sterrennacht "
    "gwiazdy gwiazd gwiazdami gwiezdziste звезд* звездн* млечный_путь зірк* зорян* зорі stjarnor stjarnhimmel 星 "
    "星空 星々 天の川 星星 繁星 星空下 별 별빛 밤하늘의_별 तारे तारों सितारे",
    "time:night weather:aurora": "aurora northern_lights aurora_borealis southern_lights polar_lights aurora_boreal "
    "auroras aurores_boreales aurore_boreale polarlicht polarlichter nordlicht nordlichter aurora_boreale "
    "noorderlicht zorza zorza_polarna северное_сияние полярное_сияние северным_сиянием північне_сяйво norrsken "
    "オーロラ 极光 極光 北极光 오로라 ध्रुवीय_प्रकाश",
    "time:night trait:fireworks": "fireworks firework fuegos_artificiales feux_d_artifice feuerwerk "
    "fuochi_d_artificio fogos_de_artificio vuurwerk fajerwerki фейерверк* салют* феєрверк* fyrverkerier 花火 烟花 "
    "煙火 불꽃놀이 आतिशबाजी",
    "time:day": "day daytime noon sunny daylight blue_sky bright_day midday spring_day sunshine dia@es dia@pt "
    "soleado mediodia jour@fr ensoleille midi tag@de sonnig sonnigen sonniger mittag giorno soleggiato mezzogiorno "
    "ensolarado meio_dia zonnig dag@sv dag@nl słoneczny słoneczna dzien день днем солнечн* полдень сонячн* solig "
    "soligt 昼 昼間 晴れ 晴天 真昼 白天 阳光 晴朗 大白天 낮 한낮 맑은 दिन दोपहर धूप",
    "time:day trait:summer": "summer verano ete@fr sommer estate@it verao zomer lato лето летом лета летн* літо "
    "літн* sommar 夏 夏天 여름 गर्मी summer_day",
    "time:overcast": "overcast cloudy_day gloomy moody gray_sky grey_sky bleak dreary nublado gris_cielo nuageux "
    "couvert bewolkt trub nuvoloso coperto bewolkte pochmurny пасмурн* хмур* похмур* mulet 曇り 曇天 阴天 多云 흐린 "
    "बादल_छाए",
    "time:storm": "storm stormy tempest hurricane typhoon tornado tornadoes tormenta tempestad tempete orage orageux "
    "sturm sturmisch sturmische sturmischer sturmischen unwetter tempesta tempestoso tempestade storm_op_zee@nl "
    "burza sztorm шторм* буря бури бурю ураган* storm_pa_havet 嵐 暴風雨 台風 暴风雨 风暴 台风 폭풍 폭풍우 태풍 तूफान "
    "तूफ़ान",
    "time:storm weather:lightning": "lightning thunderstorm thunder lightning_bolt lightning_strike rayos relampago "
    "relampagos tormenta_electrica eclair_d_orage foudre eclairs blitz blitze gewitter fulmine fulmini temporale "
    "raio raios relampagos_na bliksem onweer błyskawica błyskawice молни* гроз* блискавк* blixt blixtar aska@sv 雷 "
    "稲妻 雷雨 闪电 雷电 번개 천둥 बिजली",
}

WEATHERS: dict[str, str] = {
    "weather:rain": "rain rainy raining rainfall drizzle downpour wet_street lluvia lluvioso lluviosa pluie pluvieux "
    "pluvieuse regen regnerisch regnerische regnerischen verregnet pioggia piovoso piovosa chuva chuvoso chuvosa "
    "regenachtig regenachtige deszcz deszczu deszczowy deszczowa дожд* дощ дощу дощов* regn regnig regnigt 雨 雨の日 "
    "下雨 雨天 雨夜 雨中 비 비오는 빗속 बारिश वर्षा",
    "weather:snow": "snowing snowfall snowstorm blizzard snowflakes falling_snow nevando nevada_intensa ventisca "
    "il_neige tombee_de_neige tempete_de_neige schneefall schneesturm schneeflocken nevicata bufera nevasca "
    "sneeuwval sneeuwstorm opady_sniegu sniezyca снегопад* метел* снегопад снігопад* хуртовин* snofall snostorm 吹雪 "
    "降雪 下雪 暴风雪 雪花 눈보라 눈내리는 हिमपात बर्फबारी",
    "weather:fog": "fog foggy mist misty haze hazy niebla neblina brumoso brume brouillard brumeux brumeuse nebel "
    "neblig nebligen nebliger nebbia nebbioso nevoa nevoeiro neblina_matinal mist_ig@nl mistig mistige mgła mgle "
    "mglisty туман* імл* серпанок dimma dimmig 霧 もや 朝霧 霞 雾 薄雾 雾气 晨雾 霧氣 안개 कोहरा कोहरे धुंध",
    "weather:clouds": "clouds cloudy dramatic_sky cloudscape nubes nuages wolken wolkig wolkigen nuvole nuvens "
    "chmury облак* туч* хмар* moln 雲 入道雲 云 云朵 白云 云海 雲海 구름 बादल बादलों",
    "weather:clear": "clear_sky cloudless clear_blue_sky cielo_despejado ciel_degage wolkenlos klarer_himmel "
    "cielo_sereno ceu_limpo безоблачн* 快晴 晴空",
    "weather:petals": "petals falling_petals petalos petales blutenblatter petali petalas лепестк* пелюстк* 花びら "
    "花吹雪 花瓣 落花 꽃잎",
    "time:golden trait:autumn weather:leaves": "autumn_leaves fall_leaves falling_leaves leaves_falling hojas_caidas "
    "feuilles_mortes fallende_blatter herbstlaub foglie_cadute folhas_caindo листопад* падающи*_листь* 落ち葉 落叶 "
    "낙엽",
}

TRAITS: dict[str, str] = {
    "trait:deep": "deep abyss bioluminescent bioluminescence deep_ocean mariana_trench abismo abysse tiefsee глубин* "
    "深海 심해",
    "trait:black_hole scene:space": "black_hole event_horizon singularity agujero_negro trou_noir schwarzes_loch "
    "buco_nero buraco_negro черн*_дыр* чорн*_дір* ブラックホール 黑洞 블랙홀",
    "trait:galaxy": "galaxy galaxies spiral_galaxy andromeda galaxia galaxias galaxie galaxien galassia galaktyka "
    "галактик* 銀河 星系 은하",
    "trait:surface": "surface landing crater craters lunar_landscape rover moon_base superficie oberflache "
    "поверхност* 月面 表面",
    "trait:steam": "steam steaming steamy vapor vapeur dampf dampfend vapore пар 湯気 热气 김",
    "trait:fireflies": "firefly fireflies luciernagas lucioles gluhwurmchen lucciole vagalumes светлячк* 蛍 萤火虫 "
    "반딧불",
    "trait:spring": "spring springtime primavera printemps fruhling primavera@pt lente@nl wiosna весн* весен* vår 春 "
    "春天 봄 वसंत",
    "trait:japanese": "japanese japones japonesa japonais japonaise japanisch japanischer japanische japanischen "
    "giapponese japans japanse japonski японск* японськ* japansk 日本 和風 일본",
    "trait:futuristic": "futuristic sci_fi scifi science_fiction future space_age high_tech utopian utopia futurista "
    "futuriste futuristisch futuristische futuristischen futuristischer futuristico futuristica futuristyczn* "
    "футуристичн* футуристическ* будущ* майбутн* framtida futuristisk futuristiska 未来 近未来 未来的 未来都市 "
    "未来城市 科幻 未來 미래 미래의 미래도시 भविष्य भविष्यवादी",
    "trait:neon": "neon neons neon_lights glowing_signs holographic holograms led_lights luces_de_neon neones "
    "luces_neon neones_brillantes lumieres_neon neonlichter neonlicht neonlichtern luci_al_neon luzes_de_neon "
    "neonlichten neony неонов* неон* neonljus ネオン 霓虹 霓虹灯 霓虹燈 네온 네온사인 नियॉन",
    "trait:flying_cars trait:futuristic": "flying_cars flying_car hovercars hover_cars hovercar flying_vehicles "
    "flying_taxis coches_voladores autos_voladores carros_voladores voitures_volantes fliegende_autos "
    "fliegenden_autos auto_volanti macchine_volanti carros_voadores vliegende_auto_s latajace_samochody "
    "летающ*_машин* летающ*_автомоб* літаюч*_автомоб* flygande_bilar 空飛ぶ車 空飛ぶクルマ 飞行汽车 飞车 飛行汽車 "
    "하늘을_나는_자동차 उड़ने_वाली_कारें उड़ती_कारें",
    "trait:sun": "sun sun_rays rays_of_light sol@es sol@pt sol@sv soleil sonne sole@it zon@nl słonce солнце сонце "
    "solen 太陽 太阳 태양 सूरज सूर्य",
    "view:top": "top_down topdown from_above overhead aerial aerial_view birds_eye_view bird_s_eye_view flat_lay "
    "vista_cenital desde_arriba vue_d_en_haut vu_d_en_haut von_oben vogelperspektive dall_alto visto_de_cima "
    "van_bovenaf z_gory сверху вид_сверху зверху 真上から 上から 俯瞰 俯视 从上面 鸟瞰 위에서 ऊपर_से",
    "motion:fly": "flying flies soaring hovering floating_in_the_sky volando vuela volant vole fliegt fliegend "
    "fliegende fliegender volando_sopra vola voando voa vliegend vliegt leci lecacy летящ* летит летить flyger "
    "flygande 飛ぶ 飛んで 飞翔 飞行 飞过 날아 나는 उड़ता उड़ती उड़ते",
}

# Looks of the whole picture. A single word such as "poster" is a thing; it takes "style" or the like beside it.
STYLES: dict[str, str] = {
    "style:watercolour": "watercolor watercolour watercolors watercolours watercolor_painting watercolour_painting "
    "watercolor_style aquarelle acuarela acuarelas aquarell aquarellmalerei acquerello acquerelli aquarela aquarel "
    "waterverf akwarela akwarele akwarelowy аквар* akvarell akvarellmalning 水彩 水彩画 水彩風 수채화 수채화풍 जल_रंग "
    "जलरंग वॉटरकलर",
    "style:oil": "oil_painting oil_paintings oil_paint oil_on_canvas painting_of painting_by painting_in_the_style "
    "impressionist impressionism impressionistic impasto painterly van_gogh monet rembrandt brushstrokes "
    "acrylic_painting pintura_al_oleo cuadro_al_oleo oleo al_oleo pintura_de peinture_a_l_huile peinture_de huile "
    "tableau_de olgemalde olmalerei gemalde_von impressionistisch dipinto_a_olio dipinto olio_su_tela pintura_a_oleo "
    "oleo_sobre_tela olieverf olieverfschilderij schilderij obraz_olejny olejny маслян*_краск* картина_маслом маслом "
    "олійн* oljemalning malning_av 油絵 油彩 油画 油畫 印象派 유화 तैल_चित्र ऑयल_पेंटिंग",
    "style:pencil": "pencil_sketch pencil_drawing pencil_art pencil_style sketch sketch_of charcoal charcoal_drawing "
    "graphite hand_drawn_sketch sketched a_lapiz dibujo_a_lapiz boceto au_crayon dessin_au_crayon croquis fusain "
    "bleistiftzeichnung bleistift skizze kohlezeichnung a_matita disegno_a_matita schizzo a_lapis desenho_a_lapis "
    "esboco potloodtekening schets szkic rysunek_ołowkiem карандашом рисунок_карандашом набросок эскиз олівцем ескіз "
    "blyertsteckning skiss 鉛筆画 スケッチ デッサン 铅笔画 素描 铅笔 연필_스케치 연필화 스케치 पेंसिल_स्केच",
    "style:crayon": "colored_pencil coloured_pencil colored_pencils coloured_pencils crayon_drawing crayons "
    "crayon_style child_s_drawing children_s_drawing lapices_de_colores crayons_de_couleur buntstift "
    "buntstiftzeichnung pastelli lapis_de_cor цветн*_карандаш* 色鉛筆 クレヨン 彩铅 蜡笔 색연필 크레용",
    "style:ink": "ink_drawing ink_wash ink_painting pen_and_ink ink_style line_art line_drawing lineart sumi_e "
    "etching engraving woodcut linocut tinta_china a_tinta encre encre_de_chine tuschezeichnung tusche inchiostro "
    "nanquim рисунок_тушью тушью гравюр* tuschteckning 水墨画 墨絵 水墨 线描 水墨畫 수묵화",
    "style:cartoon": "cartoon cartoon_style cartoonish anime anime_style manga manga_style comic_style comic_book "
    "comic_book_style pixar pixar_style disney_style ghibli studio_ghibli ghibli_style toon estilo_anime "
    "dibujos_animados caricatura dessin_anime bande_dessinee zeichentrick comicstil comic@de cartone_animato fumetto "
    "desenho_animado tekenfilm kreskowka kreskowkowy мультфильм* мультяшн* аниме аніме tecknad アニメ アニメ風 漫画 "
    "ジブリ 卡通 动漫 漫画风格 動漫 吉卜力 만화 애니메이션 कार्टून",
    "style:pixel": "pixel_art pixelart 8_bit 8bit 16_bit 16bit pixelated pixel_style voxel voxel_art minecraft "
    "minecraft_style arte_pixel pixel_kunst pixelkunst pixelowy пиксель_арт пиксельн* піксель_арт ピクセルアート "
    "ドット絵 像素 像素风 像素艺术 픽셀아트 픽셀 पिक्सेल_आर्ट",
    "style:poster": "poster_style poster_art travel_poster vintage_poster movie_poster screen_print screenprint "
    "flat_design flat_illustration vector_art art_deco risograph woodblock woodblock_print ukiyo_e stencil "
    "cartel_de_viaje affiche_de_voyage estilo_poster stil_plakatu плакатн* 浮世絵 ポスター風 浮世绘 海报风格 版画 "
    "포스터풍",
    "style:halftone": "pop_art halftone popart warhol lichtenstein roy_lichtenstein arte_pop поп_арт ポップアート "
    "波普艺术 팝아트",
    "style:neon": "neon_style neon_outline neon_art synthwave vaporwave retrowave outrun estilo_neon style_neon "
    "シンセウェーブ 蒸汽波",
    "style:monochrome": "black_and_white monochrome monochromatic grayscale greyscale blanco_y_negro noir_et_blanc "
    "schwarz_weiss schwarzweiss bianco_e_nero preto_e_branco zwart_wit czarno_biały czarno_białe черно_бел* "
    "чернобел* чорно_біл* svartvit svartvitt 白黒 モノクロ 黑白 흑백 श्वेत_श्याम ब्लैक_एंड_व्हाइट",
    "style:sepia": "sepia sepia_tone sepia_toned daguerreotype sepiaton сепи* сепія セピア 棕褐色 세피아",
    "style:vintage": "vintage_photo vintage_photograph vintage_style old_photo old_photograph retro_photo "
    "retro_style polaroid foto_antigua photo_ancienne altes_foto vecchia_foto foto_antiga oude_foto stare_zdjecie "
    "старая_фотография старое_фото レトロ風 老照片 复古 빈티지",
    "style:filmnoir": "film_noir noir_film cine_negro film_noir_style нуар* フィルムノワール 黑色电影",
}

TAGS: dict[str, str] = {**SCENES, **LAND, **TIMES, **WEATHERS, **TRAITS, **STYLES}

"""What an edit instruction may ask for, as data: operators, layouts, and the words that call them.

Words as in `language.tables.compositions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cavendish_sketch.language.wordlists import each

Stage = Literal["turn", "clean", "light", "weather", "focus", "style", "finish"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One change.

    Attributes:
        label: Its name in messages.
        stage: Changes run in the order of `STAGES`, and within a stage in the order of `OPERATORS`; of the stage
            `style` only the first one named runs.
        words: What calls it, separated by spaces.
    """

    label: str
    stage: Stage
    words: str


# `turn` comes before the picture is brought to its shape: a turned picture has another one.
STAGES: tuple[Stage, ...] = ("turn", "clean", "light", "weather", "focus", "style", "finish")

PHRASES: dict[str, str] = {
    "black and white": "monochrome",
    "black & white": "monochrome",
    "black white": "monochrome",
    "b&w": "monochrome",
    "remove the colors": "monochrome",
    "remove the colours": "monochrome",
    "remove the color": "monochrome",
    "remove the colour": "monochrome",
    "remove all color": "monochrome",
    "remove all colour": "monochrome",
    "remove color": "monochrome",
    "remove colour": "monochrome",
    "remove colors": "monochrome",
    "remove colours": "monochrome",
    "without color": "monochrome",
    "without colour": "monochrome",
    "blanco y negro": "monochrome",
    "noir et blanc": "monochrome",
    "schwarz weiss": "monochrome",
    "schwarz und weiss": "monochrome",
    "bianco e nero": "monochrome",
    "preto e branco": "monochrome",
    "zwart wit": "monochrome",
    "film noir": "filmnoir",
    "golden hour": "goldenhour",
    "hora dorada": "goldenhour",
    "goldene stunde": "goldenhour",
    "heure doree": "goldenhour",
    "coucher de soleil": "goldenhour",
    "puesta de sol": "goldenhour",
    "por do sol": "goldenhour",
    "pixel art": "pixelart",
    "pop art": "popart",
    "line art": "lineart",
    "line drawing": "lineart",
    "pen and ink": "ink",
    "colored pencils": "crayon",
    "coloured pencils": "crayon",
    "colored pencil": "crayon",
    "coloured pencil": "crayon",
    "lapices de colores": "crayon",
    "crayons de couleur": "crayon",
    "comic book": "comic",
    "graphic novel": "comic",
    "oil painting": "oilpainting",
    "oil paint": "oilpainting",
    "oil on canvas": "oilpainting",
    "pintura al oleo": "oilpainting",
    "peinture a l huile": "oilpainting",
    "van gogh": "oilpainting",
    "screen print": "screenprint",
    "two tone": "duotone",
    "double tone": "duotone",
    "stained glass": "tiles",
    "soft focus": "dreamy",
    "side by side": "collage",
    "mood board": "moodboard",
    "double exposure": "blend",
    "doble exposicion": "blend",
    "double exposition": "blend",
    "cross fade": "blend",
    "low key": "darker",
    "high key": "brighter",
    "film grain": "grain",
    "night time": "night",
    "at night": "night",
    "less saturated": "muted",
    "less saturation": "muted",
    "less color": "muted",
    "less colour": "muted",
    "less colorful": "muted",
    "less colourful": "muted",
    "less vivid": "muted",
    "less vibrant": "muted",
    "less contrast": "lowcontrast",
    "low contrast": "lowcontrast",
    "more saturated": "vivid",
    "more color": "vivid",
    "more colour": "vivid",
    "more contrast": "contrast",
    "less bright": "darker",
    "less dark": "brighter",
    "less warm": "cooler",
    "less cold": "warmer",
    "too dark": "brighter",
    "too bright": "darker",
    "less noise": "denoise",
    "less noisy": "denoise",
    "less grain": "denoise",
    "remove the noise": "denoise",
    "remove noise": "denoise",
    "remove the grain": "denoise",
    "remove grain": "denoise",
    "reduce the noise": "denoise",
    "reduce noise": "denoise",
    "reduce grain": "denoise",
    "noise reduction": "denoise",
    "remove the blur": "sharpen",
    "remove blur": "sharpen",
    "less blurry": "sharpen",
    "less blur": "sharpen",
    "make it pop": "vivid",
    "fix the lighting": "enhance",
    "fix the light": "enhance",
    "fix the colors": "enhance",
    "fix the colours": "enhance",
    "cinematic": "cinematic contrast",
    "auto correct": "enhance",
    "touch up": "enhance",
    "higher resolution": "enhance",
    "high resolution": "enhance",
    "higher quality": "enhance",
    "better quality": "enhance",
    "cherry blossom": "petals",
    "cherry blossoms": "petals",
    "falling leaves": "leaves",
    "autumn leaves": "leaves",
    "fall leaves": "leaves",
    "starry night": "night stars",
    "starry sky": "stars",
    "light leak": "vintage",
    "upside down": "upsidedown",
    "flip vertically": "upsidedown",
    "flip it vertically": "upsidedown",
    "vertical flip": "upsidedown",
    "flip horizontally": "mirror",
    "horizontal flip": "mirror",
    "180 degrees": "halfturn",
    "180°": "halfturn",
    "counterclockwise": "quarterleft",
    "counter clockwise": "quarterleft",
    "anticlockwise": "quarterleft",
    "rotate left": "quarterleft",
    "rotate it left": "quarterleft",
    "turn left": "quarterleft",
    "to the left by 90": "quarterleft",
    "blurred background": "bokeh",
    "blurry background": "bokeh",
    "background blur": "bokeh",
    "blur the background": "bokeh",
    "blur out the background": "bokeh",
    "blur background": "bokeh",
    "make the background blurry": "bokeh",
    "make the background blurred": "bokeh",
    "background out of focus": "bokeh",
    "portrait mode": "bokeh",
    "depth of field": "bokeh",
    "desenfoca el fondo": "bokeh",
    "desenfocar el fondo": "bokeh",
    "fondo desenfocado": "bokeh",
    "floute l arriere plan": "bokeh",
    "flouter l arriere plan": "bokeh",
    "floutez l arriere plan": "bokeh",
    "arriere plan flou": "bokeh",
    "hintergrund unscharf": "bokeh",
    "hintergrund verschwommen": "bokeh",
    "unscharfer hintergrund": "bokeh",
    "unscharfem hintergrund": "bokeh",
    "sfoca lo sfondo": "bokeh",
    "desfoque o fundo": "bokeh",
    "背景をぼかし": "ぼけ",
    "背景ぼかし": "ぼけ",
    "模糊背景": "虚化",
    "背景模糊": "虚化",
    "背景虚化": "虚化",
    "zoom out": "extend",
    "zoom in": "closer",
    "close up": "closer",
    "aspect ratio": "aspect",
    "wide screen": "widescreen",
    "contact sheet": "collage",
    "photo book": "collage",
}

OPERATORS: dict[str, Operator] = {
    "mirror": Operator(
        "mirror",
        "turn",
        "mirror mirrored flip flipped espejo miroir spiegeln gespiegelt specchio espelho 反転 镜像 翻转 반전",
    ),
    "upsidedown": Operator("upside down", "turn", "upsidedown"),
    "halfturn": Operator("turn by 180°", "turn", "halfturn"),
    "quarterleft": Operator("turn left", "turn", "quarterleft"),
    "quarter": Operator(
        "turn right",
        "turn",
        "rotate rotated clockwise girar gira rotar tourne tourner pivoter drehe drehen ruota 回転 旋转 회전",
    ),
    "denoise": Operator(
        "less noise",
        "clean",
        "denoise denoised noise noisy ruido bruit rauschen entrauschen rumore шум* ノイズ 降噪 去噪 노이즈",
    ),
    "sharpen": Operator(
        "sharper",
        "clean",
        "sharpen sharp sharper crisp crisper clarity sharpness nitido nitidez net nettete scharf scharfer scharfen "
        "nitidezza резк* シャープ 锐化 清晰 선명하게",
    ),
    "enhance": Operator(
        "enhance",
        "clean",
        "enhance enhanced improve professional upscale upscaled restore restored retouch hd beautify mejora mejorar "
        "ameliore "
        "ameliorer "
        "verbessern verbessere migliora melhorar улучш* 補正 高画質 增强 优化 보정",
    ),
    "night": Operator(
        "night",
        "light",
        "night nighttime midnight moonlight moonlit noche nuit nacht nachts notte noite nachtelijk ноч* 夜 夜晚 밤",
    ),
    "golden": Operator(
        "sunset",
        "light",
        "goldenhour sunset golden dusk sunrise dawn atardecer amanecer ocaso crepuscule sonnenuntergang abendrot "
        "abendlicht tramonto zonsondergang закат* 夕日 夕焼け 日落 夕阳 노을",
    ),
    "warm": Operator(
        "warmer",
        "light",
        "warm warmer warmth cozy cosy summer calido calida calidos calidas chaud chaude chauds chaudes warme warmeren "
        "caldo calda caldi quente quentes warmere тепл* 暖かい 暖かく 暖色 温暖 따뜻",
    ),
    "cool": Operator(
        "cooler",
        "light",
        "cool cooler cold colder icy bluish frio fria frios froid froide froids kalt kalter kuhl kuhler freddo fredda "
        "koel "
        "kouder холодн* 冷たい 冷色 차갑",
    ),
    "bright": Operator(
        "brighter",
        "light",
        "bright brighter brighten lighter lighten overexposed airy claro clara aclara aclarar brillante eclaircir "
        "eclaircis "
        "lumineux lumineuse heller hell aufhellen luminoso luminosa chiaro lichter helderder "
        "ярче светл* 明るく 更亮 变亮 亮 "
        "밝게",
    ),
    "dark": Operator(
        "darker",
        "light",
        "dark darker darken moody underexposed oscuro oscura oscurece oscurecer sombre assombris assombrir dunkel "
        "dunkler "
        "abdunkeln scuro scura escuro escura donkerder темнее 暗く 更暗 变暗 어둡게",
    ),
    "contrast": Operator(
        "contrast",
        "light",
        "contrast contrasty punchy dramatic drama contraste contrasto kontrast kontrastreich "
        "контраст* コントラスト 对比 대비",
    ),
    "soften": Operator("less contrast", "light", "lowcontrast"),
    "vivid": Operator(
        "vivid",
        "light",
        "vivid vibrant saturated saturate saturation colorful colourful vivo vivos viva vivas vif vive vives lebendig "
        "lebendiger bunter kraftig kraftige kraftiger vivace colorido levendig ярк* 鮮やか 鲜艳 선명한",
    ),
    "muted": Operator(
        "muted",
        "light",
        "muted desaturate desaturated faded pale washed matte pastel pastels apagado apagados delave gedampft blass "
        "smorzato "
        "淡く パステル 褪色 柔和",
    ),
    "rain": Operator(
        "rain",
        "weather",
        "rain rainy raining lluvia lluvioso pluie pluvieux regen regnerisch pioggia chuva дожд* 雨 비오는",
    ),
    "snow": Operator(
        "snow",
        "weather",
        "snow snowy snowing snowfall winter wintry nieve invierno neige hiver schnee winterlich neve inverno sneeuw "
        "снег* зим* 雪 冬 눈오는",
    ),
    "fog": Operator(
        "fog",
        "weather",
        "fog foggy mist misty haze hazy niebla neblina brouillard brume nebel neblig nebbia nevoa туман* 霧 雾 안개",
    ),
    "petals": Operator(
        "petals", "weather", "petals petal sakura petalos petales blutenblatter petali 花びら 桜 花瓣 꽃잎"
    ),
    "leaves": Operator(
        "autumn leaves",
        "weather",
        "leaves autumn autumnal otono automne herbst herbstlich autunno outono осен* 紅葉 落ち葉 秋 단풍",
    ),
    "stars": Operator(
        "stars",
        "weather",
        "stars starry estrellas estrellad* etoiles etoile sterne sternenhimmel stelle stellato estrelas "
        "звезд* 星空 星 별",
    ),
    "bokeh": Operator("blurred background", "focus", "bokeh боке ぼけ ボケ 虚化 보케"),
    "blur": Operator(
        "blur",
        "focus",
        "blur blurry blurred defocus defocused desenfoca desenfocar borroso flou floue floute unscharf weichzeichnen "
        "sfocato "
        "sfoca desfocar размы* ぼかし ぼかして 模糊 흐리게",
    ),
    "dreamy": Operator(
        "dreamy",
        "focus",
        "dreamy dream dreamlike glow glowing ethereal soft softer romantic sonador onirico onirique reveur vaporeux "
        "traumhaft vertraumt sognante sonhador мечт* 夢幻 梦幻 몽환",
    ),
    "watercolour": Operator(
        "watercolour",
        "style",
        "watercolor watercolour watercolors watercolours aquarelle aquarell acuarela acuarelas acquerello aquarela "
        "aquarel "
        "аквар* 水彩 水彩画 수채화",
    ),
    "oil": Operator(
        "oil painting",
        "style",
        "oil oils oilpainting painting painterly painted impressionist impressionism impressionistic impasto "
        "brushstrokes "
        "monet oleo pintura huile peinture ol olgemalde gemalde olbild olio dipinto pittura olieverf маслян* картин* "
        "油絵 油画 유화",
    ),
    "crayon": Operator(
        "coloured pencil", "style", "crayon crayons buntstift buntstiften buntstiftzeichnung 色鉛筆 彩铅 색연필"
    ),
    "pencil": Operator(
        "pencil",
        "style",
        "pencil sketch sketched sketchy drawing charcoal graphite lapiz dibujo boceto carboncillo croquis dessin "
        "crayonne "
        "bleistift bleistiftzeichnung skizze zeichnung matita schizzo disegno desenho potlood potloodtekening tekening "
        "карандаш* рисун* 鉛筆 スケッチ 铅笔 素描 연필 스케치",
    ),
    "ink": Operator(
        "ink",
        "style",
        "ink lineart linework etching engraving woodcut linocut tinta encre tinte tusche inchiostro тушь 墨 잉크",
    ),
    "cartoon": Operator(
        "cartoon",
        "style",
        "cartoon cartoonish cartoonify toon anime comic comics manga animated illustration cel ghibli caricatura "
        "dibujos "
        "historieta bd comicstil zeichentrick fumetto мульт* アニメ 漫画 卡通 动漫 만화",
    ),
    "pixel": Operator(
        "pixel art",
        "style",
        "pixel pixels pixelart pixelated pixelate 8bit 16bit eightbit pixelado pixelkunst ピクセル ドット絵 像素 픽셀",
    ),
    "poster": Operator(
        "poster",
        "style",
        "poster posterize posterized posterise screenprint stencil cartel affiche plakat ポスター 海报 포스터",
    ),
    "halftone": Operator("halftone", "style", "halftone popart newspaper newsprint warhol lichtenstein"),
    "neon": Operator("neon", "style", "neon cyberpunk synthwave vaporwave glowlines неон* ネオン 霓虹 네온"),
    "duotone": Operator("duotone", "style", "duotone risograph riso bicolor zweifarbig"),
    "mosaic": Operator(
        "mosaic", "style", "mosaic mosaico mosaique mosaik tiles tiled мозаик* モザイク 马赛克 모자이크"
    ),
    "monochrome": Operator(
        "black and white",
        "finish",
        "monochrome monochromatic grayscale greyscale grey gray bw blackwhite schwarzweiss monocromo monocromatico "
        "чернобел* белым "
        "черно чёрно 白黒 モノクロ 黑白 흑백",
    ),
    "filmnoir": Operator("film noir", "finish", "filmnoir noir"),
    "sepia": Operator("sepia", "finish", "sepia antique victorian daguerreotype сепи* セピア 复古棕 세피아"),
    "vintage": Operator(
        "vintage",
        "finish",
        "vintage retro nostalgic nostalgia polaroid analog analogue kodak lomo 70s 1970s seventies antiguo винтаж* "
        "ヴィンテージ レトロ 复古 빈티지",
    ),
    "negative": Operator(
        "negative", "finish", "negative invert inverted inverse negativo negatif negativ негатив* ネガ 反色 반전색"
    ),
    "vignette": Operator("vignette", "finish", "vignette vignetting vineta vinetear vinheta виньет* 暗角 비네트"),
    "grain": Operator(
        "film grain", "finish", "grain grainy film filmic cinematic grano cinematografico 胶片 フィルム 필름"
    ),
    "frame": Operator(
        "white frame",
        "finish",
        "frame framed border bordered borders passepartout marco cadre bordure rahmen cornice moldura "
        "рамк* 額縁 枠 相框 "
        "边框 액자",
    ),
}

LAYOUTS: dict[str, str] = {
    "collage": "collage grid moodboard combine combined combining together arrange montage photobook album kollage "
    "kombinieren "
    "combinar combina combiner combinez коллаж* コラージュ 拼图 拼贴 合并 콜라주",
    "blend": "blend blended blending overlay overlaid superimpose superimposed merge merged merging fuse crossfade "
    "mischen "
    "uberblenden verschmelzen fusionar mezclar mezcla fusionner fusionne melanger 合成 融合 叠加 합성",
    "extend": "extend extended expand outpaint uncrop fit letterbox whole full entire widen erweitern erweitere "
    "ampliar amplia "
    "extender extiende etendre etends agrandir estendi расшир* 拡張 扩展 확장",
    "crop": "crop cropped fill zuschneiden recortar recorta recadrer recadre ritaglia обреж* 切り抜き 裁剪 자르기",
    "closer": "closer closeup",
    "resize": "resize resized enlarge aspect widescreen landscape portrait square vertical horizontal banner wallpaper",
}
LAYOUT_LABELS = "crop, extend, a closer view and, for several pictures, collage and blend"
SEVERAL = ("collage", "blend")

# A style's name alone is no wish for it ("a tall poster"): one of these has to stand near, or nearly nothing else.
CUES = each(
    "make makes made turn turned transform transformed convert converted change style styled look looks like into as "
    "filter effect render rendered redraw draw drawn paint repaint apply give ify create recreate version design "
    "haz hazlo hazla convierte convertir conviertelo transforma estilo como efecto filtro pinta dibuja en "
    "fais transforme transformer convertis style comme effet filtre rends dessine peins "
    "mach mache verwandle verwandeln stil als wie effekt umwandeln gestalte zeichne male im "
    "fai trasforma stile come effetto rendi converti transforme converta faca efeito maak verander stijl "
    "сделай сделать преврати стиль стиле как виде эффект в"
)
CUES_WITHOUT_SPACES = (
    "風",
    "して",
    "変え",
    "変換",
    "风格",
    "变成",
    "改成",
    "做成",
    "画成",
    "转",
    "效果",
    "스타일",
    "바꿔",
    "만들",
)
CUE_REACH = 5  # words between a cue and a style
SHORT = 4  # content words of an instruction that needs no cue
NEGATIONS = each("not no without dont don never nor sin ohne sans kein keine nicht pas senza sem без не")

# Words that carry nothing on their own: neither followed nor missed.
FILLER = (
    each(
        "a an the this that it its of to in on at for from with and or but my our your his her their me us you i is "
        "are be please "
        "photo photos picture pictures image images pic shot photograph scene everything all some more less very "
        "really bit little "
        "slightly much so just can could would want should add put give effect filter style look looks like feel mood "
        "tone tones "
        "colors colours color colour light lighting version one single them these those there here now then also too "
        "up by "
        "el la los las un una unos unas de del al y o con por favor foto fotos imagen mi esta este esto mas muy que se "
        "le les des du et ou mets avec l d s il vous plait photo image ma mon cette ce plus tres une "
        "der die das den dem ein eine einen einem einer und oder mit bitte foto bild bilder mein meine dieses diese "
        "dieser es ins zu "
        "zum zur in mehr sehr daraus setz setze "
        "il lo gli dei della con per questa questo piu foto immagine o os as um uma com por este mais imagem "
        "het een de van en met deze dit mijn "
        "pon ajoute ajoutez anade fuge hinzu painting drawing day morning degrees 90 falling person character him he "
        "she show dans mets daraus white sky "
        "corner small 4k"
    )
    | CUES
)

# What an instruction for several pictures says without asking for anything but all of them in one.
OF_SEVERAL = each(
    "both two three four five six seven eight nine ten out join joined put place every each page sheet we want need"
)

CAPTION_CUES = (
    "caption text title write writes written writing says say saying words lettering label headline heading quote "
    "reads "
    "texto titulo escribe escribir rotulo letras frase texte titre legende ecris ecrire ecrit "
    "titel schreibe schreib schreiben aufschrift schriftzug beschrifte uberschrift bildunterschrift "
    "testo titolo scrivi didascalia legenda escreva escrever tekst schrijf onderschrift надпис* текст* напиши подпис* "
    "文字 字幕 キャプション テキスト タイトル 标题 写上 加字 글자 자막"
)
TOP = "top above upper arriba superior oben haut dessus alto sopra cima boven сверху вверху 上 위"
BOTTOM = "bottom below lower abajo inferior unten bas dessous basso sotto baixo onder снизу внизу 下 아래"

"""What an edit instruction may ask for, as data: operators, layouts, and the words that call them.

Word forms as in `vocabulary`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["light", "focus", "style", "finish"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One change.

    Attributes:
        label: Its name in messages.
        stage: Changes run in the order of `STAGES`; of the stage `style` only the first one named runs.
        words: What calls it, separated by spaces.
    """

    label: str
    stage: Stage
    words: str


STAGES: tuple[Stage, ...] = ("light", "focus", "style", "finish")

PHRASES: dict[str, str] = {
    "black and white": "monochrome",
    "black & white": "monochrome",
    "black white": "monochrome",
    "blanco y negro": "monochrome",
    "noir et blanc": "monochrome",
    "schwarz weiss": "monochrome",
    "bianco e nero": "monochrome",
    "preto e branco": "monochrome",
    "film noir": "filmnoir",
    "golden hour": "goldenhour",
    "pixel art": "pixelart",
    "pop art": "popart",
    "line art": "lineart",
    "line drawing": "lineart",
    "pen and ink": "ink",
    "colored pencil": "crayon",
    "coloured pencil": "crayon",
    "comic book": "comic",
    "oil painting": "oilpainting",
    "soft focus": "dreamy",
    "side by side": "collage",
    "mood board": "moodboard",
    "low key": "darker",
    "high key": "brighter",
    "film grain": "grain",
    "night time": "night",
    "less saturated": "muted",
    "more saturated": "vivid",
    "more color": "vivid",
    "more colour": "vivid",
    "more contrast": "contrast",
    "aspect ratio": "aspect",
    "wide screen": "widescreen",
    "double tone": "duotone",
}

OPERATORS: dict[str, Operator] = {
    "bright": Operator(
        "brighter",
        "light",
        "bright brighter brighten lighter lighten overexposed airy claro aclarar eclaircir heller hell luminoso ярче "
        "明るく 更亮 밝게",
    ),
    "dark": Operator(
        "darker",
        "light",
        "dark darker darken moody underexposed oscuro oscurecer sombre dunkel dunkler scuro темнее 暗く 更暗 어둡게",
    ),
    "contrast": Operator(
        "contrast", "light", "contrast contrasty punchy dramatic drama contraste kontrast контраст* 对比 대비"
    ),
    "vivid": Operator(
        "vivid",
        "light",
        "vivid vibrant saturated saturate saturation colorful colourful pop vivo vif lebendig ярк* 鮮やか 鲜艳 선명",
    ),
    "muted": Operator(
        "muted", "light", "muted desaturate desaturated faded pale washed matte apagado fane gedampft 淡く 褪色"
    ),
    "warm": Operator(
        "warm",
        "light",
        "warm warmer warmth cozy cosy calido calida calidos chaud chaude warme caldo quente тепл* 暖かい 暖色 따뜻",
    ),
    "cool": Operator(
        "cool",
        "light",
        "cool cooler cold colder icy bluish frio fria froid froide kalt kuhl freddo холодн* 冷たい 冷色 차갑",
    ),
    "golden": Operator(
        "golden hour",
        "light",
        "goldenhour sunset golden dusk sunrise atardecer sonnenuntergang tramonto закат* 夕日 日落 노을",
    ),
    "night": Operator(
        "night", "light", "night nighttime midnight moonlight moonlit noche nuit nacht notte noite ноч* 夜 夜晚 밤"
    ),
    "dreamy": Operator(
        "dreamy", "focus", "dreamy dream glow glowing ethereal soft softer haze hazy romantic sonador traumhaft"
    ),
    "blur": Operator(
        "blur",
        "focus",
        "blur blurry blurred defocus defocused bokeh desenfocar flou unscharf sfocato размы* ぼかし 模糊 흐리게",
    ),
    "sharpen": Operator(
        "sharpen",
        "focus",
        "sharpen sharp sharper crisp crisper clarity enhance detailed nitido net scharf scharfer резк* 清晰 선명하게",
    ),
    "watercolour": Operator(
        "watercolour",
        "style",
        "watercolor watercolour aquarelle aquarell acuarela acquerello aquarela аквар* 水彩 水彩画 수채화",
    ),
    "oil": Operator(
        "oil painting",
        "style",
        "oil oilpainting painting painterly painted impressionist impressionism impasto brushstrokes oleo huile "
        "olgemalde olio гемальде маслян* 油絵 油画 유화",
    ),
    "pencil": Operator(
        "pencil",
        "style",
        "pencil sketch sketched drawing charcoal graphite lapiz crayonne bleistift matita карандаш* 鉛筆 铅笔 素描 "
        "연필",
    ),
    "crayon": Operator("coloured pencil", "style", "crayon crayons pastel pastels buntstift 色鉛筆 彩铅 색연필"),
    "ink": Operator(
        "ink",
        "style",
        "ink lineart linework etching engraving woodcut linocut tinta encre tinte inchiostro тушь 墨 잉크",
    ),
    "cartoon": Operator(
        "cartoon",
        "style",
        "cartoon cartoonish toon anime comic comics animated illustration cel caricatura мульт* アニメ 漫画 卡通 만화",
    ),
    "pixel": Operator(
        "pixel art", "style", "pixel pixels pixelart pixelated pixelate 8bit eightbit pixelado ピクセル 像素 픽셀"
    ),
    "poster": Operator(
        "poster",
        "style",
        "poster posterize posterized posterise screenprint stencil cartel affiche plakat ポスター 海报 포스터",
    ),
    "halftone": Operator("halftone", "style", "halftone popart newspaper newsprint risograph warhol lichtenstein"),
    "neon": Operator("neon", "style", "neon cyberpunk synthwave glowlines неон* ネオン 霓虹 네온"),
    "monochrome": Operator(
        "black and white",
        "finish",
        "monochrome grayscale greyscale grey gray bw blackwhite schwarzweiss monocromo черно 白黒 モノクロ 黑白 흑백",
    ),
    "filmnoir": Operator("film noir", "finish", "filmnoir noir"),
    "sepia": Operator("sepia", "finish", "sepia antique victorian сепи* セピア 세피아"),
    "vintage": Operator(
        "vintage",
        "finish",
        "vintage retro nostalgic polaroid analog analogue kodak lomo 70s seventies винтаж* ヴィンテージ レトロ 复古 "
        "빈티지",
    ),
    "negative": Operator("negative", "finish", "negative invert inverted inverse"),
    "vignette": Operator("vignette", "finish", "vignette vignetting vineta"),
    "grain": Operator("film grain", "finish", "grain grainy film filmic cinematic"),
    "frame": Operator(
        "white frame", "finish", "frame framed border bordered passepartout marco cadre rahmen cornice 額縁 相框 액자"
    ),
}

LAYOUTS: dict[str, str] = {
    "collage": "collage grid moodboard combine combined combining together merge arrange montage contact sheet "
    "photobook album mosaic kollage kombinieren combinar combiner combina коллаж* コラージュ 拼图 拼贴 合并 콜라주",
    "extend": "extend expand outpaint uncrop fit letterbox whole full entire erweitern ampliar etendre расшир* 拡張 "
    "扩展 확장",
    "crop": "crop cropped fill zuschneiden recortar recadrer ritaglia обреж* 切り抜き 裁剪 자르기",
    "resize": "resize resized upscale enlarge aspect widescreen landscape portrait square vertical horizontal banner "
    "wallpaper",
}
# An instruction with one of these is about things in the picture, which nothing here can tell apart: "dark" in "remove
# the dark spot" is no wish for a darker picture. Only a look or a layout named beside it is followed.
THINGS = (
    "add adds remove removes replace replaces erase delete swap insert put place wear wearing hold holding move give "
    "background foreground behind person face hair shirt eyes anadir quitar reemplazar borrar poner fondo ajouter "
    "supprimer retirer remplacer effacer arriere hinzufugen entfernen ersetzen loschen hintergrund aggiungere "
    "rimuovere sostituire sfondo adicionar remover substituir fundo добав* удал* замен* убрать фон* 追加 削除 消して "
    "背景 去掉 删除 替换 添加 배경 제거 추가"
)
LAYOUT_LABELS = "crop, extend and, for several pictures, collage"

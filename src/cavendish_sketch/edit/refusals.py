"""What nobody can do to a photograph with fixed rules, how people ask for it, and what the engine says to that.

A pattern is tried on the folded instruction (lower case, no accents, hyphens as spaces, quoted text taken out, phrases
of `words` replaced). The first that is found refuses the whole instruction, also when another part of it would be
possible: half an edit is not what was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Impossible:
    """Something that cannot be done.

    Attributes:
        what: The part, in words of our own: an error never repeats the instruction.
        instead: The way out.
        patterns: How it is asked for.
    """

    what: str
    instead: str
    patterns: tuple[re.Pattern[str], ...]


def found(text: str) -> Impossible | None:
    """What in a folded instruction cannot be done."""
    return next((kind for kind in KINDS if any(pattern.search(text) for pattern in kind.patterns)), None)


def message(kind: Impossible) -> str:
    return (
        f"The built-in sketch engine cannot do one part of this edit: {kind.what}. Nothing was changed. {kind.instead} "
        "Or use an engine with a foundation model."
    )


# Found by other means than a pattern.
AT_A_PLACE = Impossible(
    "writing on something that is in the picture",
    "Ask for a caption at the top or at the bottom.",
    (),
)
WITH_A_THING = Impossible(
    "showing the picture with a thing that is not in it",
    "Ask to 'add' one thing: it will stand in the calmest corner.",
    (),
)
NEW_PICTURE = Impossible(
    "making one new picture of what several show",
    "Ask for 'collage' or 'blend', with a look if you like.",
    (),
)


def _any(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text) for text in texts)


# What an instruction may change as a whole, by any name for it.
_WHOLE = (
    r"(?:(?:the |this |that |my |our |these |those |all |whole |entire |of |la |el |esta |le |cette |das |die |"
    r"dieses |mein |ma )*"
    r"(?:it|this|that|these|them|all|everything|photos?|pictures?|images?|pics?|shots?|photographs?|scenes?|colou?rs?|"
    r"tones?|tints?|"
    r"lights?|lighting|moods?|atmosphere|styles?|looks?|contrast|brightness|saturation|exposure|sky ?line|weather|"
    r"season|"
    r"time|day|temperature|white balance|composition|aspect|format|size|shape|orientation|caption|text|frame|border|"
    r"edges?|"
    r"corners?|selfie|snapshot|landscape|artwork|result|output|foto|fotos|imagen|image|bild|bilder))\b"
)
_STYLE = (
    r"\b(?:watercolou?rs?|aquarelle?|oilpainting|oil|painting|painted|pencil|sketch|drawing|drawn|crayon|ink|lineart|"
    r"cartoon|comic|"
    r"anime|manga|illustration|pixel\w*|poster|halftone|popart|neon|cyberpunk|duotone|mosaic|tiles|monochrome|sepia|"
    r"vintage|"
    r"retro|noir|filmnoir|negative|charcoal|engraving|etching|collage|acuarela|oleo|dibujo|lapiz|peinture|huile|dessin|"
    r"aquarell|gemalde|olgemalde|zeichnung|bleistift\w*|skizze|comicstil|caricatura|mosaico)\b"
)
_COLOUR = (
    r"(?:red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gold|silver|turquoise|teal|magenta|cyan|"
    r"beige|"
    r"blond|blonde|grey|gray|rojo|roja|azul|verde|amarill[oa]|negr[oa]|blanc[oa]|rosa|morad[oa]|rouge|bleue?|verte?|"
    r"jaune|"
    r"noire?|blanche?|rose|rot|blau|grun|gelb|schwarz|weiss|lila|rote?[sn]?|blaue?[sn]?)"
)
_TONE = (
    r"(?:(?:much |a bit |a little |more |less |slightly )*(?:darker|dark|brighter|bright|lighter|warmer|cooler|"
    r"sharper|sharp|"
    r"blurry|blurred|softer|vivid|vibrant|colou?rful|saturated|muted|monochrome|sepia|moody|dramatic))\b"
)
_PERSON = (
    r"(?:man|men|woman|women|person|people|guy|guys|girl|girls|boy|boys|child|children|kid|kids|baby|lady|dog|dogs|"
    r"cat|cats|"
    r"horse|bird|couple|model|face|faces)"
)
_ARTICLES = r"(?:(?:the|this|that|these|those|any|all|his|her|their|my|an|a|of|its) ){0,3}"
_WEATHER = r"(?:rain\w*|snow\w*|fog|foggy|mist\w*|haze|hazy|storm|petals?|leaves|stars|winter|clouds?)"
# "A sketch without text" wants nothing taken away.
_CAUTIONS = r"(?:text|words|letters|lettering|captions?|watermarks?|borders?|frames?|logos?|distortion)"
_SEASONS = (
    r"(?:winter|summer|autumn|spring|night|nighttime|sunset|dusk|dawn|fog\w*|snow\w*|rain\w*|sun\w*|warm|cold|dark)"
)
_LOOK = r"(?:looks?|moods?|feel\w*|vibe|tones?|touch|atmosphere|styles?|effects?|filters?|glow|frame|border|vignette)"
_END = r"(?=$|[.,;!?]| and | y | et | und | then | with )"

KINDS: tuple[Impossible, ...] = (
    Impossible(
        "removing something from the picture",
        "Crop it away by asking for 'crop' or a 'closer' view, or blur the background.",
        _any(
            r"\b(?:remove|removing|erase|delete|deleting|get rid of|getting rid of|take (?:out|away)|cut out|"
            r"photoshop out|clean up the|"
            r"hide|eliminate|clear (?:the|away|out)|edit out|crop out|take (?:the |this |that |his |her )?\w+ (?:off|"
            r"out|away))\b",
            r"\b(?:gone|disappear\w*|vanish\w*)\b",
            r"\blose (?:the|this|that|these|those|his|her|their|my|all)\b",
            rf"\b(?:stop|end|melt|less|reduce|too much|no more|lose) {_ARTICLES}{_WEATHER}\b",
            rf"\b{_WEATHER} (?:should|must|has to|have to|needs? to) (?:stop|melt|go|end|be)\b",
            rf"\bwithout (?!\w+ing\b(?<!raining)(?<!snowing)){_ARTICLES}(?!{_CAUTIONS}\b)\w+",
            rf"\bno (?:more )?(?:humans?|persons?|cars?|trees?|buildings?|tourists?|{_PERSON})\b",
            r"\b(?:sin|sans|ohne|senza|sem) (?:el|la|los|las|le|les|l|den|die|das|il|lo|gli|o|a|os|as) \w+",
            r"\b(?:quita\w*|quitar\w*|borra\w*|elimina\w*|suprim\w+|remueve|saca(?:r)? (?:al|a la|el|la))\b",
            r"\b(?:enlev\w+|supprim\w+|efface\w*|retir\w+|fais disparaitre|faire disparaitre)\b",
            r"\b(?:entfern\w*|losch\w*|beseitig\w*|radier\w*|retuschier\w* .*\bweg|nimm .* weg|weg damit)\b",
            r"\b(?:rimuov\w+|cancella\w*|togli\w*|remov\w+|apag(?:ue|ar)|verwijder\w*|haal .* weg)\b",
            r"\b(?:удал\w*|убер\w*|убрать|стер\w*)\b",
            r"(?:消して|消す|削除|取り除|除去|去掉|去除|删除|删掉|移除|제거|지워|삭제)",
        ),
    ),
    Impossible(
        "replacing one thing in the picture by another",
        "Ask for a look of the whole picture instead, such as 'night', 'snow' or 'watercolour'.",
        _any(
            r"\b(?:replace|replacing|swap|swapping|substitute|exchange|switch (?:the|his|her|their|my|out))\b",
            r"\b(?:reemplaza\w*|sustitu\w+|cambia (?:el|la|los|las|su|mi) (?!foto|imagen|estilo|luz|tono|"
            r"color(?:es)?\b)\w+|intercambia\w*)\b",
            r"\b(?:remplac\w+|echang\w+|change (?:le|la|les|son|sa|ses|mon|ma) (?!photo|image|style|lumiere|ton|"
            r"couleurs?\b)\w+|substitu\w+)\b",
            r"\b(?:ersetz\w*|tausch\w*|austausch\w*|wechsle|andere? (?:den|die|das|sein\w*|ihr\w*|mein\w*) (?!foto|"
            r"bild|stil|licht|farb\w*)\w+)\b",
            r"\b(?:sostitu\w+|scambia\w*|troca\w*|troque|substitua|vervang\w*|замен\w*|поменя\w*)\b",
            r"(?:置き換え|差し替え|入れ替え|替换|换成|换掉|更换|교체|바꿔치)",
        ),
    ),
    Impossible(
        "telling the background from what stands before it, other than to blur it",
        "Ask to blur the background, or for a look of the whole picture.",
        _any(
            r"\b(?:background|backdrop|foreground)\b",
            r"\b(?:fondo|trasfondo|arriere plan|hintergrund|vordergrund|sfondo|fundo|achtergrond|фон\w*|"
            r"задн\w+ план\w*)\b",
            r"(?:背景|배경)",
        ),
    ),
    Impossible(
        "changing a person's or an animal's face, hair, clothes or pose",
        "Ask for a look of the whole picture, or add a thing beside it.",
        _any(
            rf"\bgive (?!{_WHOLE})(?:him|her|them|(?:the|this|that|my|our|his|their|each|every|an?) \w+)\b"
            rf"(?!(?: (?!and\b)\w+){{0,5}}? (?:{_STYLE}|{_LOOK}\b))",
            r"\b(?:smil\w+|frown\w*|laugh\w*|cry|crying|wink\w*|wear|wears|wearing|dressed|hair|haircut|hairstyle|"
            r"beard|mustache|moustache|"
            r"makeup|lipstick|wrinkles?|freckles|outfit|clothes|clothing|shirt|dress|jacket|trousers|pants|skirt|"
            r"hat on|glasses on|"
            r"eyes?|nose|mouth|lips|teeth|skin|muscles?|muscular|tattoo|pose|posing|posture|gesture|hug|hugging|kiss|"
            r"kissing|"
            r"shak(?:e|ing) hands|hold hands|holding|sitting|standing|running|dancing|jumping|younger|older|thinner|"
            r"slimmer|fatter|"
            r"taller|bald|pregnant|face ?swap|age (?:him|her|them|me)|look (?:at|into) the camera|open (?:his|her|"
            r"their|my) \w+)\b",
            r"\b(?:sonri\w+|sonrisa|pelo|cabello|peinado|barba|bigote|gafas|ropa|vestido|camisa|camiseta|chaqueta|"
            r"ojos?|nariz|boca|"
            r"joven|viejo|vieja|abrazo|abrac\w+|lleve puesto|vistiendo|sombrero)\b",
            r"\b(?:souri\w+|sourire|cheveux|coiffure|barbe|moustache|lunettes|vetements?|robe|chemise|veste|yeux|oeil|"
            r"nez|bouche|"
            r"rajeuni\w*|vieilli\w*|plus jeune|plus vieux|s embrasse\w*|porte un|porter un|chapeau)\b",
            r"\b(?:lachel\w*|haare?n?|frisur|bart|brille|kleid|kleidung|hemd|jacke|hose|augen?|nase|mund|junger|"
            r"alter aussehen|"
            r"umarm\w*|gesicht\w*|tragen lassen|anziehen|hut auf)\b",
            r"(?:笑顔|笑わせ|髪|服|着せ|目を|表情|微笑|头发|衣服|裙子|眼睛|表情|미소|웃게|머리|옷)",
            r"\b(?:улыб\w*|волос\w*|одежд\w*|плать\w*|глаз\w*|лицо)\b",
        ),
    ),
    Impossible(
        "giving one thing in the picture another colour",
        "Ask for a tone of the whole picture, such as 'warm', 'vivid' or 'black and white'.",
        _any(
            rf"\b(?:make|turn|paint|colou?r|dye|tint|change|recolou?r)\s+(?!{_WHOLE})(?:\w+\s+){{1,5}}?(?:to |into |"
            rf"in )?{_COLOUR}{_END}",
            r"\b(?:recolou?r|colou?ri[sz]e)\b",
            rf"\b(?:pinta|haz|pon|colorea|convierte|cambia)\s+(?:el|la|los|las|su|sus|mi)\s+(?!foto|"
            rf"imagen)(?:\w+\s+){{1,4}}?(?:de |en |a )?{_COLOUR}\b(?! y )",
            rf"\b(?:rends|rendre|peins|colorie|mets|fais)\s+(?:le|la|les|son|sa|ses|mon|ma)\s+(?!photo|"
            rf"image)(?:\w+\s+){{1,4}}?(?:en )?{_COLOUR}\b(?! et )",
            rf"\b(?:mach|mache|farbe|male|streich\w*)\s+(?:den|die|das|sein\w*|ihr\w*)\s+(?!foto|"
            rf"bild)(?:\w+\s+){{1,4}}?(?:in )?{_COLOUR}\b",
            r"(?:を(?:赤|青|緑|黄色|黒|白)く|变成(?:红|蓝|绿|黄|黑|白)色)",
        ),
    ),
    Impossible(
        "changing only one part of the picture",
        "Ask for the same change of the whole picture.",
        _any(
            r"\badd (?:some |a bit of |a )?(?:rain|snow|fog|mist|blur|stars|glow|contrast|warmth|grain|colou?r|light|"
            r"petals|leaves)\s+"
            rf"(?:to|on|over|in|behind|around)\s+(?:the|his|her|their|my|its)\s+(?!{_WHOLE}|sky\b|air\b|evening\b)\w+",
            rf"\bmake\s+(?!{_WHOLE})(?:(?:the|his|her|their|my|our|your|its)\s+)(?:\w+\s+){{1,4}}?(?:look )?{_TONE}",
            rf"\b(?:darken|brighten|lighten|sharpen|blur|pixelate|censor|cartoonify|stylize|desaturate|highlight|"
            rf"enhance|enlarge|rotate|mirror|flip|"
            rf"whiten|smooth|straighten)\s+"
            rf"(?:out\s+)?(?:only\s+|just\s+)?(?:the|his|her|their|my|our|its)\s+(?!{_WHOLE})\w+",
            r"\b(?:only|just|except|apart from|everything but)\s+(?:the|his|her|their|my|on)\s+\w+",
        ),
    ),
    Impossible(
        "showing the same place at another time than the picture was taken, where something has to go for it",
        "Ask for what is to be seen at the end only, such as 'night', 'snow' or 'warm'.",
        _any(
            rf"\bfrom (?:the |a )?{_SEASONS} (?:in)?to\b",
            rf"\b{_SEASONS} (?:in)?to (?:winter|summer|autumn|spring|night|day|daytime|sun\w*|snow\w*|rain\w*)\b",
            r"\bde (?:invierno|verano|noche) a (?:verano|invierno|dia)\b",
        ),
    ),
    Impossible(
        "giving a black and white photograph its colours",
        "Ask for one tone of the whole picture, such as 'sepia' or 'warm'.",
        _any(
            r"\bcolou?r(?:i[sz]e)? (?:in )?(?:the|this|my|that|these|our|an|a) (?:\w+ ){0,3}?(?:photos?|pictures?|"
            r"images?|pics?)\b(?! (?:in|with|like|as)\b)",
            r"\b(?:add|adding|give|put|bring|restore) (?:some |back |the |its )*colou?rs? (?:back )?(?:to|into|in)\b",
        ),
    ),
    Impossible(
        "turning it by an angle other than 90, 180 or 270 degrees",
        "Ask to turn it left, right or by 180 degrees.",
        _any(
            r"\b(?:rotat\w+|turn|tilt|spin|gira\w*|tourne\w*|dreh\w*)(?: \w+){0,5}? (?!90\b|180\b|270\b)\d{1,3}"
            r"(?: ?°| degrees?\b| deg\b| grad\b| grados\b)",
        ),
    ),
    Impossible(
        "changing words that are in the picture",
        "Ask for a caption: its words in quotation marks, at the top or at the bottom.",
        _any(
            r"\b(?:change|edit|correct|fix|update|modify|alter|rewrite|make) (?:the |this |that |its |my )?(?:\w+ )?"
            r"(?:text|words?|title|captions?|signs?|writing|lettering|label|headline)\b(?: \w+){0,6}? ?"
            r"(?:\b(?:to|into|say|says|read|reads|from)\b)",
            r"\b(?:sign|shirt|label|board|poster|banner) (?:should|must|that) (?:say|says|read|reads)\b",
        ),
    ),
    Impossible(
        "turning one thing in the picture into another",
        "Ask for a style of the whole picture, such as 'cartoon' or 'oil painting'.",
        _any(
            rf"\b(?:turn|transform|convert|change|morph)\s+(?!{_WHOLE}\s)(?:\w+\s+){{1,5}}?(?:into|to|"
            rf"in)\s+(?!(?:\w+\s+){{0,4}}?{_STYLE})\w+",
            rf"\b(?:turn|transform|convert|morph)\s+{_WHOLE}\s+(?:into|"
            rf"to)\s+(?:an?\s+)(?!(?:\w+\s+){{0,4}}?(?:{_STYLE}|night|nighttime|sunset|"
            rf"snowy|winter|autumn|rainy|foggy|starry|golden\w*|warm\w*|cool\w*|dark\w*|bright\w*|dream\w*|moody|"
            rf"dramatic|portrait|landscape|square|"
            rf"banner|wallpaper|film|cinematic|polaroid|moodboard|grid|blend|mist\w*|collage))\w+",
            rf"\bmake\s+(?:him|her|them|me|us|the\s+{_PERSON}|this\s+{_PERSON}|"
            rf"my\s+{_PERSON})\b(?!\s+(?:\w+\s+){{0,5}}?{_STYLE})",
            rf"\b(?:let|have)\s+(?:him|her|them|the\s+{_PERSON})\b",
            rf"\bchange\s+(?:the|his|her|their|my|your|its)\s+(?!{_WHOLE}|.*{_STYLE})\w+",
            r"\bas\s+(?:an?|the)\s+(?:astronaut|superhero|king|queen|pirate|knight|child|baby|old (?:man|woman)|robot|"
            r"vampire|zombie)\b",
            rf"\bconvierte (?:al|a la|el|la|los|las) (?!foto|imagen)(?:\w+ )?\w+ en (?!(?:\w+ ){{0,4}}?{_STYLE})",
            rf"\b(?:transforme|change) (?:le|la|les|l ?) ?(?!photo|image)\w+ en (?!(?:\w+ ){{0,4}}?{_STYLE})",
            rf"\bverwand\w+ (?:den|die|das) (?!foto|bild)\w+ in (?!(?:\w+ ){{0,4}}?{_STYLE})",
            r"(?:猫を犬に|犬を猫に|把(?!照片|图片|图像|这张|它)\S{1,6}(?:变成|换成|改成)(?!水彩|油画|卡通|素描|漫画|像素))",
        ),
    ),
    Impossible(
        "moving something, or making it larger or smaller",
        "Ask for 'crop', 'extend' or a 'closer' view of the whole picture.",
        _any(
            r"\b(?:move|moving|shift|relocate|swap places|reposition|bring)\s+(?:the|him|her|them|his|it)\b",
            rf"\bmake\s+(?!{_WHOLE})(?:the|his|her|their|my|its)\s+(?:\w+\s+){{1,4}}?(?:bigger|larger|smaller|longer|"
            rf"shorter|wider|higher|huge|tiny)\b",
            r"\b(?:mueve|mover|agranda (?:el|la)|deplac\w+|verschieb\w*|bewege|sposta|mova)\b",
        ),
    ),
    Impossible(
        "showing it from another side, or what the camera did not see",
        "Ask to 'extend' the picture: its edges are continued, softly.",
        _any(
            r"\b(?:from (?:the )?(?:behind|above|below|another|other|a different|the side|the back)\b.*|(?:different|"
            r"another|other|new) (?:angle|view|"
            r"viewpoint|perspective|side)|bird s eye|top view|side view|rear view|camera angle|turn around|"
            r"see (?:the )?(?:back|rest)|"
            r"what is behind|look around)\b",
            r"\b(?:otro angulo|desde atras|desde arriba|autre angle|vu d en haut|vue de dos|anderer winkel|"
            r"anderen? winkel|von hinten|von oben gesehen)\b",
        ),
    ),
    Impossible(
        "putting something or someone of a picture into another place or picture",
        "Ask for 'collage' or 'blend' with several pictures, or to 'add' one thing.",
        _any(
            r"\b(?:put|place|insert|paste|drop)\s+(?:me|him|her|them|us|it|the|my|his|their|this|"
            r"these)\b(?!\s+(?:together|collage|words?|text|title|caption|"
            r"photos?|pictures?|images?|pics?|(?:in|into|on) (?:a|an) (?:\w+ )?(?:frame|collage|grid))\b)",
            r"\bfill (?:the|this|that|my|his|her|their|it|a) ?(?:\w+ )?with\b",
            r"\bfrom (?:the )?(?:first|second|third|other|image \d|photo \d|picture \d)\b",
            r"\b(?:pon|coloca|poner) (?:a|al|me|lo|el|la|los|las) \w+ (?:en|sobre|junto)\b",
            r"\b(?:mets|place|placer|mettre) (?:le|la|les|moi|lui) \w+ (?:sur|dans|a cote)\b",
            r"\b(?:setz\w*|stell\w*|versetz\w*) (?:mich|ihn|sie|den|die|das) (?:\w+ )?(?:auf|in|neben|vor|an)\b",
        ),
    ),
)

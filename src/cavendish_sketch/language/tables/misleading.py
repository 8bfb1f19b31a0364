"""Words by which Unicode knows a drawing, and which mean something else in a prompt."""

from __future__ import annotations

from cavendish_sketch.language.wordlists import each

# English words that name a drawing, and nearly always mean something else in a prompt.
NOT_NAMES = each(
    "mate ram label link pick die score note rock station seat package wood ice fly bug ring knot thread joker memo "
    "cooking wedding camping bank construction locked unlocked pager placard joy sign arts board stop pump up index "
    "cover left right slash done track engine vehicle departure arrival piece net hole game tube trap pin paper "
    "frames flash flag receiver arrow liberty springs slide pole rail boat ground voltage handle liquid straw green "
    "root pod cut bar pot drink food beverage wedge swirl cream africa americas australia japan office park way "
    "drops uniform volume decoration streamer ceremony disc hockey chime popper nib dividers tray knobs slider stone "
    "metro receipt prints leg foot ear nose fist arm nail sake battery cyclone landslide oil light"
)

# Keywords that are topics or qualities: French "calm" is no lotus, German "Japanese" no kimono.
MISLEADING = each(
    "animal animais animale animali tiere dieren zwierze животное тварина djur calme vapeur amour fete mexicain "
    "japonais japonaise francais chinois japones japonesa japanisch japanische japanischer japanisches chinesisch "
    "giapponese japonski dormir manger tropical tropische exotique dulce doux suss blanc essen trinken comida "
    "boisson cibo bebida nourriture repas tier"
)

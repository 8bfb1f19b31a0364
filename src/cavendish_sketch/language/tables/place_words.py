"""Words that tell where one thing is with another, by language.

Words as `wordlists.fold` leaves them.
"""

from __future__ import annotations

from collections.abc import Mapping

from cavendish_sketch.language.brief import Relation
from cavendish_sketch.language.wordlists import each

_RELATIONS: dict[str, dict[Relation, str]] = {
    "en": {"in": "in inside", "on": "on onto atop upon riding", "above": "above over"},
    "es": {"at": "en", "on": "sobre encima", "in": "dentro"},
    "fr": {"in": "dans", "on": "sur"},
    "de": {"in": "in im", "on": "auf", "above": "uber"},
    "it": {"in": "in nel nella nello", "on": "su sul sulla sullo", "above": "sopra"},
    "pt": {"at": "em no na num numa", "on": "sobre", "above": "acima"},
    "nl": {"in": "in", "on": "op", "above": "boven"},
}
RELATIONS: Mapping[str, Mapping[str, Relation]] = {
    language: {word: how for how, words in table.items() for word in words.split()}
    for language, table in _RELATIONS.items()
}

# What may stand between: "a cat and her kitten sitting in the old boat".
BETWEEN = each(
    "a an the his her its their my your our this that these those which who is are some very top "
    "un una el la los las su sus unos unas que es une le les l son sa ses qui est des ein eine einen einem einer der "
    "die das den dem sein seinem ihrem il lo gli i uno um uma o os as de het een zijn haar"
)
AND = each("and y e et und en")
WITH = each("with wearing holding carrying con avec mit com met")  # what follows goes with the thing before

# A part for the whole: who is on a roof is on a house.
ROOFS = each("roof rooftop roofs rooftops tejado toit dach tetto telhado dak")
HOUSE = "1f3e0"

"""An edit instruction is understood as a whole or refused as a whole, and the answer says what it was taken for."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from cavendish.children.main import Refused
from cavendish_sketch import edit, paint
from cavendish_sketch.canvas import art
from cavendish_sketch.edit import add, instructions, refusals, words
from cavendish_sketch.language import prompts, wordlists

sys.path.insert(0, str(Path(__file__).parent))

from edit_helpers import SIZE, blob, difference, edited, synthetic  # noqa: E402

IMPOSSIBLE = [
    "Remove the man in the background",
    "remove the man and make it a watercolour",
    "Erase the power lines",
    "Get rid of the tourists",
    "Delete the text from the sign",
    "remove the dark spot and make it a pencil drawing",
    "Replace the sky with a castle",
    "Replace the background with a beach",
    "Swap their faces",
    "change her dress to red",
    "make him smile",
    "Turn the dog into a cat",
    "make the car blue",
    "Make the background white",
    "Put me on the moon",
    "put a hat on him",
    "Make her look younger",
    "Give him a beard and add film grain",
    "open her eyes",
    "Make the sky purple",
    "show it from behind",
    "Move the tree to the left",
    "Make the house bigger",
    "darken only the left half",
    "brighten her face",
    "make the painting on the wall darker",
    "Add three cats",
    "add a cat on the table",
    "Let them shake hands",
    "Put the person from the first image into the second image",
    "Turn me into an astronaut",
    "colorize this old photo",
    "Elimina al hombre del fondo",
    "Quita la gente y hazlo en acuarela",
    "Cambia el fondo por una playa",
    "Haz que sonría",
    "Pinta el coche de azul",
    "Convierte al perro en un gato",
    "Supprime la personne à gauche",
    "Remplace le ciel par un coucher de soleil",
    "Change l'arrière-plan",
    "Fais sourire la femme",
    "Rends la voiture bleue",
    "Enlève le texte et mets en noir et blanc",
    "Entferne den Mann und mach ein Aquarell daraus",
    "Ersetze den Hintergrund durch einen Strand",
    "Mach das Auto blau",
    "Lass ihn lächeln",
    "ändere das Gesicht",
    "Verwandle den Hund in eine Katze",
    "Lösche die Stromleitungen",
    "背景を海に変えて",
    "人物を消して水彩画に",
    "把狗变成猫",
    "去掉背景里的人",
    "Удали человека и сделай акварель",
    "add snow to the roof",
    "pixelate the license plate",
    "reduce the fog",
    "stop the rain, sepia",
    "melt the snow",
    "night without snow",
    "sepia without rain",
    "night without the car",
    "night, no people",
    "lose the man and make it a watercolour",
    "the car should be gone, make it sunset",
    "from winter to summer",
    "winter to summer",
    "color this black and white photo and make it warm",
    "add color to the photo and sharpen",
    "rotate 45 degrees",
    'change the text "A" to "B"',
    'change the text to "B"',
    'write "Hi" on the wall',
    'put the text "SALE" on the T-shirt',
    'on the wall write "Hi", sepia',
    "give the man a hat and make it sunset",
    "give him sunglasses and make it night",
    "make it snow in Paris with a dinosaur",
    "make it night with three dogs",
    "fill the room with balloons, warm",
    "add a cat and a dog",
    "add a cat, a dog",
    "add a cat and dog",
    "add a cat to the photo and a dog",
    "add a cat and add a dog",
]


@pytest.mark.parametrize("instruction", IMPOSSIBLE)
def test_what_cannot_be_done_refuses_the_whole_edit_with_a_way_out(instruction: str) -> None:
    with pytest.raises(Refused) as caught:
        edit.plan(instruction, pictures=1)

    text = str(caught.value)
    assert "cannot" in text or "one thing at a time" in text
    assert "Nothing was changed" in text
    assert "engine" in text


@pytest.mark.parametrize(
    "instruction", ["What is this?", "🙂", "", "hmm", "write an essay", "arrange these in a collage"]
)
def test_what_is_not_understood_is_refused_with_a_list(instruction: str) -> None:
    with pytest.raises(Refused) as caught:
        edit.plan(instruction, pictures=1)

    for label in ("watercolour", "black and white", "collage"):
        assert label in str(caught.value)


@pytest.mark.parametrize("word", ["canaryword", "CANARYWORD"])
@pytest.mark.parametrize("instruction", ["remove the {}", "add a {}", "{}", "turn the {} into a cat", 'caption "{} Ж"'])
def test_no_error_repeats_the_instruction(instruction: str, word: str) -> None:
    with pytest.raises(Refused) as caught:
        edited(instruction.format(word))

    assert word.lower() not in str(caught.value).lower()


# Instruction, operators in their order, and what else: a layout, "top"/"caption", or "add" with the thing.
POSSIBLE = [
    ("Turn this into a watercolor", "watercolour", ""),
    ("Transform this photo into a watercolor painting style", "watercolour", ""),
    ("make it black and white, film grain", "monochrome grain", ""),
    ("film grain, black and white", "monochrome grain", ""),
    ("convierte la foto en una acuarela cálida", "warm watercolour", ""),
    ("水彩画にしてください", "watercolour", ""),
    ("Pixel art, more vivid!", "vivid pixel", ""),
    ("a pencil sketch in watercolour", "pencil", ""),
    ("In Schwarz-Weiß, bitte", "monochrome", ""),
    ("Make it night with stars in the sky", "night stars", ""),
    ("Give the photo a warm sunset mood", "golden warm", ""),
    ("Blur the background, portrait mode", "bokeh", ""),
    ("Blur the background", "bokeh", ""),
    ("blur the photo", "blur", ""),
    ("Extend the picture to a tall poster", "", "extend"),
    ("a tall poster for my wall, brighter", "bright", ""),
    ("turn it into a poster", "poster", ""),
    ('Add the caption "Good morning!" at the top and make it vintage', "vintage", "top"),
    ('write "Happy Birthday, Mum" at the bottom', "", "caption"),
    ("Turn it into a neon cyberpunk picture", "neon", ""),
    ("Make it a snowy winter day", "snow", ""),
    ("Turn this person into a cartoon", "cartoon", ""),
    ("turn her into an oil painting", "oil", ""),
    ("make him look like an anime character", "cartoon", ""),
    ("Add film grain and a vignette", "vignette grain", ""),
    ("add a frame", "frame", ""),
    ("put it in a white frame", "frame", ""),
    ("add some rain", "rain", ""),
    ("add a cat", "", "add cat"),
    ("add a red balloon to the picture", "", "add balloon"),
    ("add a small dog in the corner", "", "add dog"),
    ("añade un gato", "", "add gato"),
    ("ajoute un chat", "", "add chat"),
    ("make the photo brighter", "bright", ""),
    ("it is too dark", "bright", ""),
    ("make it a bit darker and cooler", "cool dark", ""),
    ("make it moody, no rain", "dark", ""),
    ("The night photo should be brighter", "bright", ""),
    ("remove the noise", "denoise", ""),
    ("sharpen it", "sharpen", ""),
    ("upscale to 4k", "enhance", ""),
    ("remove the colour", "monochrome", ""),
    ("zoom out and show the whole room", "", "extend"),
    ("crop it tighter to a square", "", "crop"),
    ("zoom in", "", "closer"),
    ("mirror the picture", "mirror", ""),
    ("flip it upside down", "upsidedown", ""),
    ("rotate 90 degrees clockwise", "quarter", ""),
    ("rotate by 180 degrees", "halfturn", ""),
    ("cartoonify", "cartoon", ""),
    ("sepia", "sepia", ""),
    ("invert the colors", "negative", ""),
    ("make it dreamy", "dreamy", ""),
    ("golden hour", "golden", ""),
    ("foggy morning", "fog", ""),
    ("cherry blossom petals falling", "petals", ""),
    ("Make it look like autumn", "leaves", ""),
    ("less saturated", "muted", ""),
    ("make everything colder", "cool", ""),
    ("poster style", "poster", ""),
    ("Make a duotone", "duotone", ""),
    ("mosaic", "mosaic", ""),
    ("pop art", "halftone", ""),
    ("ink drawing", "ink", ""),
    ("colored pencil drawing", "crayon", ""),
    ('make it look "vintage"', "vintage", ""),
    ("Make it film noir", "filmnoir", ""),
    ("dans le style d'une peinture à l'huile", "oil", ""),
    ("mets la photo en noir et blanc", "monochrome", ""),
    ("Floute l'arrière-plan", "bokeh", ""),
    ("verwandle das Bild in eine Bleistiftzeichnung", "pencil", ""),
    ("Mach daraus ein Ölgemälde", "oil", ""),
    ("mach es wärmer und kräftiger", "warm vivid", ""),
    ("hazlo más brillante", "bright", ""),
    ("noche estrellada", "night stars", ""),
    ("сделай чёрно-белым", "monochrome", ""),
    ("в стиле акварели", "watercolour", ""),
    ("模糊背景", "bokeh", ""),
    ("黑白照片", "monochrome", ""),
    ("油絵風にして", "oil", ""),
    ("夜にして", "night", ""),
    ("수채화로 바꿔줘", "watercolour", ""),
    ("maak er een aquarel van", "watercolour", ""),
    ("trasforma la foto in un acquerello", "watercolour", ""),
    ("füge einen Hund hinzu", "", "add hund"),
    ("Añade una mariposa roja", "", "add mariposa"),
    ("fix the lighting", "enhance", ""),
    ("deixe a foto em preto e branco", "monochrome", ""),
    ("reduce the contrast", "soften", ""),
    ("decrease contrast", "soften", ""),
    ("lower the contrast", "soften", ""),
    ("less contrast", "soften", ""),
    ("too much contrast", "soften", ""),
    ("more contrast", "contrast", ""),
    ("reduce the saturation", "muted", ""),
    ("too saturated", "muted", ""),
    ("reduce the brightness", "dark", ""),
    ("increase the brightness", "bright", ""),
    ("it is blurry, fix it", "sharpen", ""),
    ("fix the blur", "sharpen", ""),
    ("remove the blur", "sharpen", ""),
    ("rotate 180", "halfturn", ""),
    ("rotate 270", "quarterleft", ""),
    ("turn right 270 degrees", "quarterleft", ""),
    ("rotate 270 degrees counterclockwise", "quarter", ""),
    ("rotate by 90 degrees", "quarter", ""),
    ("a sketch without text", "pencil", ""),
    ("from day to night", "night", ""),
    ("make this black and white photo warm", "warm", ""),
    ("give the sky a sunset glow", "golden dreamy", ""),
    ("turn this photo of a woman with a dog into a watercolour", "watercolour", ""),
    ("sepia with a vignette", "sepia vignette", ""),
    ('write "Hi" at the top of the picture', "", "top"),
    ("add a cat and a vignette", "vignette", "add cat"),
    ("add a cat and make it sepia", "sepia", "add cat"),
]


@pytest.mark.parametrize(("instruction", "operators", "more"), POSSIBLE)
def test_instructions_are_understood_in_the_order_in_which_they_run(
    instruction: str, operators: str, more: str
) -> None:
    plan = edit.plan(instruction, pictures=1)

    assert " ".join(plan.operators) == operators
    assert (plan.layout or "") == (more if more in ("crop", "extend", "closer") else "")
    assert (plan.caption is not None) == (more in ("top", "caption"))
    assert more != "top" or (plan.caption is not None and plan.caption.top)
    assert (plan.thing.word if plan.thing else "") == (more[4:] if more.startswith("add ") else "")


def test_the_document_says_how_many_changes_there_are() -> None:
    document = Path(__file__).parents[2] / "docs" / "engines.md"

    assert f"photographs: {len(words.OPERATORS)} changes" in document.read_text()


def test_stages_run_in_one_order_however_they_are_named() -> None:
    plan = edit.plan("frame, watercolour style, fog, warm, sharpen, dreamy, mirror", pictures=1)

    assert plan.operators == ("mirror", "sharpen", "warm", "fog", "dreamy", "watercolour", "frame")
    order = [words.STAGES.index(operator.stage) for operator in words.OPERATORS.values()]
    assert order == sorted(order)


def test_the_plan_tells_what_it_understood_and_what_it_ignored() -> None:
    plan = edit.plan("a moody watercolour of lighthouse zanzibar", pictures=1)

    assert set(plan.understood) == {"moody", "watercolour"}
    assert set(plan.ignored) == {"lighthouse", "zanzibar"}
    assert edit.notes(plan) == {"understood": list(plan.understood), "ignored": list(plan.ignored)}


def test_the_words_noted_have_a_limit() -> None:
    plan = edit.plan("sepia " + " ".join(f"{'x' * 100}{number}" for number in range(500)), pictures=1)

    assert len(plan.ignored) == instructions.NOTED_WORDS_MAX
    assert max(map(len, plan.ignored)) <= instructions.NOTED_CHARACTERS_MAX


def test_the_reply_carries_warnings_and_notes() -> None:
    answer, (data,) = paint.alter(
        {"prompt": "sepia zanzibar", "seed": 1, "ratio": "1:1", "quality": "1K"},
        [blob(synthetic())],
        lambda percent: None,
    )

    assert answer == {
        "warnings": ["Of the instruction, the sketch engine followed: sepia."],
        "notes": {"understood": ["sepia"], "ignored": ["zanzibar"]},
    }
    assert json.dumps(answer)
    assert Image.open(io.BytesIO(data)).size == (1024, 1024)


def test_every_word_of_the_tables_is_reachable() -> None:
    """A capital, an accent or a space in a table would never match a folded token."""
    tables = [operator.words for operator in words.OPERATORS.values()] + list(words.LAYOUTS.values())
    tables += [
        words.CAPTION_CUES,
        words.TOP,
        words.BOTTOM,
        " ".join(words.CUES | words.FILLER | words.NEGATIONS),
    ]

    for word in " ".join(tables).split():
        assert wordlists.fold(word) == word
    for phrase, replacement in words.PHRASES.items():
        assert instructions._folded(phrase) == phrase
        assert wordlists.fold(replacement) == replacement


@pytest.mark.parametrize(
    "instruction",
    [
        "🎨" * 10_000,
        "ﷺ" * 20_000,
        "add a " * 4000,
        "make the " * 3000 + "blue",
        '"' * 20_000,
        "turn the a into " * 1500,
        "the the " * 4000 + "photo",
        "«" + " " * 19_999,
        '"a" ' + "«" * 20_000,
        "„" * 20_000,
        "“" * 20_000,
        "rotate " * 2800 + "180",
        "snow with a " * 1600,
        "add a cat, a " * 1500,
    ],
)
def test_any_instruction_is_read_quickly(instruction: str, forget_art: Callable[[], None]) -> None:
    forget_art()  # a new child has read no words yet
    start = time.process_time()

    with contextlib.suppress(Refused):
        instructions.plan(instruction, pictures=1)

    assert time.process_time() - start < 1


def symmetric() -> Image.Image:
    """Its mirror image is itself."""
    half = synthetic(SIZE[0] // 2, SIZE[1])
    image = Image.new("RGB", SIZE)
    image.paste(half, (0, 0))
    image.paste(ImageOps.mirror(half), (SIZE[0] // 2, 0))
    return image


@pytest.mark.parametrize(
    ("instruction", "before"),
    [
        ("black and white", Image.new("L", SIZE, 128).convert("RGB")),
        ("blur it", Image.new("RGB", SIZE, (90, 90, 90))),
        ("crop it", synthetic(*SIZE)),
        ("resize", synthetic(*SIZE)),
        ("crop it", synthetic(2 * SIZE[0], 2 * SIZE[1] + 2)),
        ("mirror it", symmetric()),
        ("rotate by 180 degrees", Image.new("RGB", SIZE, (90, 60, 30))),
    ],
)
def test_a_picture_that_would_come_back_unchanged_is_refused(instruction: str, before: Image.Image) -> None:
    grey = ImageOps.grayscale(synthetic()).convert("RGB") if instruction == "black and white" else before
    if instruction == "black and white":
        grey = Image.eval(grey, lambda value: 0 if value < 128 else 255)

    with pytest.raises(Refused, match="as it is"):
        edited(instruction, grey)


@pytest.mark.parametrize("instruction", ["zoom out", "extend it", "uncrop", "outpaint", "mirror it"])
def test_a_picture_of_the_asked_shape_is_set_smaller_or_turned_and_so_changed(instruction: str) -> None:
    assert difference(edited(instruction, synthetic(*SIZE)), synthetic(*SIZE)) > 2


def test_a_symmetric_picture_may_be_mirrored_with_another_look() -> None:
    assert difference(edited("mirror, sepia", symmetric()), symmetric()) > 2


@pytest.mark.parametrize("quotes", ['"{}"', "“{}”", "„{}“", "«{}»", "「{}」", "'{}'"])
def test_a_caption_comes_from_any_quotation_marks(quotes: str) -> None:
    plan = edit.plan(f"text {quotes.format('Ship it, Ann')}", pictures=1)

    assert plan.caption is not None
    assert plan.caption.text == "Ship it, Ann"


@pytest.mark.parametrize("text", [" ", "\u200b\u200d", "\u2060 \ufeff", "\u0301"])
def test_a_caption_has_something_to_see(text: str) -> None:
    with pytest.raises(Refused, match="visible letter"):
        edit.plan(f'sepia and the caption "{text}"', pictures=1)


def test_a_caption_has_at_most_80_characters() -> None:
    longest = edit.plan(f'caption "{"x" * 80}"', pictures=1)

    assert longest.caption is not None
    with pytest.raises(Refused, match="at most 80 characters; this one has 81"):
        edit.plan(f'caption "{"x" * 81}"', pictures=1)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Привет", "Cyrillic"),
        ("你好", "Chinese"),
        ("こんにちは", "Japanese"),
        ("안녕", "Korean"),
        ("שלום", "Hebrew"),
        ("مرحبا", "Arabic"),
        ("สวัสดี", "Thai"),
        ("Γειά", "Greek"),
        ("Party 🎉", "emoji"),
    ],
)
def test_a_script_that_the_typeface_lacks_is_refused_by_name(text: str, script: str) -> None:
    with pytest.raises(Refused, match=script):
        edited(f'sepia and the caption "{text}"')


def test_a_caption_without_quotation_marks_is_refused_with_the_way_out() -> None:
    with pytest.raises(Refused, match="quotation marks"):
        edit.plan("add the caption Hello World and make it sepia", pictures=1)


@pytest.mark.parametrize(
    ("instruction", "layout"),
    [
        ("combine them", "collage"),
        ("merge these", "blend"),
        ("mezcla las fotos", "blend"),
        ("watercolour", "collage"),
        ("Combine all photos into one collage", "collage"),
        ("", "collage"),
        ("🙂", "collage"),
        ("put them together", "collage"),
        ("both in watercolour", "collage"),
        ("make one picture out of these two", "collage"),
        ("sepia grid of holidays", "collage"),
    ],
)
def test_several_pictures_are_arranged_as_the_words_say(instruction: str, layout: str) -> None:
    assert edit.plan(instruction, pictures=3).layout == layout


@pytest.mark.parametrize(
    "instruction",
    ["a group photo of these people in an office", "hmm", "What is this?", "warm, on the beach in Hawaii"],
)
def test_several_pictures_make_no_collage_that_nobody_asked_for(instruction: str) -> None:
    with pytest.raises(Refused, match="cannot do one part of this edit.*Nothing was changed"):
        edit.plan(instruction, pictures=2)


NOUNS = (
    *("car", "moon", "king", "doctor", "truck", "ball", "steam", "cat", "dog", "horse", "boat", "tree", "lighthouse"),
    *("castle", "robot", "balloon", "red balloon", "orange", "orange cat", "birthday cake", "hat", "glasses", "star"),
    *(
        "sun",
        "cloud",
        "bird",
        "house",
        "bridge",
        "bus",
        "train",
        "bicycle",
        "plane",
        "apple",
        "pizza",
        "guitar",
        "book",
    ),
    *("woman", "queen", "nurse", "dragon", "unicorn", "hot air balloon", "chair", "snowman", "windmill", "pagoda"),
)


@pytest.mark.parametrize("noun", NOUNS)
def test_editing_and_drawing_mean_the_same_by_a_noun(noun: str) -> None:
    plan = edit.plan(f"add a {noun}", pictures=1)
    drawn = prompts.read(f"a {noun}").subjects

    assert plan.thing is not None
    if drawn:
        add.check(plan.thing)
        assert add._subject(plan.thing) == drawn[0]
    else:
        with pytest.raises(Refused, match="no drawing"):
            add.check(plan.thing)


@pytest.mark.parametrize(
    ("noun", "drawing"),
    [("car", "1f697"), ("truck", "1f69a"), ("ball", "26bd"), ("king", None), ("doctor", None)],
)
def test_a_noun_is_the_thing_itself_and_no_relative_of_it(noun: str, drawing: str | None) -> None:
    subject = add._subject(instructions.Thing(noun, f"a {noun}"))

    assert subject is not None
    assert (subject.drawing, subject.prop) == (drawing, None if drawing else "person")


@pytest.mark.parametrize(
    ("instruction", "drawing", "prop"),
    [
        ("füge einen Hund hinzu", "1f436", None),
        ("añade una mariposa roja", "1f98b", None),
        ("猫を追加", "1f431", None),
        ("add a koi", None, "koi"),
    ],
)
def test_things_are_known_in_other_languages_and_single(instruction: str, drawing: str, prop: str) -> None:
    plan = edit.plan(instruction, pictures=1)

    assert plan.thing is not None
    add.check(plan.thing)
    subject = add._subject(plan.thing)
    assert subject is not None
    assert (subject.drawing, subject.prop, subject.count) == (drawing, prop, 1)


@pytest.mark.parametrize("instruction", ["add cats", "add some flowers", "猫と犬を追加"])
def test_more_than_one_thing_is_refused_before_any_work(instruction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit, "_arranged", lambda *arguments: pytest.fail("work was begun"))

    with pytest.raises(Refused, match="one thing at a time"):
        edited(instruction)


def test_a_thing_without_a_drawing_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit, "_arranged", lambda *arguments: pytest.fail("work was begun"))

    with pytest.raises(Refused, match="no drawing"):
        edited("add a flurbification and make it sepia")


def test_without_the_drawings_adding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(art, "available", lambda: False)

    with pytest.raises(Refused, match="no drawing"):
        edited("add a cat")


def test_every_refusal_names_a_part_and_a_way_out() -> None:
    others = refusals.AT_A_PLACE, refusals.WITH_A_THING, refusals.NEW_PICTURE
    for kind in (*refusals.KINDS, *others):
        text = refusals.message(kind)
        assert kind.what in text and kind.instead in text
        assert kind.instead.endswith(".")

import unicodedata

import numpy as np
import pytest
from helpers import global_generators
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from realnvp.own.fonts import font_of_size, fonts
from realnvp.own.word import letters_of, points_from_word
from realnvp.points import BadData, PointSet

PILLOWS_OWN = next(iter(fonts()))


def histogram(made: PointSet, bins: int = 64) -> np.ndarray:
    return np.histogram2d(*made.points.T, bins, [[-2, 2], [-2, 2]])[0]


# Fonts.


def test_pillows_own_font_is_the_first_and_has_no_path():
    assert fonts()[PILLOWS_OWN] is None
    assert ImageFont.load_default(20).getname() == (PILLOWS_OWN, "Regular")


def test_fonts_that_are_found_can_be_opened_and_are_sorted():
    found = list(fonts().items())[1:]
    assert [name for name, _ in found] == sorted(name for name, _ in found)
    for name, path in found:
        assert path.is_file()
        family, _ = font_of_size(name, 30).getname()
        assert name.startswith(family)


# Points.


def test_a_word_is_drawn_as_pillow_draws_it():
    made = points_from_word("Flow", n=50_000)
    font = ImageFont.load_default(200)
    image = Image.new("L", (1000, 400))
    ImageDraw.Draw(image).text((100, 50), "Flow", 255, font)
    left, top, right, bottom = image.getbbox()
    ink = np.asarray(image.crop((left, top, right, bottom)).resize((128, 48), Image.Resampling.BOX), float)
    half_height = np.abs(made.points[:, 1]).max()
    counts, _, _ = np.histogram2d(
        made.points[:, 1], made.points[:, 0], (48, 128), [[-half_height, half_height], [-2, 2]]
    )
    assert np.corrcoef(counts[::-1].ravel(), ink.ravel())[0, 1] > 0.9
    assert np.abs(made.points[:, 0]).max() == pytest.approx(2, abs=0.01)
    assert half_height / 2 == pytest.approx((bottom - top) / (right - left), abs=0.01)


def test_letters_are_classes_from_left_to_right():
    made = points_from_word("flower", font=PILLOWS_OWN)
    assert made.title == "flower"
    assert made.classes == tuple("flower")
    middles = [np.median(made.points[made.labels == k, 0]) for k in range(6)]
    assert middles == sorted(middles)
    for k in range(5):  # neighbours overlap by no more than what an f hangs over
        here, there = (made.points[made.labels == label, 0] for label in (k, k + 1))
        assert np.mean(here[:, None] > there[None, ::50]) < 0.02


def test_after_eight_letters_the_classes_begin_again_and_spaces_have_none():
    made = points_from_word("ab cdefghij")
    assert made.classes == ("a i", "b j", "c", "d", "e", "f", "g", "h")
    first, second = np.split(np.sort(made.points[made.labels == 0, 0]), [np.sum(made.points[made.labels == 0, 0] < 0)])
    assert second.min() - first.max() > 2


def test_writing_to_the_left_is_labelled_from_the_right():
    name = next((name for name in fonts() if name == "DejaVu Sans"), None)
    if name is None:
        pytest.skip("needs a font with Hebrew letters")
    made = points_from_word("שלום", font=name)
    middles = [np.median(made.points[made.labels == k, 0]) for k in range(4)]
    assert middles == sorted(middles, reverse=True)


def test_distinct_words_make_distinct_clouds():
    clouds = [histogram(points_from_word(word)) for word in ("Ada", "Adam", "ada", "Grace", "I", "l", "-")]
    for k, first in enumerate(clouds):
        for second in clouds[:k]:
            assert np.abs(first - second).sum() > 0.2 * 20_000


def test_the_same_word_and_seed_make_the_same_points():
    before = global_generators()
    first, again, other = (points_from_word("Ada", n=500, seed=seed) for seed in (1, 1, 2))
    assert global_generators() == before
    assert len(first.points) == 500
    assert first.digest == again.digest != other.digest


def test_fonts_draw_differently():
    if len(fonts()) < 2:
        pytest.skip("needs a second font")
    first, second = (histogram(points_from_word("Rag", font=name)) for name in list(fonts())[:2])
    assert np.abs(first - second).sum() > 2000


def test_blanks_around_and_between_are_one_space_at_most():
    assert points_from_word(" \tA \n  B ").digest == points_from_word("A B").digest


def test_accents_belong_to_their_letter():
    assert letters_of("e\N{COMBINING ACUTE ACCENT} a") == ["e\N{COMBINING ACUTE ACCENT}", "a"]
    assert letters_of("\N{COMBINING ACUTE ACCENT}e") == ["\N{COMBINING ACUTE ACCENT}", "e"]


def test_a_font_with_the_letters_is_chosen():
    with_accents = [name for name in fonts() if name.startswith(("DejaVu Sans", "Liberation Sans", "Arial"))]
    if not with_accents:
        pytest.skip("needs a font with accents")
    composed, decomposed = points_from_word("José"), points_from_word(unicodedata.normalize("NFD", "José"))
    assert composed.classes == tuple("José")
    assert composed.digest == decomposed.digest


@pytest.mark.parametrize(
    ("text", "font", "message"),
    [
        ("", None, r"There is no word yet: type one"),
        (" \n\t ", None, r"There is no word yet: type one"),
        ("a" * 25, None, r"25 characters: keep 24"),
        ("a\0b", None, r"invisible character, U\+0000"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", None, r"invisible character, U\+202E"),
        ("a\N{ZERO WIDTH JOINER}b", None, r"invisible character, U\+200D"),
        ("a\ud800", None, r"invisible character, U\+D800"),
        (
            "Jos\N{CJK UNIFIED IDEOGRAPH-6F22}\N{CJK UNIFIED IDEOGRAPH-5B57}",
            PILLOWS_OWN,
            "has no 漢, 字: choose another font",
        ),
        ("Ada", "No such font", r'no font "No such font": choose one of Aileron'),
        ("\U0010fffe", None, r"has no \U0010fffe"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(text, font, message):
    with pytest.raises(BadData, match=message) as refusal:
        points_from_word(text, font=font)
    assert str(refusal.value).endswith(".")


def test_letters_without_ink_are_refused():
    name = next((name for name in fonts() if name == "DejaVu Sans"), None)
    if name is None:
        pytest.skip("needs a font with Braille")
    with pytest.raises(BadData, match="no ink"):
        points_from_word("\N{BRAILLE PATTERN BLANK}", font=name)


def test_the_longest_word_and_the_smallest_letter():
    for word in ("W" * 24, ".", "|", "'"):
        made = points_from_word(word)
        assert np.abs(made.points).max() == pytest.approx(2, abs=0.02)


@given(st.text(max_size=26), st.sampled_from([None, *list(fonts())[:5]]))
@settings(max_examples=200)
def test_any_text_makes_points_or_one_sentence(text, font):
    try:
        made = points_from_word(text, font=font, n=200)
    except BadData as refusal:
        message = str(refusal)
    else:
        assert np.abs(made.points).max() <= 2
        assert len(made.classes) == min(8, len(letters_of(made.title)))
        message = "."
    assert message.endswith(".")

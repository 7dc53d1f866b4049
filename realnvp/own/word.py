"""A word or a name as points, each letter a colour class."""

import unicodedata

import numpy as np
from PIL import Image, ImageDraw

from realnvp.own.darkness import points_from_darkness
from realnvp.own.fonts import font_of_size, fonts
from realnvp.own.wording import listed
from realnvp.points import MOST_CLASSES, BadData, PointSet

MOST_LETTERS = 24
LENGTH = 512  # pixels, about, of the word's longer side
MARGIN = 8  # pixels around the word, for ink beyond what the font announces
MOST_HEIGHT = 2_000  # pixels of a font: a dot is not blown up to the size of a word
NO_CHARACTER = "\U0010ffff"  # in no font
INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode's categories of control characters and line ends


def points_from_word(text: str, *, font: str | None = None, n: int = 20_000, seed: int = 0) -> PointSet:
    """n points on the letters of a word, drawn in a font of ``fonts()``; by default in the first that has the letters.

    A letter's colour class is its place in the word modulo 8. What cannot be drawn is BadData.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text:
        raise BadData("There is no word yet: type one.")
    if len(text) > MOST_LETTERS:
        raise BadData(f"The word has {len(text)} characters: keep {MOST_LETTERS} at most.")
    if hidden := [letter for letter in text if unicodedata.category(letter) in INVISIBLE]:
        raise BadData(f"The word has an invisible character, U+{ord(hidden[0]):04X}: type the word again without it.")
    if font is not None and font not in fonts():
        raise BadData(f'There is no font "{font}": choose one of {listed(fonts())}.')
    name = font or next((name for name in fonts() if not lacking(text, name)), next(iter(fonts())))
    if lacks := lacking(text, name):
        raise BadData(f"The font {name} has no {listed(lacks)}: choose another font or other letters.")
    darkness, labels = drawn(text, name)
    letters = letters_of(text)
    classes = tuple(" ".join(letters[k::MOST_CLASSES]) for k in range(min(len(letters), MOST_CLASSES)))
    return points_from_darkness(darkness, title=text, n=n, seed=seed, labels=labels, classes=classes)


def letters_of(text: str) -> list[str]:
    """The letters, each with the marks that belong to it; no spaces."""
    letters: list[str] = []
    for character in text:
        if letters and unicodedata.category(character).startswith("M"):
            letters[-1] += character
        elif not character.isspace():
            letters.append(character)
    return letters


def lacking(text: str, font: str) -> list[str]:
    """The characters that the font has no glyph for: it draws them all alike."""
    at = font_of_size(font, 40)

    def glyph(character: str) -> tuple[tuple[int, int], bytes]:
        mask = at.getmask(character)
        return mask.size, bytes(mask)

    none = glyph(NO_CHARACTER)
    return [character for character in dict.fromkeys(text) if character != " " and glyph(character) == none]


def drawn(text: str, font: str) -> tuple[np.ndarray, np.ndarray]:
    """The darkness of a word, no larger than its ink, and the letter of each pixel, modulo 8: (height, width) uint8.

    Beginnings of the word are drawn, each a letter longer: where ink is first, the new letter is. So neighbours keep
    their distance and may overlap. Writing that runs to the left is held at its right end.
    """
    anchor = "rs" if unicodedata.bidirectional(text[0]) in ("R", "AL") else "ls"
    left, top, right, bottom = font_of_size(font, 100).getbbox(text, anchor=anchor)
    at = font_of_size(font, min(MOST_HEIGHT, 100 * LENGTH / max(right - left, bottom - top, 1)))
    left, top, right, bottom = at.getbbox(text, anchor=anchor)
    size = (round(right - left) + 2 * MARGIN, round(bottom - top) + 2 * MARGIN)

    def ink(beginning: str) -> np.ndarray:
        image = Image.new("L", size)
        ImageDraw.Draw(image).text((MARGIN - left, MARGIN - top), beginning, "white", at, anchor=anchor)
        return np.asarray(image)

    whole, labels, unclaimed, end = ink(text), np.zeros(size[::-1], np.uint8), np.ones(size[::-1], bool), 0
    if not whole.any():
        raise BadData("The word leaves no ink: type letters that can be seen.")
    for k, letter in enumerate(letters_of(text)):
        end = text.index(letter, end) + len(letter)
        inked = ink(text[:end]) > 0
        labels[inked & unclaimed] = k % MOST_CLASSES
        unclaimed &= ~inked
    rows, columns = (np.flatnonzero(whole.any(axis=axis)) for axis in (1, 0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return whole[box], labels[box]

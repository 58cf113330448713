"""Only pixels come out of a file, upright and small; or what is wrong with it."""

import io
import random
import sys
from tempfile import TemporaryFile

import pytest
from PIL import Image, ImageDraw

from kindlechat.picture import PREVIEW_BYTES, is_kept, kept_picture, preview_size
from kindlechat.pictures.cleaner import (
    Cleaner,
    PictureProcess,
    PictureRefused,
    PicturesBusy,
    _environment,
)
from kindlechat.pictures.cleaning import (
    LONGER_SIDE,
    MOST_BYTES,
    ORIENTATION,
    BadPicture,
    clean,
    preview,
)
from tests.cases import cases
from tests.pictures.made import (
    BLUE,
    GREEN,
    HIDDEN,
    JPEG,
    POLYGLOTS,
    RED,
    REFUSED,
    WHITE,
    noise,
    png_claiming,
    quarters,
    saved,
    scans,
    with_exif,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # as in the process in which it runs


def colours(jpeg, places=((0.25, 0.25), (0.75, 0.25), (0.5, 0.75))):
    """The colours at these places, each the nearest of those that pictures here are made of."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    return [
        nearest(image.getpixel((int(x * image.width), int(y * image.height)))) for x, y in places
    ]


def nearest(colour):
    return min(
        (RED, GREEN, BLUE, WHITE),
        key=lambda one: sum(abs(a - b) for a, b in zip(one, colour, strict=True)),
    )


@cases(("fault", "make"), REFUSED.values(), ids=REFUSED, quick_stride=3)
def test_what_is_no_picture_of_a_page_is_refused(fault, make):
    with pytest.raises(BadPicture) as bad:
        clean(make())
    assert bad.value.fault == fault


@cases(("kind", "how"), [("JPEG", {"quality": 95}), ("PNG", {}), ("WEBP", {}), ("HEIF", {})])
def test_every_format_becomes_a_plain_jpeg(kind, how):
    image, jpeg = clean(saved(quarters(size=(320, 240)), kind, **how))
    assert image.size == (320, 240)
    made = Image.open(io.BytesIO(jpeg))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (320, 240))
    assert colours(jpeg) == [RED, GREEN, BLUE]


@cases(
    "data",
    [
        *(saved(quarters(mode), "PNG") for mode in ("RGB", "RGBA", "P")),
        *(saved(quarters(mode), "JPEG", quality=95) for mode in ("RGB", "CMYK")),
        saved(quarters(), "JPEG", quality=95, progressive=True),
        saved(quarters("RGBA"), "WEBP", lossless=True),
    ],
)
def test_every_kind_of_colour_looks_as_it_did(data):
    assert colours(clean(data)[1]) == [RED, GREEN, BLUE]


@cases(
    "image",
    [
        Image.new("I;16", (64, 64), 40_000),
        Image.new("L", (64, 64), 156),
        Image.new("LA", (64, 64), (156, 255)),
        Image.new("RGB", (64, 64), (156, 156, 156)),
        Image.new("LA", (64, 64), (57, 128)),
    ],
)
def test_every_depth_of_grey_looks_as_it_did(image):
    _, jpeg = clean(saved(image, "PNG"))
    made = Image.open(io.BytesIO(jpeg)).convert("L").getpixel((30, 30))
    assert abs(made - 156) < 4


def test_what_can_be_seen_through_is_paper():
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert colours(clean(saved(image, "PNG"))[1], [(0.5, 0.5)]) == [WHITE]
    black_and_white = Image.new("1", (64, 64), 1)
    assert colours(clean(saved(black_and_white, "PNG"))[1], [(0.5, 0.5)]) == [WHITE]


def test_of_several_frames_the_first_is_taken():
    frames = [Image.new("RGB", (64, 64), colour) for colour in (GREEN, RED)]
    for kind in ("PNG", "WEBP"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        assert Image.open(io.BytesIO(data)).n_frames == 2
        assert colours(clean(data)[1], [(0.5, 0.5)]) == [GREEN]
    assert colours(clean(JPEG + saved(frames[1], "JPEG"))[1]) == [RED, GREEN, BLUE]


@cases("orientation", range(1, 9))
def test_it_is_turned_as_its_camera_was_held(orientation):
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose, the other way round
    image = quarters(size=(320, 240))
    stored = image.transpose(undo[orientation]) if orientation in undo else image
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    for kind in ("JPEG", "PNG", "WEBP"):
        upright, jpeg = clean(saved(stored, kind, exif=exif))
        assert upright.size == (320, 240)
        assert colours(jpeg) == [RED, GREEN, BLUE]


@cases(
    "exif",
    [
        b"",
        b"MM",
        b"II*\0\x08\0\0\0\xff\xff",
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x63\0\0",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\xff\xff\xff\xff\xff\xff",
        b"II*\0\xff\xff\xff\xff" + bytes(100),
        random.Random(1).randbytes(500),
    ],
)
def test_with_broken_exif_it_stays_as_it_lies(exif):
    assert colours(clean(with_exif(JPEG, exif))[1]) == [RED, GREEN, BLUE]


@cases("make", POLYGLOTS.values(), ids=POLYGLOTS)
def test_nothing_but_pixels_is_kept(make):
    image, jpeg = clean(make())
    _, small = preview(image)
    for made in (jpeg, small):
        assert HIDDEN not in made
        assert b"Zirkonium" not in made
        info = Image.open(io.BytesIO(made)).info
        assert not info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Exif" not in jpeg


def test_no_place_and_no_camera_is_kept():
    exif = Image.Exif()
    exif[0x010F] = "Zirkonium cameras"
    exif.get_ifd(0x8825)[1] = "N"
    _, jpeg = clean(saved(quarters(), "JPEG", exif=exif, icc_profile=b"Zirkonium" * 99))
    assert b"Zirkonium" not in jpeg
    assert not Image.open(io.BytesIO(jpeg)).getexif()


@cases("size", [(1700, 1200), (500, 1800), (400, 300)])
def test_it_is_as_large_as_a_page_needs_and_no_larger(size):
    image, jpeg = clean(saved(noise(size), "JPEG", quality=80))
    assert max(image.size) <= LONGER_SIDE
    assert len(jpeg) <= MOST_BYTES
    assert abs(image.width / image.height - size[0] / size[1]) < 0.01
    small, grey = preview(image)
    assert len(grey) <= PREVIEW_BYTES
    assert Image.open(io.BytesIO(grey)).mode == "L"
    assert max(small.size) <= 160


def test_a_page_of_print_keeps_its_size_and_can_be_read():
    page = Image.new("L", (1500, 2000), 245)
    draw = ImageDraw.Draw(page)
    for line in range(60):
        draw.text(
            (90, 90 + line * 30), "The sky is blue, as air scatters light. " * 3, 10, font_size=20
        )
    image, jpeg = clean(saved(page, "JPEG", quality=85))
    assert image.size == (1200, 1600)
    assert len(jpeg) > MOST_BYTES / 4


def on_disk(data):
    file = TemporaryFile()  # noqa: SIM115 (whoever asks closes it)
    file.write(data)
    return file


class TestInAProcessOfItsOwn:
    @pytest.fixture(scope="class")
    def cleaner(self):
        return Cleaner(PictureProcess())

    def test_a_picture_comes_back_under_a_name_that_says_its_sizes(self, cleaner):
        with on_disk(saved(quarters(size=(320, 240)), "PNG")) as file:
            made = cleaner.clean(file)
        assert (made.size, made.preview_size) == ((320, 240), (160, 120))
        assert made.jpeg.startswith(b"\xff\xd8")
        assert made.preview.startswith(b"\xff\xd8")
        assert made.preview != made.jpeg
        assert is_kept(made.name)
        assert preview_size(made.name) == (160, 120)
        assert kept_picture(made.name, made.jpeg, made.preview) == made
        assert not is_kept(f"../{made.name}")

    @pytest.mark.parametrize("name", ["an empty file", "a bomb of black", "a JPEG that is cut"])
    def test_what_is_wrong_comes_back(self, cleaner, name):
        fault, make = REFUSED[name]
        with on_disk(make()) as file, pytest.raises(PictureRefused) as refused:
            cleaner.clean(file)
        assert refused.value.fault == fault

    def test_a_picture_that_takes_all_memory_ends_its_process_alone(self):
        cleaner = Cleaner(PictureProcess(memory_bytes=60 * 1024 * 1024))
        file = on_disk(png_claiming(5000, 4900))
        with file, pytest.raises(PictureRefused) as refused:
            cleaner.clean(file)
        assert refused.value.fault == "large"

    @pytest.mark.long
    def test_a_picture_that_takes_all_time_is_given_up(self):
        cleaner = Cleaner(PictureProcess(cpu_s=1))
        with on_disk(scans(4000)) as file, pytest.raises(PictureRefused) as refused:
            cleaner.clean(file)
        assert refused.value.fault == "large"

    def test_its_process_knows_no_secret(self, monkeypatch):
        monkeypatch.setenv("GEMINI_API_KEY", "Zirkonium")
        monkeypatch.setenv("LD_LIBRARY_PATH", "/somewhere")
        assert "Zirkonium" not in repr(_environment())
        assert _environment()["LD_LIBRARY_PATH"] == "/somewhere"

    def test_a_process_that_cannot_begin_is_told_the_operator(self, caplog):
        cleaner = Cleaner(PictureProcess(command=(sys.executable, "/nowhere")))
        with on_disk(JPEG) as file, pytest.raises(PictureRefused):
            cleaner.clean(file)
        assert [each.levelname for each in caplog.records] == ["ERROR"]

    def test_one_waits_for_the_other_but_not_for_ever(self):
        cleaner = Cleaner(PictureProcess(), wait_s=0)
        cleaner._turn.acquire()
        with on_disk(JPEG) as file:
            with pytest.raises(PicturesBusy):
                cleaner.clean(file)
            cleaner._turn.release()
            assert cleaner.clean(file).size == (80, 60)

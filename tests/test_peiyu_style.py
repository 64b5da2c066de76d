"""The style of figures and where their letters come from: files in order, no clock in them, lines that end where they may."""

import re
import unicodedata

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from calibration.proof.sbc import Ranks
from peiyu.figures import fonts, style
from peiyu.figures.style import panels, save, wrapped
from peiyu.fit import figures
from peiyu.forecasts.fans import Dot, Fan, draw, lettering, years
from sim import quarter
from sim.ensemble.ensemble import Ensemble
from sim.inputs.errors import InputError
from sim.state.indicators import NAMES as INDICATORS

mpl.use("Agg")


# where fonts are


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Two folders of fonts, the first of the user's own; their names are made as given."""

    def made(own=(), system=()):
        for name, files in (("own", own), ("system", system)):
            for file in files:
                path = tmp_path / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"")
        monkeypatch.setattr(fonts, "PACKAGE", "no_such_package_of_fonts")
        monkeypatch.setattr(fonts, "SYSTEM", (str(tmp_path / "system"), str(tmp_path / "missing")))
        if own:
            monkeypatch.setenv(fonts.FOLDER, str(tmp_path / "own"))
        else:
            monkeypatch.delenv(fonts.FOLDER, raising=False)
        return tmp_path

    return made


@pytest.mark.parametrize(
    ("own", "system", "found"),
    [
        ((), ("NotoSansCJK-Regular.ttc",), "system/NotoSansCJK-Regular.ttc"),
        ((), ("deep/er/SourceHanSansCN-Regular.otf",), "system/deep/er/SourceHanSansCN-Regular.otf"),
        ((), ("SourceHanSansSC-Regular.otf", "NotoSansSC-Regular.ttf"), "system/NotoSansSC-Regular.ttf"),  # by preference
        (("SourceHanSansCN-Regular.otf",), ("NotoSansSC-Regular.ttf",), "own/SourceHanSansCN-Regular.otf"),  # the user's first
        (("Comic.ttf",), ("NotoSansSC-Regular.ttf",), "system/NotoSansSC-Regular.ttf"),
        ((), ("NotoSansSC-Regular.woff", "NotoSansSC-Bold.ttf", "NotoSerifSC-Regular.ttf"), None),
    ],
)
def test_an_open_chinese_font_is_found_by_name(folders, own, system, found):
    root = folders(own, system)
    assert fonts.sans() == (None if found is None else root / found)


def test_without_a_font_the_message_says_how_to_get_one(folders):
    folders()
    assert fonts.sans() is None and fonts.serif() is None and fonts.folders() == []
    with pytest.raises(InputError, match=f"fonts-noto-cjk.*{fonts.FOLDER}"):
        fonts.need_sans()


def test_only_a_folder_that_the_user_named_is_the_users(folders):
    root = folders(("x.ttf",), ("y.ttf",))
    assert fonts.named() == [root / "own"] and fonts.folders() == [root / "own", root / "system"]
    folders((), ("y.ttf",))
    assert fonts.named() == []


# lines


@settings(max_examples=50)
@given(st.text("abcdefg 杭州市未来产业，。（", max_size=60), st.integers(4, 30))
@example("。。 。", 4)
def test_wrapping_moves_no_letter_and_no_line_begins_with_a_comma(text, letters):
    lines = wrapped(text, letters).split("\n")
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert not any(line.startswith(("，", "。")) for line in lines[1:])
    for line in lines:
        seen = re.sub(r"\s+(?=[，。])", "", line)  # a blank before a mark stays with the mark
        wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in seen)
        whole = max((len(w) for w in re.findall("[a-g]+", line)), default=0)
        marks = 2 * sum(c in "，。" for c in line)
        assert wide <= max(letters, whole, 2) + marks


# files


def test_a_figure_is_the_same_bytes_without_a_clock_and_is_let_go(tmp_path):
    def drawn(path):
        with style.style():
            figure, (ax,) = panels()
            ax.plot([1, 2, 3])
            ax.set_title("A <title> & more")
        save(figure, path)
        return path.read_text("utf8"), figure.number

    one, number = drawn(tmp_path / "a.svg")
    two, _ = drawn(tmp_path / "b.svg")
    assert one == two and number not in plt.get_fignums()
    assert not re.search(r"\d{4}-\d\d-\d\d", one.replace("http://www.w3.org/1999", "")) and not re.search(r"[ \t]+$", one, re.M)


def test_the_style_ends_with_its_block():
    before = mpl.rcParams["axes.spines.top"], mpl.rcParams["font.size"]
    with style.style():
        assert not mpl.rcParams["axes.spines.top"]
    assert (mpl.rcParams["axes.spines.top"], mpl.rcParams["font.size"]) == before


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3)])
def test_panels_are_as_wide_as_the_page_and_come_row_by_row(rows, columns):
    figure, axes = panels(rows, columns, height=2.0)
    assert len(axes) == rows * columns and figure.get_size_inches().tolist() == [style.WIDTH, 2.0]
    assert [ax.get_subplotspec().num1 for ax in axes] == list(range(rows * columns))
    plt.close(figure)


# figures of a fit


def words_in(figure):
    figure.canvas.draw()
    said = [t.get_text() for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
    plt.close(figure)
    return said


def test_ranks_outside_their_band_are_hatched_and_even_ones_are_not():
    even = np.tile(np.arange(200) % 100, (2, 1)).T
    low = even.copy()
    low[:, 0] = np.arange(200) % 20
    for ranks, hatched in ((even, 0), (low, 10)):
        figure = figures.draw_ranks(Ranks(ranks, 99, ("first", "second")))
        bars = [bar for ax in figure.axes[:2] for bar in ax.patches if bar.get_height() in (0, 20, 100) and bar.get_width() == 0.85]
        assert sum(bool(bar.get_hatch()) for bar in bars) == hatched
        said = words_in(figure)
        assert "second  (p = 1)" in said and ("first  (p = 1)" in said) == (hatched == 0)


def test_contraction_is_written_at_its_bar_and_noise_below_zero_has_none():
    table = pd.DataFrame({"name": ["a", "b", "c"], "contraction": [0.934, -0.02, 0.5], "informed": [True, True, False]})
    figure = figures.draw_contraction(table)
    widths = sorted(bar.get_width() for bar in figure.axes[0].patches)
    assert widths == pytest.approx([0.0, 0.934])
    said = words_in(figure)
    assert {"0.93", "-0.02", "a", "b"} <= set(said) and "c" not in said


def test_generations_end_with_their_last_number():
    steps = pd.DataFrame({"number": [0, 1, 2], "tolerance": [101.4, 12.3, 0.0], "acceptance": [0.0, 0.07, 0.238], "effective": [32.9, 60.0, 1600.0]})
    said = words_in(figures.draw_generations(steps))
    assert {"12.3", "0.238", "1,600"} <= set(said)  # a tolerance of none has no place on a log scale


def test_a_fan_of_a_flow_is_summed_over_years_and_that_of_a_stock_is_not():
    values = np.zeros((3, 8, len(INDICATORS)))
    values[..., INDICATORS.index("hnte_certified")] = 10.0
    values[..., INDICATORS.index("hnte_stock")] = 10.0
    runs = Ensemble("s", quarter.parse("2020Q1"), values)
    flow, stock = (figures.draw_fan(runs, name, quarter.parse("2021Q4")) for name in ("hnte_certified", "hnte_stock"))
    (line, *_), (still, *_) = flow.axes[0].lines, stock.axes[0].lines
    assert line.get_xdata().tolist() == [2021.0, 2022.0] and line.get_ydata().tolist() == [40.0, 40.0]
    assert len(still.get_xdata()) == 8 and set(still.get_ydata()) == {10.0}
    assert "forecast" in words_in(flow) and "High-tech enterprises" in words_in(stock)


# fans of the appendix


def test_a_year_of_a_fan_stands_at_its_last_quarter():
    assert years(quarter.parse("2025Q4"), 5).tolist() == [2025.0, 2025.25, 2025.5, 2025.75, 2026.0]


def test_fans_are_the_same_bytes_twice_and_two_stand_side_by_side():
    runs = np.linspace(100.0, 4000.0, 12)[:, None] * np.linspace(1.0, 1.5, 5)[None, :]
    at = np.linspace(2025.0, 2026.0, 5)
    fans = [Fan(f"panel {i}", at, runs, "u", 1234.0, (Dot(2025.5, 2000.0, "bound"),), (("other", runs[0]),)) for i in range(3)]
    with lettering(None, ""):
        one, two, low = draw(fans, "asked"), draw(fans, "asked"), draw(fans[:2], "asked")
    assert one == two
    svg, png, ratio = one
    assert svg.startswith(b"<?xml") and png.startswith(b"\x89PNG") and 1.7 * low[2] < ratio < 2.0 * low[2]  # the legend stands there once

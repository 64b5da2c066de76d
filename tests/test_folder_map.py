"""The picture in CONTRIBUTING.md is drawn from the code as it stands, and every task in it has its place."""

import re

import folder_map


def test_the_committed_picture_is_what_the_code_draws():
    assert folder_map.PICTURE.read_text("utf8") == folder_map.drawn(), "docs/figures/folders.svg is old; run: make docs"


def test_every_row_of_the_page_has_a_place_in_the_picture():
    rows = re.findall(r"^\| (\d+) \|", folder_map.PAGE.read_text("utf8"), re.M)
    placed = [n for numbers in folder_map.tasks(folder_map.folders()).values() for n in numbers]
    assert len(rows) >= 11 and sorted(placed, key=int) == rows == [str(i + 1) for i in range(len(rows))]


def test_arrows_that_others_imply_are_left_out_and_no_others():
    graph = {"a": {"b", "c"}, "b": {"c"}, "c": {"d"}, "d": set(), "e": {"d"}}
    assert folder_map.implied(graph) == {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": set(), "e": {"d"}}


def test_every_arrow_of_the_picture_points_down():
    known = folder_map.folders()
    order = [name for _, row in folder_map.rows(folder_map.arrows(known)) for name in row]
    assert sorted(order) == sorted(known)
    assert all(order.index(a) < order.index(b) for a, below in folder_map.arrows(known).items() for b in below)

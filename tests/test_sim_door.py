import tomllib

import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from sim.inputs import errors, text, toml
from sim.inputs.csv import read_table, refuse_duplicates
from sim.inputs.errors import InputError
from sim.inputs.json_text import read_json

TABLE = pa.DataFrameSchema(
    {
        "region": pa.Column(str),
        "kind": pa.Column(str, pa.Check.isin(["stock", "flow"], error="stock, flow")),
        "value": pa.Column(float, pa.Check.ge(0, error="0 or more")),
        "ratio": pa.Column(float, nullable=True),
        "hit": pa.Column(int),
    },
    strict=True,
)
HEADER = "region,kind,value,ratio,hit\n"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    revenue: float = 0.0
    label: str = ""


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    goal: list[Inner] = []


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def complaint(call, *arguments):
    with pytest.raises(InputError) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def table_complaint(tmp_path, body, header=HEADER):
    return complaint(read_table, written(tmp_path, "t.csv", header + body), TABLE)


def test_messages_are_one_line():
    assert str(InputError("a\n  b")) == "a b"


def test_suggest_names_the_nearest_word():
    assert str(errors.meant("recogniton", ["recognition", "coaching"])) == ' Did you mean "recognition"?'
    assert str(errors.meant("zzz", ["recognition"])) == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_chinese_is_read_in_the_encodings_excel_writes(tmp_path, encoding):
    path = written(tmp_path, "a.csv", "杭州,高新技术企业\r\n".encode(encoding))
    assert text.read_text(path) == "杭州,高新技术企业\n"


def test_a_missing_file_names_its_neighbour(tmp_path):
    written(tmp_path, "goals.toml", "")
    assert 'Did you mean "goals.toml"?' in complaint(text.read_text, tmp_path / "goal.toml")


def test_a_folder_is_not_a_file(tmp_path):
    assert "is a folder" in complaint(text.read_text, tmp_path)


def test_large_files_are_refused_by_size(tmp_path):
    path = written(tmp_path, "big.csv", b"a" * (text.MAX_BYTES + 1))
    assert "is larger than 2 MB" in complaint(text.read_text, path)


@pytest.mark.parametrize("raw", [b"a\x00b", b"\xff\xfe\xff\xff", "字".encode("utf-16"), b"\x89PNG\x1a\n\x00"])
def test_what_is_not_text_is_refused(tmp_path, raw):
    assert "not a text file" in complaint(text.read_text, written(tmp_path, "a.toml", raw))


def test_a_path_with_a_nul_is_refused():
    assert "a\\u0000b" in complaint(text.read_text, "a\0b")


def test_bad_toml_names_the_line(tmp_path):
    assert "line 2" in complaint(toml.read_toml, written(tmp_path, "a.toml", "a = 1\nb = \n"))


@pytest.mark.parametrize("text", ["a = [1", "a = " + "9" * 10_000, "a = 2024-13-45"])
def test_nonsense_toml_is_refused(tmp_path, text):
    assert "not valid TOML" in complaint(toml.read_toml, written(tmp_path, "a.toml", text))


def test_unknown_key_names_line_known_keys_and_the_likely_one(tmp_path):
    path = written(tmp_path, "a.toml", "[[goal]]\nrevenue = 1\n\n[[goal]]\nlabel = 'x'\nrevenu = 2\n")
    message = complaint(toml.read_model, path, Outer)
    assert "line 6" in message
    assert 'Did you mean "revenue"? Known: revenue, label.' in message


def test_wrong_type_names_what_was_found(tmp_path):
    path = written(tmp_path, "a.toml", '[[goal]]\nrevenue = "5000万"\n')
    message = complaint(toml.read_model, path, Outer)
    assert "line 2" in message
    assert "5000万" in message
    assert "valid number" in message


def test_line_of_falls_back_to_the_table():
    text = "[[goal]]\na = 1\n[[goal]]\n[[goal.reading]]\nb = 2\n"
    assert toml.line_of(text, ("goal", 1, "reading", 0, "b")) == 5
    assert toml.line_of(text, ("goal", 1, "reading", 0, "gone")) == 4
    assert toml.line_of(text, ("elsewhere",)) is None


def test_a_good_table_is_converted(tmp_path):
    table = read_table(written(tmp_path, "t.csv", HEADER + "杭州,stock,1.5,,1\n\n"), TABLE)
    assert table["value"].tolist() == [1.5]
    assert table["ratio"].isna().tolist() == [True]
    assert table["hit"].tolist() == [1]


def test_a_header_alone_is_an_empty_table(tmp_path):
    assert len(read_table(written(tmp_path, "t.csv", HEADER), TABLE)) == 0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a,stock,1,,1\nb,stok,1,,1\n", 'row 3: kind is "stok"; allowed: stock, flow. Did you mean "stock"?'),
        ("a,stock,-1,,1\n", 'row 2: value is "-1.0"; allowed: 0 or more'),
        ("a,stock,nan,,1\n", 'row 2: value is "nan"'),
        ("a,stock,inf,,1\n", 'row 2: value is "inf"'),
        ("a,stock,,,1\n", "row 2: value is empty"),
        ("a,stock,1.6万,,1\n", "1.6万"),
        ('a,stock,"1,526",,1\n', "without unit or commas"),
        ("a,stock,1,,1.5\n", "row 2: hit is"),
        ("a,stock,1\n", "row 2: has 3 cells, the header has 5"),
        ('a,"sto"ck,1,,1\n', "not valid CSV"),
        ("a," + "b" * 200_000 + ",1,,1\n", "not valid CSV"),
    ],
)
def test_bad_rows_are_named(tmp_path, body, expected):
    assert expected in table_complaint(tmp_path, body)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("region,kind,vaule,ratio,hit\n", 'unknown column "vaule". Did you mean "value"?'),
        ("region,kind,value,hit\n", 'column "ratio" is missing'),
        ("region,kind,value,value,hit\n", "twice"),
        ("", 'column "region" is missing'),
    ],
)
def test_bad_headers_are_named(tmp_path, header, expected):
    assert expected in table_complaint(tmp_path, "", header)


def test_repeated_rows_are_refused_by_the_later_row(tmp_path):
    path = written(tmp_path, "t.csv", HEADER + "a,stock,1,,1\nb,stock,1,,1\na,stock,1,,1\n")
    assert "row 4" in complaint(refuse_duplicates, read_table(path, TABLE), list(TABLE.columns), path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path, raw):
    path = written(tmp_path, "any", raw)
    for read in (toml.read_toml, lambda p: read_table(p, TABLE), lambda p: toml.read_model(p, Outer)):
        try:
            read(path)
        except InputError as error:
            if "\n" in str(error):
                pytest.fail("a complaint of several lines")


# --- what is dear is refused before it is parsed


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (".".join("a" * 20_000) + " = 1", "line 1: more than 8 parts of a key"),
        ("\n\n" + "a." * 17 + "b = 1", "line 3: more than 8 parts"),
        ("".join(f"[a{i}]\n" for i in range(1001)), "line 1001: more than 1,000 tables"),
        ("x = " + "[" * 50_000, "line 1: more than 10 brackets within brackets"),
        ("x = " + "{a = " * 30_000, "more than 10 brackets"),
    ],
)
def test_toml_that_would_keep_the_parser_busy_is_refused(tmp_path, made, said):
    assert said in complaint(toml.read_toml, written(tmp_path, "a.toml", made))


@pytest.mark.parametrize(
    "made",
    [
        'a = "' + "." * 100 + '"',
        "a = '''\n" + "[[[[" * 30 + "\n'''",
        'a = """\n\\""" ' + "[" * 40 + '"""',
        "# " + "[." * 100,
        "a = [" + "1.5, " * 100 + "]",
        "\n".join(f"[[a]]\nb = {i}.5" for i in range(900)),
        'a = "\\"' + "." * 40 + '"',
    ],
)
def test_dots_and_brackets_in_strings_and_comments_cost_nothing(tmp_path, made):
    assert toml.read_toml(written(tmp_path, "a.toml", made)) is not None


def test_a_table_that_excel_has_saved_is_read(tmp_path):
    """Empty columns on the right, a blank line in the middle, and the rows still have their numbers."""
    saved = "region,kind,value,ratio,hit,,\nx,stock,1,,1,,\n,,,,,,\ny,flow,2,,0,,\n"
    table = read_table(written(tmp_path, "a.csv", saved), TABLE)
    assert table.region.tolist() == ["x", "y"] and table.value.tolist() == [1.0, 2.0]
    assert "row 4" in complaint(read_table, written(tmp_path, "b.csv", saved.replace("flow,2", "flow,z")), TABLE)


@pytest.mark.parametrize(
    ("made", "said"), [("[" * 100_000, "more than 20 brackets within brackets"), ('{"a": ', "not valid JSON"), ("[1]", "not a JSON object"), ("{'a'}", "JSON")]
)
def test_json_that_is_none_is_refused(tmp_path, made, said):
    assert said in complaint(read_json, written(tmp_path, "a.json", made))


def test_the_same_letters_are_the_same_text_whoever_saved_them(tmp_path):
    words = 'title = "加倍种子基金"\n'
    saved = [words.encode("utf8"), words.encode("utf-8-sig"), words.encode("gbk"), words.replace("\n", "\r\n").encode("utf8")]
    assert {text.read_text(written(tmp_path, "a.toml", raw)) for raw in saved} == {words}


@given(st.text(max_size=30))
def test_whatever_is_written_as_toml_is_read_back_the_same(words):
    words = words.encode("utf8", "ignore").decode("utf8")  # halves of surrogate pairs are no text
    made = f"{toml.toml_key(words)} = {toml.toml_text(words)}\n"
    assert tomllib.loads(made) == {words: words}

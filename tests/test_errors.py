import pickle

from digest.errors import InvalidInput, OutsideFailure, Problem, Refused, UnfitText, printable


def problem(
    path: str = "items/x.yaml", line: int = 12, column: int = 3, message: str = "the kind 'x' is unknown"
) -> Problem:
    return Problem(path, line, column, "error", message, "Did you mean 'y'?")


def test_a_problem_reads_as_compilers_write_it() -> None:
    assert str(problem()) == "items/x.yaml:12:3: error: the kind 'x' is unknown. Did you mean 'y'?"


def test_a_problem_of_a_whole_file_names_no_line() -> None:
    assert str(problem(line=0, column=0)).startswith("items/x.yaml: error: ")


def test_a_problem_is_one_line_whatever_the_file_is_called() -> None:
    shown = str(problem(path="items/a\nb\x1b[2J\udce9.yaml", message="the text 'x\u202e' is odd"))

    assert shown == r"items/a\nb\x1b[2J\udce9.yaml:12:3: error: the text 'x\u202e' is odd. Did you mean 'y'?"


def test_words_of_every_script_stay_as_they_are() -> None:
    assert printable("“Libertad” — свобода 自由 حرية 🕯") == "“Libertad” — свобода 自由 حرية 🕯"


def test_invalid_input_lists_its_problems_in_the_order_of_files_and_lines() -> None:
    error = InvalidInput([problem(line=20), problem("config.yaml"), problem(line=3)])

    assert [line.split(": ")[0] for line in str(error).splitlines()] == [
        "config.yaml:12:3",
        "items/x.yaml:3:3",
        "items/x.yaml:20:3",
    ]


def test_what_was_wrong_and_what_failed_have_exit_codes_of_their_own() -> None:
    assert [InvalidInput.exit_code, Refused.exit_code, OutsideFailure.exit_code] == [1, 1, 3]


def test_errors_say_the_remedy_behind_the_message() -> None:
    assert str(Refused("the edition is sent", "Compose a correction.")) == "the edition is sent. Compose a correction."
    assert str(UnfitText("'x' is not a time", "Write it like 09:00.")) == "'x' is not a time. Write it like 09:00."


def test_errors_travel_between_processes() -> None:
    for error in (OutsideFailure("the disk is full", "Make room."), InvalidInput([problem()])):
        arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - as multiprocessing does it
        assert (type(arrived), str(arrived)) == (type(error), str(error))

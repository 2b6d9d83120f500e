"""The secret behind the hidden cases is kept once, before anything is graded with it, and for its owner alone."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import numpy as np
import pytest

from grader.errors import HostError, UsageError
from grader.secret import FILE, chosen, digest, from_options, generator, kept


def test_a_seed_is_a_secret_of_its_own_and_no_option_is_none() -> None:
    assert from_options(None, None) is None
    assert len({from_options(seed, None) for seed in (-1, 0, 1, 10**30)}) == 4


def test_the_text_of_a_file_counts_without_white_space_around_it(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("\n tulip and rose \n")
    assert from_options(None, path) == "tulip and rose"


@pytest.mark.parametrize("content", [b"", b" \n\t", b"\xff\xfe\xfd"])
def test_a_file_without_text_is_a_wrong_call(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"secret\.txt"):
        from_options(None, path)


def test_a_file_that_is_not_there_and_two_options_are_wrong_calls(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        from_options(None, tmp_path / "none")
    with pytest.raises(UsageError, match="both"):
        from_options(1, tmp_path / "none")


def test_without_a_given_one_a_random_secret_is_made_once_and_then_kept(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = kept(tmp_path, None)
    assert kept(tmp_path, None) == first
    assert len(bytes.fromhex(first)) == 32
    assert kept(tmp_path / "other", None) != first


def test_a_given_secret_replaces_the_kept_one(tmp_path: Path) -> None:
    kept(tmp_path, None)
    assert kept(tmp_path, "tulip") == "tulip"
    assert kept(tmp_path, None) == "tulip"


def test_a_secret_that_is_only_looked_up_is_the_one_that_would_be_kept_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    assert len({chosen(tmp_path, None), chosen(tmp_path, None)}) == 2  # random, and not kept
    assert list(tmp_path.iterdir()) == []
    kept(tmp_path, "tulip")
    assert (chosen(tmp_path, None), chosen(tmp_path, "rose")) == ("tulip", "rose")
    assert kept(tmp_path, None) == "tulip"


def test_it_is_readable_by_its_owner_alone_and_no_other_file_is_left(tmp_path: Path) -> None:
    kept(tmp_path, "tulip")
    (path,) = tmp_path.iterdir()
    assert path.name == FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_was_cut_off_leaves_the_earlier_secret(tmp_path: Path) -> None:
    """What a crash can leave is the temporary file; it is not taken for the secret."""
    kept(tmp_path, "tulip")
    (tmp_path / f"{FILE}.new").write_text("tu")
    assert kept(tmp_path, None) == "tulip"


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_secret_that_cannot_be_read_is_a_matter_of_the_machine_and_is_never_replaced(
    tmp_path: Path, content: bytes | None
) -> None:
    """Bytes that are no text, or a folder in its place: a new secret would change every grade."""
    if content is None:
        (tmp_path / FILE).mkdir()
    else:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(HostError, match="secret"):
        kept(tmp_path, None)
    assert (tmp_path / FILE).is_dir() or (tmp_path / FILE).read_bytes() == content


def test_a_folder_that_is_none_is_a_matter_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HostError):
        kept(tmp_path / "file", None)


def test_the_digest_is_sha_256_of_the_text() -> None:
    assert digest("tulip") == hashlib.sha256(b"tulip").hexdigest()


def test_equal_secrets_draw_equal_numbers_and_others_do_not() -> None:
    draws = [generator(secret).random(4) for secret in ("tulip", "tulip", "tulip ")]
    assert np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_the_digest_in_results_does_not_give_the_generator_away() -> None:
    """It is another hash than the one that seeds it."""
    seeded = np.random.default_rng(int(digest("tulip"), 16)).random(4)
    assert not np.array_equal(generator("tulip").random(4), seeded)

import pytest

from mnist_study.data import sharpies
from mnist_study.data.files import CorruptDataError, MissingDataError


def test_photos_that_are_nowhere_partly_there_or_foreign_are_told(home, monkeypatch):
    monkeypatch.setattr(sharpies, "REPOSITORY", "http://127.0.0.1:9/")
    for _ in range(2):  # a download that broke off leaves folders behind, and is simply tried again
        with pytest.raises(MissingDataError, match=r"0.JPG is not on this machine and no mirror served it"):
            sharpies.load_photos()
    with pytest.raises(MissingDataError, match="gabe, philip, sydney, formatted"):
        sharpies.load_photos(download=False)
    own = home / "mine"
    (own / "gabe").mkdir(parents=True)
    (own / "gabe" / "0.jpg").write_bytes(b"x")
    with pytest.raises(CorruptDataError, match="only a part of the report's photos: gabe/1 is missing"):
        sharpies.load_photos(own)
    for folder, (_, suffix, digits) in sharpies.FOLDERS.items():
        (own / folder).mkdir(parents=True, exist_ok=True)
        for digit in digits:
            (own / folder / f"{digit}.{suffix.lower()}").write_bytes(b"x")
    with pytest.raises(CorruptDataError, match="the report's 49 pictures"):
        sharpies.load_photos(own)

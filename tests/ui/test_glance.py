"""Within one glance each thing is asked once, outside of it every time."""

from portal.ui.glance import glance, seen_once


def test_each_thing_is_asked_once_within_a_glance() -> None:
    asked: list[str] = []

    def look(what: str) -> str:
        asked.append(what)
        return what.upper()

    def see(what: str) -> str:
        return seen_once(what, lambda: look(what))

    assert [see("a"), see("a")] == ["A", "A"]
    with glance():
        assert [see("a"), see("b"), see("a")] == ["A", "B", "A"]
        with glance():
            assert see("a") == "A"
    assert asked == ["a", "a", "a", "b"]
    with glance():
        see("a")
    assert asked == ["a", "a", "a", "b", "a"]

"""The widget under the strictest content security policy, beside the real service."""

from tests.browser.conftest import Visits


def test_the_policy_of_the_tests_blocks_and_tells_what_it_blocks(visit: Visits) -> None:
    seen = visit("<script>alert(1)</script><p id=here style='color: red'>Text</p>")
    seen.page.evaluate("() => { try { here.innerHTML = '<b>' } catch { /* as it should be */ } }")
    seen.settle()
    assert [violation.split()[0] for violation in seen.violations] == [
        "script-src-elem",
        "style-src-attr",
        "require-trusted-types-for",
    ]
    assert set(seen.violations) < set(seen.wrong())
    assert not seen.dialogs

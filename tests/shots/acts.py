"""What is done on a page before its picture: fields filled, buttons pressed, folds opened."""

from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page

from challenge.accounts.models import User
from challenge.care.actions import close_flag
from challenge.care.models import Flag

Act = Callable[[Page], None]
OWN_RULES_OFF = "document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })"
FOLDS_OPEN = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"


def opening_all(page: Page) -> None:
    page.evaluate(FOLDS_OPEN)


def pressing(words: str) -> Act:
    """Press the page's first button with the text `words`, or its first button if there are none."""

    def act(page: Page) -> None:
        page.evaluate(FOLDS_OPEN)
        buttons = page.locator("main, #content").get_by_role("button", name=words or None)
        with page.expect_navigation(wait_until="load"):
            buttons.first.click()

    return act


def sending(words: str, **values: str) -> Act:
    """Fills the named fields and sends their form; the browser's own checks are off, so that ours answer."""

    def act(page: Page) -> None:
        page.evaluate(OWN_RULES_OFF)
        page.evaluate(FOLDS_OPEN)
        for name, value in values.items():
            one = page.locator(f"main [name='{name}']:not([type=hidden])")
            if one.first.evaluate("field => field.tagName") == "SELECT":
                one.first.select_option(value)
            elif one.first.get_attribute("type") == "radio":
                page.locator(f"main [name='{name}'][value='{value}']").check(force=True)
            else:
                one.first.fill(value)
        pressing(words)(page)

    return act


def refused(words: str) -> Act:
    """Sends a form as it is, so that it comes back with its errors."""
    return sending(words)


def closing_what_is_closed(page: Page) -> None:
    """Closes a flag that a colleague has closed since the page was opened."""
    address = page.locator("#flags form[action*='/close/']").first.get_attribute("action")
    assert address is not None
    flag = Flag.objects.get(pk=address.strip("/").split("/")[-2])
    colleague = User.objects.get(email="owner@demo.test")
    close_flag(flag=flag, note="Talked it through on the phone.", by=colleague, at=timezone.now())
    sending("Close the flag", found="muscle", holds_now="runs_short", note="The calf is calm again.")(page)

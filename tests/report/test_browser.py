"""The page in Chromium, from a file and without a network: what a reader sees and clicks."""

import shutil

import pytest

from tests.report.pages import page_of, two_methods

pytestmark = pytest.mark.browser

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
EVIL = "<img src=x onerror=document.title='evil'>"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        # As root, which containers often are, Chromium starts in no other way.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    page_of([two_methods(folder / "runs", tasks=("a", EVIL))], folder / "page.html", title=EVIL)
    return folder / "page.html"


@pytest.fixture
def open_page(browser, path):
    """Opens the page; at the end there must have been no error and no request."""
    contexts, troubles = [], []

    def open_it(**options):
        context = browser.new_context(offline=True, **{"viewport": LAPTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request", lambda request: request.url == path.as_uri() or troubles.append(request.url)
        )
        page.goto(path.as_uri())
        page.wait_for_selector("#curves-0 .legend")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert troubles == []


def drawn(page):
    """Names of the curves' traces -> their last value, and whether one sees them."""
    return page.evaluate(
        """() => document.querySelector("#curves-0 .canvas")._fullData.map((trace) => ({
            name: trace.name, box: trace.meta?.box,
            seen: trace.visible === true && trace.opacity > 0,
            last: trace.y === undefined ? null : trace.y[trace.y.length - 1]}))"""
    )


def seen(page):
    return {trace["name"] for trace in drawn(page) if trace["seen"]}


def mean_of(page, name):
    (value,) = [each["last"] for each in drawn(page) if each["name"] == name and not each["box"]]
    return value


def test_a_method_is_switched_off_and_stays_so(open_page):
    page = open_page()
    assert {"dnc_sac (3 seeds)", "qmp_dnc (3 seeds)", "qmp_dnc, seed 2"} <= seen(page)
    toggles = page.locator("#curves-0 .legendtoggle")
    assert toggles.count() == 2
    toggles.nth(1).click()
    # A single click waits whether it becomes a double one.
    page.wait_for_function(
        """() => document.querySelector("#curves-0 .canvas")._fullData.some(
            (trace) => trace.visible === "legendonly")"""
    )
    left = seen(page)
    assert {name.split(",")[0].split(" ")[0] for name in left} == {"dnc_sac"}
    page.select_option("#curves-0 select >> nth=2", "1")
    assert seen(page) == left


def test_a_task_a_measure_and_the_mixture_are_chosen(open_page):
    page = open_page()
    name = "qmp_dnc (3 seeds)"
    own = mean_of(page, name)
    page.select_option("#curves-0 select >> nth=2", "2")
    of_a_task = mean_of(page, name)
    assert of_a_task != own
    page.select_option("#curves-0 select >> nth=0", label="average return")
    assert mean_of(page, name) < 0
    assert page.locator("#curves-0 .ytitle").text_content() == "average return"
    page.select_option("#curves-0 select >> nth=0", "0")
    page.select_option("#curves-0 select >> nth=1", label="the mixture acting")
    assert mean_of(page, name) not in (own, of_a_task)
    assert page.locator("#curves-0 .said").text_content() == "Without numbers here: dnc_sac."


def test_seeds_and_intervals_are_shown_or_not(open_page):
    page = open_page()
    before = seen(page)
    page.uncheck("#curves-0 input[value='seed 2']")
    assert before - seen(page) == {"dnc_sac, seed 2", "qmp_dnc, seed 2"}
    n_seen = sum(trace["seen"] for trace in drawn(page))
    page.uncheck("#curves-0 input[value='95 % intervals']")
    assert sum(trace["seen"] for trace in drawn(page)) == n_seen - 2


def test_hovering_says_the_interval(open_page):
    page = open_page()
    box = page.locator("#curves-0 .nsewdrag").bounding_box()
    # The last evaluation is at 4,000 of 4,080 env steps on the axis.
    x = box["x"] + box["width"] * 4000 / 4080
    texts = []
    for share in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
        page.mouse.move(x, box["y"] + box["height"] * share)
        page.wait_for_timeout(100)
        texts += page.locator("#curves-0 .hovertext").all_text_contents()
    assert any("at 4,000 env steps" in text and "[" in text for text in texts), texts


def test_the_slider_goes_through_training(open_page):
    page = open_page()
    words = page.locator("#behaviour-0 .said")
    assert "around 1,075 env steps" in words.text_content()
    page.locator("#behaviour-0 input[type=range]").press("End")
    assert "around 3,925 env steps" in words.text_content()


def luminance(colour):
    return sum(float(part) for part in colour.strip("rgba()").split(",")[:3]) / 3


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_light_and_dark(open_page, scheme, is_dark):
    page = open_page(color_scheme=scheme)
    look = """() => ({paper: getComputedStyle(document.body).backgroundColor,
        ink: getComputedStyle(document.querySelector("#curves-0 .legendtext")).fill})"""
    colours = page.evaluate(look)
    assert (luminance(colours["paper"]) < 60) == is_dark
    assert (luminance(colours["ink"]) > 200) == is_dark
    # Paper is white whatever the screen was.
    page.emulate_media(media="print", color_scheme=scheme)
    page.wait_for_function("() => document.documentElement.dataset.print !== undefined")
    colours = page.evaluate(look)
    assert luminance(colours["paper"]) == 255
    assert luminance(colours["ink"]) < 60
    page.emulate_media(media="screen", color_scheme="light" if is_dark else "dark")
    page.wait_for_function("() => document.documentElement.dataset.print === undefined")
    assert (luminance(page.evaluate(look)["ink"]) > 200) != is_dark


def test_a_phone_needs_no_scrolling_sideways(open_page):
    page = open_page(viewport=PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    for figure in ("#curves-0", "#behaviour-0"):
        box = page.locator(f"{figure} .main-svg >> nth=0").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]


def test_names_run_no_script_and_look_as_they_are(open_page):
    page = open_page()
    assert page.title() == EVIL
    assert page.locator("h1").text_content() == EVIL
    ticks = page.locator("#behaviour-0 .ytick").all_text_contents()
    assert {text for text in ticks if text} == {"a", EVIL}


def test_a_script_that_got_in_would_not_run(browser, path, tmp_path):
    """The page's policy allows its own two scripts alone."""
    changed = tmp_path / "changed.html"
    changed.write_text(
        path.read_text().replace("<main>", "<main><script>document.title = 'in'</script>")
    )
    page = browser.new_page()
    page.goto(changed.as_uri())
    page.wait_for_selector("#curves-0 .legend")
    assert page.title() != "in"
    page.close()

"""Services are told what is new, each in its own form, once, and without a word of their addresses.

Apprise itself is in between; behind it are stand-ins for three services, and a real mail server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from daily_papers.errors import InputError
from daily_papers.memory import datafile
from daily_papers.memory.notices import Notice
from daily_papers.notify.services import (
    Service,
    ServiceError,
    mark_of,
    open_services,
    secrets_of,
)
from daily_papers.papers import Paper, SortBy
from daily_papers.views import digest_html, digest_text
from daily_papers.views.digest import Digest, Places, compose
from tests.hub import DATA_FILE, GRAPHS, TIME, World, world_with
from tests.standins import github_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.server import with_status
from tests.standins.services import (
    DISCORD,
    SLACK,
    TELEGRAM,
    MailStandIn,
    ServicesStandIn,
    ids_in,
)
from tests.support import NOW, Result, entry, paper, run_main
from tests.test_digest import announcement, ids, many, snapshot_of
from tests.test_notify import warnings

pytestmark = pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS",  # on loopback
    "ignore:Session.login_data is deprecated",  # by aiosmtpd, which sets it itself
)

OWNER = "octo/papers:daily-papers"
PLACES = Places(page="https://github.example/page", feed="https://github.example/feed.xml")
HOSTILE = (
    "<!channel> <!here|x> <@U024BE7LH> <#C024BE7LR> &lt;!everyone&gt;",
    "@everyone @here <@&165511591545143296> @channel @room @**all**",
    '</a><script>alert(1)</script><b onclick="x">b</b> &amp; &#64;everyone',
    "**bold** _it_ ~~no~~ `code` [x](https://evil.example) ![i](https://evil.example/i.png)",
    "# heading > quote - item 1. one + two | cell ||spoiler||",
    '<at user_id="all">all</at> \\[x\\] \\ \\\\ *_`[',
)


@pytest.fixture
def services() -> Iterator[ServicesStandIn]:
    with ServicesStandIn() as standin:
        yield standin


@pytest.fixture
def mail() -> Iterator[MailStandIn]:
    with MailStandIn().serving() as standin:
        yield standin


def digest_of(
    papers: list[Paper], *, limit: int = 100, new: dict[str, tuple[str, ...]] | None = None
) -> Digest:
    notice = announcement(new or {"Graphs": tuple(one.arxiv_id for one in papers)})
    return compose(notice, snapshot_of(papers), limit=limit)


def opened(address: str) -> Service:
    (service,) = open_services([address], owner=OWNER)
    return service


# --- Forms


def test_each_service_is_told_in_its_own_form(services: ServicesStandIn, mail: MailStandIn) -> None:
    digest = digest_of([paper(ids(1)[0], title="Graphs & $x_1$")])
    for address in (SLACK, DISCORD, TELEGRAM, mail.address):
        opened(address).send(digest, PLACES)
    link = "https://arxiv.org/abs/2509.00001v1"
    assert f"*<{link}|Graphs &amp; x₁>*" in services.told["slack"][0]
    assert f"**[Graphs & x₁]({link})**" in services.told["discord"][0]
    assert services.told["discord"][0].startswith(digest.title)
    assert f'<b><a href="{link}">Graphs &amp; x₁</a></b>' in services.told["telegram"][0]
    assert services.told["telegram"][0].startswith(f"<b>{digest.title}</b>")
    for text in filter(None, services.told.values()):
        assert "Ada Example, Bob Example · cs.LG · arXiv:2509.00001 · 12 pages" in text[0]
        assert PLACES.feed in text[0]
    (message,) = mail.mails
    assert message["Subject"] == digest.title
    assert message["To"] == "group@example.org"
    plain, rich = (part.get_content() for part in message.iter_parts())
    assert "arXiv:2509.00001" in plain
    assert PLACES.page in plain
    assert f'<a href="{link}">Graphs &amp; x₁</a>' in rich


def test_messages_are_ours_alone(services: ServicesStandIn, mail: MailStandIn) -> None:
    for address in (SLACK, DISCORD, TELEGRAM, mail.address):
        opened(address).send(digest_of(many(1)), PLACES)
    (discord,) = services.payloads["discord"]
    assert discord["flags"] == 4  # no preview of each link
    assert "apprise" not in str(services.payloads).lower()
    assert "apprise" not in mail.mails[0].as_string().lower()


def test_the_user_chooses_another_form(services: ServicesStandIn) -> None:
    opened(f"{SLACK}?format=text").send(digest_of(many(1)), PLACES)
    assert "https://arxiv.org/abs/2509.00000v1\n" in services.told["slack"][0]
    assert "*" not in services.told["slack"][0]


@pytest.mark.parametrize("name,most", [("slack", 35_000), ("discord", 2_000), ("telegram", 4_096)])
def test_a_long_digest_is_cut_to_the_limit_by_whole_papers(
    services: ServicesStandIn, name: str, most: int
) -> None:
    address = {"slack": SLACK, "discord": DISCORD, "telegram": TELEGRAM}[name]
    opened(address).send(digest_of(many(300), limit=300), PLACES)
    (text,) = services.told[name]
    shown = ids_in(text)
    assert most * 3 / 4 < len(text) <= most
    assert shown == list(reversed(ids(*range(300 - len(shown), 300))))
    assert f"and {300 - len(shown)} more" in text


def test_where_not_one_paper_fits_they_are_counted() -> None:
    service = opened("json://127.0.0.1:9")
    service.plugin.body_maxlen = 100
    with pytest.raises(ServiceError):  # Nobody is there, but a message could be made.
        service.send(digest_of(many(3)), Places())


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_are_shown_and_do_nothing(
    services: ServicesStandIn, mail: MailStandIn, hostile: str
) -> None:
    strange = paper(
        ids(1)[0], title=hostile, summary=f"{hostile}. We.", comment=hostile, authors=(hostile,)
    )
    digest = digest_of([strange], new={hostile: ids(1)})
    for address in (SLACK, DISCORD, TELEGRAM, mail.address, f"{DISCORD}?format=text"):
        opened(address).send(digest, PLACES)
    slack, telegram = services.told["slack"][0], services.told["telegram"][0]
    ours = re.compile(r"<https://(?:arxiv\.org/abs/2509\.00001v1|github\.example/[a-z.]+)\|[^<>]*>")
    assert not re.search("[<>]", ours.sub("", slack))
    for text in (slack, telegram, *services.told["discord"]):
        assert not re.search(r"@\w|@&|@\*|<[@!#]|<at", text)
    links = re.findall(r'href="([^"]*)"', telegram)
    assert set(links) == {"https://arxiv.org/abs/2509.00001v1", PLACES.page, PLACES.feed}
    (rich,) = (
        part.get_content()
        for part in mail.mails[0].walk()
        if part.get_content_type() == "text/html"
    )
    page = html.document_fromstring(rich)
    assert not page.xpath("//script | //img | //style | //link | //@onclick")
    assert set(page.xpath("//@href")) == set(links)


def test_nothing_gets_into_the_headers_of_a_mail(mail: MailStandIn) -> None:
    evil = "New\r\nBcc: victim@example.org\r\n\r\nbody"
    digest = replace(digest_of(many(1)), title=evil)
    opened(mail.address).send(digest, PLACES)
    (message,), (envelope,) = mail.mails, mail.envelopes
    assert message["Bcc"] is None
    assert message["Subject"] == "New Bcc: victim@example.org body"
    assert envelope.rcpt_tos == ["group@example.org"]


TEXTS = st.text(st.sampled_from("ab <>@&#*_`~[]()|!\\-+=1.:;\"'$\u202e\u200b\né")) | st.text()


@given(TEXTS)
def test_markdown_and_html_show_every_title_as_it_is_read(title: str) -> None:
    digest = digest_of([paper(ids(1)[0], title=title)])
    expected = " ".join((digest_text.words(title) or ids(1)[0]).split())
    page = html.document_fromstring(digest_html.document(digest, PLACES))
    (shown,) = page.xpath("//strong")
    assert " ".join(shown.text_content().split()) == expected
    rendered = cmarkgfm.github_flavored_markdown_to_html(digest_text.markdown(digest, PLACES))
    (link,) = html.fragment_fromstring(rendered, create_parent=True).xpath("//li/strong/a")
    assert " ".join(link.text_content().split()) == expected


def test_a_weekly_digest_of_many_is_whole_as_a_mail(mail: MailStandIn) -> None:
    papers = many(300)
    new = {f"Topic {number}": ids(*range(60 * number, 60 * number + 60)) for number in range(5)}
    digest = compose(announcement(new), snapshot_of(papers), limit=15)
    opened(mail.address).send(digest, PLACES)
    plain = next(mail.mails[0].iter_parts()).get_content()
    assert len(ids_in(plain)) == 5 * 15
    assert plain.count("and 45 more") == 5


# --- Addresses


def test_an_address_that_apprise_does_not_take_is_named_by_its_line() -> None:
    with pytest.raises(InputError) as caught:
        open_services([SLACK, "slack://secret-T0ken", "nothing://s3cret@x"], owner=OWNER)
    assert "line 2 is not an address" in str(caught.value)
    assert "line 3 is not an address" in str(caught.value)
    assert not re.search("secret|s3cret", str(caught.value))


def test_a_mark_names_a_place_and_not_its_password() -> None:
    address = "mailto://user:one@example.org?to=a@example.org"
    mark = mark_of(address, OWNER)
    assert re.fullmatch("[0-9a-f]{8}", mark)
    same = ("mailto://user:two@example.org?to=a@example.org&format=text", f"{address}&rto=9")
    assert {mark_of(one, OWNER) for one in same} == {mark}
    others = (address.replace("to=a", "to=b"), address.replace("user", "me"), SLACK, TELEGRAM)
    assert mark not in {mark_of(one, OWNER) for one in others}
    assert mark_of(address, "somebody/papers:daily-papers") != mark


def test_an_address_that_is_there_twice_is_told_once() -> None:
    assert len(open_services([SLACK, f"{SLACK}/", DISCORD], owner=OWNER)) == 2


@pytest.mark.parametrize(
    "address,secrets,harmless",
    [
        (SLACK, {"T1JJ3T3L2", "A1BRTD4JD", "TIiajkdnlazkcOXrIdevi7FQ"}, {"slack"}),
        (
            "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
            {"T1JJ3T3L2", "TIiajkdnlazkcOXrIdevi7FQ"},
            {"services", "hooks.slack.com"},
        ),
        ("mailto://user:pass%40word@example.org", {"pass%40word", "pass@word", "user"}, {"mailto"}),
        ("json://x/?token=abcDEF123", {"abcDEF123"}, {"token"}),
    ],
)
def test_what_is_secret_in_an_address(address: str, secrets: set[str], harmless: set[str]) -> None:
    found = secrets_of(address)
    assert address in found
    assert secrets <= set(found)
    assert harmless.isdisjoint(found)


# --- Runs


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {}, entries=map(entry, range(5))) as world:
        world.inputs |= {
            "keywords": f"{GRAPHS}\n{TIME}",
            "notify_services": f"{SLACK}\n{TELEGRAM}",
        }
        yield world


def notices(world: World) -> tuple[Notice, ...]:
    data = world.github.repository.read("main", DATA_FILE) or b""
    today = world.clock.now().date()
    return datafile.decode(data, "daily-papers", SortBy.UPDATED, today=today).notices


def messages(world: World) -> list[str]:
    return [commit.message.partition("\n")[0] for commit in world.github.repository.log("main")]


def test_services_are_told_besides_the_issue_and_that_is_recorded(
    world: World, services: ServicesStandIn
) -> None:
    result = world.run()
    assert (len(services.told["slack"]), len(services.told["telegram"])) == (1, 1)
    assert "Welcome!" in services.told["slack"][0]
    assert "Told Slack (line 1 of notify-services): Daily Papers: welcome" in result.log
    assert messages(world)[0] == "Record what was told"
    (notice,) = notices(world)
    assert notice.told == tuple(sorted([mark_of(SLACK, OWNER), mark_of(TELEGRAM, OWNER), "issue"]))
    head = world.head
    world.tomorrow()
    assert world.head == head
    world.tomorrow(TIME)
    assert len(world.issues) == 2
    assert len(services.told["slack"]) == 2
    assert ids_in(services.told["slack"][1]) == [world.arxiv.entries[-1].arxiv_id]
    world.run()
    world.tomorrow()
    assert (len(services.told["slack"]), len(services.told["telegram"])) == (2, 2)


@pytest.mark.parametrize("publish", ["commit", "local"])
def test_services_alone(world: World, services: ServicesStandIn, publish: str) -> None:
    world.inputs |= {"notify": "none", "publish": publish}
    world.run()
    fresh = [world.tomorrow(TIME) and world.arxiv.entries[-1].arxiv_id for _ in range(2)]
    world.tomorrow()
    assert len(world.issues) == 0
    for told in (services.told["slack"], services.told["telegram"]):
        assert [ids_in(text) for text in told[1:]] == [[one] for one in fresh]


def test_a_service_that_was_down_is_told_later_of_all_in_one(
    world: World, services: ServicesStandIn
) -> None:
    world.run()
    services.down.add("slack")
    missed = []
    for _ in range(3):
        (warning,) = warnings(world.tomorrow(TIME))
        assert (
            "Slack (line 1 of notify-services) was not told of what is new; the next run tries "
            "again: it answered with status 503" in warning
        )
        missed.append(world.arxiv.entries[-1].arxiv_id)
    assert len(services.told["slack"]) == 1
    services.down.clear()
    assert warnings(world.tomorrow()) == []
    assert sorted(ids_in(services.told["slack"][1])) == missed
    assert len(services.told["telegram"]) == len(world.issues) == 4
    world.tomorrow()
    assert len(services.told["slack"]) == 2
    assert len(notices(world)) == 2  # until the next change
    world.tomorrow(TIME)
    assert len(notices(world)) == 1


def test_what_could_not_be_recorded_is_told_again(world: World, services: ServicesStandIn) -> None:
    world.run()
    refused = faults.refusal(403, "No", method="PATCH", path="/git/refs/")
    world.github.troubles.append(replace(refused, skip=1, times=9))
    result = world.tomorrow(TIME)
    assert result.exit_code == 0
    assert "could not be recorded; the next run tells them again" in warnings(result)[0]
    world.github.troubles.clear()
    world.run()
    world.run()
    assert [len(told) for told in services.told.values()] == [3, 0, 3, 0]
    assert len(world.issues) == 2


def test_ctrl_c_waits_for_the_record(
    world: World, services: ServicesStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    send = Service.send

    def send_or_stop(self: Service, digest: Digest, places: Places) -> None:
        if self.name.startswith("Telegram"):
            raise KeyboardInterrupt
        send(self, digest, places)

    with monkeypatch.context() as patched:
        patched.setattr(Service, "send", send_or_stop)
        assert world.tomorrow(TIME).exit_code == 130
    assert messages(world)[0] == "Record what was told"
    world.run()
    assert [len(services.told[name]) for name in ("slack", "telegram")] == [2, 2]


def test_a_pull_request_holds_the_record(world: World, services: ServicesStandIn) -> None:
    world.run()
    world.inputs["publish"] = "pull-request"
    result = world.tomorrow(TIME)
    assert result.outputs["pull-request-url"]
    assert len(services.told["slack"]) == 2
    (commit,) = world.github.repository.log("daily-papers/update")[:1]
    assert commit.message.startswith("docs: update daily papers")
    assert set(world.github.repository.paths("daily-papers/update")) >= {DATA_FILE, "README.md"}
    assert b"Time Series, Part" in (
        world.github.repository.read("daily-papers/update", "README.md") or b""
    )
    world.run()
    world.tomorrow()
    assert len(services.told["slack"]) == 2


@pytest.mark.parametrize("days,expected", [("mon", [7]), ("mon, thu", [3, 4])])
def test_a_rhythm_gathers_the_days_in_between(
    world: World, services: ServicesStandIn, days: str, expected: list[int]
) -> None:
    world.inputs["notify_days"] = days  # The first run is on a Friday.
    world.clock.moment = NOW + timedelta(days=3)
    world.run()
    assert len(services.told["slack"]) == len(world.issues) == 1
    for _ in range(7):
        world.tomorrow(TIME)
    found = [ids_in(text) for text in services.told["slack"][1:]]
    assert [len(some) for some in found] == expected
    assert len({one for some in found for one in some}) == 7
    titles = [issue["title"] for issue in world.issues.values()]
    last = (
        "4 new from 2025-10-10 to 2025-10-13"
        if len(expected) > 1
        else ("7 new from 2025-10-07 to 2025-10-13")
    )
    assert titles[-1] == f"Daily Papers: {last}"
    assert len(titles) == 1 + len(expected)


def test_what_waits_for_its_day_goes_out_on_a_day_without_news(
    world: World, services: ServicesStandIn
) -> None:
    world.inputs["notify_days"] = "mon"
    world.run()
    world.tomorrow(TIME)
    assert len(services.told["slack"]) == 1
    world.tomorrow()
    world.tomorrow()
    assert len(services.told["slack"]) == len(world.issues) == 2


def test_after_days_of_silence_readers_hear_of_it_once(
    world: World, services: ServicesStandIn
) -> None:
    world.run()
    for number in range(6):
        world.arxiv.faults.extend([with_status(500)] * 40)
        assert world.tomorrow().exit_code == 1
        world.arxiv.faults.clear()
        assert len(services.told["slack"]) == len(world.issues) == (2 if number >= 4 else 1)
    assert world.issues[2]["title"] == "Daily Papers: no answer from arXiv since 2025-10-04"
    assert "arXiv has given no usable answer since 2025-10-04" in services.told["slack"][1]
    world.tomorrow(TIME)
    assert len(services.told["slack"]) == len(world.issues) == 3


def test_a_plan_tells_nobody(world: World, services: ServicesStandIn) -> None:
    world.run(publish="plan")
    assert services.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/wrong",
        f"{SLACK}/bad channel name!",
        "mailto://papers:s3cret-Passw0rd@127.0.0.1:9?from=a@example.org&to=b@example.org",
        "json://user:s3cret-Passw0rd@127.0.0.1:9/T1JJ3T3L2",
        "discord://T1JJ3T3L2/s3cret-Passw0rd",
    ],
)
@pytest.mark.usefixtures("services")
def test_no_log_has_a_word_of_an_address(
    world: World, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    result = world.run(notify_services=address)
    secrets = ("T1JJ3T3L2", "A1BRTD4JD", "s3cret", "127.0.0.1:9")
    said = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    data = world.github.repository.read("main", DATA_FILE) or b""
    for text in (*said, result.summary, str(result.outputs), *capfd.readouterr(), data.decode()):
        assert not any(secret in text for secret in secrets)


def test_the_input_is_one_address_a_line(world: World) -> None:
    result = world.run(notify_services=f"{SLACK}\n\nT1JJ3T3L2", data_file="none")
    assert result.exit_code == 2
    assert "notify-services: line 2 is not an address such as slack://…" in result.log
    result = world.run(notify_services=SLACK, data_file="none", notify_days="mon, someday")
    assert "notify-services needs a data-file" in result.log
    assert "notify-days: 'someday' is not a day of the week" in result.log


# --- Files for later steps


def test_later_steps_get_the_digest(world: World) -> None:
    del world.inputs["notify_services"]
    outputs = world.run().outputs
    assert (outputs["digest-file"], outputs["digest-html-file"]) == ("", "")
    outputs = world.tomorrow("<b>Time Series</b> @everyone").outputs
    folder = world.folder / "workspace"
    text = (folder / outputs["digest-file"]).read_text()
    page = (folder / outputs["digest-html-file"]).read_text()
    number = world.arxiv.entries[-1].arxiv_id
    assert ids_in(text) == ids_in(page) == [number]
    assert "https://github.com/octo/papers/blob/main/README.md" in page
    assert (
        html.document_fromstring(page).findtext(".//title") == "Daily Papers: 1 new on 2025-10-04"
    )


def test_files_for_later_steps_are_not_written_through_a_link(world: World, tmp_path: Path) -> None:
    del world.inputs["notify_services"]
    world.run()
    folder = world.folder / "workspace/.daily-papers"
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    (folder / "digest.html").symlink_to(victim)
    result: Result = world.tomorrow(TIME)
    assert result.exit_code == 0
    assert victim.read_text() == "theirs"
    assert result.outputs["digest-html-file"] == ""
    assert result.outputs["digest-file"]
    assert "There is no file for the output digest-html-file" in warnings(result)[0]


def test_a_local_run_tells_services_without_github(
    tmp_path: Path, services: ServicesStandIn
) -> None:
    with ArxivStandIn([entry(1)]) as arxiv:
        for _ in range(2):
            result = run_main(
                tmp_path / "runner",
                environ={
                    "GITHUB_ACTIONS": "",
                    "GITHUB_WORKSPACE": str(tmp_path),
                    "INPUT_KEYWORDS": GRAPHS,
                    "INPUT_PUBLISH": "local",
                    "INPUT_NOTIFY-SERVICES": DISCORD,
                    "INPUT_ARXIV-URL": arxiv.url,
                    "INPUT_ANNOUNCEMENTS-URL": arxiv.announcements_url,
                },
            )
            assert result.exit_code == 0, result.log
    assert len(services.told["discord"]) == 1

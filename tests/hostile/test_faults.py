"""Servers below the portal fail: Redis forgets or is gone, PostgreSQL restarts, S3 is busy, slow, or breaks off."""

import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx
import pytest

from common.errors import DomainError
from config.env import load
from pacs.dicom.phantom import make_uid
from pacs.dimse.association import Association, ours
from pacs.dimse.pdu import Context
from tests.factories.portal import Portal
from tests.factories.studies import make_files
from tests.hostile import crashing, ledger
from tests.hostile.running import Running, hashes_of
from tests.pacs.dimse.running import listening
from tests.pacs.dimse.talking import CT, PLAIN, Device, uid_of
from tests.servers import deployment, redis
from tests.servers.faulty import Fault, Proxy, faulty
from tests.servers.postgres import Restartable, restartable
from tests.servers.process import free_port

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.postgres, pytest.mark.timeout(900)]

SLICES = 2
SEED = 20261002


@dataclass
class Servers:
    """What the portal stands on, each part in the hand of the test."""

    database: Restartable
    store: Proxy
    redis_port: int
    _broker: ExitStack

    def start_redis(self) -> None:
        program = redis.program()
        assert program is not None
        self._broker.enter_context(redis.redis(program, port=self.redis_port))

    def stop_redis(self) -> None:
        self._broker.close()


@contextmanager
def owned_servers() -> Iterator[Servers]:
    store = urlsplit(load().test_storage_url).query.partition("endpoint=")[2]
    with restartable() as database, faulty(store, seed=SEED) as proxy, ExitStack() as broker:
        servers = Servers(database, proxy, free_port(), broker)
        servers.start_redis()
        yield servers


def addresses_of(servers: Servers) -> dict[str, str]:
    """Return the variables of a deployment on these servers."""
    endpoint = f"endpoint={quote(servers.store.endpoint, safe=':/')}"
    shared = deployment.addresses()
    folders = {name: shared[name].partition("?")[0] for name in ("BITEWING_STORAGE_URL", "BITEWING_KEYRING_URL")}
    return {
        "BITEWING_DATABASE_URL": servers.database.addresses.app_url,
        "BITEWING_DATABASE_OWNER_URL": servers.database.addresses.owner_url,
        "BITEWING_DATABASE_PLATFORM_URL": servers.database.addresses.platform_url,
        "BITEWING_REDIS_URL": f"redis://127.0.0.1:{servers.redis_port}/0",
        **{name: f"{folder}?{endpoint}" for name, folder in folders.items()},
    }


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with owned_servers() as found:
        yield found


@pytest.fixture(scope="module")
def site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    portal = Portal(folder=tmp_path_factory.mktemp("portal"), addresses=addresses_of(servers))
    found = crashing.settle(portal)
    portal.start()
    yield found
    portal.stop()


@pytest.fixture(autouse=True)
def healthy(servers: Servers) -> Iterator[None]:
    yield
    servers.store.heal()


def seeds(name: str, count: int) -> list[str]:
    return [f"{name}-{number}" for number in range(count)]


def insist(site: Running, mine: Sequence[str]) -> list[httpx.Response]:
    """Store the studies of the seeds, each until it is acknowledged, four at once; return all answers on the way."""
    answers: list[httpx.Response] = []

    def store(seed: str) -> bool:
        answers.append(site.post(*make_files(seed, SLICES)))
        return answers[-1].status_code == 200

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda seed: crashing.becomes_true(lambda: store(seed)), mine))
    return answers


def assert_all_there(site: Running, mine: Sequence[str]) -> None:
    stored = {seed: site.hashes(make_uid(seed, "study")) for seed in mine}

    assert stored == {seed: hashes_of(seed, SLICES) for seed in mine}


def assert_refused_politely(answers: Sequence[httpx.Response]) -> None:
    """Whatever was not stored was refused as a part that does not answer, for programs."""
    refused = [answer for answer in answers if answer.status_code != 200]

    assert {answer.status_code for answer in refused} <= {503}
    assert {answer.headers["Content-Type"] for answer in refused} <= {"application/problem+json"}


def becomes_prepared(site: Running) -> bool:
    """Wait for the worker that runs all the time; what waits for later is due now."""
    ledger.run_out(site.portal)

    def is_done() -> bool:
        ledger.hasten(site.portal)
        return ledger.count_prepared(site.portal) == ledger.count_series(site.portal)

    return crashing.becomes_true(is_done, tasks=ledger.count_waiting(site.portal))


# --- Redis ------------------------------------------------------------------------------------------------------------


def test_uploads_need_no_redis_and_are_prepared_when_it_is_back(site: Running, servers: Servers) -> None:
    servers.stop_redis()
    answers = insist(site, seeds("no-redis", 4))
    servers.start_redis()

    assert [answer.status_code for answer in answers] == [200] * 4
    assert becomes_prepared(site)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-02")
def test_a_restart_of_postgresql_during_uploads_loses_nothing(site: Running, servers: Servers) -> None:
    answers = restart_during(site, servers, seeds("restart", 12))

    assert_refused_politely(answers)
    assert_all_there(site, seeds("restart", 12))
    assert becomes_prepared(site)


def test_without_postgresql_programs_and_people_are_told_to_wait(site: Running, servers: Servers) -> None:
    servers.database.stop()
    program, person = ask_both(site)
    servers.database.start()

    assert (program.status_code, program.headers["Content-Type"]) == (503, "application/problem+json")
    assert person.status_code == 503
    assert "wait a little and reload" in person.text
    assert crashing.becomes_true(lambda: [answer.status_code for answer in ask_both(site)] == [200, 200])


def restart_during(site: Running, servers: Servers, mine: Sequence[str]) -> list[httpx.Response]:
    restarting = threading.Timer(0.3, servers.database.restart)
    restarting.start()
    answers = insist(site, mine)
    restarting.join()
    return answers


def ask_both(site: Running) -> tuple[httpx.Response, httpx.Response]:
    """Search as a program does, and open the portal as somebody does who was signed in once."""
    with site.client() as program, httpx.Client(base_url=site.portal.url, timeout=60) as person:
        asked = [(program, "/dicom-web/studies", {}), (person, "/sign-in/", {"Cookie": f"bitewing={'a' * 32}"})]
        with ThreadPoolExecutor(2) as pool:
            answers = [pool.submit(client.get, path, headers=headers) for client, path, headers in asked]
        return answers[0].result(), answers[1].result()


# --- S3 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-02")
def test_a_store_that_fails_in_every_way_loses_and_garbles_nothing(site: Running, servers: Servers) -> None:
    assert_survives(site, servers.store, "faulty", least=12, share=0.3)
    assert ledger.judge(site.portal) == ledger.NOTHING


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_a_store_that_fails_in_every_way_for_long_loses_and_garbles_nothing(site: Running, servers: Servers) -> None:
    assert_survives(site, servers.store, "faulty-long", least=1000, share=0.4)
    assert ledger.judge(site.portal) == ledger.NOTHING


def test_after_an_outage_of_the_store_uploads_go_on(site: Running, servers: Servers) -> None:
    servers.store.fail(1.0, Fault.BUSY)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: site.post(*make_files("outage", SLICES)), range(2)))
    servers.store.heal()

    assert [answer.status_code for answer in answers] == [503, 503]
    assert_refused_politely(answers)
    insist(site, ["outage"])
    assert_all_there(site, ["outage"])


def assert_survives(site: Running, store: Proxy, name: str, *, least: int, share: float) -> None:
    """Store and read studies while the store fails, until each kind of fault has hit both."""
    store.fail(share)
    mine, answers, read = list[str](), list[httpx.Response](), list[bool | None]()
    while len(mine) < least or not (store.happened["PUT"] == store.happened["GET"] == set(Fault)):
        more = seeds(f"{name}-{len(mine)}", min(least, 100))
        answers += insist(site, more)
        read += [read_under_faults(site, seed) for seed in more]
        mine += more
    store.heal()

    assert_refused_politely(answers)
    assert {is_right for is_right in read if is_right is not None} == {True}
    assert_all_there(site, mine)
    assert becomes_prepared(site)


def read_under_faults(site: Running, seed: str) -> bool | None:
    """Read a study; say whether its bytes are right, or nothing when the answer broke off or was refused."""
    try:
        return site.hashes(make_uid(seed, "study")) == hashes_of(seed, SLICES)
    except (httpx.TransportError, httpx.HTTPStatusError):
        return None


# --- DIMSE ------------------------------------------------------------------------------------------------------------

_DEVICE = """
from accounts import services
from common.actor import system_actor
from pacs.dimse import peers
actor = system_actor(services.tenant_id_of_slug({slug!r}))
peers.add_title(actor=actor, ae_title="FAULTS")
peers.add_peer(actor=actor, ae_title="SCANNER", values={{}})
"""


@pytest.fixture(scope="module")
def dimse(site: Running) -> Iterator[int]:
    site.portal.manage("shell", "--verbosity=0", "--command", _DEVICE.format(slug=site.slug))
    with listening(site.portal) as port:
        yield port


def send_until_taken(port: int, mine: Sequence[str]) -> None:
    """Send each object until it is acknowledged, on as many associations as it takes, as a scanner does."""
    waiting = [file for seed in mine for file in make_files(seed, SLICES)]

    def attempt() -> bool:
        with suppress(OSError, DomainError), Association(socket.create_connection(("127.0.0.1", port))) as association:
            association.request(ours(called="FAULTS", calling="SCANNER", contexts=(Context(1, CT, PLAIN[:1]),)))
            device = Device(association)
            while waiting and device.store(waiting[0])["Status"] == 0:
                waiting.pop(0)
            association.release()
        return not waiting

    assert crashing.becomes_true(attempt)


def instances(site: Running, mine: Sequence[str]) -> list[str]:
    """List the SOP Instance UIDs of the studies of the seeds, with repetitions if there were any."""
    with site.client() as client:
        answers = [client.get(f"/dicom-web/studies/{make_uid(seed, 'study')}/instances") for seed in mine]
    return sorted(item["00080018"]["Value"][0] for answer in answers for item in answer.raise_for_status().json())


def uids_of(mine: Sequence[str]) -> list[str]:
    return sorted(uid_of(file) for seed in mine for file in make_files(seed, SLICES))


@pytest.mark.req("PA-02")
def test_a_restart_of_postgresql_while_a_scanner_sends_loses_and_doubles_nothing(
    site: Running, servers: Servers, dimse: int
) -> None:
    mine = seeds("scanner-restart", 12)
    restarting = threading.Timer(0.3, servers.database.restart)
    restarting.start()
    send_until_taken(dimse, mine)
    restarting.join()

    assert crashing.becomes_true(lambda: site.post(*make_files("after", 1)).status_code == 200)
    assert instances(site, mine) == uids_of(mine)


@pytest.mark.req("PA-02")
def test_a_store_that_is_slow_and_fails_while_a_scanner_sends_loses_and_doubles_nothing(
    site: Running, servers: Servers, dimse: int
) -> None:
    mine = seeds("scanner-store", 6)
    servers.store.fail(0.3)
    send_until_taken(dimse, mine)
    servers.store.heal()

    assert instances(site, mine) == uids_of(mine)
    assert becomes_prepared(site)  # the judge lets a day go by, and takes what a worker writes just now for left over
    assert ledger.judge(site.portal) == ledger.NOTHING

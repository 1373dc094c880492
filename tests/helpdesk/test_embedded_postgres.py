import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from helpdesk import embedded_postgres
from helpdesk.processes import PROJECT

HOLD = """
import sys
from pathlib import Path
from helpdesk import embedded_postgres
print(embedded_postgres.ensure(Path(sys.argv[1]), durable=False), flush=True)
sys.stdin.readline()
"""


def holder(var_dir: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a process that uses the server in `var_dir`; return it and the server's address."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(var_dir)],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def let_go(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=60)


def is_answering(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_last_of_several_processes_stops_the_server(var_dir: Path) -> None:
    first, url = holder(var_dir)
    second, same_url = holder(var_dir)
    assert url == same_url == embedded_postgres.url(var_dir)

    let_go(first)
    assert is_answering(url)

    let_go(second)
    assert not is_answering(url)


def test_a_killed_process_leaves_a_server_that_the_next_one_takes_over(var_dir: Path) -> None:
    killed, url = holder(var_dir)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    following, _ = holder(var_dir)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)

    let_go(following)
    assert not is_answering(url)


def test_a_server_that_was_killed_itself_starts_again(var_dir: Path) -> None:
    holding, url = holder(var_dir)
    server = int((var_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(server, signal.SIGKILL)
    holding.kill()
    holding.communicate()

    following, _ = holder(var_dir)
    assert is_answering(url)
    let_go(following)


def test_a_long_path_finds_room_for_its_socket(var_dir: Path) -> None:
    holding, url = holder(var_dir / ("long" * 30))
    assert is_answering(url)
    let_go(holding)


def test_a_folder_that_is_closed_to_others_stays_closed(closed_folder: Path) -> None:
    holding, url = holder(closed_folder)
    assert is_answering(url)
    let_go(holding)
    assert stat.S_IMODE(closed_folder.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can leave a folder to another user.")
def test_data_of_another_user_is_refused_with_a_sentence(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    os.chown(data, 12345, -1)
    server = embedded_postgres._Server(data, Path("/nowhere"), data, user=54321)
    with pytest.raises(embedded_postgres.EmbeddedPostgresError, match="belongs to another user"):
        server.start(durable=False)

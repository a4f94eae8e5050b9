"""A real WordPress with its database, for what editors paste into it."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import requests

from harness.servers import free_port
from tests.needs import needed, needed_file

_CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '{origin}'); define('WP_SITEURL', '{origin}');
define('WP_ENVIRONMENT_TYPE', 'local'); define('WP_HTTP_BLOCK_EXTERNAL', false);
define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $each) {{
    define("{{$each}}_KEY", 'k'); define("{{$each}}_SALT", 's');
}}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

_LOOPBACK = """
// The site under test lies on the loopback address, on a port of its own: WordPress refuses both.
add_filter('http_request_host_is_external', '__return_true');
add_filter('http_allowed_safe_ports',
    fn($ports, $host, $url) => [...$ports, parse_url($url, PHP_URL_PORT)], 10, 3);
add_filter('pre_http_request', fn($done, $args, $url) =>
    str_contains($url, 'wordpress.org') ? new WP_Error('no', 'no internet') : $done, 10, 3);
"""

_SET_UP = """<?php
define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Koran', 'administrator', 'a@koran.example', true, '', 'secret');
$passwords = [];
foreach (['author', 'editor', 'administrator'] as $role) {
    $id = username_exists($role) ?: wp_insert_user(['user_login' => $role, 'role' => $role,
        'user_pass' => 'secret', 'user_email' => "$role@koran.example"]);
    $passwords[$role] = WP_Application_Passwords::create_new_application_password(
        $id, ['name' => 'test'])[0];
}
echo json_encode($passwords);
"""


class WordPress:
    """WordPress under PHP's own server, with MariaDB.

    An author, an editor and an administrator post as its editor does, over its REST interface.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running: list[subprocess.Popen[bytes]] = []
        self._passwords: dict[str, str] = {}
        self.origin = f"http://localhost:{self._port}"

    def post(self, role: str, content: str) -> str:
        """Publish a post as a user of this role; return its address."""
        answer = requests.post(
            f"{self.origin}/index.php?rest_route=/wp/v2/posts",
            json={"title": "Cara melacak klaim", "content": content, "status": "publish"},
            auth=(role, self._passwords[role]),
            timeout=30,
        )
        assert answer.status_code == 201, answer.text[:500]
        return str(answer.json()["link"])

    def add_plugin(self, name: str, code: str) -> None:
        """Put a plugin where WordPress loads it without asking."""
        plugins = self._folder / "site/wp-content/mu-plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        (plugins / f"{name}.php").write_text(f"<?php\n{code}", encoding="utf-8")

    def remove_plugin(self, name: str) -> None:
        (self._folder / f"site/wp-content/mu-plugins/{name}.php").unlink()

    def __enter__(self) -> Self:
        php, server = needed("php"), needed("mariadb")
        site, data = self._folder / "site", self._folder / "data"
        socket = self._folder / "db.sock"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        shutil.copytree(
            needed_file("wordpress"), site, ignore=shutil.ignore_patterns(".htaccess", "languages")
        )
        own = {"socket": socket, "origin": self.origin}
        (site / "wp-config.php").write_text(_CONFIG.format(**own), encoding="utf-8")
        self.add_plugin("loopback", _LOOPBACK)
        user = ["--user=root"] if os.geteuid() == 0 else []
        install = [needed("mariadb_install"), "--no-defaults", f"--datadir={data}", *user]
        install += ["--skip-test-db", "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, **quiet)
        database = [server, "--no-defaults", f"--datadir={data}", f"--socket={socket}", *user]
        database += ["--skip-networking", "--innodb-flush-log-at-trx-commit=0"]
        database += ["--skip-log-bin", "--innodb-buffer-pool-size=32M", f"--pid-file={data}/pid"]
        self._running.append(subprocess.Popen(database, process_group=0, **quiet))
        self._set_up(php, socket)
        environment = os.environ | {"PHP_CLI_SERVER_WORKERS": "4"}
        web = [php, "-d", "opcache.enable_cli=1", "-S", f"localhost:{self._port}", "-t", str(site)]
        self._running.append(subprocess.Popen(web, env=environment, process_group=0, **quiet))
        wait_for(lambda: requests.get(self.origin, timeout=20).ok)
        return self

    def _set_up(self, php: str, socket: Path) -> None:
        database = f"new mysqli('localhost', 'root', '', '', 0, '{socket}')"
        create = f"({database})->query('CREATE DATABASE wordpress');"
        wait_for(lambda: subprocess.run([php, "-r", create], capture_output=True).returncode == 0)
        script = self._folder / "site/set-up.php"
        script.write_text(_SET_UP, encoding="utf-8")
        done = subprocess.run([php, script.name], cwd=script.parent, capture_output=True, text=True)
        script.unlink()
        assert done.returncode == 0, done.stdout + done.stderr
        self._passwords = json.loads(done.stdout[done.stdout.rindex("{") :])

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            # PHP's server leaves its own workers running.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def wait_for(is_there: Any, seconds: float = 60) -> None:
    """Wait until this is true; what it raises while a server starts is not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if is_there():
                return
        except (requests.RequestException, OSError):
            pass
        time.sleep(0.2)
    raise AssertionError("it did not start")

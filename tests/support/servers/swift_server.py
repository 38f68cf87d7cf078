"""Keystone, and a Swift of one node that keeps its objects in memory, in one process.

`prepare DIRECTORY` makes a database with an administrator and the catalogue, and keys for tokens.
`serve DIRECTORY SECONDS` serves a copy of such a directory, with a Swift that takes tokens for so long without asking
Keystone again; -1 for never. The ports are in the log.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")

import eventlet
from eventlet import wsgi

eventlet.monkey_patch()

import requests
from cryptography.fernet import Fernet

ADMINISTRATOR, PASSWORD = "admin", "password of the administrator"

# The regions with what the catalogue says of their Swift. The second one's accounts are others than the first one's.
REGIONS = {
    "RegionOne": "https://object-store.one.example.com/v1/AUTH_$(project_id)s",
    "RegionTwo": "https://object-store.two.example.com/v1/SECOND_$(project_id)s",
}
KEYSTONE_HOST = "identity.example.com"
# In place of the URL by which Swift reaches Keystone, whose port is known only when it runs.
OWN_KEYSTONE = "http://keystone.internal"

KEYSTONE = """
[DEFAULT]
log_file = {directory}/keystone.log
[database]
connection = sqlite:///{directory}/keystone.db
[fernet_tokens]
key_repository = {directory}/fernet
[fernet_receipts]
key_repository = {directory}/fernet
[credential]
key_repository = {directory}/credential
[identity]
# Quick rather than safe.
password_hash_algorithm = bcrypt
password_hash_rounds = 4
"""

STORAGE = """
[DEFAULT]
swift_dir = {directory}
devices = {directory}/devices
mount_check = false
# The server's default refuses every write, as 503, once less than a hundredth of the disk is free.
fallocate_reserve = 0
log_level = ERROR
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{egg}
replication_server = false
"""

PROXY = """
[DEFAULT]
swift_dir = {directory}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats bulk tempurl authtoken keystoneauth copy dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
# Otherwise it sleeps between two objects.
delete_concurrency = 4
[filter:tempurl]
use = egg:swift#tempurl
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = {keystone}
auth_url = {keystone}
auth_type = password
username = {administrator}
password = {password}
user_domain_id = default
project_domain_id = default
project_name = admin
delay_auth_decision = true
token_cache_time = {cache}
include_service_catalog = false
[filter:keystoneauth]
use = egg:swift#keystoneauth
reseller_prefix = AUTH, SECOND
operator_roles = swiftoperator
SECOND_operator_roles = swiftoperator
[filter:copy]
use = egg:swift#copy
[filter:dlo]
use = egg:swift#dlo
"""


def write(directory, name, text, **values):
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text.format(directory=directory, **values))
    return path


def prepare(directory):
    configuration = write(directory, "keystone.conf", KEYSTONE)
    os.mkdir(os.path.join(directory, "fernet"), 0o700)
    # `fernet_setup` would want to know a user by name. 1 is the primary key, 0 the next one.
    for number in ["0", "1"]:
        write(directory, f"fernet/{number}", Fernet.generate_key().decode())
    for command in [
        ["db_sync"],
        ["bootstrap", "--bootstrap-username", ADMINISTRATOR, "--bootstrap-password", PASSWORD],
    ]:
        manage = "import sys; from keystone.cmd.manage import main; sys.exit(main())"
        subprocess.run([sys.executable, "-W", "ignore", "-c", manage, "--config-file", configuration, *command], check=True)
    sock = listen()
    serve_keystone(directory, sock)
    fill_catalogue(f"http://127.0.0.1:{port(sock)}/v3")


def fill_catalogue(keystone):
    domain = {"domain": {"id": "default"}}
    password = {"user": {"name": ADMINISTRATOR, "password": PASSWORD, **domain}}
    identity = {"methods": ["password"], "password": password}
    scope = {"project": {"name": "admin", **domain}}
    answer = requests.post(f"{keystone}/auth/tokens", json={"auth": {"identity": identity, "scope": scope}})
    answer.raise_for_status()
    token = {"X-Auth-Token": answer.headers["X-Subject-Token"]}

    def create(kind, fields):
        answer = requests.post(f"{keystone}/{kind}s", json={kind: fields}, headers=token)
        answer.raise_for_status()
        return answer.json()[kind]["id"]

    create("role", {"name": "swiftoperator"})
    swift = create("service", {"type": "object-store", "name": "swift"})
    identity = create("service", {"type": "identity", "name": "keystone"})
    for region, url in REGIONS.items():
        create("region", {"id": region})
        endpoints = [(swift, "internal", "http://internal"), (swift, "public", url)]
        endpoints += [(identity, "internal", OWN_KEYSTONE), (identity, "public", f"https://{KEYSTONE_HOST}/v3")]
        for service, interface, url in endpoints:
            fields = {"service_id": service, "interface": interface, "region_id": region, "url": url}
            create("endpoint", fields)


def listen():
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    sock.listen(128)
    return sock


def port(sock):
    return sock.getsockname()[1]


def serve_keystone(directory, sock):
    # Keystone reads the command line as its own.
    sys.argv = sys.argv[:1]
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = write(directory, "keystone.conf", KEYSTONE)
    from keystone.server.wsgi import initialize_public_application

    application = initialize_public_application()
    eventlet.spawn(wsgi.server, sock, application, log=open(os.devnull, "w"), log_output=False)


def serve_swift(directory, proxy, keystone, cache):
    from swift.common import utils
    from swift.common.ring import RingBuilder
    from swift.common.wsgi import loadapp
    from swift.common.http_protocol import SwiftHttpProtocol

    write(directory, "swift.conf", "[swift-hash]\nswift_hash_path_suffix = tests\n")
    os.makedirs(os.path.join(directory, "devices", "disk"), exist_ok=True)
    utils.set_swift_dir(directory)
    silent = utils.NullLogger()

    def serve(sock, path):
        arguments = {"protocol": SwiftHttpProtocol, "capitalize_response_headers": False}
        eventlet.spawn(wsgi.server, sock, loadapp(path), silent, **arguments)

    for kind, egg in [("account", "account"), ("container", "container"), ("object", "mem_object")]:
        sock = listen()
        builder = RingBuilder(1, 1, 0)
        disk = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port(sock), "device": "disk", "weight": 1}
        builder.add_dev({**disk, "replication_ip": disk["ip"], "replication_port": disk["port"]})
        builder.rebalance()
        builder.get_ring().save(os.path.join(directory, f"{kind}.ring.gz"))
        serve(sock, write(directory, f"{kind}.conf", STORAGE, kind=kind, egg=egg))
    values = {"keystone": keystone, "administrator": ADMINISTRATOR, "password": PASSWORD, "cache": cache}
    serve(proxy, write(directory, "proxy.conf", PROXY, **values))


def serve(directory, cache):
    keystone, proxy = listen(), listen()
    url = f"http://127.0.0.1:{port(keystone)}"
    with sqlite3.connect(os.path.join(directory, "keystone.db")) as database:
        database.execute("UPDATE endpoint SET url = ? WHERE url = ?", (f"{url}/v3", OWN_KEYSTONE))
    serve_keystone(directory, keystone)
    serve_swift(directory, proxy, url, cache)
    print(f"keystone=127.0.0.1:{port(keystone)} swift=127.0.0.1:{port(proxy)}", flush=True)
    eventlet.Event().wait()


command = {"prepare": prepare, "serve": serve}[sys.argv[1]]
command(os.path.abspath(sys.argv[2]), *sys.argv[3:])

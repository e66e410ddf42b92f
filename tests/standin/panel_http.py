#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stand-in for the HTTPS interfaces of cPanel (WHM, port 2087) and DirectAdmin (port 2222): 200 with the failure in the body, a
page in HTML for a wrong login, a suspension that some versions take for a toggle.

    panel_http.py CERT KEY

STATE as in panel.py; keys of the moment stand in its "keys". The account's state of DirectAdmin is its user.conf."""
import base64
import json
import re
import ssl
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STATE, USERS = Path("/var/lib/standin.json"), Path("/usr/local/directadmin/data/users")


def load():
    return json.loads(STATE.read_text())


def set_line(path, key, text):
    path.write_text(re.sub(rf"(?m)^{re.escape(key)}:[^:]*", f"{key}:{text}", path.read_text()))


def directadmin(path, values, headers):
    state = load()
    login = base64.b64decode(headers.get("Authorization", "Basic ").split()[-1]).decode()
    if login != "admin:" + state.get("keys", {}).get("directadmin", "none"):
        return "<html><body>Please log in</body></html>"
    if "da-error" in state["odd"]:
        return "error=1&text=Unable+to+suspend&details=%22no%22"
    if path != "/CMD_API_SELECT_USERS" or values.get("location") != "CMD_SELECT_USERS":
        return "error=1&text=Unknown&details="
    conf = USERS / values["select0"] / "user.conf"
    is_on = "suspended=yes" in conf.read_text()
    wanted = not is_on if "da-toggle" in state["odd"] else values["suspend"] == "Suspend"
    state["calls"] = state.get("calls", 0) + 1
    STATE.write_text(json.dumps(state))
    if "da-silent" not in state["odd"] and not ("da-once-silent" in state["odd"] and state["calls"] == 1):
        conf.write_text(re.sub("suspended=\\w+", f"suspended={'yes' if wanted else 'no'}", conf.read_text()))
    return "error=0&text=Done&details="


def whm(path, values, headers):
    state = load()
    if headers.get("Authorization") != "whm root:" + state.get("keys", {}).get("whm", "none"):
        return json.dumps({"metadata": {"result": 0, "reason": "Access denied"}})
    if "whm-refuses" in state["odd"]:
        return json.dumps({"metadata": {"result": 0, "reason": "The password is too weak."}})
    if path == "/json-api/passwd" and values["db_pass_update"] == "0":
        set_line(Path("/etc/shadow"), values["user"], f"$6$new{len(values['password'])}")
        return json.dumps({"metadata": {"result": 1, "reason": "Password changed"}})
    if path == "/json-api/cpanel" and values["cpanel_jsonapi_func"] == "passwd_pop":
        shadow = Path(f"/home/{values['cpanel_jsonapi_user']}/etc/{values['domain']}/shadow")
        set_line(shadow, values["email"], f"$6$new{len(values['password'])}")
        return json.dumps({"result": {"status": 1, "errors": None}})
    return json.dumps({"metadata": {"result": 0, "reason": "Function not found"}})


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        values = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        text = (whm if self.server.server_port == 2087 else directadmin)(self.path, values, self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:3])
    for port in (2087, 2222):
        server = ThreadingHTTPServer(("", port), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever).start()
    print("ready", flush=True)


if __name__ == "__main__":
    main()

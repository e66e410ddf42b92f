#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Networks, inventory, look-ups and proof of quell-desk, against a name server, mail servers and a stand-in for quell here.

usage: desk_hosts.py QUELL-DESK
"""
import importlib.util
import json
import os
import pathlib
import socket
import sys
import tempfile
import threading

from desk_store import Desk, complaint

HERE = pathlib.Path(__file__).parent
BANNER_PORT, DNS_PORT = 42525, 45353
HOST = "127.77.0.10"
SIZE = 200  # of the mail that complaint() encloses, when it left the host

# Answers like quell: by its last word; keeps what it was asked.
STAND_IN = """#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with open(here / "asked", "a") as asked:
    asked.write(json.dumps(sys.argv[1:]) + "\\n")
answers = json.loads((here / "answers.json").read_text())
answer = answers.get(" ".join(sys.argv[3:]), answers.get(sys.argv[3] + " *"))
if isinstance(answer, int):
    sys.exit(answer)
print(answer if isinstance(answer, str) else json.dumps(answer))
"""


def dns_server():
    spec = importlib.util.spec_from_file_location("dns", HERE / "live" / "dns.py")
    dns = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dns)
    zone = dns.Zone()
    zone.add_host("web1.example", "192.0.2.10")
    zone.add("11.2.0.192.in-addr.arpa", dns.PTR, dns.encode("elsewhere.example"))
    zone.add("elsewhere.example", dns.A, bytes([203, 0, 113, 1]))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", DNS_PORT))

    def serve():
        while True:
            query, peer = sock.recvfrom(1500)
            sock.sendto(zone.answer(query), peer)

    threading.Thread(target=serve, daemon=True).start()


def mail_server(ip, greeting):
    server = socket.create_server((ip, BANNER_PORT))

    def serve():
        while True:
            peer, _ = server.accept()
            with peer:
                peer.sendall(greeting)
                peer.recv(100)

    threading.Thread(target=serve, daemon=True).start()


def configure(desk):
    quell = desk.folder / "quell"
    quell.write_text(STAND_IN)
    quell.chmod(0o755)
    (desk.folder / "a.csv").write_text('ip,hostname,client_id,client_name,email\n192.0.2.0/26,web1.example,7,"Shop, ""Inc""",a@shop.test\n'
                                       f"{HOST}-127.77.0.20,mail.web1.example,8,Two,b@two.test\n192.0.2.33,vip.example,9,V,\n")
    (desk.folder / "b.csv").write_text("ip,hostname\n192.0.2.10,old.example\n")
    desk.config.write_text(desk.config.read_text() + f"""
[network local.example]
range = 127.77.0.0/24
[network relay1.example]
range = 203.0.113.0/28
role = relay
to = 2026-06-01
[inventory a]
file = {desk.folder}/a.csv
[inventory b]
file = {desk.folder}/b.csv
[lookup]
resolver = 127.0.0.1:{DNS_PORT}
banner_port = {BANNER_PORT}
[host web1.example]
local = {quell}
""")


def answers(desk, **by_question):
    table = {question.replace("_", " ", 1): answer for question, answer in by_question.items()}
    (desk.folder / "answers.json").write_text(json.dumps({"trace *": {"schema": "quell.trace/1", "messages": []},
                                                          "scan": {"schema": "quell.scan/1", "incidents": []}, **table}))


def host(desk, *args):
    return json.loads(desk.run("-o", "json", "host", *args))


def test_networks(desk):
    assert len(desk.run("net").splitlines()) == 4
    assert "relay1.example" in desk.run("net", "203.0.113.5", now="2026-01-01")
    desk.run("net", "203.0.113.5", expect=4)
    desk.run("net", "203.0.113", expect=2)


def test_inventory(desk):
    found = host(desk, "192.0.2.10", "--offline")
    assert (found["host"], found["client_name"], found["network"]) == ("web1.example", 'Shop, "Inc"', "web1.example"), found
    assert found["disagree"] == [f"{desk.folder}/b.csv says old.example"], found
    assert host(desk, "192.0.2.33", "--offline")["host"] == "vip.example"
    assert host(desk, "198.51.100.1", "--offline")["host"] is None
    (desk.folder / "b.csv").write_text("ip,hostname\n192.0.2.1,x.example\n192.0.2.1/32,y.example\n")
    assert "lines 2 and 3" in failure(desk, "host", "192.0.2.1")
    (desk.folder / "b.csv").write_text("ip,hostname\n192.0.2.300,x.example\n")
    assert "b.csv:2" in failure(desk, "host", "192.0.2.1")


def failure(desk, *args):
    try:
        desk.run(*args)
    except AssertionError as error:
        return str(error)
    raise AssertionError(f"{args} succeeded")


def test_banner_and_names(desk):
    mail_server(HOST, b"220-mail.web1.example ESMTP Exim 4.96\r\n220-We do not\r\n220 and/or bulk\r\n")
    mail_server("127.77.0.11", b"220 other.example ESMTP\r\n")
    mail_server("127.77.0.12", b"554 go away\r\n")
    assert host(desk, HOST)["banner_host"] == "mail.web1.example" and not host(desk, HOST)["disagree"]
    assert host(desk, "127.77.0.11")["disagree"] == ["the mail server calls itself other.example"]
    assert host(desk, "127.77.0.12")["banner"] == "554 go away" and not host(desk, "127.77.0.12")["banner_host"]
    assert "refused" in host(desk, "127.77.0.13")["banner"]
    assert host(desk, "8.8.8.8")["banner"] is None, "a foreign host was asked"


def test_forward_confirmed_names(desk):
    desk.config.write_text(desk.config.read_text().replace(f"banner_port = {BANNER_PORT}", "banner_port = 9"))
    found = [host_names(desk, ip) for ip in ("192.0.2.10", "192.0.2.11", "192.0.2.12")]
    assert found == [("pass", ["web1.example"]), ("mismatch", ["elsewhere.example"]), ("none", [])], found


def host_names(desk, ip):
    answer = host(desk, ip)
    return answer["fcrdns"], answer["names"]


def message(identity, **more):
    return {"id": identity, "at": "2026-10-25T05:00:02Z", "account": "shop", "login": None, "recipients": [], **more}


def trace(*messages):
    return {"schema": "quell.trace/1", "messages": list(messages)}


def reported(line):
    """A complaint whose mail has a second Received line, written by our host."""
    return complaint(1).replace(b"From: shop@web1.example", line.encode() + b"From: shop@web1.example", 1)


def local_line(identity):
    return f"Received: from shop by web1.example with local (Exim 4.96) id {identity};\n Sun, 25 Oct 2026 04:59:58 +0000\n"


def prove(desk, mail, expect=0):
    desk.intake(mail)
    name = next(iter(desk.cases()))
    return name, desk.run("case", "prove", name, expect=expect)


def test_proof_by_id_copied_by_hand(desk):
    exact = "1xKqKs-0006Ol-1l"
    answers(desk, **{f"trace_{exact}": trace(message("1xKqKs-000000-00"), message(exact)),
                     "scan": {"schema": "quell.scan/1", "incidents": [
                         {"account": "shop", "blame": True, "vector": "script_http", "script": "/home/shop/x.php"},
                         {"account": "other", "blame": True, "vector": "smtp_auth", "script": None}]}})
    name, said = prove(desk, reported(local_line("lxKqKs-0006Ol-1l")))
    assert "proven by id: 1xKqKs-0006Ol-1l of account shop" in said and "cause: script_http /home/shop/x.php" in said, said
    shown = desk.show(name)
    assert shown["account"] == "shop" and [e["kind"] for e in shown["evidence"]] == ["log", "incident"], shown
    assert shown["items"][0]["confidence"] == "proven" and shown["severity"] == "normal"
    desk.run("db", "check")


def test_proof_by_recipient_and_minute(desk):
    answers(desk, **{"trace_u1@reader.test": trace(message("1xKqKs-000001-aa", recipients=[{"address": "u1@reader.test"}],
                                                          at="2026-10-24T05:00:00Z"),
                                                  message("1xKqKs-000002-aa", recipients=[{"address": "u1@reader.test"}]))})
    assert "proven by recipient and minute: 1xKqKs-000002-aa" in prove(desk, complaint(1))[1]


def by_message_id(desk, complaint, **more):
    answers(desk, **{"trace_m1@web1.example": {**trace(message("1xKqKs-000003-aa", **more)), "text": "m1@web1.example"}})
    return prove(desk, complaint)[1]


def test_proof_by_message_id_and_size(desk):
    assert "proven by message-id and size" in by_message_id(desk, complaint(1), size=SIZE)


def test_size_instead_of_a_time(desk):
    timeless = complaint(1).replace(b"\n Sun, 25 Oct 2026 05:00:00 +0000", b"")
    assert "proven by message-id and size" in by_message_id(desk, timeless, size=SIZE)


def test_message_id_within_minutes_where_a_size_is_unknown(desk):
    assert "proven by message-id and minute" in by_message_id(desk, complaint(1))


def test_a_copied_message_id_proves_nothing(desk):
    assert "not found" in by_message_id(desk, complaint(1).replace(b"Buy.", b"Buy.\n" * 10000), size=SIZE)


def test_forged_lines_prove_nothing(desk):
    answers(desk, **{"trace_u1@reader.test": trace(message("1xKqKs-000002-aa", recipients=[{"address": "u1@reader.test"}],
                                                          forged=True))})
    assert "not found" in prove(desk, complaint(1))[1]


def test_not_found_is_no_error(desk):
    answers(desk)
    name, said = prove(desk, complaint(1))
    item = desk.show(name)["items"][0]
    assert "not found in the host's log" in said and item["confidence"] == "border+field", said
    assert item["why"] == "the log of web1.example does not know it", item


def test_hostile_answers(desk):
    for answer in ("no JSON", '{"schema":"quell.trace/1","schema":"x"}', {"schema": "quell.trace/2"}, 4, 2):
        answers(desk, **{"trace_*": answer})
        prove(desk, complaint(1), expect=4)


def test_only_plain_words_are_sent(desk):
    answers(desk)
    mail = complaint(1).replace(b"<m1@web1.example>", b"<a b;rm$(x)@web1.example>").replace(b"u1@reader.test", b"--apply@reader.test")
    prove(desk, mail, expect=4)
    asked = desk.folder / "asked"
    assert not asked.exists() or not any("--apply" in line or ";" in line for line in asked.read_text().splitlines())


def main():
    program = os.path.abspath(sys.argv[1])
    dns_server()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, test in [(name, value) for name, value in globals().items() if name.startswith("test_")]:
            desk = Desk(program, pathlib.Path(folder) / name, None)
            configure(desk)
            try:
                test(desk)
                passed += 1
            except (AssertionError, OSError, ValueError, KeyError) as error:
                failed += 1
                print(f"{name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())

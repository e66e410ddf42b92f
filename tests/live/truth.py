# SPDX-License-Identifier: Apache-2.0
"""truth.json: what really happened on the host, as the sending side knows it."""
from pathlib import Path


def queued(spool):
    """Message ids in the spool -> frozen or not."""
    return {path.name[:-2]: b"\n-frozen " in path.read_bytes() for path in Path(spool, "input").rglob("*-H")}


def settle_bounces(world):
    """Adds bounces to the incident that caused them, through any number of steps."""
    causes = world.registry.causes()
    for message in world.registry.messages:
        cause = causes.get(message.id)
        seen = set()
        while cause and not cause.label and cause.id in causes and cause.id not in seen:
            seen.add(cause.id)
            cause = causes[cause.id]
        if cause and cause.label and not message.label:
            cause.label.claim_derived([message])


def incident(number, made, queue):
    ids, derived = ([m.id for m in part] for part in (made.messages, made.derived))
    times = [m.time for m in made.messages]
    return {
        "id": f"I{number}", "vector": made.vector, "direction": made.direction, "blame": made.blame,
        "account": made.account, "mailbox": made.mailbox, "script": made.script, "ips": sorted(made.ips),
        "entry_ips": sorted(made.entry_ips), "note": made.note, **made.more, "messages": ids, "derived": derived,
        "first": int(min(times)), "last": int(max(times)), "recipients": len(made.recipients), "count": len(ids),
        "queued": sum(i in queue for i in ids + derived)}


def describe(world, selectors, version):
    settle_bounces(world)
    host, layout = world.host, world.host.layout
    queue = queued(layout.spool)
    played = [i for i in world.incidents if i.messages]
    world.failures += [f"the story {i.vector} of {i.account} sent nothing" for i in world.incidents if not i.messages]
    incidents = [incident(number, made, queue) for number, made in enumerate(played, 1)]
    labels = {m: f"{i['id']}{kind}" for i in incidents for part, kind in (("messages", ""), ("derived", "/derived"))
              for m in i[part]}
    return {
        "schema": "host-truth-1", "flavor": layout.name, "host": host.name, "ip": "192.0.2.10", "exim": version,
        "selectors": selectors, "t0": int(world.start), "end": int(world.clock.now()),
        "paths": {"mainlog": layout.mainlog, "spool": layout.spool, "maillog": layout.maillog,
                  "webmail": layout.webmail_log, "weblog": {d.name: layout.weblog(d.name) for d in host.domains}},
        "totals": {"messages": len(world.registry.messages), "legit": sum(not m.label for m in world.registry.messages),
                   "incident": sum(i["count"] for i in incidents), "queued": len(queue), "frozen": sum(queue.values())},
        "proxies": {d.name: d.proxies for d in host.domains if d.proxies},
        "incidents": incidents,
        "queue": {i: {"label": labels.get(i, "legit"), "frozen": frozen} for i, frozen in queue.items()},
        "noise_ips": {"brute": sorted(world.brute_ips)},
        **({"forged": world.forged} if world.forged else {}),
    }
